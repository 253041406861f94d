"""A file of a collection changed, anywhere: XUANZHI_FLIPS says how many times (a few dozen by default).

Every change of a WARC file, captured or derived, of a Markdown file, of collection.toml, of rules and of a journal
must be found: a byte, a cut, what is put behind or between, pieces and lines that are exchanged, doubled or gone, a
file that is empty or gone. In catalogue.sqlite a change is found, or it changes nothing that can be read: then every
table, row by row and in its order, is what it was, and the database is sound. Caches may be deleted and do not count.
"""

import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripted import Answer, Server
from small_site import ARTICLE, page, site
from test_reclean import RULES, snapshot

from archive.collection.collection import Collection

pytestmark = pytest.mark.slow

LEARNED = "# What 刊物 repeats; nobody has decided about any of it.\n"

KINDS = ("byte", "byte", "bit", "cut", "behind", "insert", "swap", "double", "zero", "line", "empty", "gone")

CACHES = {"review.sqlite", "learned.sqlite"}

FLIPS = int(os.environ.get("XUANZHI_FLIPS", "30"))


@pytest.fixture
def kept(run: Callable, capture: Callable, serve: Callable, folder: Path) -> Path:
    """Make a collection with snapshots, visits, a text that was taken over, and new versions."""
    (folder / "rules.toml").write_text(RULES)
    for number in range(6):
        text = snapshot(1, f"第{number}篇。" * 40 + "\n\n扫码入群").replace("example/1", f"example/{number}")
        (folder / f"{number}.txt").write_text(text)
    run("clean", *(f"{number}.txt" for number in range(6)))
    unchanged = Answer(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    server: Server = serve(site(a=[page(ARTICLE, b'ETag: "1"'), unchanged], b=page(ARTICLE.replace("竹", "藤"))))
    capture(f"{server.url}/a", f"{server.url}/b")
    capture(f"{server.url}/a")
    run("archive", "reclean", "--rules", "rules.toml")
    for number in range(3):
        run("archive", "add", "--every", "1d", f"https://paper.example/{number}")
        run("archive", "run")
    items = [event["item"] for event in run("archive", "review", "list", "--json").events]
    assert len(items) > 2
    for item in items[:3]:
        run("archive", "review", "accept", item)
    (folder / "collection/rules/learned").mkdir(parents=True)
    with Collection.open("collection") as collection:
        collection.change_file("rules/learned/a-0a1b2c3d.toml", lambda _: LEARNED.encode())
    return folder / "collection"


def content(file: Path) -> Any:
    """Return all that can be read from a catalogue; None where something cannot."""
    try:
        with closing(sqlite3.connect(file)) as index:
            index.text_factory = bytes
            if index.execute("PRAGMA integrity_check").fetchone() != (b"ok",):
                return None
            schema = index.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
            names = [row[1].decode() for row in schema if row[0] == b"table"]
            # Numbers of rows to which nothing refers say no more than the order.
            tables = {name: [row[name in {"cleaning", "event"} :] for row in index.execute(f"SELECT * FROM {name}")]
                      for name in names}  # fmt: skip
            return schema, tables, index.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return None


def change(whole: bytes, chance: random.Random) -> tuple[str, bytes | None]:
    """Return what was done to a file, and what is in it then, which is something else; None where it is gone."""
    while True:
        kind = chance.choice(KINDS)
        place = chance.randrange(len(whole))
        length = chance.randrange(1, min(len(whole), 600) + 1)
        head, piece, rest = whole[:place], whole[place : place + length], whole[place + length :]
        lines = whole.splitlines(keepends=True)
        one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
        changed = {
            "byte": head + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :],
            "bit": head + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :],
            "cut": head,
            "behind": whole + chance.randbytes(length),
            "insert": head + chance.randbytes(1) + whole[place:],
            "swap": head + rest[:length] + piece + rest[length:],
            "double": head + piece + piece + rest,
            "zero": head + bytes(len(piece)) + rest,
            "line": b"".join(chance.choice([lines[:one] + lines[one + 1 :], [*lines[:one], lines[two], *lines[one:]]])),
            "empty": b"",
            "gone": None,
        }[kind]
        if changed != whole:
            return f"{kind} at {place}, {length} long", changed


def test_a_change_is_found_wherever_it_is(run: Callable, kept: Path) -> None:
    chance = random.Random(1)
    kinds: dict[str, list[Path]] = {}
    for each in sorted(kept.rglob("*")):
        if each.is_file() and each.stat().st_size and each.name not in CACHES:
            kinds.setdefault(each.name if each.parent == kept else each.relative_to(kept).parts[0], []).append(each)
    assert run("archive", "verify", "--rules", "rules.toml").code == 0
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(FLIPS):
        kind = sorted(kinds)[number % len(kinds)]  # each kind as often as any other, whatever its size
        file = chance.choice(kinds[kind])
        whole = file.read_bytes()
        how, changed = change(whole, chance)
        before = content(file) if file.suffix == ".sqlite" else None
        if changed is None:
            file.unlink()
        else:
            file.write_bytes(changed)
        result = run("archive", "verify", "--rules", "rules.toml", "--json")
        found = result.code != 0
        assert result.code in {0, 1, 2, 3}, result
        assert "Traceback" not in result.err, result.err
        if kind == "catalogue.sqlite" and not found:
            assert content(file) == before, f"{how} changed what the catalogue says"
            counts[kind, "changes nothing that can be read"] += 1
        else:
            counts[kind, "found" if found else "not found"] += 1
        if kind != "catalogue.sqlite":
            assert found, f"{how} of {file}"
        file.write_bytes(whole)
        for tail in ("-wal", "-shm"):
            file.with_name(file.name + tail).unlink(missing_ok=True)
    shutil.rmtree(kept)
    for (kind, what), count in sorted(counts.items()):
        print(f"{kind}: {count} {what}")
