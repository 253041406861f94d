"""What can go wrong in the commands.

CommandError
├── UsageError     the command line or the configuration is wrong; nothing was done
├── InputError     one input cannot be read; the others go on
└── OutputError    one result cannot be written; the others go on
"""

from functools import partial
from typing import Any

from xuanzhi.words import hint, word

__all__ = ["CommandError", "InputError", "OutputError", "UsageError"]


class CommandError(Exception):
    """Base of the errors of the commands. `code` is a stable English word; message and hint are for people."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(word(f"error.{code}", **details))
        self.code = code
        self.hint = hint(f"error.{code}", **details)
        self._details = details

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.code, **self._details), ()


class UsageError(CommandError):
    """The command line or the configuration is wrong; nothing was done."""


class InputError(CommandError):
    """One input cannot be read."""


class OutputError(CommandError):
    """One result cannot be written."""
