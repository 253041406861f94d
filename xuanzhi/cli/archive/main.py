"""`archive`: everything that comes after cleaning, one module for each of its parts."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from xuanzhi.cli.parser import add_common, help_format, new_parser, run_command
from xuanzhi.words import word

__all__ = ["PARTS", "build_parser", "main"]

PARTS = (
    *("init", "import"),
    *("list", "show", "log", "cat", "diff", "search", "stats"),
    *("verify", "reclean", "reindex"),
    *("export", "replay"),
    *("add", "pause", "resume", "remove", "due", "run", "runs", "timer", "report"),
    *("review", "rules"),
)
"""In the order of the help. Each is a module of this package with `add_arguments(parser)`, and `run(options)` that
returns the exit code; where the part's name is a word of Python's, as `import`, the module's ends in `_`."""

_WORDS_OF_PYTHON = frozenset({"import"})


def build_parser(only: str | None = None) -> ArgumentParser:
    """Return the parser of `archive`; with `only`, just that part has its arguments, and no other is imported."""
    parser = new_parser("archive")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    for name in PARTS:
        text = word(f"help.archive.{name}")
        part = parts.add_parser(
            name,
            help=text.partition("\n")[0],
            description=text,
            formatter_class=help_format,
            allow_abbrev=False,
        )
        if only in {None, name}:
            _module(name).add_arguments(part)
            add_common(part, version=False)  # a version of an article, if anything
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    part = next((each for each in given if not each.startswith("-")), "")
    return run_command(build_parser(part), given, _run)


def _run(options: Namespace) -> int:
    code: int = _module(options.part).run(options)
    return code


def _module(part: str) -> Any:
    name = f"{part}_" if part in _WORDS_OF_PYTHON else part
    return import_module(f"xuanzhi.cli.archive.{name}")


if __name__ == "__main__":
    sys.exit(main())
