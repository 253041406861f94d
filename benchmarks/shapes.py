"""How cleaning grows with hostile shapes: time, memory and output of each, at a size and at twice that size.

    python benchmarks/shapes.py [NAME …]

A shape is doubled until its cleaning takes a fifth of a second, and then once more; each size is cleaned thrice, in
a process of its own, and the best time counts. Times are seconds of one core, so other work on the machine changes them
little; the ratio is taken against the same shape in the same run. What the test suite counts instead of timing is in
tests/clean/html/test_hostile_pages.py.
"""

import os
import pickle
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from time import process_time
from typing import NamedTuple

from clean.page import clean_page
from clean.pipeline import clean

ROUNDS = 3
LONG_ENOUGH = 0.2
"""Seconds."""
LARGEST = 4_000_000
"""Bytes of the largest input."""

PROSE = "<p>墨要磨得慢，水要加得少，砚台斜着放，磨出来的墨才不会走边。</p>" * 6
FRONT = "---\nurl: https://mp.weixin.qq.com/s/x\ntitle: 磨墨\nsource: 纸墨\n---\n\n# 磨墨\n\n"
ARTICLE = "https://ink.example/2026/grinding.html"


def page(body: str, head: str = "<title>磨墨</title>") -> bytes:
    """Return a page with some prose and this."""
    return f"<html><head>{head}</head><body><article>{PROSE}{body}</article></body></html>".encode()


def script(value: str) -> bytes:
    """Return a page of WeChat's whose data hold this expression."""
    body = (
        f"<div id=js_content class=rich_media_content>{PROSE}</div><script>window.cgiDataNew = {{n: {value}}}</script>"
    )
    return f"<html><body>{body}</body></html>".encode()


def text(body: str) -> bytes:
    """Return a snapshot."""
    return (FRONT + body).encode()


SHAPES: dict[str, Callable[[int], bytes]] = {
    "paragraphs": lambda n: page("<p>墨" * n),
    "one letter each in a paragraph": lambda n: page("<p>a" * n),
    "one letter each in a cell": lambda n: page("<td>a" * n),
    "one letter each in an item": lambda n: page("<li>a" * n),
    "one letter each in a link": lambda n: page("<a href=/x>a</a>" * n),
    "line breaks": lambda n: page("<br>" * n),
    "lines across the text": lambda n: page("<hr>" * n),
    "headings of one letter": lambda n: page("<h1>墨</h1>" * n),
    "tables of one cell on a page": lambda n: page("<table><tr><td>墨</td></tr></table>" * n),
    "paragraphs in lists": lambda n: page("<ul><li>" * 300 + "<p>研墨</p>" * n),
    "paragraphs in quotations": lambda n: page("<blockquote>" * 300 + "<p>研墨</p>" * n),
    "paragraphs in boxes": lambda n: page("<div>" * 900 + "<p>研墨</p>" * n),
    "hidden paragraphs in boxes": lambda n: page("<div>" * 900 + "<p hidden>研墨</p>" * n),
    "paragraphs in noscripts": lambda n: page("<noscript>" * 900 + "<p>研墨</p>" * n),
    "links around boxes": lambda n: page("<a href=/x><div>" * n),
    "pictures in one link": lambda n: page("<a href=/x>" + "<img src=a.png>" * n + "</a>"),
    "commas in candidates": lambda n: page(f"<img srcset='{',' * 20_000}'>" * (n // 200)),
    "pictures in figures": lambda n: page("<figure><img src=a.png><figcaption>墨" * n),
    "notes": lambda n: page(
        "".join(f"<sup><a href=#n{at} id=m{at}>{at}</a></sup>" for at in range(1, n))
        + "<ol>"
        + "".join(f"<li id=n{at}>第 {at} 注 <a href=#m{at}>↩</a></li>" for at in range(1, n))
        + "</ol>"
    ),
    "a wide row above short ones": lambda n: page("<table><tr>" + "<td>墨" * n + "<tr><td>砚" * n + "</table>"),
    "spans over everything": lambda n: page("<table>" + "<tr><td colspan=999 rowspan=9999>墨<td>砚" * n + "</table>"),
    "many tables like stairs": lambda n: page(
        ("<table><tr>" + "<td>墨" * 40 + "<tr><td>砚" * 40 + "</table>") * (n // 40 + 1)
    ),
    "a title of separators": lambda n: page("<h1>磨墨</h1>", f"<title>{'|' * n}</title>"),
    "headings and a long title": lambda n: page("<h1>磨墨</h1>" * n, f"<title>{'磨' * n}</title>"),
    "a long base": lambda n: page("<a href=b>墨</a> " * n, f"<base href=https://ink.example/{'a/' * n}>"),
    "a long link": lambda n: page(f"<a href=https://ink.example/{'a/' * n}>" + "<p>墨" * n),
    "products": lambda n: script("9" + "*9" * n),
    "sums of strings": lambda n: script("'a'" + "+'a'" * n),
    "calls on a long string": lambda n: script(f"'{'a' * n}'" + ".html(false)" * n),
    "carriage returns": lambda n: text("\r" * n),
    "mixed line ends": lambda n: text("\r\n\n\r" * n),
    "headings without text": lambda n: text("# \n" * n),
    "carriage returns between letters": lambda n: text("墨\r" * n),
    "asterisks": lambda n: text("*" * n),
    "tables of one cell": lambda n: text("| 墨 |\n| --- |\n\n" * n),
}


class Measured(NamedTuple):
    """One input, cleaned."""

    seconds: float
    size: int
    """Bytes of the input."""
    written: int
    """Bytes of the Markdown."""
    peak: int
    """Largest memory of the process, in MiB."""


def work(data: bytes) -> tuple[float, int]:
    """Clean an input as often as ROUNDS says; return the best time and the size of the Markdown."""
    best, written = float("inf"), 0
    address = "https://mp.weixin.qq.com/s/x" if b"cgiDataNew" in data else ARTICLE
    for _ in range(ROUNDS):
        start = process_time()
        cleaned = clean(data) if data.startswith(b"---") else clean_page(data, url=address)
        best = min(best, process_time() - start)
        written = len((cleaned.markdown or "").encode())
    return best, written


def measure(data: bytes) -> Measured:
    """Clean an input in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        seconds, written = work(data)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        os.write(writing, pickle.dumps(Measured(seconds, len(data), written, peak)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    found = pickle.loads(answer)
    assert isinstance(found, Measured)
    return found


def main() -> None:
    """Measure all shapes, or those that are named."""
    for name in ("trafilatura", "readability"):  # what is made once is made before the processes part
        import_module(name)
    for make in (page, text):
        work(make("<p>墨</p>"))
    print(f"{'':36} {'bytes':>9} {'seconds':>8} {'ratio':>6} {'s/MB':>6} {'written':>8} {'MiB':>5}")
    for name, make_shape in SHAPES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        size = 1000
        one = measure(make_shape(size))
        while one.seconds < LONG_ENOUGH and one.size < LARGEST:
            size *= 2
            one = measure(make_shape(size))
        two = measure(make_shape(2 * size))
        ratio, rate = two.seconds / max(one.seconds, 1e-6), two.seconds / two.size * 1e6
        grown = two.written / two.size
        print(f"{name:36} {two.size:9,} {two.seconds:8.2f} {ratio:6.2f} {rate:6.2f} {grown:7.1f}× {two.peak:5}")


if __name__ == "__main__":
    main()
