"""How much a text says, whatever it is written in: units, tokens.

A word counts five, a Chinese character, a kana or a Hangul syllable three: two characters make a Chinese word more
often than one, and a floor in characters would take a short Chinese item for an accident. Whole numbers, so that sums
are the same on every machine.
"""

import re
from typing import Final

__all__ = ["WORD", "cjk_count", "tokens", "units"]

WORD: Final = 5
"""Units of one word."""
CHARACTER: Final = 3
"""Units of one character that needs no spaces around it."""

CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"

# One character class each: linear.
CHARACTERS = re.compile(rf"[{CJK}]")
WORDS = re.compile(rf"[^\W{CJK}]+")
TOKENS = re.compile(rf"[{CJK}]|[^\W{CJK}]+")


def units(text: str) -> int:
    """Return how much a text says, in units."""
    if text.isascii():
        return WORD * len(text.split())
    wide = len(CHARACTERS.findall(text))
    if not wide:
        return WORD * len(text.split())
    return WORD * len(WORDS.findall(text)) + CHARACTER * wide


def cjk_count(text: str) -> int:
    """Return the number of Chinese, Japanese and Korean characters."""
    return 0 if text.isascii() else len(CHARACTERS.findall(text))


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case; each character that needs no spaces is one."""
    return TOKENS.findall(text.lower())
