"""Edits as people make them, each with the marks that a reader should see. README.md in cases/ tells the format."""

from pathlib import Path

import pytest

from archive.diff.compare import compare
from archive.diff.model import Pair, SpanKind

CASES = sorted(Path(__file__).with_name("cases").glob("*.txt"))
MARKS = {SpanKind.EQUAL: "{}", SpanKind.DELETE: "[-{}-]", SpanKind.INSERT: "{{+{}+}}"}


def read(path: Path) -> tuple[str, str, str]:
    parts = path.read_text("utf-8").removesuffix("\n").split("\n===")
    texts = {part.split("\n", 1)[0].strip(): part.split("\n", 1)[1] + "\n" for part in parts[1:]}
    return texts["old"], texts["new"], texts["expected"]


def marked(pair: Pair) -> str:
    text = "".join(MARKS[span.kind].format(span.text) for span in pair.spans).replace("\n", "⏎")
    images = "".join(f" {image.relation}" for image in pair.images)
    return f"{pair.kind}, {pair.matched_by}{images}: {text}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_edit_is_marked_as_a_reader_expects(path: Path) -> None:
    old, new, expected = read(path)
    found = compare(old, new)
    assert "".join(f"{marked(pair)}\n" for pair in found.changed()) == expected
    assert (found.old_text, found.new_text) == (old, new)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 40
