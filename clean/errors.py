"""Errors of the clean package, each with a stable code and a hint.

CleanError
├── SourceError         the input is not a text that can be cleaned
│   ├── EmptySource     there is nothing in it
│   ├── NotText         it is a picture, an archive, a program: bytes that no text encoding explains
│   └── NotAPage        it is a text of another kind, such as a feed, JSON or a style sheet
├── RuleError           a rules file cannot be used; names file and line
└── LedgerError         a ledger does not fit the text it is applied to, or cannot be read
"""

from collections.abc import Iterable

__all__ = ["CleanError", "EmptySource", "LedgerError", "NotAPage", "NotText", "RuleError", "SourceError", "suggest"]


class CleanError(Exception):
    """Base of all errors of this package.

    `code` is a stable English word for machines, `hint` says what to do next.
    """

    code = "clean-error"
    hint = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class SourceError(CleanError):
    """The input is not a text that can be cleaned."""

    code = "bad-source"


class EmptySource(SourceError):
    """The input holds no bytes, or nothing but white space."""

    code = "empty"
    hint = "Fetch the page again; there is nothing in this file to clean."


class NotText(SourceError):
    """The input's bytes are those of a picture, an archive or a program."""

    code = "not-text"
    hint = "Give a text snapshot (front matter and Markdown, UTF-8, GB18030 or UTF-16)."


class NotAPage(SourceError):
    """The input is in a format that holds no page; `clean.formats.text` tells which."""

    code = "unsupported"
    hint = "Give a page (HTML, MHTML, .webarchive), a snapshot, or a WARC file."

    def __init__(self, message: str, name: str = "", *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.name = name
        """Of the format, among `clean.formats.model.FORMATS`."""


class RuleError(CleanError):
    """A rules file cannot be used. The message begins with `file:line`."""

    code = "bad-rule"
    hint = "`archive rules check FILE` checks a rules file and every case in it."


class LedgerError(CleanError):
    """A ledger does not fit the text it is applied to, or cannot be read."""

    code = "bad-ledger"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the nearest known word as `; did you mean 'x'?`, or the known words where none is near."""
    from difflib import get_close_matches  # only ever needed when something is wrong

    words = sorted(known)
    near = get_close_matches(word, words, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(words)}"
