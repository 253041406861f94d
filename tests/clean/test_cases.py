"""Golden files: every file in tests/cases holds an input, the whole clean file, and what was taken, by line and rule.

How to read and write them is told in tests/cases/README.md.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from clean.document import Cleaned
from clean.ledger import Entry, restore_bytes
from clean.pipeline import clean

FOLDER = Path(__file__).parents[1] / "cases"
CASES = sorted(FOLDER.glob("*.txt"))
BAR = "======== "
CUT = "{end}\n"

# Characters that an editor would not show, or would not keep.
ESCAPE = re.compile(r"\{(U\+([0-9A-F]{4})|byte ([0-9A-F]{2}))\}")
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060\u3000\ufeff\udc80-\udcff]|[ \t](?=[ \t]*(?:\n|\Z))"
)


class Case(NamedTuple):
    """One golden file."""

    title: str
    options: dict[str, str]
    source: str


def parse(text: str) -> Case:
    """Read title, options and input of a case; what follows is compared as text."""
    head, _, rest = text.partition(f"{BAR}input\n")
    title, *options = head.strip().split("\n")
    source = rest.partition(f"\n{BAR}")[0] + "\n"
    given = dict(line.split(": ", 1) for line in options if line)
    return Case(title, given, source)


def data(case: Case) -> bytes:
    """The bytes that a case's input stands for."""
    text = ESCAPE.sub(lambda match: chr(int(match[2], 16) if match[2] else 0xDC00 + int(match[3], 16)), case.source)
    text = text.replace(CUT, "") if text.endswith(CUT) else text
    text = text.replace("\n", {"crlf": "\r\n", "cr": "\r"}.get(case.options.get("line ends", ""), "\n"))
    return text.encode(case.options.get("encoding", "utf-8"), "surrogateescape")


def visible(text: str) -> str:
    """Write the characters that nobody would see."""
    return HIDDEN.sub(lambda match: escape(match[0]), text)


def escape(character: str) -> str:
    code = ord(character)
    return f"{{byte {code - 0xDC00:02X}}}" if 0xDC80 <= code <= 0xDCFF else f"{{U+{code:04X}}}"


def change(entry: Entry) -> str:
    """One line of the last section: line, rule, what stood there and, after an arrow, what stands there now."""
    if entry.stage == "front-matter":
        old, new = entry.text.split("\n"), entry.replacement.split("\n")
        fields = [f"- {field}" for field in old if field not in new]
        fields += [f"+ {field}" for field in new if field not in old]
        return f"{entry.line:3} {entry.rule}  {visible(' '.join(fields)) or 'written as YAML'}"
    taken = entry.text if not entry.text.strip() else entry.text.rstrip("\n")
    line = f"{entry.line:3} {entry.rule}  {visible(taken).replace(chr(10), '⏎')}"
    return f"{line} → {visible(entry.replacement).replace(chr(10), '⏎')}" if entry.replacement else line


def written(case: Case, result: Cleaned) -> str:
    """A whole golden file, as the code would have it."""
    options = "".join(f"{key}: {value}\n" for key, value in case.options.items())
    parts = [f"{case.title}\n{options}\n", f"{BAR}input\n", case.source]
    if result.markdown is None:
        parts += [f"{BAR}state: {result.state}\n", result.notice + "\n" if result.notice else ""]
    else:
        parts += [f"{BAR}output\n", visible(result.markdown)]
    if result.markdown is not None and result.ledger.entries:
        parts += [f"{BAR}removed\n", *[change(entry) + "\n" for entry in result.ledger.entries]]
    if result.warnings:
        parts += [f"{BAR}warnings\n", *[f"{one.line:3} {one.code}  {one.message}\n" for one in result.warnings]]
    return "".join(parts)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    case = parse(text)
    source = data(case)
    result = clean(source, profile=case.options.get("profile"))
    assert written(case, result) == text
    assert restore_bytes(result.markdown or "", result.ledger) == source


def test_there_are_cases() -> None:
    assert len(CASES) > 60
