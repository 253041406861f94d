"""`capture`: addresses in, WARC records and clean Markdown out."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from xuanzhi.cli.parser import add_rules, add_work_limits, new_parser, number, run_command, whole_number
from xuanzhi.messages import _

__all__ = ["build_parser", "main"]


def build_parser() -> ArgumentParser:
    """Return the parser of `capture`."""
    parser = new_parser(
        "capture",
        _(
            "Fetch web pages, store every byte that crossed the wire in WARC files, clean the pages, "
            "and add both to a\n"
            "collection. Made for WeChat articles first; works with any page served over HTTP."
        ),
        _(
            "examples:\n"
            "  capture https://paper.example/bamboo.html   into ./collection\n"
            "  capture -c library -f list.txt              a list, one address per line; run it "
            "again to continue\n"
            "  grep paper.example urls | capture -         addresses from standard input\n"
            "  capture -n -f list.txt                      what would be done, without any request\n"
            "  capture --no-requisites URL                 the page alone, without images and style "
            "sheets\n"
            "\n"
            "exit codes: 0 done, 2 usage error, 3 some failed, 4 all failed, 5 blocked by a site "
            "(run it again later),\n"
            "130 interrupted (run it again to continue)"
        ),
    )
    parser.add_argument(
        "urls", nargs="*", metavar="URL", help=_("addresses of pages, or - to read them from standard input")
    )
    parser.add_argument(
        "-f",
        "--files-from",
        metavar="LIST",
        action="append",
        default=[],
        help=_(
            "read addresses from LIST, one per line; anything after a space and # is a comment (- for standard input)"
        ),
    )
    where = parser.add_argument_group(_("where results go"))
    where.add_argument("-c", "--collection", metavar="DIR", help=_("the collection to add to (default: ./collection)"))
    where.add_argument("-n", "--dry-run", action="store_true", help=_("show what would be done, without any request"))
    how = parser.add_argument_group(_("processing"))
    how.add_argument(
        "--no-requisites", action="store_true", help=_("the page alone, without images, style sheets, fonts and media")
    )
    how.add_argument("--again", action="store_true", help=_("start an interrupted list over instead of resuming it"))
    how.add_argument(
        "--unconditional",
        action="store_true",
        help=_("request the whole page even if the server could answer “not modified”"),
    )
    add_rules(how)
    add_work_limits(how)
    how.add_argument(
        "--max-megabytes",
        type=whole_number(),
        default=256,
        metavar="N",
        help=_("megabytes to read of one page at most (default: 256)"),
    )
    how.add_argument(
        "--max-seconds", type=number(), default=600, metavar="N", help=_("seconds for one exchange (default: 600)")
    )
    how.add_argument(
        "--max-redirects",
        type=whole_number(),
        default=20,
        metavar="N",
        help=_("redirects followed from an address (default: 20)"),
    )
    how.add_argument(
        "--tries",
        type=whole_number(),
        default=3,
        metavar="N",
        help=_("attempts after failures that may be temporary: time-outs, resets, 429, 5xx (default: 3)"),
    )
    manners = parser.add_argument_group(_("politeness"))
    manners.add_argument(
        "--contact",
        metavar="ADDRESS",
        help=_(
            "how sites can reach you: an e-mail address or a page; sent with every request (default: "
            "`contact` in collection.toml)"
        ),
    )
    manners.add_argument(
        "--pace",
        type=number(),
        metavar="SECONDS",
        help=_("seconds between pages of one host (default: 2, WeChat 10, this machine 0)"),
    )
    manners.add_argument(
        "--at-once",
        type=whole_number(),
        default=8,
        metavar="N",
        help=_("pages in progress at the same time (default: 8)"),
    )
    manners.add_argument(
        "--ignore-robots",
        metavar="HOST",
        action="append",
        default=[],
        help=_(
            "do not consult robots.txt on HOST, because the site agreed or the law allows it; recorded with every page"
        ),
    )
    trust = parser.add_argument_group(_("trust and secrets"))
    trust.add_argument(
        "--allow-private",
        action="store_true",
        help=_("also contact addresses in private networks; never use with a list from strangers"),
    )
    trust.add_argument(
        "--insecure",
        action="store_true",
        help=_("accept certificates that cannot be verified; recorded with every page"),
    )
    trust.add_argument(
        "--cookies", action="store_true", help=_("return the cookies that servers set, for the duration of this run")
    )
    trust.add_argument(
        "--record-secrets",
        action="store_true",
        help=_("record cookies and passwords in requests as sent, instead of x-redacted"),
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(build_parser(), arguments, _run)


def _run(namespace: Namespace) -> int:
    from pathlib import Path

    from xuanzhi.cli.options import collection_or_default, options_from
    from xuanzhi.jobs.capture import CaptureOptions, CaptureRun
    from xuanzhi.output.signals import interruptible

    collection = Path(collection_or_default(namespace.collection))
    with interruptible():
        return CaptureRun(options_from(CaptureOptions, namespace, collection=collection)).run()


if __name__ == "__main__":
    sys.exit(main())
