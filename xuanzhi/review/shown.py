"""Characters that nobody sees, and that change what is seen: shown, not obeyed.

A right-to-left override turns what stands behind it around, so that a text reads as another; a control character may
do anything. The names are those of the Unicode Character Database.
"""

import re

__all__ = ["shown"]

# Control characters but tab and line feed; zero width space, word joiner, byte order mark; marks, embeddings,
# overrides and isolates of direction (UAX 9); line and paragraph separators; lone surrogates. One character: linear.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def shown(text: str, *, lines: bool = True) -> str:
    """Return the text with hidden characters as `␛` or `⟨U+202E⟩`; line feeds too unless `lines`."""
    text = _HIDDEN.sub(_name, text) if _HIDDEN.search(text) else text
    return text if lines else text.replace("\n", "⏎")


def _name(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"
