"""Large programs stay out of the parser: the tree, its lines and all text are the same as if they had not."""

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import _Element

from clean.html.opening import open_page
from clean.html.parse import ParsedPage, parse_html, parse_page
from clean.html.script_data import scripts_of
from clean.page import clean_page

LINE = "  if (a < b && c > d) { e('<p class=\"x\">宣</p>'); }\n"
PROGRAM = "\n" + LINE * 60
SIGN = "/* a program stands here: 0 */" + "\n" * PROGRAM.count("\n")

NO_CHARACTERS = {1: "", 0xFFFE: ""}
"""What libxml2 before 2.14 leaves out of a script, being no characters of XML."""


def nodes(root: _Element) -> list[tuple[object, ...]]:
    """Everything that a tree says of itself, but for the text and the lines of its scripts."""
    return [
        (
            node.tag,
            node.items(),
            *(("", node.tail) if node.tag == "script" else (node.text, node.tail, node.sourceline)),
        )
        if isinstance(node.tag, str)
        else (node.text, node.tail)
        for node in root.iter()
    ]


def read(page: str) -> tuple[ParsedPage, int]:
    """Parse a page both ways; return the short one, and how many programs were taken out of it."""
    data = page.encode()
    whole, short = parse_html(page), parse_page(data)
    assert nodes(short.root) == nodes(whole)
    texts = []
    for script in short.root.iter("script"):
        place = short.programs.get(script)
        text = data[slice(*place)].decode() if place else script.text
        texts.append(text and text.translate(NO_CHARACTERS))
    assert texts == [script.text and script.text.translate(NO_CHARACTERS) for script in whole.iter("script")]
    return short, len(short.programs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "taken"),
    [
        (f"<p>a</p><script>{PROGRAM}</script><p>b</p>", 1),
        (f"<p>a<script>{PROGRAM}</script>b<SCRIPT>{PROGRAM}</script>c</p>", 2),
        (f"<script>{PROGRAM}<\\/script>{PROGRAM}</script><p>b", 1),
        (f"<script type='text/javascript' h5only nonce=\"1\">{PROGRAM}</script><p>b", 1),
        (f"<script type=module src='//e.org/a>b.js'>{PROGRAM}</script><p>b", 1),
        (f"<svg><script>{PROGRAM}</script><text>b</text></svg>", 1),
        (f"<table><tr><script>{PROGRAM}</script><td>b</table>c", 1),
        (f"<html><body>a</body></html><script>{PROGRAM}</script><p>b", 1),
        (f"<!-- a --><script>{PROGRAM}</script><!-- c -->b", 1),
        (f"<script>{PROGRAM}</script>" * 30 + "b", 30),
        # What is not a program, or does not end for certain, stays where it is.
        ("<script>short</script>b", 0),
        (f"<script type='application/ld+json'>{PROGRAM}</script>b", 0),
        (f"<script type = \n 'application/ld+json'>{PROGRAM}</script>b", 0),
        (f"<script type{' ' * 20}=math/tex>{PROGRAM}</script>b", 0),
        (f"<script type='text/javascript' type='text/template'>{PROGRAM}</script>b", 0),
        (f"<script>{PROGRAM}</SCRIPT>b", 0),
        (f"<script>{PROGRAM}</script >b", 0),
        (f"<script>{PROGRAM}</scripts>b</script>c", 0),
        (f"<script>{PROGRAM}", 0),
        (f"<script>{PROGRAM}</scr", 0),
        (f"<script>{PROGRAM}</script", 0),
        (f"<script/>{PROGRAM}<p>b</script>c", 0),
        (f"<script a/>{PROGRAM}<p>b</script>c", 0),
        (f"<p><script></p>{PROGRAM}</script>b", 0),
        (f"<script>\r\n{PROGRAM}</script>b", 0),
        (f"<script>window.PAGE_MID='mmbizwap:a';{PROGRAM}</script>b", 0),
        (f"<script {' '.join(f'a{n}=1' for n in range(300))}>{PROGRAM}</script>b", 0),
        # Escapes within escapes: a script that speaks of scripts in a comment goes on behind its end.
        (f"<script><!--{PROGRAM}</script>b", 0),
        (f"<script>{PROGRAM}<!-- <script></script>b--></script>c", 0),
        (f"<script><!-- <script>{PROGRAM}</script>b</script>c", 0),
        (f"<script>{PROGRAM}<!--<script>{PROGRAM}</script>{PROGRAM}</script><p>b</p>", 0),
        # No script at all, to all parsers or to some (None: some take what these hold for markup).
        (f"<!-- <script>{PROGRAM}</script> -->b", 0),
        (f"<!-- <script>{PROGRAM} --><p>b</p></script>c", 0),
        (f"<!--><script>{PROGRAM}--></script><p>b</p>", 0),
        (f"<!--->a<script>{PROGRAM}</script>--><p>b</p>", 0),
        (f"<!-- a --!><script>{PROGRAM} --></script><p>b</p>", 0),
        (f"<!a <script>{PROGRAM}</script>b", 0),
        (f"<?a <script>{PROGRAM}</script>b", 0),
        (f"</ <script>{PROGRAM}</script>b", 0),
        (f"<p title='<script>'>{PROGRAM}b</p><script></script>c", 0),
        (f"<p title=\"<script>{PROGRAM}</script>\">b</p>", 0),
        (f"<p title=<script>{PROGRAM}</script>b</p>", 0),
        (f"<p title='<script>{PROGRAM}</script>b</p>", 0),
        (f"<p <script>{PROGRAM}</script>b</p>", 0),
        (f"<textarea><script>{PROGRAM}</script>b</textarea>c", 0),
        (f"<title><script>{PROGRAM}</script>b</title>c", 0),
        (f"<style><script>{PROGRAM}</script>b</style>c", 0),
        (f"<xmp><script>{PROGRAM}</script>b</xmp>c", None),
        (f"<iframe><script>{PROGRAM}</script>b</iframe>c", None),
        (f"<noscript><script>{PROGRAM}</script>b</noscript>c", 1),
        (f"<plaintext><script>{PROGRAM}</script>b", None),
        # Stand-ins that the page itself wrote.
        (f"<script>{SIGN}</script><script>{PROGRAM}</script>b", 0),
        (f"<!--{SIGN}--><script>{PROGRAM}</script>b", 0),
        (f"<script>{SIGN}{PROGRAM}</script>b", 1),
    ],
)  # fmt: skip
def test_the_tree_is_the_same(page: str, taken: int | None) -> None:
    short, count = read(page)
    assert taken is None or count == taken
    assert "b" in "".join(text for text in short.root.itertext() if "program" not in text)
    read(page + f"<script>{PROGRAM}</script><p>d<p>e")
    read(f"<script>{PROGRAM}</script><div>d\n{page}")


def test_lines_after_a_program_stay_what_they_are() -> None:
    script = f"<script>{PROGRAM}</script>\n"
    page = f"<body>{script}<p>a</p>{script}<div id=js_content>\n<p>c</div>\n{script}\n<p>b</p></body>"
    cleaned = clean_page(page.encode(), profile="wechat")
    assert [(node.text, node.line) for node in cleaned.ledger.nodes] == [("a", 63), ("b", 190)]


def test_a_program_can_still_be_read() -> None:
    page = f"<script>var a = 1;</script><p>b</p><script>{PROGRAM}</script><script></script>"
    first, second = scripts_of(open_page(page.encode()))
    assert (first.text, second.text) == ("var a = 1;", PROGRAM)
    assert [second.source[at : at + 4] for at in second.places("宣".encode(), 200)] == ["宣<".encode()] * 3


def test_data_between_programs_is_found() -> None:
    filling = "\n".join(f"  , f{n}: JsDecode('宣\\x0a')" for n in range(300))
    data = (
        "try { window.cgiDataNew = { title: JsDecode('竹纸'), item_show_type: '0' * 1, mid: '7' * 1"
        + filling
        + "}; } catch (e) {}"
    )
    bundle = PROGRAM + "window.cgiDataNew = window.cgiDataNew || {};" + PROGRAM
    page = f"<script>{bundle}</script><script>(function () {{ {data} }})();</script><div id=js_content><p>纸"
    cleaned = clean_page(page.encode(), profile="wechat")
    assert cleaned.fact("title") == "竹纸"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["<script>", "</script>", "<script>a</script>", "<script><!--", "<script " + "type " * 50, "</scripts>"]
)
def test_time_is_linear(piece: str) -> None:
    # Were it quadratic, this would take minutes.
    page = piece * (1_000_000 // len(piece))
    assert parse_page(page.encode()).root.tag == "html"
    assert parse_page(f"<script>{page}</script>".encode()).root.tag == "html"


PIECES = [
    f"<script>{PROGRAM}</script>", "<script>", PROGRAM, "</script>", "</SCRIPT >", "</script", "</title", "<!--", "-->",
    "--!>",
    "<!-->", "<title>", "</title>", "<textarea>", "</textarea>", "<style>", "</style>", "<xmp>", "</xmp>", "<p a='",
    '<p a="', "'", '"', ">", "<p>", "</p>", "宣", "\n", "<script type='", "text/template'>", "<script/>", "<svg>",
    "<![CDATA[", "]]>", "</html>", "</body>", "<html>", "<noscript>", "<iframe>", "<table>", SIGN, "<", "/", "\x01",
    "<?", "<!a", "&lt;", "<scripts>", "\ufffe", "<plaintext>", "<template>", "<frameset>",
]  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join))
@settings(max_examples=draws(400), deadline=None)
def test_any_page_is_read_alike_both_ways(page: str) -> None:
    read(page)
