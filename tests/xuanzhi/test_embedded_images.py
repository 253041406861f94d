"""Images that a page holds in itself, from the page to the collection, its backup and its exports."""

import base64
import json
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from scripted import Server
from small_site import page as served
from small_site import site

from archive.collection.reader import CollectionReader

pytestmark = pytest.mark.slow

TEXT = "".join(
    f"<p>第{n}种竹纸要先浸泡，再蒸煮，捞纸时手要稳，晒纸时火要匀，七十二道工序才成一张纸。</p>" for n in range(9)
)


def image(seed: int) -> bytes:
    """A PNG by its head, which is all that is read of one of this size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2\0\0\0" + Random(seed).randbytes(6000)


def name_of(data: bytes) -> str:
    return f"files/sha256-{sha256(data).hexdigest()}.png"


def page(title: str, *seeds: int) -> str:
    pictures = "".join(
        f'<p>图{seed}：<img alt="图" src="data:image/png;base64,'
        f'{base64.b64encode(image(seed)).decode()}">如上。</p>{TEXT}'
        for seed in seeds
    )
    return (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title><link rel="canonical" href="https://paper.example/{title}">'
        f"<article><h1>{title}</h1>{TEXT}{pictures}</article>"
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture
def kept(run: Callable, folder: Path) -> Path:
    """A collection of two pages that share an image."""
    (folder / "竹纸.html").write_text(page("竹纸", 1, 2))
    (folder / "藤纸.html").write_text(page("藤纸", 2))
    assert run("clean", "竹纸.html", "藤纸.html").code == 0
    return folder / "collection"


IMAGES = {f"paper.example/{name_of(image(seed))}": image(seed) for seed in (1, 2)}


def images(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(root).items() if "/files/" in name}


def codes(run: Callable, *more: str) -> list[str]:
    return [each["code"] for each in run("archive", "verify", "--json", *more).events if each["event"] == "finding"]


def test_the_files_lie_beside_the_texts_that_show_them(kept: Path, run: Callable) -> None:
    assert images(kept / "markdown") == IMAGES
    texts = [text.decode() for name, text in tree(kept / "markdown").items() if name.endswith(".md")]
    assert sorted(text.count("![图](files/sha256-") for text in texts) == [1, 2]
    assert all(len(text) < 4000 for text in texts)
    assert codes(run) == []


def test_a_file_that_is_gone_or_changed_is_found_and_made_again(kept: Path, run: Callable) -> None:
    first, second = sorted(images(kept / "markdown"))
    (kept / "markdown" / first).unlink()
    (kept / "markdown" / second).write_bytes(b"another one")
    assert sorted(set(codes(run))) == ["image-changed", "image-missing"]
    run("archive", "verify", "--repair")
    assert codes(run) == []
    edited = str(Path(second).with_suffix(".edited.png"))
    assert images(kept / "markdown") == IMAGES | {edited: b"another one"}


def test_reindexing_makes_them_from_the_pages(kept: Path, run: Callable) -> None:
    shutil.rmtree(kept / "markdown")
    (kept / "catalogue.sqlite").unlink()
    assert run("archive", "reindex").code == 0
    assert run("archive", "verify", "--repair").code == 0
    assert images(kept / "markdown") == IMAGES


def test_recleaning_leaves_them(kept: Path, run: Callable) -> None:
    assert run("archive", "reclean").code == 0
    assert images(kept / "markdown") == IMAGES


def test_backups_and_exports_take_them_along(kept: Path, run: Callable, folder: Path) -> None:
    assert run("archive", "backup", "copy").code == 0
    assert images(folder / "copy" / "markdown") == IMAGES
    assert run("archive", "export", "bagit", "bag").code == 0
    assert images(folder / "bag" / "data" / "markdown") == IMAGES
    assert run("archive", "export", "ro-crate", "crate").code == 0
    assert images(folder / "crate" / "markdown") == IMAGES
    assert run("archive", "export", "markdown", "texts").code == 0
    assert images(folder / "texts" / "markdown") == IMAGES


def test_a_wacz_has_them_beside_the_texts(capture: Callable, serve: Callable, run: Callable) -> None:
    server: Server = serve(site(a=served(page("竹纸", 1, 2))))
    capture(f"{server.url}/a")
    assert run("archive", "export", "wacz", "all.wacz").code == 0
    with zipfile.ZipFile("all.wacz") as file:
        inside = {name: file.read(name) for name in file.namelist() if "/files/" in name}
    assert inside == {f"markdown/{name.partition('/')[2]}": data for name, data in IMAGES.items()}


def test_an_export_of_one_article_leaves_the_images_of_others(kept: Path, run: Callable, folder: Path) -> None:
    run("archive", "export", "markdown", "texts")
    assert run("archive", "export", "markdown", "texts", "藤纸").code == 0
    assert images(folder / "texts" / "markdown") == IMAGES


def test_a_text_from_another_collection_names_images_that_nothing_here_holds(kept: Path, run: Callable) -> None:
    text = next(path for path in (kept / "markdown").rglob("*.md") if "藤纸" in path.name).read_text()
    Path("藤纸.md").write_text(text)
    assert run("clean", "-c", "other", "藤纸.md").code == 0
    assert codes(run, "-c", "other") == []


def test_a_folder_of_results_has_them_too(run: Callable, folder: Path) -> None:
    Path("竹纸.html").write_text(page("竹纸", 1, 1, 2))
    result = run("clean", "-o", "out", "--json", "竹纸.html")
    assert sorted(tree(folder / "out")) == sorted(["竹纸.md", *(name_of(image(seed)) for seed in (1, 2))])
    assert result.events[0]["files"] == [
        {"path": name_of(image(seed)), "media_type": "image/png", "length": len(image(seed))} for seed in (1, 2)
    ]


def test_a_check_of_a_folder_looks_at_its_images_too(run: Callable, folder: Path) -> None:
    Path("竹纸.html").write_text(page("竹纸", 1, 2))
    run("clean", "-o", "out", "竹纸.html")
    assert run("clean", "--check", "-o", "out", "竹纸.html").code == 0
    first, second = (folder / "out" / name_of(image(seed)) for seed in (1, 2))
    first.unlink()
    assert run("clean", "--check", "-o", "out", "竹纸.html").code == 1
    assert not first.exists()
    (result,) = run("clean", "-o", "out", "--json", "竹纸.html").events
    assert result["status"] == "written"
    second.write_bytes(b"another one")
    assert run("clean", "--check", "-o", "out", "竹纸.html").code == 1
    run("clean", "-o", "out", "竹纸.html")
    assert (first.read_bytes(), second.read_bytes()) == (image(1), image(2))
    (result,) = run("clean", "-o", "out", "--json", "竹纸.html").events
    assert result["status"] == "unchanged"


ADDRESS = f"data:image/png;base64,{base64.b64encode(image(3)).decode()}"
WORDS = [f"第{n}种竹纸要先浸泡，再蒸煮，捞纸时手要稳，晒纸时火要匀。" for n in range(7)]
IN_DATA = {
    "HTML": "".join(f"<p>{words}</p>" for words in WORDS) + f'<p><img alt="图" src="{ADDRESS}"></p>',
    "Markdown": "\n\n".join(["## 做法", *WORDS, f"![图]({ADDRESS})", "- [竹](https://paper.example/b)"]),
    "an editor's nodes": {
        "type": "doc",
        "content": [
            *({"type": "paragraph", "content": [{"type": "text", "text": words}]} for words in WORDS),
            {"type": "image", "attrs": {"src": ADDRESS, "alt": "图"}},
        ],
    },
}


@pytest.mark.parametrize("form", IN_DATA)
def test_an_image_in_the_data_of_a_page_is_a_file_too(form: str, run: Callable, folder: Path) -> None:
    data = json.dumps({"props": {"pageProps": {"post": {"title": "竹纸", "content": IN_DATA[form]}}}})
    Path("a.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>竹纸</title><div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'
    )
    assert run("clean", "-o", "out", "a.html").code == 0
    assert f"![图]({name_of(image(3))})" in (folder / "out" / "a.md").read_text()
    assert (folder / "out" / name_of(image(3))).read_bytes() == image(3)


def test_on_standard_output_a_warning_says_where_they_are(run: Callable) -> None:
    Path("竹纸.html").write_text(page("竹纸", 1))
    result = run("clean", "--stdout", "竹纸.html")
    assert f"![图]({name_of(image(1))})" in result.out
    assert f"1 image that the page holds in itself stands as {name_of(image(1))}" in result.err


def test_the_review_page_shows_them(kept: Path) -> None:
    pytest.importorskip("starlette", reason="pip install '.[review]'")
    from xuanzhi.review.view_captures import Picture, known_images, read_picture

    with CollectionReader.open(kept) as collection:
        known = known_images(collection, [name_of(image(1)), "https://paper.example/elsewhere.png", name_of(image(9))])
        assert known == {name_of(image(seed)): sha256(image(seed)).hexdigest() for seed in (1, 9)}
        assert read_picture(collection, sha256(image(1)).hexdigest()) == Picture(image(1), "image/png")
        assert read_picture(collection, sha256(image(9)).hexdigest()) is None
