"""`archive review`: the review page, and the same from the command line."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import Any

from xuanzhi.commands.parser import add_common, help_format
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]

_ACTIONS = ("list", "show", "accept", "reject", "needs-work", "undo")
_WITH_NOTE = frozenset({"accept", "reject", "needs-work"})


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of the page, and the actions with theirs."""
    _add_shared(parser, "", [])
    parser.add_argument("--port", type=int, default=0, help=word("help.review.port"))
    parser.add_argument("--open", action="store_true", help=word("help.review.open"))
    parser.add_argument("--no-keys", action="store_true", help=word("help.review.no-keys"))
    parser.add_argument("--replay", metavar="URL", default="", help=word("help.review.replay"))
    parser.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help=word("help.review.allow-host")
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name in _ACTIONS:
        text = word(f"help.archive.review.{name}")
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        if name == "list":
            action.add_argument("--state", default="pending", help=word("help.review.state"))
            action.add_argument("--kind", default="", help=word("help.review.kind"))
            action.add_argument("--source", metavar="NAME", default="", help=word("help.select.source"))
        else:
            count = None if name == "show" else "+"
            action.add_argument("items", nargs=count, metavar="ITEM", help=word("help.review.items"))
        if name in _WITH_NOTE:
            action.add_argument("--note", default="", help=word("help.review.note"))
        # What is given before the action stands, unless it is given after it once more.
        _add_shared(action, SUPPRESS, SUPPRESS)
        add_common(action)


def _add_shared(parser: ArgumentParser, text: str, texts: Any) -> None:
    """Add the options of the page and of every action, with their defaults."""
    parser.add_argument("-c", "--collection", metavar="DIR", default=text, help=word("help.collection"))
    parser.add_argument("--reviewer", metavar="NAME", default=text, help=word("help.review.reviewer"))
    parser.add_argument("--rules", metavar="TOML", action="append", default=texts, help=word("help.clean.rules"))


def run(options: Namespace) -> int:
    """Start the page, or do the action; return the exit code."""
    from xuanzhi.cli.archive import review

    if options.action is None:
        return review.start(options)
    if options.action == "list":
        return review.list_items(options)
    if options.action == "show":
        return review.show_item(options)
    return review.decide(options)
