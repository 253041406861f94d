"""Rendering of archived Markdown as safe HTML.

Two walls stand one behind the other. The parser knows no HTML, except five tags that our own Markdown has. What it
made goes through a sanitiser with a closed list of tags, attributes and schemes.
"""

from collections.abc import Callable, MutableMapping, Sequence
from functools import cache, partial
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

from xuanzhi.review.rows import shown

__all__ = ["OWN_TAGS", "render_markdown"]

OWN_TAGS = ("<strong>", "</strong>", "<em>", "</em>", "<br>")
"""Where CommonMark's own marks would not show what the author meant, our Markdown has these tags."""

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code", "em"),
    *("strong", "s", "a", "img", "span", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "loading", "width"},
    "ol": {"start"},
    "span": {"class"},
    "td": {"align"},
    "th": {"align"},
}
_SCHEMES = {"http", "https", "mailto"}

Pictures = Callable[[str], str]
"""Gives the address here of a picture that the collection has; empty where it has none."""


def render_markdown(markdown: str, pictures: Pictures, *, missing: str, root: str = "") -> Markup:
    """Return a Markdown text, without front matter, as safe HTML.

    `missing` is the word for a picture that is not in the collection; its alternative text and its address are shown,
    and nothing is fetched. `root` is how the paths of our own pictures begin.
    """
    html = _parser().render(shown(markdown, lines=True), {"pictures": pictures, "missing": missing})
    return Markup(  # the one place where text of others becomes HTML
        nh3.clean(
            html,
            tags=_TAGS,
            clean_content_tags={"script", "style"},
            attributes=_ATTRIBUTES,
            allowed_classes={},
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer nofollow",
            attribute_filter=partial(_kept, f"{root}/picture/"),
        )
    )


def _kept(ours: str, tag: str, name: str, value: str) -> str | None:
    """Keep our own pictures alone, whose addresses begin with `ours`, and the one class of ours."""
    if tag == "img" and name == "src":
        return value if value.startswith(ours) else None
    if name == "class":
        return value if value == "missing" else None
    return value


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("autolink", "own_tag", _own_tag)
    parser.add_render_rule("image", _picture)
    return parser


def _own_tag(state: StateInline, silent: bool) -> bool:  # the parser's own signature
    """Read one of our five tags; every other stays text."""
    for tag in OWN_TAGS:
        if state.src.startswith(tag, state.pos):
            if not silent:
                state.push("html_inline", "", 0).content = tag
            state.pos += len(tag)
            return True
    return False


def _picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    words = renderer.renderInlineAsText(token.children or [], options, env)
    here = env["pictures"](address)
    if here:
        return str(Markup('<img src="{}" alt="{}" loading="lazy">').format(here, words))
    label = " ".join(part for part in (env["missing"], words) if part)
    return f'<span class="missing">[{escape(label)}] {escape(address)}</span>'
