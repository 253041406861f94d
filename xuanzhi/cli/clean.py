"""`clean`: snapshots in, clean Markdown and a collection out."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from xuanzhi.cli.parser import add_jobs, add_rules, add_work_limits, new_parser, run_command, whole_number
from xuanzhi.messages import _

__all__ = ["build_parser", "main"]


def build_parser() -> ArgumentParser:
    """Return the parser of `clean`."""
    parser = new_parser(
        "clean",
        _(
            "Clean web pages and snapshots of them, WeChat articles first, into Markdown, and keep "
            "source, result\n"
            "and provenance in a collection. Every removal is explained and can be undone."
        ),
        _(
            "examples:\n"
            "  clean seeds/*.txt                 into ./collection\n"
            "  clean 'snapshots/**/*.txt' -o out plain files: out/NAME.md\n"
            "  clean page.html crawl.warc.gz     pages, and every page in a web archive\n"
            "  clean --diff page.txt             what would change, and the rule behind each change\n"
            "  clean --explain page.txt:231      why line 231 was removed, or that it stays\n"
            "  clean --check -o out *.txt        exit code 1 if out/ is not up to date\n"
            "  cat page.txt | clean --stdout -   as a filter\n"
            "  clean --shards out crawl/*.warc.gz   web archives of any size, into Parquet\n"
            "\n"
            "exit codes: 0 done, 1 differences (--check, --exit-code), 2 usage error, 3 some failed, "
            "4 all failed,\n"
            "130 interrupted"
        ),
    )
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="FILE",
        help=_("snapshots (.txt, .md), pages (.html, .mhtml), WARC files, quoted globs, or - for standard input"),
    )
    where = parser.add_argument_group(_("where results go"))
    where.add_argument("-c", "--collection", metavar="DIR", help=_("the collection to add to (default: ./collection)"))
    where.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        dest="folder",
        default="",
        help=_("only write DIR/NAME.md, without a collection"),
    )
    where.add_argument("--stdout", action="store_true", help=_("print the clean Markdown"))
    where.add_argument("-n", "--dry-run", action="store_true", help=_("do everything except write"))
    look = parser.add_argument_group(_("inspect without saving"))
    look.add_argument(
        "--explain", action="store_true", help=_("show which rule removed what, and why; FILE:LINE for a single line")
    )
    look.add_argument("--diff", action="store_true", help=_("show the changes, and the rule behind each"))
    look.add_argument(
        "--check",
        action="store_true",
        help=_("exit with 1 if anything would change: the input, or its result in -o DIR"),
    )
    look.add_argument("--exit-code", action="store_true", help=_("with --diff: exit with 1 if there are differences"))
    _add_shards(parser)
    how = parser.add_argument_group(_("processing"))
    how.add_argument(
        "-f",
        "--files-from",
        metavar="LIST",
        action="append",
        default=[],
        help=_("read input paths from LIST, one per line (- for standard input)"),
    )
    add_rules(how)
    add_jobs(how)
    add_work_limits(how)
    how.add_argument(
        "--max-megabytes", type=whole_number(1), default=64, metavar="N", help=_("refuse larger inputs (default: 64)")
    )
    return parser


def _add_shards(parser: ArgumentParser) -> None:
    shards = parser.add_argument_group(_("web archives of any size"))
    shards.add_argument(
        "--shards",
        metavar="OUT",
        default="",
        help=_(
            "make a shard of each WARC file in OUT, a folder or s3://bucket/prefix; with --check: compare inputs and "
            "shards"
        ),
    )
    shards.add_argument(
        "--engine",
        choices=("pool", "ray"),
        default="pool",
        help=_("what runs it: processes of this machine, or tasks of Ray (default: %(default)s)"),
    )
    shards.add_argument("--address", metavar="HOST:PORT", default="", help=_("a running cluster of Ray"))
    shards.add_argument(
        "--format",
        metavar="LIST",
        dest="formats",
        default="parquet",
        help=_("formats of the shards, of parquet,warc,jsonl (default: %(default)s)"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(build_parser(), arguments, _run)


def _run(namespace: Namespace) -> int:
    from pathlib import Path

    from xuanzhi.cli.options import collection_or_default, options_from
    from xuanzhi.jobs.clean import CleanOptions, CleanRun
    from xuanzhi.output.signals import interruptible

    if namespace.shards:
        return _run_shards(namespace)
    _refuse_pairs(namespace)
    collection = Path(collection_or_default(namespace.collection))
    with interruptible():
        return CleanRun(options_from(CleanOptions, namespace, collection=collection)).run()


def _run_shards(namespace: Namespace) -> int:
    from xuanzhi.cli.options import options_from
    from xuanzhi.output.failures import UsageError
    from xuanzhi.output.signals import interruptible
    from xuanzhi.shards.run import ShardOptions, ShardRun

    others = {"collection": "--collection", "folder": "--output", "stdout": "--stdout", "dry_run": "--dry-run"}
    others |= {"explain": "--explain", "diff": "--diff", "exit_code": "--exit-code"}
    for name, option in others.items():
        if getattr(namespace, name):
            raise UsageError(
                "together",
                _("{one} and {other} cannot be used together", one="--shards", other=option),
                _("Run the command once with each."),
            )
    with interruptible():
        return ShardRun(options_from(ShardOptions, namespace)).run()


def _refuse_pairs(namespace: Namespace) -> None:
    """Refuse options that contradict each other. Raises UsageError."""
    from xuanzhi.output.failures import UsageError

    ways = [name for name in ("explain", "diff", "check", "stdout") if getattr(namespace, name)]
    if len(ways) > 1:
        raise UsageError(
            "together",
            _("{one} and {other} cannot be used together", one=f"--{ways[0]}", other=f"--{ways[1]}"),
            _("Run the command once with each."),
        )
    if namespace.collection and namespace.folder:
        raise UsageError(
            "together",
            _("{one} and {other} cannot be used together", one="--collection", other="--output"),
            _("Run the command once with each."),
        )
    if namespace.stdout and (namespace.folder or namespace.collection):
        raise UsageError(
            "together",
            _(
                "{one} and {other} cannot be used together",
                one="--stdout",
                other="--output" if namespace.folder else "--collection",
            ),
            _("Run the command once with each."),
        )


if __name__ == "__main__":
    sys.exit(main())
