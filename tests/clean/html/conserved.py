"""Whether a page is conserved: every visible text and every image is in the Markdown or in the ledger.

The page is read a second time here, by rules of our own that are simpler than those of the code under test.
"""

import re
from collections import Counter
from urllib.parse import unquote, urljoin

import lxml.html
from markdown_it import MarkdownIt

from clean.document import Cleaned
from clean.html.opening import open_page
from clean.html.render.visible import image_address
from clean.ledger import Removal

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# What no reader sees; the same in every browser.
SILENT = {"script", "style", "noscript", "template", "textarea", "title", "head", "math", "option", "select"}

# White space and characters without width or ink.
BLANK = re.compile(r"[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
                   r"\u3164\ufe00-\ufe0f\ufeff\uffa0\x00-\x1f\x7f-\x9f\ue000-\uf8ff]")  # fmt: skip


def ink(text: str) -> str:
    """Return what of a text can be seen."""
    return BLANK.sub("", text)


def texts(root: lxml.html.HtmlElement) -> list[str]:
    """Every text node that a reader may see, in the order of the page."""
    found = []
    stack: list[tuple[lxml.html.HtmlElement, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            found.append(node.tail or "")
            continue
        if node is not root:
            stack.append((node, True))
        if not isinstance(node.tag, str) or node.tag in SILENT:
            continue
        found.append(node.text or "")
        stack += [(child, False) for child in reversed(node)]
    return [text for text in map(ink, found) if text]


def shown(markdown: str) -> tuple[str, str]:
    """Return the text that a Markdown shows, and all addresses in it."""
    text, addresses = [], []
    for token in MARKDOWN.parse(markdown):
        if token.type in ("fence", "code_block", "html_block"):
            text.append(re.sub(r"<[^>]+>", "", token.content) if token.type == "html_block" else token.content)
        for child in token.children or []:
            if child.type in ("text", "code_inline"):
                text.append(child.content)
            elif child.type == "image":
                text.append(child.content)
                addresses.append(str(child.attrs["src"]))
            elif child.type == "link_open":
                addresses.append(str(child.attrs["href"]))
    # A footnote mark is `[^1]` here and a raised number where footnotes are known.
    return ink("".join(text)).replace("[^", "["), "\n".join(addresses)


def missing(data: bytes, cleaned: Cleaned) -> tuple[list[str], list[str]]:
    """Return the text nodes and the images of a page that are neither in its Markdown nor in its ledger."""
    root = open_page(data).root
    body = root.find("body")
    page = root if body is None else body
    kept, addresses = shown(cleaned.markdown or "")
    taken = ink("\n".join(node.text for node in cleaned.ledger.nodes))
    rewritten = ink("".join(entry.text for entry in cleaned.ledger.entries))
    # What was rendered and turned out to be no article is in the ledger as Markdown.
    removed = "".join(shown(entry.text)[0] for entry in cleaned.ledger.entries if isinstance(entry, Removal))
    lost = [text for text in texts(page) if not in_either(text, kept, taken + removed)]
    short = Counter("".join(texts(page))) - Counter(kept + taken + rewritten)
    lost += [f"{character} {count} times" for character, count in sorted(short.items())]
    everywhere = plain(addresses + "\n".join(node.text for node in cleaned.ledger.nodes))
    base = cleaned.fact("url")
    pictures = []
    for image in page.iter("img"):
        if any(above.tag == "template" for above in image.iterancestors()):
            continue
        where = image_address(image)
        if where and plain(where) not in everywhere and plain(_joined(base, where)) not in everywhere:
            pictures.append(where)
    return lost, pictures


def plain(url: str) -> str:
    """Return an address as it is however it is written."""
    return BLANK.sub("", unquote(url))


def in_either(text: str, kept: str, taken: str) -> bool:
    """Whether a text is in one of the two, or a note's number at its beginning in the ledger and the rest kept."""
    if text in kept or text in taken:
        return True
    return any(text[:size] in taken and text[size:] in kept for size in range(1, 6))


def _joined(base: str, where: str) -> str:
    try:
        return urljoin(base, where)
    except ValueError:
        return where
