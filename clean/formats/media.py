"""Formats of text that films and songs are played with: subtitles, timed words, playlists.

Each is told by all of its lines: a text that quotes two of them and goes on in prose stays a text.
"""

import re

from clean.formats.model import first_lines

__all__ = ["tell_lyrics", "tell_playlist", "tell_subtitles"]

_MOST_LINES = 20_000
"""Lines that are looked at."""

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
# The moments at which a cue begins and ends (WebVTT, section 4.1; SRT has the same with commas). Digits parted by
# signs, each run bounded: linear.
_CUE = re.compile(rf"{_TIME}\s{{1,9}}-->\s{{1,9}}{_TIME}(?:\s.*)?")
_CUT_CUE = re.compile(r"\d{1,6}|[\d:.,]{1,20}\s{0,9}[->]{0,3}[\s\d:.,]{0,20}")
"""What may be left of the last cue where the file is cut off."""

_VTT_BLOCK = ("NOTE", "STYLE", "REGION", "X-TIMESTAMP")
_MOST_IN_CUE = 8
"""Lines of one cue: a screen has no room for more."""


def tell_subtitles(data: bytes, start: bytes) -> str:
    """Tell SRT, WebVTT and ASS."""
    if start.startswith(b"[Script Info]"):
        return _advanced(data)
    is_vtt = start.startswith(b"WEBVTT")
    if not is_vtt and (not start[:1].isdigit() or b"-->" not in start[:200]):
        return ""
    blocks = _blocks(data)
    if is_vtt:
        head, *blocks = blocks
        if head[0] != "WEBVTT" and not head[0][6].isspace():
            return ""
        blocks = [block for block in blocks if not block[0].startswith(_VTT_BLOCK)]
    if not is_vtt and not blocks:
        return ""
    strays = sum(not _is_cue(block) for block in blocks[:-1])
    if strays * 50 > len(blocks) or not (not blocks or _is_cue(blocks[-1]) or _is_cut(blocks[-1])):
        return ""
    if not is_vtt and not _is_cue(blocks[0]):
        return ""
    return "vtt" if is_vtt else "srt"


def _blocks(data: bytes) -> list[list[str]]:
    """Return the lines of a text in blocks, as empty lines part them."""
    blocks: list[list[str]] = [[]]
    for line in data[: 1024 * 1024].decode("utf-8", "replace").splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _is_cue(block: list[str]) -> bool:
    """Whether a block is a cue: its moments, behind a number or a name or not, and a few lines of text."""
    at = next((number for number, line in enumerate(block[:2]) if _CUE.fullmatch(line)), None)
    return at is not None and len(block) <= at + 1 + _MOST_IN_CUE


def _is_cut(block: list[str]) -> bool:
    return len(block) < 3 and all(map(_CUT_CUE.fullmatch, block))


# A section, a comment, or a field and its value, as in https://fileformats.fandom.com/wiki/SubStation_Alpha. One run
# of letters up to a colon: linear.
_ASS_LINE = re.compile(r"\[[\w+ ]{1,60}\]|[;!].*|[A-Za-z][\w ]{0,60}:.*|Data:.*|\s.*")


def _advanced(data: bytes) -> str:
    lines = first_lines(data, _MOST_LINES)
    if not all(_ASS_LINE.fullmatch(line.rstrip()) for line in lines):
        return ""
    return "ass" if any(line.startswith(("ScriptType:", "Dialogue:", "Format:", "Style:")) for line in lines) else ""


# A line of a song behind its moment or moments, or a field about the song. Classes that end at a bracket: linear.
_SUNG = re.compile(r"(?:\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\])+(.{0,300})")
_ABOUT_SONG = re.compile(
    r"\[(?:ti|ar|al|by|au|lr|re|ve|length|offset|id|hash|total|sign|qq|kana|tool|#):[^\]]{0,300}\]\s*"
)
_HUNDREDTHS = re.compile(r"\[\d{1,3}:\d{2}\.\d{1,3}\]")


def tell_lyrics(data: bytes, start: bytes) -> str:
    """Tell LRC: every line begins with the moment at which it is sung.

    A transcript of a talk has whole seconds and no fields about a song, so those are asked for.
    """
    if not start.startswith(b"["):
        return ""
    lines = [line.strip() for line in first_lines(data, _MOST_LINES)]
    about = sum(_ABOUT_SONG.fullmatch(line) is not None for line in lines)
    sung = [match[1] for line in lines if (match := _SUNG.fullmatch(line))]
    if len(sung) < 3 or about + len(sung) != len(lines) or sum(map(len, sung)) > 80 * len(sung):
        return ""
    return "lyrics" if about or all(_HUNDREDTHS.match(line) for line in lines) else ""


_PLAYED = (
    ".mp3",
    ".m4a",
    ".aac",
    ".flac",
    ".ogg",
    ".opus",
    ".wav",
    ".mp4",
    ".m4s",
    ".ts",
    ".mkv",
    ".webm",
    ".m3u8",
    ".m3u",
)
# An address, up to the next white space: linear.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://\S+")


def tell_playlist(data: bytes, start: bytes) -> str:
    """Tell M3U (RFC 8216 for its form in UTF-8), with its head or as names of recordings alone."""
    headed = start.startswith(b"#EXTM3U")
    lines = [line.strip() for line in first_lines(data, _MOST_LINES)]
    named = [line for line in lines if not line.startswith("#")]
    played = sum(
        line.partition("?")[0].lower().endswith(_PLAYED) or (headed and _ADDRESS.fullmatch(line) is not None)
        for line in named
    )
    if headed and lines[0].startswith(("#EXTM3U8", "#EXTM3U")) and played == len(named):
        return "playlist"
    return "playlist" if len(named) > 1 and played == len(named) == len(lines) and _short(named) else ""


def _short(lines: list[str]) -> bool:
    return all(len(line) < 300 for line in lines)
