"""`xuanzhi capture|clean|archive`: the commands under one name."""

import sys
from collections.abc import Sequence

from xuanzhi.messages import _
from xuanzhi.output.exits import Exit

__all__ = ["COMMANDS", "main"]

COMMANDS = ("capture", "clean", "archive")


def main(arguments: Sequence[str] | None = None) -> int:
    """Hand the rest of the command line to the command that its first word names."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["clean"]:
        from xuanzhi.cli.clean import main as command
    elif words[:1] == ["capture"]:
        from xuanzhi.cli.capture import main as command
    elif words[:1] == ["archive"]:
        from xuanzhi.cli.archive.main import main as command
    elif words[:1] == ["--version"] or words[:2] == ["--json", "--version"]:
        from xuanzhi.cli.parser import show_version

        show_version(as_json="--json" in words)
        return Exit.DONE
    else:
        wants_help = not words or words[0] in {"-h", "--help"}
        print(
            _(
                "usage: xuanzhi COMMAND …\n"
                "\n"
                "  capture  fetch pages, store their bytes, and clean them\n"
                "  clean    clean snapshots and pages into Markdown, and store them in a collection\n"
                "  archive  browse, search, verify and export a collection, and maintain its rules\n"
                "\n"
                "Run xuanzhi COMMAND --help for details. Each command is also installed under its own "
                "name."
            ),
            file=sys.stdout if wants_help else sys.stderr,
        )
        return Exit.DONE if wants_help else Exit.USAGE
    return command(words[1:])


if __name__ == "__main__":
    sys.exit(main())
