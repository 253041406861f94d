"""`archive rules`: list, check, explain, try; and learn, proposals, approve, reject, health."""

from argparse import ArgumentParser, Namespace
from importlib import import_module

from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_common, help_format
from xuanzhi.words import word

__all__ = ["add_arguments", "run"]

_ACTIONS = {
    "list": ("xuanzhi.cli.archive.rules.list", "list_rules"),
    "check": ("xuanzhi.cli.archive.rules.list", "check_rules"),
    "explain": ("xuanzhi.cli.archive.rules.list", "explain_rule"),
    "try": ("xuanzhi.cli.archive.rules.list", "try_rule"),
    "learn": ("xuanzhi.cli.archive.rules.learn", "learn_rules"),
    "proposals": ("xuanzhi.cli.archive.rules.proposals", "show_proposals"),
    "approve": ("xuanzhi.cli.archive.rules.approve", "approve"),
    "reject": ("xuanzhi.cli.archive.rules.approve", "reject"),
    "health": ("xuanzhi.cli.archive.rules.health", "rules_health"),
}
"""Actions in the order of the help, and what does each."""

_FILES = {
    "list": (),
    "check": (("files", "*", "TOML"),),
    "explain": (("rule", None, "ID"),),
    "try": (("rule", None, "ID|TOML"), ("inputs", "+", "FILE")),
}
"""Arguments of the actions about rules files."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the actions with their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name in _ACTIONS:
        text = word(f"help.archive.rules.{name}")
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        if name in _FILES:
            for argument, count, label in _FILES[name]:
                action.add_argument(argument, nargs=count, metavar=label)
            action.add_argument(
                "-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules")
            )
        elif name in {"approve", "reject"}:
            _add_decision(action)
        else:
            action.add_argument("sources", nargs="*", metavar="SOURCE", help=word("help.learn.sources"))
        if name == "health":
            action.add_argument("--set", action="store_true", help=word("help.health.set"))
        add_collection(action)
        add_common(action)


def _add_decision(action: ArgumentParser) -> None:
    action.add_argument("rules", nargs="*", metavar="ID", help=word("help.decide.rules"))
    action.add_argument("--tier", choices=("A", "B", "C", "D"), default="", help=word("help.decide.tier"))
    for name, label in (("by", "NAME"), ("note", "TEXT")):
        action.add_argument(f"--{name}", metavar=label, default="", help=word(f"help.decide.{name}"))
    action.add_argument(
        "--source", action="append", default=[], metavar="NAME", dest="sources", help=word("help.decide.source")
    )


def run(options: Namespace) -> int:
    """Run the action; return the exit code."""
    module, function = _ACTIONS[options.action]
    code: int = getattr(import_module(module), function)(options)
    return code
