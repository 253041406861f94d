"""Exit codes of all commands."""

from enum import IntEnum

__all__ = ["Exit"]


class Exit(IntEnum):
    """A scheduler decides by these what to do next."""

    DONE = 0
    """All done."""
    DIFFERENT = 1
    """`--check` or `--diff --exit-code` found differences."""
    USAGE = 2
    """The command or its configuration is wrong; trying again does not help."""
    SOME_FAILED = 3
    """Some inputs failed, the others are done; or damage of the collection ended the command."""
    ALL_FAILED = 4
    """All inputs failed."""
    BLOCKED = 5
    """The site blocks us; retry later."""
    INTERRUPTED = 130
    """Stopped by the user; what was reported done is done."""
