"""The description of a visit: one class writes it, reads it, gives its row, and has the words of its documentation."""

import ast
import json
import re
from pathlib import Path

import pytest

from archive import model
from archive.model import UNINDEXED, VisitDescription

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "collection.md"
GOLDEN = Path(__file__).with_name("golden") / "warc.warc"

# A record of the golden file whose block is the description of a visit.
_VISIT = re.compile(
    rb"WARC-Record-ID: <([^>\r]+)>\r\nWARC-Date: [^\r]+\r\nWARC-Target-URI: urn:visit:.*?\r\n\r\n(.*?\n)\r\n\r\n",
    re.DOTALL,
)


def descriptions() -> list[tuple[str, bytes]]:
    return [(match[1].decode(), match[2]) for match in _VISIT.finditer(GOLDEN.read_bytes())]


def table() -> str:
    """Return the table of the keys, from the docstrings of the fields."""
    (found,) = [
        each for each in ast.parse(Path(model.__file__).read_text(encoding="utf-8")).body
        if isinstance(each, ast.ClassDef) and each.name == "VisitDescription"
    ]  # fmt: skip
    rows = ["| key | value |", "| --- | --- |", f"| `visit` | Format of this object: {model.FORMAT}. |"]
    for field, text in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id != "visit_id":
            assert isinstance(text, ast.Expr), field.target.id
            words = " ".join(ast.literal_eval(text.value).split())
            rows.append(f"| `{field.target.id.replace('imported', 'import')}` | {words} |")
    return "\n".join(rows)


def test_the_documented_keys_are_the_fields() -> None:
    assert f"\n\n{table()}\n\n" in DOCUMENT.read_text(encoding="utf-8")


def test_what_is_read_is_written_byte_for_byte() -> None:
    found = descriptions()
    assert len(found) == 15
    for visit_id, block in found:
        described = VisitDescription.read(visit_id, json.loads(block))
        assert described.to_json() == block
        assert VisitDescription.read(visit_id, described.values()) == described
    assert sum(b'"import": {' in block for _, block in found) == 2


def test_the_row_needs_no_more_than_what_is_indexed() -> None:
    for visit_id, block in descriptions():
        values = json.loads(block)
        whole = VisitDescription.read(visit_id, values)
        part = VisitDescription.read(visit_id, {key: values[key] for key in values if key not in UNINDEXED})
        assert (part.row(), part.identities, part.event) == (whole.row(), whole.identities, whole.event)


def test_a_json_object_that_describes_no_visit() -> None:
    with pytest.raises(KeyError):
        VisitDescription.read("urn:uuid:1", {"visit": 1, "url": "https://a.example/1"})
