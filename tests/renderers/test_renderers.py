"""What others make of our Markdown: markdown-it, pandoc and KaTeX read it; text and formulas are what the page has.

The specimens of the renderer are the pages: their Markdown is compared with what is wanted elsewhere, here it is read.
"""

import json
import re
import runpy
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from clean.html.render import Options, render

pytestmark = pytest.mark.slow

SPECIMENS = runpy.run_path(str(Path(__file__).parents[1] / "clean" / "html" / "render" / "test_render.py"))["specimens"]
COMMONMARK = MarkdownIt("commonmark")
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PANDOC = "commonmark+pipe_tables+strikeout+tex_math_dollars"
BLANKS = re.compile(r"[\s\u200b\u2060\ufeff\u200c\u200d\u00ad]+")
# A formula as code between dollars, which pandoc knows from version 3.1 on, and takes for part of the LaTeX before.
TICKS = re.compile(r"(`+) ?(.*?) ?\1", re.DOTALL)


class Shown(NamedTuple):
    """What a reader of Markdown shows."""

    text: str
    """All of it without white space, formulas between their dollars."""
    formulas: list[str]
    """The LaTeX of each, without white space."""


def squeezed(text: str) -> str:
    return BLANKS.sub("", text)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Give the Markdown of each specimen by its title."""
    made = {
        title: render(lxml.html.fromstring(f"<div>{page}</div>"), Options(base="https://e.org/dir/page")).markdown
        for title, page, _ in SPECIMENS()
    }
    assert len(made) > 150
    return made


@pytest.fixture(scope="module")
def by_pandoc(pandoc: str, texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Give what pandoc shows of each; one run reads them all, each for itself, with a file between two."""
    folder = tmp_path_factory.mktemp("texts")
    between = folder / "between.md"
    between.write_text("# BETWEEN\n")
    files = []
    for number, text in enumerate(texts.values()):
        file = folder / f"{number}.md"
        file.write_text(text, encoding="utf-8")
        files += [str(file), str(between)]
    command = [pandoc, "-f", PANDOC, "-t", "json", "--file-scope", *files]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    found: list[list[Any]] = [[]]
    for block in json.loads(done.stdout)["blocks"]:
        if block["t"] == "Header" and block["c"][2] == [{"t": "Str", "c": "BETWEEN"}]:
            found.append([])
        else:
            found[-1].append(block)
    assert len(found) == len(texts) + 1
    return {title: shown_by_pandoc(blocks) for title, blocks in zip(texts, found, strict=False)}


def shown_by_pandoc(blocks: list[Any]) -> Shown:
    """Read pandoc's tree: words, code, formulas; addresses and tags are not seen."""
    parts: list[str] = []
    formulas: list[str] = []
    stack: list[Any] = [blocks]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
            continue
        kind, content = (node.get("t"), node.get("c")) if isinstance(node, dict) else (None, None)
        if kind == "Str":
            parts.append(content)
        elif kind == "Math":
            ticks = TICKS.fullmatch(content[1])
            latex = ticks[2] if ticks is not None else content[1]
            dollars = "$$" if content[0]["t"] == "DisplayMath" else "$"
            formulas.append(squeezed(latex))
            parts.append(f"{dollars}{latex}{dollars}")
        elif kind == "Code":
            parts.append(content[1])
        elif kind == "CodeBlock":
            if "math" in content[0][1]:
                formulas.append(squeezed(content[1]))
            parts.append(content[1])
        elif kind in ("Link", "Image"):
            stack.append(content[1])
        elif kind == "Header":
            stack.append(content[2])
        elif kind not in ("RawInline", None):
            assert kind != "RawBlock", content
            stack.append(content)
    return Shown(squeezed("".join(parts)), formulas)


def shown_by_markdown_it(parser: MarkdownIt, text: str) -> str:
    """Return what markdown-it shows, without white space; formulas are text to it."""
    return squeezed("".join(visible_parts(parser.parse(text))))


def visible_parts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        assert token.type != "html_block", token.content
        if token.type == "image":
            yield from visible_parts(token.children or [])
        elif token.type in ("text", "code_inline", "fence", "code_block"):
            yield token.content
        elif token.type == "inline":
            yield from visible_parts(token.children or [])


def test_pandoc_shows_the_text_that_markdown_it_shows(texts: dict[str, str], by_pandoc: dict[str, Shown]) -> None:
    seen = {title: shown_by_markdown_it(GFM, text) for title, text in texts.items()}
    assert {title: shown.text for title, shown in by_pandoc.items()} == seen


# The beginning of a footnote: its label, up to the first bracket.
NOTE = re.compile(r"^\[\^([^\]\n]+)\]: ", re.MULTILINE)


def test_every_footnote_is_one_to_those_who_know_footnotes(pandoc: str, texts: dict[str, str]) -> None:
    """Without them it is a paragraph, and never the definition of a link, which would show nothing."""
    noted = {title: text for title, text in texts.items() if NOTE.search(text)}
    assert len(noted) > 12
    for title, text in noted.items():
        plain = shown_by_markdown_it(COMMONMARK, text)
        assert all(f"[^{label}]:" in plain for label in NOTE.findall(text)), title
    whole = "\n\n".join(
        re.sub(r"\[\^([^\]\n]+)\]", rf"[^{number}-\1]", text) for number, text in enumerate(noted.values())
    )
    for form in ("commonmark+footnotes+pipe_tables", "gfm"):
        done = subprocess.run([pandoc, "-f", form, "-t", "json"], input=whole.encode(), capture_output=True, check=True)
        shown = shown_by_pandoc(json.loads(done.stdout)["blocks"]).text
        assert "[^" not in shown, form
        for title, text in noted.items():
            for note in NOTE.split(text)[2::2]:
                words = shown_by_markdown_it(COMMONMARK, note.split("\n\n")[0])
                # A note on a note stands where its mark stood.
                assert all(part in shown for part in re.split(r"\[\^[^\]]+\]", words)), (form, title)


def test_without_tables_and_strikes_the_text_is_the_same(texts: dict[str, str]) -> None:
    for title, text in texts.items():
        if "~~" not in text and "| --- |" not in text:
            assert shown_by_markdown_it(COMMONMARK, text) == shown_by_markdown_it(GFM, text), title


def test_pandoc_sees_the_formulas_that_are_written_and_no_others(
    texts: dict[str, str], by_pandoc: dict[str, Shown]
) -> None:
    seen = {title: shown.formulas for title, shown in by_pandoc.items()}
    assert seen == {title: list(map(squeezed, written_formulas(text))) for title, text in texts.items()}
    assert sum(map(len, seen.values())) > 70


# What stands between dollars in a paragraph that markdown-it has read: code keeps its ticks, a dollar of the text has a
# backslash. Alternatives that begin with different characters, each bounded by its own end.
FORMULAS = re.compile(
    r"\\.|\$(`+)(.+?)\1\$|(`+)(?!`).+?(?<!`)\3(?!`)|\$\$(.+?)\$\$|\$(?!\s)([^$]+)(?<!\s)\$(?!\d)", re.DOTALL
)


def written_formulas(text: str) -> Iterator[str]:
    """Yield the LaTeX of the formulas that we mean to write, in order."""
    for token in GFM.parse(text):
        if token.type == "fence" and token.info == "math":
            yield token.content
        elif token.type == "inline":
            yield from filter(None, (one[2] or one[4] or one[5] for one in FORMULAS.finditer(token.content)))


def test_no_run_of_asterisks_is_seen(texts: dict[str, str]) -> None:
    pages = {title: page for title, page, _ in SPECIMENS()}
    for title, text in texts.items():
        if "**" not in squeezed(pages[title]):
            assert "**" not in shown_by_markdown_it(GFM, text), title


KATEX = """
const katex = require(process.argv[1]);
const said = JSON.parse(require("fs").readFileSync(0, "utf8")).map((latex) => {
  try { katex.renderToString(latex, {displayMode: true, throwOnError: true, strict: "ignore"}); return ""; }
  catch (error) { return String(error.message); }
});
console.log(JSON.stringify(said));
"""


def test_katex_reads_every_formula(texts: dict[str, str], katex: tuple[str, Path]) -> None:
    formulas = list(dict.fromkeys(latex for text in texts.values() for latex in written_formulas(text)))
    node, package = katex
    command = [node, "-e", KATEX, str(package)]
    done = subprocess.run(command, input=json.dumps(formulas).encode(), capture_output=True, check=True, timeout=120)
    refused = dict(zip(formulas, json.loads(done.stdout), strict=True))
    assert {latex: why for latex, why in refused.items() if why} == {}
    assert len(formulas) > 50


@pytest.mark.parametrize(
    "text",
    ["一次7~7.5级地震，震感可达1000~1500km。", "2^10和2^20", "a==b时c==d", "100%%与200%%", "约~5次，x^2 一个，共~6"],
)
def test_signs_in_pairs_stay_signs_in_pandocs_own_markdown(pandoc: str, text: str) -> None:
    """Others read more signs than CommonMark does: Pandoc lowers and raises, GitHub strikes out, Obsidian hides."""
    markdown = render(lxml.html.fromstring(f"<div><p>{text}</p></div>"), Options()).markdown
    command = [pandoc, "-f", "markdown-smart", "-t", "json"]
    done = subprocess.run(command, input=markdown.encode(), capture_output=True, check=True)
    assert shown_by_pandoc(json.loads(done.stdout)["blocks"]) == Shown(squeezed(text), [])
    assert '"Subscript"' not in done.stdout.decode()
    assert '"Superscript"' not in done.stdout.decode()
