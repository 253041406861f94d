"""Specimens: what a page holds and the Markdown it becomes, compared whole. The fixtures are files to read."""

from pathlib import Path

import pytest

pytest.importorskip("lxml")

import lxml.html

from clean.html.render import Options, render
from clean.rules import built_in

FIXTURES = Path(__file__).parent / "fixtures"


def specimens() -> list[tuple[str, str, str]]:
    """Return (file:line title, HTML, Markdown); in a file they stand as: title, dot, HTML, dot, Markdown, dot."""
    found = []
    for path in sorted(FIXTURES.glob("*.md")):
        lines = path.read_text(encoding="utf-8").split("\n")
        dots = [number for number, line in enumerate(lines) if line == "."]
        assert len(dots) % 3 == 0, path
        for first, second, third in zip(dots[::3], dots[1::3], dots[2::3], strict=True):
            title = f"{path.stem}:{first} {lines[first - 1]}"
            found.append((title, "\n".join(lines[first + 1 : second]), "\n".join(lines[second + 1 : third])))
    return found


@pytest.mark.parametrize(("title", "page", "markdown"), specimens())
def test_specimen(title: str, page: str, markdown: str) -> None:
    root = lxml.html.fromstring(f"<div>{page}</div>")
    rendered = render(root, Options(base="https://e.org/dir/page"))
    dropped = [f"{one.rule}: {' '.join(one.text.split())}" for one in rendered.dropped]
    # What was left out stands below the Markdown, behind a line of its own.
    got = rendered.markdown + "".join(f"✂ {line}\n" for line in dropped)
    assert got.replace("  \n", "⏎\n").rstrip("\n") == markdown.rstrip("\n")
    assert {one.rule for one in rendered.dropped} <= built_in().by_id.keys()


def test_image_addresses_are_the_callers_business() -> None:
    root = lxml.html.fromstring(
        '<p><img data-croporisrc="https://e.org/whole.png" data-src="https://e.org/part.png"></p>'
    )
    whole = Options(image_address=lambda image: image.get("data-croporisrc") or image.get("data-src"))
    assert render(root, whole).markdown == "![](https://e.org/whole.png)\n"
    assert render(root).markdown == "![](https://e.org/part.png)\n"


def test_the_root_may_be_hidden() -> None:
    root = lxml.html.fromstring(
        '<div id="js_content" style="visibility: hidden; opacity: 0; display: none"><p>正文</p></div>'
    )
    assert render(root).markdown == "正文\n"


def test_a_dropped_text_is_found_by_its_path() -> None:
    root = lxml.html.fromstring('<div><p>一</p><section><p style="display:none">二</p></section></div>')
    (dropped,) = render(root).dropped
    (node,) = root.getroottree().xpath(dropped.path)
    assert (node.text, dropped.text, dropped.rule) == ("二", "二", "html.hidden")


def test_the_tree_stays_as_it_is() -> None:
    page = "<div><p>一<b>二</b></p><script>x</script><ul><li>三</li></ul></div>"
    root = lxml.html.fromstring(page)
    render(root)
    assert lxml.html.tostring(root, encoding="unicode") == page
