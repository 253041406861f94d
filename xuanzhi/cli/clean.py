"""`clean`: snapshots in, clean Markdown and a collection out."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from xuanzhi.cli.parser import new_parser, run_command
from xuanzhi.words import word

__all__ = ["build_parser", "main"]


def build_parser() -> ArgumentParser:
    """Return the parser of `clean`."""
    parser = new_parser("clean")
    parser.add_argument("inputs", nargs="*", metavar="FILE", help=word("help.clean.inputs"))
    where = parser.add_argument_group(word("help.group.where"))
    where.add_argument("-c", "--collection", metavar="DIR", help=word("help.clean.collection"))
    where.add_argument("-o", "--output", metavar="DIR", dest="folder", default="", help=word("help.clean.output"))
    where.add_argument("--stdout", action="store_true", help=word("help.clean.stdout"))
    where.add_argument("-n", "--dry-run", action="store_true", help=word("help.clean.dry-run"))
    look = parser.add_argument_group(word("help.group.look"))
    look.add_argument("--explain", action="store_true", help=word("help.clean.explain"))
    look.add_argument("--diff", action="store_true", help=word("help.clean.diff"))
    look.add_argument("--check", action="store_true", help=word("help.clean.check"))
    look.add_argument("--exit-code", action="store_true", help=word("help.clean.exit-code"))
    how = parser.add_argument_group(word("help.group.how"))
    how.add_argument("-f", "--files-from", metavar="LIST", action="append", default=[], help=word("help.clean.list"))
    how.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    how.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help=word("help.clean.jobs"))
    how.add_argument("--max-megabytes", type=int, default=64, metavar="N", help=word("help.clean.max"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(build_parser(), arguments, _run)


def _run(namespace: Namespace) -> int:
    from pathlib import Path

    from xuanzhi.cli.options import collection_or_default, options_from
    from xuanzhi.jobs.clean import CleanOptions, CleanRun

    _refuse_pairs(namespace)
    collection = Path(collection_or_default(namespace.collection))
    return CleanRun(options_from(CleanOptions, namespace, collection=collection)).run()


def _refuse_pairs(namespace: Namespace) -> None:
    """Refuse options that contradict each other. Raises UsageError."""
    from xuanzhi.output.failures import UsageError

    ways = [name for name in ("explain", "diff", "check", "stdout") if getattr(namespace, name)]
    if len(ways) > 1:
        raise UsageError("together", one=f"--{ways[0]}", other=f"--{ways[1]}")
    if namespace.collection and namespace.folder:
        raise UsageError("together", one="--collection", other="--output")
    if namespace.stdout and (namespace.folder or namespace.collection):
        raise UsageError("together", one="--stdout", other="--output" if namespace.folder else "--collection")


if __name__ == "__main__":
    sys.exit(main())
