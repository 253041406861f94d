"""What can go wrong in the commands.

CommandError
├── UsageError     the command line or the configuration is wrong; nothing was done
├── InputError     one input cannot be read; the others go on
└── OutputError    one result cannot be written; the others go on
"""

import traceback
from functools import partial
from typing import Any, NamedTuple

from clean.errors import CleanError
from xuanzhi.output.exits import Exit
from xuanzhi.words import describe, hint, word

__all__ = ["CommandError", "Failure", "InputError", "OutputError", "UsageError", "ended_by", "failure"]


class Failure(NamedTuple):
    """Why there is no result."""

    code: str
    message: str
    hint: str
    trace: str = ""
    """The traceback of a mistake in this software, for `--debug`."""


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


def failure(error: Exception) -> Failure:
    """Describe an error to people in their language; one that nobody expected keeps its traceback."""
    if isinstance(error, CommandError):
        return Failure(error.code, str(error), error.hint)
    code = getattr(error, "code", None)
    if isinstance(code, str) and type(error).__module__.startswith("capture"):
        return Failure(code, str(error), hint(f"fetch.{code}") or getattr(error, "hint", ""))
    if isinstance(code, str) and (isinstance(error, CleanError) or type(error).__module__.startswith("archive")):
        return Failure(code, *describe("error", code, str(error), getattr(error, "hint", "")))
    reason = f"{type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    return Failure("internal", word("error.internal", reason=reason), hint("error.internal"), trace)


def ended_by(error: Exception) -> Exit:
    """Return the exit code of a command that an error ended as a whole."""
    return Exit.ALL_FAILED if failure(error).code == "internal" else Exit.USAGE
