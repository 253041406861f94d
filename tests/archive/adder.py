"""Adds snapshots to a collection: a module of the tests, and a program for those that need real processes.

python adder.py COLLECTION FIRST COUNT BATCH    prints each snapshot's name after it was reported done
"""

import sys
from hashlib import sha256
from typing import Any

from archive.collection.collection import Collection, Snapshot
from clean.document import Cleaned, State
from clean.ledger import Entry, Ledger, Removal, Span, apply_entries
from clean.source import decode

CHROME = "\n微信扫一扫\n"


def snapshot(number: int = 1, **given: Any) -> Snapshot:
    """Return a cleaned snapshot by hand: what is at the end of its text as CHROME is removed.

    `body`, `state`, `notice`, `ruleset`, `name`, `data`, `clean` (the text) set what they say; other names
    set the front matter, None leaves a key out.
    """
    body = given.pop("body", f"第{number}篇的正文。\n")
    state = State(given.pop("state", "live"))
    notice = given.pop("notice", "")
    ruleset = given.pop("ruleset", "0" * 64)
    name = given.pop("name", f"{number:03}.txt")
    clean, data = given.pop("clean", None), given.pop("data", None)
    facts = {
        "title": f"题目{number}",
        "url": f"https://mp.weixin.qq.com/s?__biz=MzI=&mid={number}&idx=1&sn=abc&chksm=1#rd",
        "source": "技术团队",
        "date": "2024-12-31",
        "fetch_date": "2025-10-06T19:41:42.929239",
        **given,
    }
    facts = {key: value for key, value in facts.items() if value is not None}
    head = "---\n" + "".join(f"{key}: {value}\n" for key, value in facts.items()) + "---\n"
    data = data or (head + body + CHROME).encode("utf-8", "surrogateescape")
    source = decode(data)
    start = source.text.rfind(CHROME)
    entries: tuple[Entry, ...] = ()
    if clean is None and start >= 0:
        entries = (Removal(Span(start, len(source.text)), "tail", "wechat.scan", 9, CHROME),)
    text = apply_entries(source.text, entries) if clean is None else clean
    markdown = text if state is State.LIVE else None
    digest = sha256((markdown or "").encode("utf-8", "replace")).hexdigest()
    ledger = Ledger(source.sha256, digest, ruleset, "xuanzhi/0.1.0", state, source.encoding, entries)
    return Snapshot(name, data, Cleaned(state, "wechat", markdown, facts, ledger, notice, ()))


def main() -> None:
    """Add `COUNT` snapshots from number `FIRST` in batches of `BATCH`."""
    folder, first, count, batch = sys.argv[1], *map(int, sys.argv[2:5])
    with Collection.open(folder) as collection:
        for start in range(first, first + count, batch):
            numbers = range(start, min(start + batch, first + count))
            for added in collection.add([snapshot(number) for number in numbers]):
                print(added.name, added.status, flush=True)


if __name__ == "__main__":
    main()
