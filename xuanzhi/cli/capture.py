"""`capture`: addresses in, WARC records and clean Markdown out."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from xuanzhi.cli.parser import new_parser, run_command
from xuanzhi.words import word

__all__ = ["build_parser", "main"]


def build_parser() -> ArgumentParser:
    """Return the parser of `capture`."""
    parser = new_parser("capture")
    parser.add_argument("urls", nargs="*", metavar="URL", help=word("help.capture.urls"))
    parser.add_argument(
        "-f", "--files-from", metavar="LIST", action="append", default=[], help=word("help.capture.list")
    )
    where = parser.add_argument_group(word("help.group.where"))
    where.add_argument("-c", "--collection", metavar="DIR", help=word("help.clean.collection"))
    where.add_argument("-n", "--dry-run", action="store_true", help=word("help.capture.dry-run"))
    how = parser.add_argument_group(word("help.group.how"))
    how.add_argument("--no-requisites", action="store_true", help=word("help.capture.no-requisites"))
    how.add_argument("--again", action="store_true", help=word("help.capture.again"))
    how.add_argument("--unconditional", action="store_true", help=word("help.capture.unconditional"))
    how.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    how.add_argument("--max-megabytes", type=int, default=256, metavar="N", help=word("help.capture.max-megabytes"))
    how.add_argument("--max-seconds", type=float, default=600, metavar="N", help=word("help.capture.max-seconds"))
    how.add_argument("--max-redirects", type=int, default=20, metavar="N", help=word("help.capture.max-redirects"))
    how.add_argument("--tries", type=int, default=3, metavar="N", help=word("help.capture.tries"))
    manners = parser.add_argument_group(word("help.group.manners"))
    manners.add_argument("--contact", metavar="ADDRESS", help=word("help.capture.contact"))
    manners.add_argument("--pace", type=float, metavar="SECONDS", help=word("help.capture.pace"))
    manners.add_argument("--at-once", type=int, default=8, metavar="N", help=word("help.capture.at-once"))
    manners.add_argument(
        "--ignore-robots", metavar="HOST", action="append", default=[], help=word("help.capture.ignore-robots")
    )
    trust = parser.add_argument_group(word("help.group.trust"))
    trust.add_argument("--allow-private", action="store_true", help=word("help.capture.allow-private"))
    trust.add_argument("--insecure", action="store_true", help=word("help.capture.insecure"))
    trust.add_argument("--cookies", action="store_true", help=word("help.capture.cookies"))
    trust.add_argument("--record-secrets", action="store_true", help=word("help.capture.record-secrets"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(build_parser(), arguments, _run)


def _run(namespace: Namespace) -> int:
    from pathlib import Path

    from xuanzhi.cli.options import collection_or_default, options_from
    from xuanzhi.jobs.capture import CaptureOptions, CaptureRun

    collection = Path(collection_or_default(namespace.collection))
    return CaptureRun(options_from(CaptureOptions, namespace, collection=collection)).run()


if __name__ == "__main__":
    sys.exit(main())
