"""Errors of the commands, and their translation to messages.

CommandError
├── UsageError     the command line or the configuration is wrong; nothing was done
├── InputError     one input cannot be read; the others go on
└── OutputError    one result cannot be written; the others go on
"""

import errno
import traceback
from collections.abc import Iterable
from typing import Any, NamedTuple

from clean.document import CleanWarning
from clean.errors import CleanError, NotAPage
from xuanzhi.messages import N_, _, language
from xuanzhi.output.exits import Exit
from xuanzhi.output.labels import FORMATS, WARNINGS

__all__ = [
    "CommandError",
    "Failure",
    "InputError",
    "OutputError",
    "UsageError",
    "describe",
    "ended_by",
    "extra_missing",
    "failure",
    "internal",
    "system_limit",
    "warning_fields",
]


class Failure(NamedTuple):
    """Why there is no result."""

    code: str
    message: str
    hint: str
    trace: str = ""
    """The traceback of a mistake in this software, for `--debug`."""


class CommandError(Exception):
    """Base of the errors of the commands. `code` is a stable English word; message and hint are for people."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, str(self), self.hint)


class UsageError(CommandError):
    """The command line or the configuration is wrong; nothing was done."""


def extra_missing(what: str, package: str, extra: str) -> UsageError:
    """Return the error of a part that a package is missing for, which an extra of ours installs."""
    return UsageError(
        "extra-missing",
        _("{what} requires {package}, which is not installed", what=what, package=package),
        _("Install it with: pip install '{package}'", package=f"xuanzhi[{extra}]"),
    )


class InputError(CommandError):
    """One input cannot be read."""


class OutputError(CommandError):
    """One result cannot be written."""


_GENERAL = {
    **WARNINGS,
    "empty": N_("the file is empty"),
    "not-text": N_("this is not a text file"),
    "no-records": N_("there is no WARC or ARC file in this zip file"),
    "older-schema": N_("the catalogue was written by an older version of this software"),
}
"""What errors and warnings of other packages say in short, by code: their own messages are English and have details."""

_FIXED = (
    N_("the file holds nothing but white space"),
    N_("the file holds nothing but zero bytes"),
    N_("this .webarchive file holds no page"),
    N_("the page in this .webarchive file is empty"),
    N_("the page in this self-extracting file is larger than 64 MB"),
    N_("this MHTML file holds no HTML page"),
    N_("the page in this MHTML file is empty"),
    N_("this MHTML file has no end of its header"),
    N_("this MHTML file does not say where its parts end (no boundary)"),
)
"""Messages of other packages that are said as they stand."""

_DETAILED = (
    N_("this .webarchive file cannot be read: {detail}"),
    N_("the page of this .webarchive file is {detail}, not HTML"),
    N_("the page in this self-extracting file cannot be read: {detail}"),
    N_(
        "there is no WARC or ARC file and no page in this zip file; it holds archives, "
        "which are not looked into ({detail})"
    ),
    N_("there is no WARC or ARC file and no page in this zip file; it holds {detail}"),
)
"""Messages of other packages with a detail, which stays as it is; the more exact before the less."""

_CAPTURE_HINTS = {
    "not-a-web-address": N_("Give the page's address as shown in the browser, beginning with http:// or https://."),
    "address-forbidden": N_("If this is a server of your own, use --allow-private."),
    "robots-forbidden": N_("Ask the site for permission; once you have it, use --ignore-robots HOST."),
    "host-blocks": N_("Run the same command again later; it continues with the rest."),
    "unknown-host": N_("Check the spelling of the host and this machine's network."),
    "connection-failed": N_("The site may be down; run the same command again later."),
    "tls-failed": N_("Look at the site in a browser; --insecure captures it anyway, and records that."),
    "proxy-failed": N_("Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment."),
    "disconnected": N_("What was received has been stored; run the same command again later."),
    "timed-out": N_("What was received has been stored; run the same command again later."),
    "stopped": N_("What was received has been stored; run the same command again to continue."),
    "too-large": N_("Raise --max-megabytes if the page is worth it."),
    "empty-answer": N_("The server is at fault; run the same command again later."),
    "not-http": N_("Another service may be listening on this port; check the address."),
    "head-too-long": N_("The server is at fault; what was received has been stored."),
    "broken-body": N_("The server is at fault; what was received has been stored."),
    "broken-content": N_(
        "The server is at fault; what was received has been stored. Run the same command again later."
    ),
    "no-room": N_("Free some space in the folder for temporary files (TMPDIR), then run the same command again."),
    "redirect-loop": N_("Look at the page in a browser: the site may require cookies (--cookies) or a login."),
    "too-many-redirects": N_("Look at the page in a browser: the site may require cookies (--cookies) or a login."),
}
"""What to do about errors of the package `capture`, whose own hints speak to those who write programs."""


_SYSTEM_LIMITS = {
    errno.EMFILE: (
        N_("this process may not open more files"),
        N_("Raise the limit (`ulimit -n 1024`), then run the same command again."),
    ),
    errno.ENFILE: (
        N_("this machine cannot open more files"),
        N_("Close other programs, or raise fs.file-max, then run the same command again."),
    ),
    errno.ENOMEM: (
        N_("there is not enough memory"),
        N_(
            "Close other programs, use fewer --jobs, or raise the limit (`ulimit -v`); then run the same command again."
        ),
    ),
    errno.EAGAIN: (
        N_("no more processes or threads can be started"),
        N_("Close other programs, or raise the limit (`ulimit -u`), then run the same command again."),
    ),
}
"""What is said of a limit of the system, by the error that names it: the first is what, the second what to do."""


def system_limit(error: BaseException | None) -> tuple[str, str] | None:
    """Return the message and the hint where a limit of the system is behind an error; None where none is."""
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        if isinstance(error, MemoryError):
            number = errno.ENOMEM
        elif isinstance(error, RuntimeError) and "start new thread" in str(error):  # CPython has no class of its own
            number = errno.EAGAIN
        if number in _SYSTEM_LIMITS:
            message, hint = _SYSTEM_LIMITS[number]
            return _(message), _(hint)
        if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):  # of `tempfile`
            return _("there is no folder for temporary files that can be written"), _(
                "Free some space there, or name another one in TMPDIR; then run the same command again."
            )
        error = error.__cause__
    return None


def failure(error: Exception) -> Failure:
    """Return an error as a message in the reader's language; an unexpected one has its traceback."""
    if limit := system_limit(error):
        return Failure("system-limit", *limit)
    if isinstance(error, CommandError):
        return Failure(error.code, str(error), error.hint)
    code = getattr(error, "code", None)
    if isinstance(code, str) and type(error).__module__.startswith("capture"):
        return Failure(code, str(error), _(_CAPTURE_HINTS.get(code, getattr(error, "hint", ""))))
    if isinstance(code, str) and (isinstance(error, CleanError) or type(error).__module__.startswith("archive")):
        message, hint = describe(code, str(error), getattr(error, "hint", ""), getattr(type(error), "hint", ""))
        if isinstance(error, NotAPage) and error.name in FORMATS:
            message = _("this is {what}, not a page", what=_(FORMATS[error.name]))
        return Failure(code, message, hint)
    trace = "".join(traceback.format_exception(error))
    return Failure("internal", *internal(error), trace)


def internal(error: Exception) -> tuple[str, str]:
    """Return the message and the hint of an unexpected error."""
    return _("internal error: {reason}", reason=f"{type(error).__name__}: {error}"), _(
        "Run it again with --debug and report the output, along with the file if you may share it."
    )


def describe(code: str, message: str, hint: str, general_hint: str = "") -> tuple[str, str]:
    """Return message and hint of an error or a warning of another package in the reader's language.

    What has details, which is in no catalogue, gives way to the general words for the code.
    """
    if language() == "en":
        return message, hint
    translated = _(hint)
    return _said(code, message), _(general_hint) if translated == hint and general_hint else translated


def _said(code: str, message: str) -> str:
    if message in _FIXED:
        return _(message)
    for form in _DETAILED:
        before, after = form.split("{detail}")
        if message.startswith(before) and message.endswith(after):
            return _(form, detail=message[len(before) : len(message) - len(after)])
    return _(_GENERAL.get(code, message))


def warning_fields(warnings: Iterable[CleanWarning]) -> list[dict[str, Any]]:
    """Return warnings for `--json`."""
    return [
        {"code": each.code, "line": each.line or None, "message": each.message, "hint": each.hint} for each in warnings
    ]


def ended_by(error: Exception) -> Exit:
    """Return the exit code of a command that an error ended as a whole; of damage, the one that `verify` has for it."""
    code = failure(error).code
    if code in {"damaged", "files-differ"}:
        return Exit.SOME_FAILED
    return Exit.ALL_FAILED if code in {"internal", "system-limit"} else Exit.USAGE
