"""The ledger on disk, and what it refuses."""

import json

import pytest

from clean.errors import LedgerError
from clean.ledger import Ledger, Removal, Rewrite, Span, restore, restore_bytes
from clean.pipeline import clean
from clean.rules import built_in
from clean.source import Encoding
from clean.version import SNAPSHOT, SOFTWARE, engine_digest

SOURCE = b"\xef\xbb\xbf# \xe4\xbf\xa1\r\n\r\n\xe4\xb8\x8a\xe2\x80\x8b\xff\xe4\xb8\x8b\r\n"


def test_a_ledger_is_json_lines() -> None:
    result = clean(SOURCE, profile="generic")
    assert result.markdown == "# 信\n\n上\ufffd下\n"
    assert result.ledger.to_json_lines() == (
        '{"ledger": 1, "state": "live", '
        '"source_sha256": "e90a89b377b5df504e6a95dd6fdc0ad082e24c11c11db7da0d22043604aa9ba9", '
        '"clean_sha256": "3dda1eb6dbc02773c970c6f80b6759c33cc9fecab954fed7cee35a9b0d8bbae3", '
        f'"ruleset_sha256": "{built_in().sha256}", "software": "{SOFTWARE}", '
        f'"engine": "{engine_digest(SNAPSHOT)}", '
        '"encoding": "utf-8", "byte_order_mark": true, "line_end": "\\r\\n"}\n'
        '{"start": 6, "end": 7, "line": 3, "stage": "characters", "rule": "text.zero-width", "text": "\u200b"}\n'
        '{"start": 7, "end": 8, "line": 3, "stage": "characters", "rule": "text.stray-byte", "text": "\\udcff", '
        '"replacement": "\\ufffd"}\n'
    )


def test_entries_come_back_as_they_were() -> None:
    entries = (
        Removal(Span(0, 2), "lines", "a.b", 1, "x\u2028"),
        Rewrite(Span(2, 2), "white-space", "c.d", 1, "", "\n"),
        Rewrite(Span(3, 4), "characters", "e.f", 2, "\udcff", "\ufffd"),
    )
    ledger = Ledger("a" * 64, "b" * 64, "c" * 64, "xuanzhi 9", "live", Encoding("gb18030", True, "mixed"), entries)
    assert Ledger.from_json_lines(ledger.to_json_lines()) == ledger


HEAD = clean("信 \n".encode()).ledger.to_json_lines().split("\n")[0]
ENTRY = '{"start": 1, "end": 2, "line": 1, "stage": "s", "rule": "r", "text": "x"}'

BROKEN = [
    ("", "not enough values to unpack (expected at least 1, got 0)"),
    ("# 信", "Expecting value: line 1 column 1 (char 0)"),
    ("[]", "list indices must be integers or slices, not str"),
    ("{}", "'ledger'"),
    (HEAD.replace('"ledger": 1', '"ledger": 2'), "this ledger has format 2; this software reads format 1"),
    (HEAD.replace("clean_sha256", "clean_sha1"), "'clean_sha256'"),
    (HEAD + "\n" + ENTRY[:30], "Expecting value: line 1 column 31 (char 30)"),
    (HEAD + "\n" + ENTRY.replace("1, ", '"1", ', 1), "start, end and line of an entry are whole numbers"),
    (HEAD + "\n" + ENTRY.replace('"x"', "7"), "stage, rule and text of an entry are strings"),
    (HEAD + "\n" + ENTRY.replace('"x"', '"x", "replacement": null'), "the replacement of an entry is a string"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_what_is_no_ledger_is_refused(text: str, message: str) -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.from_json_lines(text)
    assert str(caught.value).removeprefix("this is not a ledger: ") == message


def test_a_changed_clean_text_is_refused() -> None:
    result = clean("信 \n".encode())
    with pytest.raises(LedgerError, match="the clean text is not the one that this ledger belongs to"):
        restore("信。\n", result.ledger)


def test_a_changed_ledger_is_refused() -> None:
    result = clean("信 \n".encode())
    (entry,) = result.ledger.entries
    changed = result.ledger._replace(entries=(entry._replace(text="  "),))
    with pytest.raises(LedgerError, match="what the ledger restores is not the source that it names"):
        restore_bytes("信\n", changed)


def test_every_entry_is_one_line_of_json() -> None:
    result = clean(SOURCE, profile="generic")
    head, *entries = [json.loads(line) for line in result.ledger.to_json_lines().splitlines()]
    assert head["state"] == "live"
    assert [entry["line"] for entry in entries] == [3, 3]
