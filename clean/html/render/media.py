"""Embedded media and WeChat cards, each as one line: kind, name, address."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from lxml.etree import _Element

from clean.html.render.model import PLAIN, TEXT, Formatting, InlinePiece, Link
from clean.html.render.reader import SKIP, Enter, Reader, Skip, has_content
from clean.html.render.visible import hosted_address, is_placeholder

__all__ = [
    "CARDS",
    "CardLine",
    "add_card_line",
    "card_line",
    "enter_card",
    "enter_component",
    "enter_frame",
    "enter_medium",
    "frame_line",
    "medium_line",
]


# A card is an element without text of its own: name and address are attributes. `CARDS` says for each tag which; a
# new card is a new line of the table.


VOICE = "https://res.wx.qq.com/voice/getvoice?mediaid="
WECHAT = "https://mp.weixin.qq.com"
NO_PAGE = frozenset(("", "about:blank", "#"))
# A video's id at Tencent: letters and digits; WeChat's own have a prefix.
VIDEO_ID = re.compile(r"[A-Za-z0-9_]{4,64}$")


class CardLine(NamedTuple):
    """A card as a line: its words, where they lead, its cover."""

    words: str
    address: str = ""
    cover: str = ""
    note: str = ""
    """What is said about it, after its name."""


@dataclass(frozen=True, slots=True)
class Card:
    """Where a card keeps what a reader sees; of several attributes the first that is there counts."""

    label: str
    name: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    cover: tuple[str, ...] = ()
    length: str = ""
    """The attribute with the playing time."""
    unit: int = 1000
    """How many of its units are a second."""
    address: Callable[[_Element], str] = lambda element: ""


def voice_address(element: _Element) -> str:
    """Return where a voice message can be heard."""
    number = element.get("voice_encode_fileid")
    return VOICE + number.strip() if number and number.strip() else ""


def song_address(element: _Element) -> str:
    """Return the page of a song."""
    number = element.get("mid") or element.get("data-mid")
    return f"https://y.qq.com/n/ryqq/songDetail/{number}" if number else element.get("audiourl") or ""


def own_address(element: _Element) -> str:
    """Return an address that the card names itself."""
    given = element.get("data-url") or element.get("data-link") or element.get("data-src") or element.get("href") or ""
    return given if given.startswith(("http://", "https://")) else ""


def own_video(element: _Element) -> str:
    """Return where a video of WeChat's own is shown."""
    given = element.get("data-src") or element.get("src") or ""
    if given.startswith("/mp/"):
        return WECHAT + given
    number = element.get("data-mpvid") or element.get("vid") or ""
    if not VIDEO_ID.match(number):
        return given if given.startswith("http") else ""
    return f"{WECHAT}/mp/readtemplate?t=pages/video_player_tmpl&action=mpvideo&vid={number}"


AUDIO = Card(
    "音频", ("name", "data-name"), ("author",), (), ("cover", "data-cover"), "play_length", 1000, voice_address
)
MUSIC = Card("音乐", ("music_name", "data-music_name", "name"), ("singer", "data-singer"), (),
             ("albumurl", "data-albumurl"), "", 1, song_address)  # fmt: skip
VIDEO = Card("视频", ("data-title", "data-desc", "title"), ("data-nickname",), (), ("data-cover",), "", 1, own_video)

CARDS: Mapping[str, Card] = {
    "mpvoice": AUDIO,
    "mp-common-mpaudio": AUDIO,
    "qqmusic": MUSIC,
    "mp-common-qqmusic": MUSIC,
    "mp-common-clmusic": MUSIC,
    "mpvideo": VIDEO,
    "mp-video": VIDEO,
    "mp-common-videosnap": Card(
        "视频号", ("data-desc", "data-title"), ("data-nickname",), (), ("data-cover",), "", 1, own_address
    ),
    "mp-common-profile": Card("公众号", ("data-nickname",), ("data-alias",), ("data-signature",), ("data-headimg",)),
    "mp-miniprogram": Card(
        "小程序", ("data-miniprogram-title", "data-miniprogram-nickname"), (), (), ("data-miniprogram-imageurl",)
    ),
    "mp-common-miniprogram": Card(
        "小程序", ("data-miniprogram-title", "data-miniprogram-nickname"), (), (), ("data-miniprogram-imageurl",)
    ),
    "mp-common-product": Card(
        "商品", ("data-title", "data-name", "data-productname"), (), ("data-price",), ("data-cover", "data-img"), "", 1,
        own_address,
    ),
    "mp-common-redpacket": Card("红包封面", ("data-title", "data-name", "data-desc"), (), (), ("data-coverurl",)),
    "mp-common-sticker": Card("表情", ("data-desc", "data-name"), (), (), ("data-emoji_url",)),
    "mp-common-poi": Card("地点", ("data-name",), (), ("data-address",)),
    "mp-common-search": Card("搜一搜", ("data-keyword", "data-keywords")),
}  # fmt: skip


def first_attribute(element: _Element, names: tuple[str, ...]) -> str:
    """Return the first of these attributes that says anything; WeChat escapes them twice."""
    for name in names:
        given = " ".join(html.unescape(element.get(name) or "").split())
        if given:
            return given
    return ""


def playing_time(value: str | None, unit: int) -> str:
    """Return a length as minutes and seconds."""
    if not value or not value.strip().isascii() or not value.strip().isdigit() or len(value) > 12:
        return ""
    seconds = round(int(value) / unit)
    return f"{seconds // 60:02d}:{seconds % 60:02d}" if seconds else ""


def card_line(element: _Element) -> CardLine | None:
    """Return the line of a card; None for an element that is no card, or one that names nothing."""
    tag = str(element.tag)
    known = CARDS.get(tag)
    if known is None:
        return None
    name, author = first_attribute(element, known.name), first_attribute(element, known.author)
    cover = unquote(first_attribute(element, known.cover)) if known.cover else ""
    address = known.address(element)
    if not (name or address or cover):
        return None
    length = playing_time(element.get(known.length), known.unit) if known.length else ""
    about = "，".join(part for part in (author, length) if part)
    words = f"{known.label}：{name}" if name else known.label
    return CardLine(words + (f"（{about}）" if about else ""), address, cover, first_attribute(element, known.note))


def frame_line(element: _Element) -> CardLine | None:
    """Return the line of an `iframe`: a video, a poll, or whatever page it shows; None if it shows none."""
    given = (element.get("data-src") or element.get("src") or "").strip()
    names = element.get("class") or ""
    title = first_attribute(element, ("data-title", "title", "aria-label"))
    cover = unquote(element.get("data-cover") or "")
    if "vote_iframe" in names or "newappmsgvote" in given:
        return CardLine("投票", WECHAT + given if given.startswith("/") else given)
    number = element.get("data-mpvid") or ""
    query = given.partition("?")[2].partition("#")[0]
    video = parse_qs(query, max_num_fields=None).get("vid", [""])[0] if len(query) < 4000 else ""
    if number.startswith("wxv_") or video.startswith("wxv_"):
        return CardLine(f"视频：{title}" if title else "视频", own_video(element) or given, cover)
    if "v.qq.com" in given and VIDEO_ID.match(video):
        return CardLine(f"视频：{title}" if title else "视频", f"https://v.qq.com/x/page/{video}.html", cover)
    if given.lower() in NO_PAGE or given.lower().startswith(("javascript:", "data:", "about:")):
        return None
    return CardLine(title or given, given, cover)


def medium_line(element: _Element) -> CardLine | None:
    """Return the line of a `video`, `audio`, `embed` or `object`."""
    given = element.get("src") or element.get("data-src") or element.get("data") or ""
    if not given:
        source = next((one for one in element.iterdescendants("source", "embed") if one.get("src")), None)
        given = source.get("src") or "" if source is not None else ""
    given = given.strip()
    cover = (element.get("poster") or element.get("data-poster") or "").strip()
    if not given or given.lower().startswith(("javascript:", "data:", "blob:")):
        return CardLine("", "", cover) if cover else None
    return CardLine(
        first_attribute(element, ("title", "aria-label", "data-title")) or plain_address(given), given, cover
    )


def plain_address(address: str) -> str:
    """Return an address as the words of its own link: without its query, which may be long."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return address.partition("?")[0] if parts.query else address


def enter_card(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Add a card's line; a card that says nothing is a box with whatever is in it."""
    line = card_line(element)
    if line is None:
        reader.end_paragraph()
        if element.tag in CARDS and not has_content(element):
            return SKIP
        if not has_content(element) and str(element.tag).startswith("mp-common-"):
            add_card_line(reader, CardLine(str(element.tag).removeprefix("mp-common-")), formatting)
            reader.end_paragraph()
            return SKIP
        return Enter(formatting, reader.end_paragraph)
    add_own_line(reader, line, formatting)
    return reader.drop_content(element, "html.card-interface")


DRAWN_CARDS = frozenset(("qqmusic_area", "audio_area", "db_audio_area", "video_area", "audio_card"))
"""Classes of what WeChat's script draws behind a card."""


def is_drawn_card(element: _Element) -> bool:
    """Return whether an element is a card as a script has drawn it, right behind the card itself, in a saved page."""
    before = element.getprevious()
    if before is None or before.tag not in CARDS or DRAWN_CARDS.isdisjoint((element.get("class") or "").split()):
        return False
    return card_line(before) is not None


OF_COMPONENTS = frozenset(("title", "alt", "src", "data-src", "poster", "srcset"))
"""Attributes of a component that its line has."""


def enter_component(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip | None:
    """Enter an element of a component that is a picture or a medium (AMP, lite-youtube); None for any other."""
    kind = str(element.tag).rpartition("-")[2]
    if kind in ("img", "anim", "image"):
        where = reader.options.image_address(element)
        if not where or is_placeholder(where):
            return None
        reader.add_image(reader.resolve(where), formatting, element.get("alt") or "", element.get("title") or "")
        return reader.drop_content(element, "html.fallback", OF_COMPONENTS)
    hosted = hosted_address(element)
    if hosted:
        line: CardLine | None = CardLine(
            first_attribute(element, ("title", "playlabel", "aria-label")) or hosted, hosted
        )
    elif kind == "iframe":
        line = frame_line(element)
    else:
        line = medium_line(element) if kind in ("video", "audio", "player") else None
    if line is None:
        return None
    add_own_line(reader, line, formatting)
    return reader.drop_content(element, "html.fallback", OF_COMPONENTS)


def enter_frame(reader: Reader, element: _Element, formatting: Formatting) -> Skip:
    """Add the link of a frame."""
    line = frame_line(element)
    if line is None:
        return reader.drop(element, "html.fallback")
    add_own_line(reader, line, formatting)
    return reader.drop_content(element, "html.fallback")


def enter_oembed(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Add the link of what CKEditor embeds by its address alone, for a script to show."""
    address = (element.get("url") or "").strip()
    if not address:
        return Enter(formatting)
    add_own_line(reader, CardLine(address, address), formatting)
    return reader.drop_content(element, "html.fallback")


def enter_medium(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Add the link of a video, a sound or an embedded object."""
    line = medium_line(element)
    if line is None:
        return Enter(formatting) if element.tag == "object" else reader.drop(element, "html.fallback")
    if is_embedded_picture(element, line.address):
        alt = first_attribute(element, ("title", "aria-label", "data-title"))
        reader.add_image(reader.resolve(line.address), formatting, alt)
        return reader.drop_content(element, "html.fallback")
    add_own_line(reader, line, formatting)
    return reader.drop_content(element, "html.fallback")


# The end of an address that is a picture's: of its path, or WeChat's word for the format; bounded alternatives.
PICTURE_ADDRESS = re.compile(r"\.(?:svg|png|jpe?g|gif|webp)$|[?&]wx_fmt=(?:svg|png|jpe?g|gif|webp)", re.IGNORECASE)


def is_embedded_picture(element: _Element, address: str) -> bool:
    """Return whether an `embed` or `object` shows a picture, which stands in its sentence as an `img` does."""
    if element.tag not in ("embed", "object"):
        return False
    kind = (element.get("type") or element.get("data-type") or "").lower()
    return kind.startswith(("image/", "svg")) or PICTURE_ADDRESS.search(address) is not None


def add_own_line(reader: Reader, line: CardLine, formatting: Formatting) -> None:
    """Add the line of a card as a paragraph of its own."""
    reader.end_paragraph()
    add_card_line(reader, line, formatting)
    reader.end_paragraph()


def add_card_line(reader: Reader, line: CardLine, formatting: Formatting) -> None:
    """Add the line of a card to the paragraph."""
    formatting = PLAIN._replace(link=formatting.link)
    if line.address:
        formatting = formatting._replace(link=Link(reader.resolve(line.address)))
    if line.cover:
        reader.add_image(reader.resolve(line.cover), formatting)
        reader.flow.append(InlinePiece(TEXT, " ", formatting))
    words = reader.resolve(line.words) if line.words.startswith("//") else line.words
    reader.flow.append(InlinePiece(TEXT, words, formatting))
    if formatting.link is not None:
        formatting.link.used = True
    if line.note:
        reader.flow.append(InlinePiece(TEXT, " " + line.note, PLAIN))
