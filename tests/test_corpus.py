"""The laws of cleaning over a folder of real pages, where there is one.

    XUANZHI_PAGES=FOLDER pytest tests/test_corpus.py

The folder holds pages (.html, .mhtml) or sets of them (.jsonl.xz, one object with `html` a line).
"""

import json
import lzma
import os
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from clean.errors import SourceError
from clean.page import clean_page
from clean.pipeline import clean
from clean.rules import built_in

FOLDER = os.environ.get("XUANZHI_PAGES", "")
check = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "clean" / "html" / "conserved.py")))


def pages(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                yield f"{path.name}:{number}", json.loads(line)["html"].encode()
    else:
        yield path.name, path.read_bytes()


FILES = [path for path in sorted(Path(FOLDER).iterdir()) if path.suffix in {".html", ".mhtml", ".xz"}] if FOLDER else []


@pytest.mark.skipif(not FOLDER, reason="XUANZHI_PAGES names no folder of pages")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_page_obeys_the_laws(path: Path) -> None:
    broken = []
    for name, data in pages(path):
        try:
            cleaned = clean_page(data)
        except SourceError:
            continue
        lost, pictures = check.missing(data, cleaned)
        if lost or pictures:
            broken.append((name, "not conserved", lost[:3], pictures[:3]))
        if not {node.rule for node in cleaned.ledger.nodes} <= built_in().by_id.keys():
            broken.append((name, "unknown rule", [], []))
        text = cleaned.markdown
        if text is not None and clean(text.encode(), profile=cleaned.profile).markdown != text:
            broken.append((name, "changes when cleaned again", [], []))
    assert not broken
