"""`archive`: everything that comes after cleaning, one module for each of its commands."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from xuanzhi.cli.options import run_parsed
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
"""In the order of the help. Each is a module of this package, in which a command is whole: `add_arguments(parser)`, a
frozen dataclass of its options, and `run(options)`, which takes that dataclass and returns the exit code. `rules` is a
package of such modules. Where a command's name is a keyword of Python, as `import` is, the module's ends in `_`."""


def build_parser(words: Sequence[str] | None = None) -> ArgumentParser:
    """Return the parser of `archive`.

    `words` are those of a command line: only the command that they name has its arguments, and no other is imported.
    """
    names = None if words is None else [each for each in words if not each.startswith("-")]
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
        if names is not None and names[:1] != [name]:
            continue
        if name == "rules":
            from xuanzhi.cli.archive.rules.main import add_actions

            add_actions(part, None if names is None else names[1:])
        else:
            module = import_module(f"xuanzhi.cli.archive.{f'{name}_' if iskeyword(name) else name}")
            module.add_arguments(part)
            part.set_defaults(module=module)
        add_common(part, version=False)  # a version of an article, if anything
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_command(build_parser(words), words, run_parsed)


if __name__ == "__main__":
    sys.exit(main())
