"""Reports of commands: results to standard output, the rest to standard error, and the exit code."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

from archive.printable import visible
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import Failure

if TYPE_CHECKING:
    from archive.catalogue.articles import Article
    from archive.collection.recovery import Recovery

__all__ = ["OutputOptions", "Report", "article_fields", "writable"]

# What JSON leaves as it is and a reader may take for more: line ends (UAX #14; `str.splitlines`), controls (ECMA-48),
# lone surrogates. A class of single characters: linear.
_UNSAFE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class OutputOptions:
    """How a command reports: the options that every command has."""

    as_json: bool = False
    """One JSON object a line on standard output, for machines."""
    quiet: bool = False
    """Nothing for people but errors."""
    verbose: bool = False
    """Everything for people, however much it is."""
    debug: bool = False
    """The traceback of a mistake in this software."""

    @property
    def shows_progress(self) -> bool:
        """Whether work that takes long may show a progress bar."""
        return not (self.quiet or self.as_json)


class Report:
    """Counts results, prints them, and derives the exit code."""

    def __init__(self, command: str, *, as_json: bool, quiet: bool, debug: bool) -> None:
        self.command = command
        self.as_json = as_json
        self.quiet = quiet
        self.debug = debug
        self.done = 0
        self.failed = 0
        self.different = 0
        self.blocked = 0
        self.counts: dict[str, int] = {}
        self.total = 0

    @classmethod
    def of(cls, command: str, options: OutputOptions) -> Self:
        """Return the report that a command line asks for."""
        return cls(command, as_json=options.as_json, quiet=options.quiet, debug=options.debug)

    def event(self, **fields: Any) -> None:
        """Write one JSON line, which is one line for every reader.

        What ends a line for some readers, controls of a terminal and the stray bytes of a file's name are escapes; so
        is everything that is not ASCII, where standard output is not UTF-8 (RFC 8259 §7, §8.1).
        """
        is_utf_8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower() in {"utf-8", "utf8"}
        line = json.dumps(fields, ensure_ascii=not is_utf_8)
        print(_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line))

    def say(self, text: str) -> None:
        """Write a line for people, unless they want none or a machine reads."""
        if not self.quiet and not self.as_json:
            print(writable(visible(text), sys.stdout))

    def note(self, text: str) -> None:
        """Write a line to standard error."""
        if not self.quiet:
            print(writable(visible(text), sys.stderr), file=sys.stderr)

    def count(self, what: str) -> None:
        """Count one more of something for the summary."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def fail(self, name: str, failure: Failure) -> None:
        """Report one input that has no result."""
        self.failed += 1
        if self.as_json:
            self.event(event="error", file=name, code=failure.code, message=failure.message, hint=failure.hint or None)
        else:
            self.problem(N_("error"), name, 0, failure.message, failure.hint)
        if self.debug and failure.trace:
            print(failure.trace, file=sys.stderr)

    def warn(self, name: str, line: int, message: str, hint: str) -> None:
        """Report something that a person should know and that stopped nothing."""
        if not self.quiet and not self.as_json:
            self.problem(N_("warning"), name, line, message, hint)

    def problem(self, label: str, name: str, line: int, message: str, hint: str) -> None:
        """Write `command: file:line: what` and, below it, what to do next."""
        place = f"{name}:{line}" if line else name
        lines = [f"{self.command}: {place}: {_(label)}: {message}" if name else f"{self.command}: {message}"]
        if hint:
            lines.append(f"  {_('hint')}: {hint}")
        # A line end within a name is shown as one, so that no file can put a line of its own below ours.
        text = "\n".join(visible(line).replace("\n", "\\n") for line in lines)
        print(writable(text, sys.stderr), file=sys.stderr)

    def recovered(self, recovery: "Recovery") -> None:
        """Tell what was found behind the committed part of WARC files, and what was done with it."""
        if self.as_json:
            self.event(event="recovered", **{**recovery._asdict(), "quarantined": [*map(str, recovery.quarantined)]})
            return
        if recovery.records:
            self.note(
                f"{self.command}: "
                + _(
                    "indexed {records:,} records ({captures:,} captures) that lay in the WARC files and that the "
                    "catalogue did not know, in {seconds:.1f} s",
                    records=recovery.records,
                    captures=recovery.captures,
                    seconds=recovery.seconds,
                )
            )
        if recovery.lost:
            self.note(
                f"{self.command}: "
                + ngettext(
                    "{count:,} of them has no text; `archive reclean` makes it",
                    "{count:,} of them have no text; `archive reclean` makes it",
                    recovery.lost,
                )
            )
        for path in recovery.quarantined:
            self.note(f"{self.command}: " + _("moved bytes that are no whole record to {path}", path=path))

    def exit_code(self) -> Exit:
        """Derive the exit code from what was counted."""
        if self.blocked:
            return Exit.BLOCKED
        if self.failed:
            return Exit.SOME_FAILED if self.done else Exit.ALL_FAILED
        return Exit.DIFFERENT if self.different else Exit.DONE


def article_fields(row: "Article", collection: Path) -> dict[str, object]:
    """Return the fields of the event `article` for an article of a collection."""
    output = str(collection / row.markdown) if row.markdown else None
    return {
        "article": row.key, "url": row.url, "title": row.title, "source": row.source, "date": row.date,
        "state": row.state, "first": row.first, "last": row.last, "captures": row.captures,
        "versions": row.versions, "output": output,
    }  # fmt: skip


def writable(text: str, stream: TextIO) -> str:
    """Text that the stream's encoding can hold: a terminal in the C locale gets question marks, not a traceback."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace" if encoding.lower() != "utf-8" else "backslashreplace").decode(encoding)
