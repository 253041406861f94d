"""Collections of pictures, PDF files or texts, in which there is no article, are exported in every form."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import ARC_HEAD, answer, arc, record, response, wacz, zipped
from specimens import snapshot

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

FILES: dict[str, bytes] = {
    "pictures.warc.gz": zipped(*(response(number, answer(b"\x89PNG", kind="image/png")) for number in (1, 2))),
    "documents.warc": response(1, answer(PDF, kind="application/pdf"))
    + record("resource", PDF, "Content-Type: application/pdf", number=2, url="http://paper.example/2"),
    "texts.warc.gz": zipped(
        response(1, answer("竹纸的做法".encode(), kind="text/plain; charset=utf-8")),
        record("resource", b"text", "Content-Type: text/plain", number=2, url="http://paper.example/2"),
    ),
    "pictures.arc": ARC_HEAD
    + b"".join(arc(f"http://paper.example/{n}", answer(b"GIF89a", kind="image/gif"), "image/gif") for n in (1, 2)),
    "missing.warc.gz": zipped(*(response(number, answer(b"gone", status="404 Not Found")) for number in (1, 2))),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form(run: Run, name: str) -> None:
    Path(name).write_bytes(FILES[name])
    assert run("archive", "import", name).code == 0
    for form, said in {
        "wacz": "captured responses: 2, articles: 0",
        "cdxj": "captured responses: 2, articles: 0",
        "bagit": "files: 2, articles: 0",
        "ro-crate": "files: 2, articles: 0",
        "markdown": "articles: 0, files written: 2",
    }.items():
        done = run("archive", "export", form, f"out.{form}")
        assert (done.code, done.out) == (0, f"out.{form}: {said}\n")
        assert form in {"cdxj", "ro-crate"} or run("archive", "export", form, f"out.{form}", "--check").code == 0
    addresses = [line.split()[3] for line in Path("out.cdxj").read_text().splitlines()]
    assert addresses == ['"http://paper.example/1",', '"http://paper.example/2",']
    first = Path("out.wacz").read_bytes()
    assert run("archive", "export", "wacz", "out.wacz", "--force").code == 0
    assert Path("out.wacz").read_bytes() == first

    # Another collection takes both back, and has the same records.
    assert run("archive", "import", "-c", "of-a-wacz", "out.wacz").code == 0
    assert run("archive", "verify", "-c", "of-a-wacz").code == 0
    assert run("archive", "reindex", "-c", "out.bagit/data").code == 0
    assert run("archive", "verify", "-c", "out.bagit/data").code == 0


def test_beside_snapshots(run: Run) -> None:
    Path("a.txt").write_bytes(snapshot().encode())
    assert run("clean", "a.txt").code == 0
    assert run("archive", "export", "wacz", "none.wacz").code == 2
    wacz(Path("pictures.wacz"), [("archive/a.warc.gz", FILES["pictures.warc.gz"])])
    assert run("archive", "import", "pictures.wacz").code == 0
    assert run("archive", "export", "wacz", "all.wacz").out == "all.wacz: captured responses: 2, articles: 1\n"
    with zipfile.ZipFile("all.wacz") as package:
        assert sum(each.startswith("archive/") for each in package.namelist()) == 2


def test_conditions_select_articles_alone(run: Run) -> None:
    Path("a.warc.gz").write_bytes(FILES["pictures.warc.gz"])
    run("archive", "import", "a.warc.gz")
    done = run("archive", "export", "wacz", "out.wacz", "--host", "paper.example")
    assert (done.code, "the collection holds no article yet" in done.err) == (2, True)
    assert not Path("out.wacz").exists()
