"""`archive rules`: list, check, explain, try."""

from argparse import ArgumentParser, Namespace

from xuanzhi.commands.parser import add_common, help_format
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]

_ACTIONS = (
    ("list", ()),
    ("check", (("files", "*", "TOML"),)),
    ("explain", (("rule", None, "ID"),)),
    ("try", (("rule", None, "ID|TOML"), ("inputs", "+", "FILE"))),
)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the actions with their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, arguments in _ACTIONS:
        text = word(f"help.archive.rules.{name}")
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        for argument, count, label in arguments:
            action.add_argument(argument, nargs=count, metavar=label)
        action.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
        add_common(action)


def run(options: Namespace) -> int:
    """Run the action; return the exit code."""
    from xuanzhi import ruling

    actions = {
        "list": ruling.list_rules,
        "check": ruling.check_rules,
        "explain": ruling.explain_rule,
        "try": ruling.try_rule,
    }
    return actions[options.action](options)
