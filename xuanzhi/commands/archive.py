"""`archive`: what comes after cleaning. So far: its rules."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from xuanzhi.commands.parser import add_common, help_format, new_parser, run_command
from xuanzhi.words import word

__all__ = ["build_parser", "main"]


def build_parser() -> ArgumentParser:
    """Return the parser of `archive`."""
    parser = new_parser("archive")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    rules = parts.add_parser("rules", help=word("help.rules"), description=word("help.rules"), allow_abbrev=False)
    actions = rules.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, arguments in (
        ("list", ()),
        ("check", (("files", "*", "TOML"),)),
        ("explain", (("rule", None, "ID"),)),
        ("try", (("rule", None, "ID|TOML"), ("inputs", "+", "FILE"))),
    ):
        text = word(f"help.rules.{name}")
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        for argument, count, label in arguments:
            action.add_argument(argument, nargs=count, metavar=label)
        action.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
        add_common(action)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_command(build_parser(), arguments, _run)


def _run(options: Namespace) -> int:
    from xuanzhi import ruling

    actions = {
        "list": ruling.list_rules,
        "check": ruling.check_rules,
        "explain": ruling.explain_rule,
        "try": ruling.try_rule,
    }
    return actions[options.action](options)


if __name__ == "__main__":
    sys.exit(main())
