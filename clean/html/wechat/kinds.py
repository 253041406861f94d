"""The kinds of pages that WeChat shows under one article address, and pages of other kinds that look alike."""

from enum import StrEnum

__all__ = ["ACCOUNT_PAGE", "SHARE_PAGE", "VERIFICATION_PAGE", "Kind", "kind_of"]

ACCOUNT_PAGE = "wxverify/"
"""In PAGE_MID: the page about an account and its verification."""

VERIFICATION_PAGE = "secitptpage/"
"""In PAGE_MID: the wall that asks for a person."""

SHARE_PAGE = "pages/common_share"
"""In PAGE_MID: image, text, audio and video posts since 2025, and older ones fetched since then."""


class Kind(StrEnum):
    """What an article mainly is."""

    ARTICLE = "article"
    VIDEO = "video"
    MUSIC = "music"
    AUDIO = "audio"
    IMAGE = "image"
    TEXT = "text"
    SHORT = "short"


# `item_show_type`, as WeChat's own scripts name it.
_SHOWN = {
    0: Kind.ARTICLE,
    5: Kind.VIDEO,
    6: Kind.MUSIC,
    7: Kind.AUDIO,
    8: Kind.IMAGE,
    10: Kind.TEXT,
    17: Kind.SHORT,
}

# What the classes of <body> and of the content's frame say where no script is left. Longest first.
_CLASSES = (
    ("page_share_img", Kind.IMAGE),
    ("page_share_text", Kind.TEXT),
    ("page_share_audio", Kind.AUDIO),
    ("page_share_video", Kind.VIDEO),
    ("page_share_music", Kind.MUSIC),
    ("share_content_page", Kind.IMAGE),
)


def kind_of(show_type: object, classes: str = "") -> Kind:
    """Tell the kind from `item_show_type`, else from the classes of the page's frame."""
    if isinstance(show_type, str | int | float) and str(show_type).strip().isdecimal():
        number = str(show_type).strip()
        if len(number) < 4 and int(number) in _SHOWN:
            return _SHOWN[int(number)]
    names = classes.split()
    return next((kind for name, kind in _CLASSES if name in names), Kind.ARTICLE)
