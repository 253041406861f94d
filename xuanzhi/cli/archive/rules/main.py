"""`archive rules`: what people who write rules ask about them, and what they decide about learned ones."""

from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from xuanzhi.cli.parser import add_common, help_format
from xuanzhi.messages import N_, _

__all__ = ["ACTIONS", "add_actions"]

_ACTION_HELP = {
    "list": N_("list all rules with their stages"),
    "check": N_("read rules files and test every example in them"),
    "explain": N_("show one rule in full: reason, texts, examples"),
    "try": N_("show what a rule, or a file of rules, would remove from real files; nothing is saved"),
    "learn": N_("propose rules for what recurs on the pages of each source"),
    "proposals": N_("show what proposed rules would remove, on real pages"),
    "approve": N_("approve proposed rules; cleaning applies them from then on"),
    "reject": N_("reject rules; they are not proposed again, and approved ones no longer apply"),
    "health": N_("report approved rules that no longer match, match in the wrong place or remove too much"),
}

ACTIONS = ("list", "check", "explain", "try", "learn", "proposals", "approve", "reject", "health")
"""In the order of the help. Each is a module of this package, as each command of `archive` is one of its package."""


def add_actions(parser: ArgumentParser, names: Sequence[str] | None = None) -> None:
    """Add the actions; where `names` are given, only the one that the first of them names has its arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name in ACTIONS:
        text = _(_ACTION_HELP[name])
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        if names is not None and list(names[:1]) != [name]:
            continue
        module = import_module(f"xuanzhi.cli.archive.rules.{f'{name}_' if iskeyword(name) else name}")
        module.add_arguments(action)
        action.set_defaults(module=module)
        add_common(action)
