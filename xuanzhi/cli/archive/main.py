"""`archive`: everything that comes after cleaning, one module for each of its commands."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from xuanzhi.cli.options import run_parsed
from xuanzhi.cli.parser import add_common, help_format, new_parser, run_command
from xuanzhi.messages import N_, _

__all__ = ["PARTS", "build_parser", "main"]

_HELP = {
    "rules": N_("the rules, written and learned: list, test and approve them"),
    "init": N_("create a new collection and describe it"),
    "list": N_("list articles"),
    "show": N_("show everything about an article: names, states, versions, captures, and where its records are"),
    "log": N_("show the history of the collection, newest last"),
    "cat": N_("print what is stored of an article, byte for byte: its Markdown, or something else"),
    "search": N_(
        "search the full text for articles that contain all words\n"
        "\n"
        "Words may be of any length and in any script; text in quotation marks is one phrase. "
        "Full and half width and\n"
        "upper and lower case are treated alike."
    ),
    "stats": N_("show statistics about the collection"),
    "diff": N_(
        "compare two versions of an article, or two files\n"
        "\n"
        "Without A and B, the current version is compared with its predecessor; with A alone, A "
        "is compared with the\n"
        "current version. `archive show` lists the versions."
    ),
    "reclean": N_(
        "clean what the collection stores again, with the current rules\n"
        "\n"
        "Nothing is fetched. A text that comes out different becomes a new version with a ledger "
        "of its own; one that\n"
        "comes out the same adds nothing."
    ),
    "verify": N_(
        "verify that everything is as it was written and that derived data follow from their "
        "sources\n"
        "\n"
        "For a collection: bytes and digests, references, the catalogue, ledgers, the results of "
        "cleaning again, Markdown\n"
        "files, and what interrupted processes left behind. For WARC, ARC or WACZ files from any "
        "source: damage (bytes that\n"
        "cannot be right), breaches of the standard, and remarks.\n"
        "\n"
        "exit codes: 0 sound, 1 findings that --repair fixes, 3 damage that cannot be "
        "repaired;\n"
        "of files: 0 none is damaged, 3 some are, 4 all are, whatever else was found; --strict "
        "counts breaches as damage"
    ),
    "accept": N_(
        "accept a loss in the schedule or the list of runs that nothing brings back\n"
        "\n"
        "`archive verify` would find it for ever. Reason and name are kept in acceptances.jsonl; nothing is removed, "
        "and any\n"
        "other change is found as before."
    ),
    "reindex": N_(
        "rebuild the catalogue from the files\n"
        "\n"
        "Plain files are the truth; the catalogue is an index. Reports what is damaged or lost, "
        "and where."
    ),
    "backup": N_(
        "copy a collection to a folder that is a collection itself, while others write\n"
        "\n"
        "An older backup in the folder is brought up to date: only what is new is copied. If it is interrupted, the "
        "older\n"
        "one stays usable. `archive verify -c DIR` checks the copy."
    ),
    "export": N_(
        "export a collection, or part of it, in a format that other tools read\n"
        "\n"
        "  wacz      one file with captures, index and pages, for replay (WACZ 1.1.1)\n"
        "  cdxj      an index of the captures, which stay where they are (CDXJ 0.1.0)\n"
        "  bagit     a folder with everything and its digests (RFC 8493)\n"
        "  ro-crate  a folder with everything, described as a data set (RO-Crate 1.1)\n"
        "  markdown  a folder with the clean texts, for git; a later export updates what changed\n"
        "\n"
        "Without ARTICLE and filters, the whole collection is exported. The same collection "
        "gives the same bytes."
    ),
    "replay": N_(
        "replay the captured pages in a browser, as they were, with pywb\n"
        "\n"
        "Only this machine can open the printed address. Press Ctrl-C to stop."
    ),
    "import": N_(
        "import what others captured: WARC, ARC, WACZ, saved pages, snapshots\n"
        "\n"
        "The bytes are stored as they came, and pages are cleaned like our own. Importing the "
        "same file again adds nothing."
    ),
    "add": N_(
        "add addresses, lists and feeds to the schedule\n"
        "\n"
        "`archive run` visits them repeatedly. An address that is added again gets the new plan.\n"
        "  archive add URL                    WeChat's plan: often at first, then yearly\n"
        "  archive add --every 1d URL URL     every day\n"
        "  archive add --policy adaptive -f list.txt   as often as each changes\n"
        "  archive add --feed https://paper.example/rss.xml --every 6h"
    ),
    "pause": N_("pause visits to sources or addresses"),
    "resume": N_("resume visits to sources or addresses"),
    "remove": N_("remove sources or addresses from the schedule; captures stay"),
    "due": N_("list the visits that are due"),
    "run": N_(
        "visit what is due, store it, and report what changed or disappeared\n"
        "\n"
        "exit codes: 0 done, or a loop that was asked to stop (SIGTERM), 2 usage error, 3 some "
        "failed, 4 all failed,\n"
        "5 blocked by a site (the rest is visited later automatically), 130 interrupted"
    ),
    "runs": N_("show what is running, and what the last runs did"),
    "timer": N_("print a systemd unit and timer and a crontab line for this collection"),
    "report": N_("report what visits found: new, changed, gone, restored, failing"),
    "review": N_(
        "review changes in the browser; list, show, accept, reject, needs-work, undo\n"
        "\n"
        "Without an action, this starts the review page on this machine and prints its address. "
        "Decisions can also be made\n"
        "on the command line, using the identifiers that `list` prints."
    ),
}

PARTS = (
    *("init", "import"),
    *("list", "show", "log", "cat", "diff", "search", "stats"),
    *("verify", "accept", "reclean", "reindex", "backup"),
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
    parser = new_parser(
        "archive",
        _("Work with a collection: browse and search it, verify it, export it, and maintain its rules."),
        _(
            "examples:\n"
            "  archive init library --name 'Letters on paper' --language zh-Hans\n"
            "  archive list --state deleted --sort last\n"
            '  archive search 宣纸 "machine learning"\n'
            "  archive cat 第1封信 --raw\n"
            "  archive verify\n"
            "  archive import crawl.warc.gz old.arc.gz\n"
            "  archive export wacz papers.wacz\n"
            "  archive add --every 1d https://paper.example/ ; archive run\n"
            "  archive rules explain wechat.tail.read-original"
        ),
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    for name in PARTS:
        text = _(_HELP[name])
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
