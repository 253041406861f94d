"""WACZ files in WACZ files, broken downloads of them, and zip files that hold no records."""

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from foreign import page, wacz, zipped

pytestmark = pytest.mark.slow

Run = Callable[..., Any]


def package(path: str, *inner: str) -> None:
    """Write a package of packages."""
    digests = {each: sha256(Path(each).read_bytes()).hexdigest() for each in inner}
    entries = [{"name": Path(each).name, "path": Path(each).name, "hash": f"sha256:{digests[each]}"} for each in inner]
    with zipfile.ZipFile(path, "w") as file:
        for each in inner:
            file.write(each, Path(each).name)
        file.writestr("datapackage.json", json.dumps({"profile": "multi-wacz-package", "resources": entries}))


def counts(run: Run, name: str) -> tuple[int, int, int]:
    """Return how many pages the commands find: `clean`, `archive import`, and how many records the latter."""
    cleaned = [each for each in run("clean", "--json", "-o", f"out-{name}", name).events if each["event"] == "cleaned"]
    done = run("archive", "import", "--json", "-c", f"c-{name}", name).events
    pages = [each for each in done if each["event"] == "page" and each["state"] == "live"]
    return len(cleaned), len(pages), sum(sum(each["records"].values()) for each in done if each["event"] == "imported")


def test_packages_of_packages(run: Run) -> None:
    wacz(Path("one.wacz"), [("archive/a.warc.gz", zipped(page(1), page(2)))])
    wacz(Path("two.wacz"), [("archive/a.warc", page(3))])
    package("both.wacz", "one.wacz", "two.wacz")
    assert counts(run, "both.wacz") == (3, 3, 3)
    package("deep.wacz", "both.wacz")
    assert counts(run, "deep.wacz") == (3, 3, 3)
    assert run("archive", "verify", "deep.wacz").code == 0
    wacz(Path("both.wacz"), [("archive/a.warc", page(4))])
    with zipfile.ZipFile("deep.wacz") as file:
        manifest = file.read("datapackage.json")
    with zipfile.ZipFile("other.wacz", "w") as file:
        file.write("both.wacz")
        file.writestr("datapackage.json", manifest)
    assert '"part-digest"' in run("archive", "verify", "--json", "other.wacz").out
    assert "\n# 第3种纸\n" in run("clean", "--stdout", "deep.wacz#3").out


def test_a_package_within_itself_ends(run: Run) -> None:
    wacz(Path("a.wacz"), [("archive/a.warc", page(1))])
    for _ in range(8):
        package("b.wacz", "a.wacz")
        Path("b.wacz").replace("a.wacz")
    done = run("archive", "import", "--json", "a.wacz")
    assert (done.code, done.events[0]["code"]) == (4, "no-records")


def test_damage_in_one_of_a_package(run: Run) -> None:
    inner = wacz(Path("one.wacz"), [("archive/a.warc.gz", zipped(page(1), page(2)))])
    inner.write_bytes(inner.read_bytes()[:-40])
    wacz(Path("two.wacz"), [("archive/b.warc", page(3))])
    package("both.wacz", "one.wacz", "two.wacz")
    done = run("archive", "import", "--json", "both.wacz")
    assert done.code == 3
    assert len([each for each in done.events if each["event"] == "page"]) == 3
    assert run("archive", "verify", "both.wacz").code == 4


PARTS = [("archive/a.warc.gz", zipped(page(1), page(2))), ("archive/b.warc", page(3)), ("archive/c.warc", page(4))]


def written(kind: str) -> bytes:
    """Return a WACZ as different software writes it."""

    class Stream(io.RawIOBase):  # cannot seek: sizes stand behind the files
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += data
            return len(data)

    target = Stream()
    method = zipfile.ZIP_DEFLATED if "deflated" in kind else zipfile.ZIP_STORED
    seekable = io.BytesIO()
    with zipfile.ZipFile(seekable if "sized" in kind else target, "w", method) as file:
        for name, data in PARTS:
            file.writestr(name, data)
        file.writestr("datapackage.json", json.dumps({"resources": []}))
    return seekable.getvalue() or bytes(target.data)


@pytest.mark.parametrize("kind", ["sized stored", "sized deflated", "streamed stored", "streamed deflated"])
def test_a_broken_download_is_read_as_far_as_it_goes(run: Run, kind: str) -> None:
    data = written(kind)
    Path("whole.wacz").write_bytes(data)
    assert counts(run, "whole.wacz") == (4, 4, 4)
    Path("no-directory.wacz").write_bytes(data[: data.index(b"PK\x01\x02") + 30])
    assert counts(run, "no-directory.wacz") == (4, 4, 4)
    assert run("archive", "import", "-c", "c2", "no-directory.wacz").code == 3
    last = data.index(b"archive/c.warc") + 300
    Path("cut.wacz").write_bytes(data[:last])
    cleaned, imported, records = counts(run, "cut.wacz")
    assert (cleaned, imported) == (3, 3)
    assert records in {3, 4}
    assert run("clean", "-o", "o", "cut.wacz").code == 3
    assert run("archive", "verify", "cut.wacz").code == 4
    Path("head.wacz").write_bytes(data[:20])
    done = run("archive", "import", "--json", "head.wacz")
    assert (done.code, done.events[0]["code"]) == (4, "bad-wacz")


@pytest.mark.parametrize("name", ["pictures.zip", "x.maff", "x.wacz"])
def test_a_zip_without_records_and_pages_is_refused_with_what_is_in_it(run: Run, name: str) -> None:
    with zipfile.ZipFile(name, "w") as file:
        file.writestr("a/1.png", b"\x89PNG")
        file.writestr("a/2.png", b"\x89PNG")
        file.writestr("read.me", b"pictures")
    for command in (("clean",), ("archive", "import"), ("archive", "verify")):
        done = run(*command, "--json", name)
        assert done.code == 4
        assert [(each["event"], each["code"]) for each in done.events] == [("error", "no-records")]
        assert "3 files (2 × .png, 1 × .me)" in done.events[0]["message"] or command[-1] == "verify"
        assert "pages" in done.events[0]["hint"]
