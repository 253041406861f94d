"""Formats of text that hold no page, told by their content: feeds, data, programs, mail, lists.

A file is refused only where all of it leaves no doubt: prose about feeds, a page that shows JSON, a text that begins
with a header of mail stay what they are. A page begins with a tag and a snapshot mostly with `---`, so nearly all
inputs are passed after a look at their first bytes.
"""

from collections.abc import Sequence

from clean.errors import NotAPage
from clean.formats.binary import MARKS
from clean.formats.code import tell_code, tell_patch, tell_sql
from clean.formats.data import tell_csv, tell_json, tell_json_lines, tell_settings, tell_yaml
from clean.formats.lists import tell_cdx, tell_list, tell_log, tell_references, tell_robots
from clean.formats.mail import tell_mail, tell_pem, tell_signed
from clean.formats.markup import tell_xml
from clean.formats.media import tell_lyrics, tell_playlist, tell_subtitles
from clean.formats.model import FORMATS, LOOK, OtherFormat, Teller

__all__ = ["other_format", "refuse_other"]

_AFTER_DASHES: Sequence[Teller] = (tell_pem, tell_patch, tell_yaml)
"""Formats that may begin with `---`, as front matter does."""

_TELLERS: Sequence[Teller] = (
    tell_signed,
    tell_pem,
    tell_json,
    tell_json_lines,
    tell_subtitles,
    tell_lyrics,
    tell_playlist,
    tell_cdx,
    tell_mail,
    tell_robots,
    tell_log,
    tell_list,
    tell_references,
    tell_patch,
    tell_csv,
    tell_settings,
    tell_yaml,
    tell_sql,
    tell_code,
)


def refuse_other(data: bytes) -> None:
    """Raise NotAPage where these bytes are in a format that holds no page."""
    if found := other_format(data):
        raise NotAPage(f"this is {found.what}, not a page", found.name, hint=found.hint)


def other_format(data: bytes) -> OtherFormat | None:
    """Return the format of a text that is certainly no page and no snapshot; None for all others."""
    for mark, name in MARKS:
        if data.startswith(mark):
            data = data[len(mark) :] if name == "utf-8" else data[len(mark) :].decode(name, "ignore").encode()
            break
    start = data[:LOOK].lstrip()
    if not start:
        return None
    if start.startswith(b"<"):
        name = tell_xml(data, start)
    else:
        tellers = _AFTER_DASHES if start.startswith(b"---") else _TELLERS
        name = next((name for tell in tellers if (name := tell(data, start))), "")
    return FORMATS[name] if name else None
