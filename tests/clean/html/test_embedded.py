"""Images that a page holds in itself: files in the Markdown, digests in the ledger, spacers gone with a rule."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.document import Cleaned
from clean.html.embedded import LARGE, is_spacer, split_data
from clean.page import clean_page

SENTENCES, MORE = (
    "".join(
        f"<p>第{n}种竹纸要先浸泡，再蒸煮，捞纸时手要稳，晒纸时火要匀，一张纸要经七十二道工序才成。</p>"
        for n in range(first, first + 8)
    )
    for first in (1, 9)
)


def png(width: int, height: int, pixel: Callable[[int, int], bytes], colour: int = 2) -> bytes:
    """A PNG of 8 bits a sample, drawn by a function of column and row."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def noise(seed: int, side: int = 40) -> bytes:
    """A PNG of random pixels, which hardly packs."""
    random = Random(seed)
    return png(side, side, lambda x, y: random.randbytes(3))


def in_base64(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def name_of(data: bytes, suffix: str = "png") -> str:
    return f"files/sha256-{hashlib.sha256(data).hexdigest()}.{suffix}"


def cleaned(body: str, *, head: str = "") -> Cleaned:
    page = f"<!doctype html><html lang=zh><meta charset=utf-8><title>竹纸</title>{head}<body><article><h1>竹纸</h1>"
    return clean_page(f"{page}{body}</article>".encode(), url="https://paper.example/zhu")


def body_of(result: Cleaned) -> str:
    assert result.markdown is not None
    return result.markdown.partition("\n---\n")[2]


def with_image(tag: str) -> Cleaned:
    return cleaned(f"{SENTENCES}<p>图一：{tag}捞纸的人站在槽边，双手端着竹帘，一荡一提就是一张湿纸。</p>{MORE}")


PICTURE = noise(1)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><text x="1" y="9">' + "浸泡".encode()
    + b"</text>" + b'<path d="M0 0L9 9"/>' * 120 + b"</svg>"
)  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "data", "suffix"),
    [
        (f'<img alt="捞纸" src="{in_base64(PICTURE)}">', PICTURE, "png"),
        (f'<img alt="捞纸" src="{in_base64(PICTURE, "IMAGE/png;charset=utf-8")}">', PICTURE, "png"),
        (f'<img alt="捞纸" src="data:image/png,{quote(PICTURE)}">', PICTURE, "png"),
        (f'<img alt="捞纸" src="data:image/jpeg;base64,{quote(base64.b64encode(PICTURE).decode())}">', PICTURE, "png"),
        (f'<img alt="捞纸" src="data:;base64,{base64.b64encode(PICTURE).decode().rstrip("=")}">', PICTURE, "png"),
        (f'<img alt="捞纸" src="data:image/svg+xml,{quote(SVG)}">', SVG, "svg"),
        (f'<img alt="捞纸" src="{in_base64(SVG, "image/svg+xml")}">', SVG, "svg"),
        (f'<img alt="捞纸" src="data:," srcset="{in_base64(PICTURE)} 2x">', PICTURE, "png"),
        (f'<picture><source srcset="{in_base64(PICTURE)}"><img alt="捞纸"></picture>', PICTURE, "png"),
        (f"<img alt=\"捞纸\" src=\"data:,\" style='background-image:url({in_base64(PICTURE)})'>", PICTURE, "png"),
    ],
)  # fmt: skip
def test_large_data_stand_as_a_file_in_the_markdown(tag: str, data: bytes, suffix: str) -> None:
    result = with_image(tag)
    assert f"图一：![捞纸]({name_of(data, suffix)})捞纸的人" in body_of(result)
    assert [(file.path, file.data) for file in result.shown_files()] == [(name_of(data, suffix), data)]


def test_an_image_that_stands_twice_is_one_file() -> None:
    tag = f'<img src="{in_base64(PICTURE)}">'
    result = cleaned(f"{SENTENCES}<p>甲{tag}</p>{MORE}<p>乙{tag}丙</p>{SENTENCES}")
    assert body_of(result).count(name_of(PICTURE)) == 2
    assert len(result.files) == 1


def test_a_page_of_images_makes_a_text_and_a_ledger_of_ordinary_size() -> None:
    pictures = "".join(f'<p>第{n}张<img src="{in_base64(noise(n, 130))}">如上。</p>{SENTENCES}' for n in range(12))
    hidden = f'<div style="display:none"><img src="{in_base64(noise(77, 130))}"></div>'
    result = cleaned(pictures + hidden)
    assert len(result.shown_files()) == 12
    assert len(result.files) == 13
    assert len(body_of(result).encode()) < 40_000
    assert len(result.ledger.to_json_lines()) < 4_000
    assert [node.text for node in result.ledger.nodes if node.text.startswith("data:")] == [
        f"data:image/png,sha256-{hashlib.sha256(noise(77, 130)).hexdigest()} ({len(noise(77, 130)):,} bytes)"
    ]


def test_a_short_image_stays_as_it_is() -> None:
    small = in_base64(noise(3, 20))
    assert len(small) < LARGE
    result = with_image(f'<img alt="印" src="{small}">')
    assert f"![印]({small})" in body_of(result)
    assert result.files == ()


def test_a_real_image_of_few_bytes_is_no_stand_in() -> None:
    chart = png(300, 90, lambda x, y: b"\0\0\0" if y == 45 or x == 150 else b"\xff\xff\xff")
    assert len(in_base64(chart)) < 1000
    assert f"![流程图]({in_base64(chart)})" in body_of(with_image(f'<img alt="流程图" src="{in_base64(chart)}">'))


ROW = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.mark.parametrize(
    "address",
    [
        f"data:image/gif;base64,{ROW}",
        in_base64(png(1, 1, lambda x, y: b"\0\0\0\0", 6)),
        in_base64(png(640, 360, lambda x, y: b"\0\0\0\0", 6)),
        in_base64(png(300, 200, lambda x, y: b"\xee\xee\xee")),
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 3 2'%3E%3C/svg%3E",
    ],
)
def test_spacers_and_counting_pixels_go_with_a_rule(address: str) -> None:
    result = with_image(f'<img src="{address}">')
    assert "![" not in body_of(result)
    assert result.files == ()
    assert [(node.rule, node.text) for node in result.ledger.nodes] == [("html.placeholder-image", address)]


@pytest.mark.parametrize("data", ["iVBORw0KGgo" + "!" * 3000, "A" * 4001, "AB=C" * 900])
def test_broken_data_leave_their_words_and_are_named(data: str) -> None:
    address = f"data:image/png;base64,{data}"
    result = with_image(f'<img alt="碑拓" src="{address}">')
    assert "图一：碑拓捞纸的人" in body_of(result)
    digest = hashlib.sha256(address.encode()).hexdigest()
    assert [(node.rule, node.text) for node in result.ledger.nodes] == [
        ("html.broken-data", f"data:,sha256-{digest} ({len(address):,} undecoded bytes)")
    ]


def test_another_address_wins_over_a_blurred_copy() -> None:
    blurred = in_base64(noise(5, 10))
    result = with_image(f'<img src="{blurred}" srcset="/img/zhi.jpg 2x">')
    assert "图一：![](https://paper.example/img/zhi.jpg)捞纸" in body_of(result)


def test_a_background_in_a_box_without_text_is_a_file() -> None:
    result = cleaned(
        f"{SENTENCES}<div style=\"width:90px;background:no-repeat url('{in_base64(PICTURE)}')\"></div>{MORE}"
    )
    assert f"![]({name_of(PICTURE)})" in body_of(result)


def test_an_image_that_singlefile_keeps_in_a_variable_stands_where_it_stood() -> None:
    sheet = f'<style>:root{{--sf-img-3: url("{in_base64(PICTURE)}")}}</style>'
    empty = quote('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><rect fill-opacity="0"/></svg>')
    tag = (
        f'<img alt="去重的图" src="data:image/svg+xml,{empty}" '
        'style="background-image: var(--sf-img-3) !important;background-size:cover">'
    )
    result = cleaned(f"{SENTENCES}<p>甲{tag}乙</p>{MORE}<p>丙{tag}丁</p>{SENTENCES}", head=sheet)
    assert f"甲![去重的图]({name_of(PICTURE)})乙" in body_of(result)
    assert f"丙![去重的图]({name_of(PICTURE)})丁" in body_of(result)
    assert len(result.files) == 1


def test_wechat_pages_too() -> None:
    page = (
        '<html><head><meta charset="utf-8"></head><body><h1 id="activity-name">竹纸</h1><div id="js_content">'
        f'<p>先浸泡，再蒸煮。</p><p><img data-src="{in_base64(PICTURE)}"></p>'
        f'<section style="background-image:url({in_base64(noise(9))})"><br></section>'
        "<p>晒纸时火要匀。</p></div></body></html>"
    )
    result = clean_page(page.encode())
    assert body_of(result).strip() == "\n\n".join(
        ["# 竹纸", "先浸泡，再蒸煮。", f"![]({name_of(PICTURE)})", f"![]({name_of(noise(9))})", "晒纸时火要匀。"]
    )


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=draws(60))
def test_data_are_read_as_they_were_written(data: bytes, encoded: bool) -> None:
    address = in_base64(data, "x/y") if encoded else f"data:x/y,{quote(data)}"
    read = split_data(address)
    assert (read.data if read else b"") == data


@given(
    st.integers(3, 40), st.integers(3, 40), st.binary(min_size=4, max_size=4), st.sampled_from([(0, 1), (2, 3), (6, 4)])
)
@settings(max_examples=draws(60))
def test_an_image_of_one_colour_is_a_spacer_and_of_two_is_none(
    width: int, height: int, colour: bytes, form: tuple[int, int]
) -> None:
    kind, samples = form
    one = colour[:samples]
    other = bytes(255 - each for each in one)
    assert is_spacer(png(width, height, lambda x, y: one, kind))
    assert not is_spacer(png(width, height, lambda x, y: other if (x, y) == (width - 1, height - 1) else one, kind))
