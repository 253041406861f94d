"""`xuanzhi capture|clean|archive`: the commands under one name."""

import sys
from collections.abc import Sequence

from xuanzhi.output.exits import Exit
from xuanzhi.words import word

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
    elif words[:1] == ["--version"]:
        from clean import __version__

        print(f"xuanzhi {__version__}")
        return Exit.DONE
    else:
        wants_help = not words or words[0] in {"-h", "--help"}
        print(word("help.xuanzhi"), file=sys.stdout if wants_help else sys.stderr)
        return Exit.DONE if wants_help else Exit.USAGE
    return command(words[1:])


if __name__ == "__main__":
    sys.exit(main())
