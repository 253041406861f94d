"""Content of a WeChat page: a node of the page, or HTML in its data.

An article's content is `#js_content`. A shared article leaves it empty and has the HTML in its data. Posts of pictures,
text, sound and film have no such node, or only a header in it; their content is in the data, and is put together here
as the HTML that an article would have.
"""

from collections.abc import Iterable, Mapping
from html import escape, unescape
from typing import Any, NamedTuple
from urllib.parse import quote

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.html.model import CutReason, NodePlaces
from clean.html.parse import parse_fragment
from clean.html.wechat.data import ArticleKind, PageParts
from clean.rules import Ruleset

__all__ = ["CHROME", "FRAME", "ContentPart", "chrome_in", "content_of", "selected", "selectors"]

_MEDIA = (
    "img", "svg", "iframe", "video", "audio", "embed", "mpvoice", "mpvideo", "mp-video", "qqmusic", "mp-miniprogram",
    "mp-common-mpaudio", "mp-common-videosnap", "mp-common-profile", "mp-common-qqmusic", "mp-common-sticker",
)  # fmt: skip

# Frames of content, where no #js_content is; the first is the platform's own class.
_FRAMES = ("rich_media_content", "rich_media_area_primary_inner")


class ContentPart(NamedTuple):
    """One tree that holds content."""

    element: HtmlElement
    origin: str
    """`page`, or the path in the page's data, such as `cgiDataNew.content_noencode`."""
    places: NodePlaces
    """Names of its nodes."""


def content_of(page: PageParts) -> tuple[ContentPart, ...]:
    """Return the trees that hold content, in reading order; none for a page without any."""
    if page.kind is ArticleKind.TEXT:
        parts = _text_post(page)
    elif page.kind is ArticleKind.IMAGE:
        parts = _image_post(page)
    elif page.kind is ArticleKind.ARTICLE:
        parts = ()
    else:
        parts = _media_post(page)
    return parts or _article(page)


def _article(page: PageParts) -> tuple[ContentPart, ...]:
    node = page.places.by_id("js_content")
    is_header = node is not None and page.places.by_id("js_text_title") is not None
    if node is not None and not is_header and _says(node):
        return (ContentPart(node, "page", page.places),)
    if found := _from_data(page, "content_noencode", markup=page.kind is ArticleKind.ARTICLE):
        return found
    if node is not None or page.places.by_id("js_article") is not None:
        named = [element for name in _FRAMES[:1] for element in page.by_class(name)]
        return next(((ContentPart(element, "page", page.places),) for element in named if _says(element)), ())
    for name in _FRAMES:
        for element in page.by_class(name):
            if _says(element):
                return (ContentPart(element, "page", page.places),)
    body = page.root.find("body")
    if body is not None and _is_inner(body):
        return (ContentPart(body, "page", page.places),)
    return ()


def _is_inner(body: HtmlElement) -> bool:
    """Whether a page is nothing but an article's inside: its text is in the editor's own elements."""
    pictures = body.xpath("boolean(.//img[contains(@data-src, 'mmbiz') or contains(@src, 'mmbiz')])")
    return bool(pictures or body.xpath("boolean(.//span[@leaf] | .//section[@nodeleaf] | .//*[@data-mpa-powered-by])"))


def _says(node: HtmlElement) -> bool:
    """Whether a node holds something to read, see or hear."""
    silent = {"script", "style", "noscript", "template"}
    for element in node.iter():
        if element.tag in _MEDIA:
            return True
        if isinstance(element.tag, str) and element.tag not in silent and (element.text or "").strip():
            return True
        if element is not node and (element.tail or "").strip():
            return True
    return False


def _text_post(page: PageParts) -> tuple[ContentPart, ...]:
    return (
        _from_data(page, "text_page_info.content_noencode", markup=False)
        or _from_data(page, "content_noencode", markup=False)
        or _from_data(page, "text_page_info.content", markup=False)
        or _from_data(page, "title", markup=False)
    )


def _image_post(page: PageParts) -> tuple[ContentPart, ...]:
    pictures = [_picture(item) for item in page.data.mappings(".picture_page_info_list")]
    shown = _made("".join(pictures), "picture_page_info_list")
    return shown + (_from_data(page, "content_noencode", markup=False) or _from_data(page, "desc", markup=False))


def _picture(item: Mapping[str, Any]) -> str:
    """One picture of a post. Its `share_cover` and `watermark_info` are other renderings of the same."""
    url = unescape(str(item.get("cdn_url") or ""))
    size = {f"data-{key[0]}": str(item.get(key) or "") for key in ("width", "height")}
    return f"<p>{_tag('img', {'data-src': url, **size})}</p>" if url.startswith("http") else ""


def _media_post(page: PageParts) -> tuple[ContentPart, ...]:
    sounds = [_sound(item) for item in page.data.mappings(".voice_in_appmsg")]
    films = _film(page) if page.kind is ArticleKind.VIDEO else ""
    made = _made("".join([*sounds, films]), "voice_in_appmsg" if any(sounds) else "video_page_info")
    text = _from_data(page, "content_noencode", markup=page.kind is not ArticleKind.SHORT)
    return made + (text or (_from_data(page, "desc", markup=False) if made else ()))


def _sound(item: Mapping[str, Any]) -> str:
    key = str(item.get("voice_id") or item.get("voice_encode_fileid") or item.get("file_id") or "")
    if not key:
        return ""
    values = {"voice_encode_fileid": key, "name": unescape(str(item.get("title") or item.get("name") or ""))}
    length = item.get("play_length") or item.get("duration") or ""
    return f"<p>{_tag('mpvoice', {**values, 'play_length': str(length)})}</mpvoice></p>"


def _film(page: PageParts) -> str:
    info = page.data.first(".video_page_info")
    if not isinstance(info, dict):
        return ""
    key = str(info.get("video_id") or "")
    files = [item for item in info.get("mp_video_trans_info") or [] if isinstance(item, dict)]
    source = next((unescape(str(item.get("url") or "")) for item in files if item.get("url")), "")
    if not key and not source:
        return ""
    cover = quote(unescape(str(info.get("cover_url") or "")), safe="")
    values = {"class": "video_iframe", "data-mpvid": key, "data-cover": cover, "data-src": source}
    return f"<p>{_tag('iframe', values)}</iframe></p>"


def _from_data(page: PageParts, path: str, *, markup: bool) -> tuple[ContentPart, ...]:
    """Read HTML that the data holds, or text with some links in it, whose line ends mean line ends."""
    text = page.data.text(f".{path}")
    if not text.strip():
        return ()
    if not markup and path == "title":
        text = text.replace("\\n", "\n")
    html = text if markup else _paragraphs(text)
    part = _made(html, path)
    return part if part and _says(part[0].element) else ()


def _paragraphs(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "".join(f"<p>{'<br>'.join(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def _made(html: str, path: str) -> tuple[ContentPart, ...]:
    if not html:
        return ()
    element = parse_fragment(html)
    origin = f"cgiDataNew.{path}"
    return (ContentPart(element, origin, NodePlaces(element, origin)),)


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return f"<{name} " + " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items() if value) + ">"


# The interface of a page: which rule names a node, by its tag, its id or one of its classes.


CHROME, FRAME = "page-chrome", "page-frame"


def chrome_in(parts: Iterable[ContentPart], ruleset: Ruleset) -> Mapping[_Element, CutReason]:
    """Find the interface inside the content, each node with its rule; of nested nodes the outermost."""
    wanted = selectors(ruleset, CHROME)
    found: dict[_Element, CutReason] = {}
    for part in parts:
        for node in part.element.iterdescendants("*"):
            why = selected(node, wanted)
            if why is not None and not (found and any(above in found for above in node.iterancestors())):
                found[node] = why
    return found


def selectors(ruleset: Ruleset, *stages: str) -> Mapping[str, CutReason]:
    """Return what the rules of some stages select: a tag, `.class` or `#id`, in lower case."""

    def compiled(rules: Ruleset) -> Mapping[str, CutReason]:
        return {
            text.lower(): CutReason(stage, rule.id)
            for stage in stages
            for rule in rules.of(stage, "wechat")
            if rule.match == "selector"
            for text in rule.texts
        }

    return ruleset.compiled(f"selectors of {' and '.join(stages)}", compiled)


def selected(node: _Element, wanted: Mapping[str, CutReason]) -> CutReason | None:
    """Return why a node is interface, None where no rule selects it."""
    why = wanted.get(str(node.tag))
    if why is not None:
        return why
    if key := node.get("id"):
        why = wanted.get(f"#{key.lower()}")
    if why is None and (classes := node.get("class")):
        found = (wanted.get(f".{name}") for name in classes.lower().split())
        why = next((one for one in found if one is not None), None)
    return why
