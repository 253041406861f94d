"""The counter-example for a rule that wrongly left out a piece of a page: that piece, in a page of a few lines.

Apart from `proposals.py` because it needs the HTML parser.
"""

from collections.abc import Iterator

from lxml import etree, html

from clean.html.decode import decode_page
from clean.html.parse import parse_page
from clean.ledger import NodeRemoval
from clean.rules import Ruleset
from xuanzhi.review.proposals import LONGEST, Proposal, counter_example, fires

__all__ = ["wrong_node"]

_PAGES = (
    '<html><body><div id="js_article"><div id="js_content"><p>正文。</p></div></div>{}</body></html>',
    '<html><body><div id="js_article"><div id="js_content"><p>正文。</p>{}</div></div></body></html>',
)
"""Small articles, with a piece behind the content or in it."""


def wrong_node(page: bytes, node: NodeRemoval, ruleset: Ruleset) -> Proposal | None:
    """Return a counter-example for the rule of a node; None where the rules in use have no such rule.

    The smallest of these on which the rule fires: the element in a page of a few lines, the whole page.
    """
    rule = ruleset.by_id.get(node.rule)
    if rule is None:
        return None
    cuts = [text for text in _cuts(page, node) if len(text) <= LONGEST]
    for text in cuts:
        if fires(rule, text, ruleset):
            return Proposal(counter_example(rule, text), True, False)
    return Proposal(counter_example(rule, cuts[0] if cuts else node.text), False, False)


def _cuts(page: bytes, node: NodeRemoval) -> Iterator[str]:
    decoded = decode_page(page)
    try:
        found = parse_page(decoded.data).root.xpath(node.path)
    except etree.XPathError:  # the place of a node in the page's data
        found = []
    for element in found if isinstance(found, list) else ():
        if isinstance(element, html.HtmlElement):
            piece = html.tostring(element, encoding="unicode", with_tail=False)
            yield from (frame.format(piece) for frame in _PAGES)
    yield decoded.text
