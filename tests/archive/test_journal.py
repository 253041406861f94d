"""Journals: lines that name what stands before them, ends that a killed process left, and line ends inside of texts."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import Damaged
from archive.storage import Journal, JournalHead, JournalLine, json_line

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\x85\u2028\u2029\r\n\x0b\x0c\x1c"), max_size=12)
ENTRIES = st.dictionaries(TEXTS.filter(lambda key: key != "previous"), TEXTS, max_size=3)


def said(journal: Journal) -> list[dict[str, Any]]:
    return [{key: value for key, value in entry.items() if key != "previous"} for _, entry in journal.entries()]


def wrong(journal: Journal, head: JournalHead) -> bool:
    """Whether a reader finds that a journal is not what it was when it had this head."""
    lines = list(journal.lines())
    is_readable = all(line.whole and line.ended and is_json(line) for line in lines)
    reached = head.length == 0 or any((line.end, line.digest) == head for line in lines)
    return not (is_readable and reached and all(line.fits for line in lines))


def is_json(line: JournalLine) -> bool:
    try:
        return isinstance(json.loads(line.data), dict)
    except ValueError:
        return False


@settings(max_examples=draws(60), deadline=None)
@given(st.lists(st.lists(ENTRIES, min_size=1, max_size=3), min_size=1, max_size=4), st.integers(0, 2))
def test_what_is_appended_is_read_and_the_last_line_stands_for_all(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[dict[str, str]]], older: int
) -> None:
    journal = Journal(tmp_path_factory.mktemp("j") / "j.jsonl")
    # What an earlier version wrote: nothing names anything, and nothing is escaped.
    old = [{"old": f"{number}\u2028"} for number in range(older)]
    journal.path.write_bytes(b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in old))
    before = journal.path.read_bytes()
    for batch in batches:
        ends = journal.append(batch)
        assert journal.head().length == ends[-1] == journal.size() == journal.path.stat().st_size
    assert said(journal) == [*old, *(each for batch in batches for each in batch)]
    data = journal.path.read_bytes()
    assert data.startswith(before)
    lines = data.split(b"\n")[:-1]
    names = [json.loads(line)["previous"] for line in lines[older:]]
    assert names[0] == sha256(before).hexdigest()
    assert names[1:] == [sha256(line + b"\n").hexdigest() for line in lines[older:-1]]
    assert journal.head().digest == sha256(lines[-1] + b"\n").hexdigest()
    assert all(line.fits for line in journal.lines())
    assert journal.holds(journal.head())
    # Other tools divide at more than `\n`; what we write has nothing else that they divide at.
    assert len(data[len(before) :].decode().splitlines()) == len(lines) - older


@settings(max_examples=draws(150), deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=6), st.data())
def test_any_change_is_found(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, str]], data: st.DataObject
) -> None:
    journal = Journal(tmp_path_factory.mktemp("j") / "j.jsonl")
    journal.append(entries)
    head, whole = journal.head(), journal.path.read_bytes()
    kind = data.draw(st.sampled_from(["byte", "cut", "insert", "drop", "again", "swap", "behind"]))
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, len(whole) - 1))
    byte = bytes([data.draw(st.integers(0, 255))])
    lines = whole.splitlines(keepends=True)
    one, two = place % len(lines), other % len(lines)
    changed = {
        "byte": whole[:place] + byte + whole[place + 1 :],
        "cut": whole[:place],
        "insert": whole[:place] + byte + whole[place:],
        "drop": b"".join(lines[:one] + lines[one + 1 :]),
        "again": b"".join([*lines[:one], lines[two], *lines[one:]]),
        "swap": b"".join(lines[:one] + lines[one + 1 :] + [lines[one]]),
        "behind": whole + lines[two] + byte,
    }[kind]
    journal.path.write_bytes(changed)
    assert wrong(journal, head) == (changed != whole)


@settings(max_examples=draws(40), deadline=None)
@given(st.lists(ENTRIES, min_size=2, max_size=5), ENTRIES, st.data())
def test_a_line_behind_a_change_hides_nothing(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, str]], more: dict[str, str], data: st.DataObject
) -> None:
    journal = Journal(tmp_path_factory.mktemp("j") / "j.jsonl")
    journal.append(entries)
    head, whole = journal.head(), journal.path.read_bytes()
    lines = whole.splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    journal.path.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
    journal.append([more])
    assert wrong(journal, head) or journal.path.read_bytes().startswith(whole)  # the very line again is no loss


def test_a_last_line_that_lacks_its_end_is_a_line_and_gets_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.append([{"a": "1"}, {"a": "2"}])
    head, whole = journal.head(), journal.path.read_bytes()
    journal.path.write_bytes(whole[:-1])
    assert said(journal) == [{"a": "1"}, {"a": "2"}]
    assert (journal.size(), journal.head()) == (len(whole), head)
    assert journal.holds(head)
    assert [(line.whole, line.ended) for line in journal.lines()] == [(True, True), (True, False)]
    (end,) = journal.append([{"a": "3"}])
    assert journal.path.read_bytes().startswith(whole)
    assert said(journal) == [{"a": "1"}, {"a": "2"}, {"a": "3"}]
    assert end == journal.path.stat().st_size
    assert not journal.unfinished.exists()


@pytest.mark.parametrize(
    "half", [b'{"previous": "e3', b'{"a": "\xe4\xb8', b"\0" * 9, b'"whole but no object"', b"[" * 9000]
)
def test_half_a_line_is_moved_aside_and_never_destroyed(tmp_path: Path, half: bytes) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    journal.append([{"a": "1"}])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + half)
    assert said(journal) == [{"a": "1"}]
    assert journal.size() == len(whole)
    journal.append([{"a": "2"}])
    assert said(journal) == [{"a": "1"}, {"a": "2"}]
    assert all(line.fits for line in journal.lines())
    journal.path.write_bytes(journal.path.read_bytes() + half[:3])
    journal.mend()
    assert journal.unfinished.read_bytes() == half + b"\n" + half[:3] + b"\n"


def test_a_line_that_cannot_be_read_is_named_by_its_place(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    (end,) = journal.append([{"a": "1"}])
    with journal.path.open("ab") as file:
        file.write(b"\xff\n")
    with pytest.raises(Damaged, match=f"byte {end} "):
        list(journal.entries())


def test_there_need_not_be_a_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none.jsonl")
    assert (journal.size(), list(journal.entries()), list(journal.lines())) == (0, [], [])
    assert journal.holds(journal.head())
    assert not journal.holds(JournalHead(1, "0" * 64))
    journal.mend()
    assert not journal.path.exists()


def test_no_tool_divides_a_line_of_ours() -> None:
    text = "".join(map(chr, [*range(32), 0x85, 0x2028, 0x2029]))
    line = json_line({"text": text})
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == {"text": text}
