"""Text as the full-text index has it: tokens between blanks, the same for what is kept and for what is asked.

Chinese has no blanks between words, and nobody can say for certain where one ends. So every ideograph is a token, and a
word is a phrase of them: words of one character, of two, or of ten are found alike, wherever they stand. What was
measured against other ways, over 100,000 articles of 2,000 characters each (`benchmarks/looking.py` measures this one):

| way | size | adding | finding |
| --- | --- | --- | --- |
| an ideograph a token | 319 MB | 1.0 ms an article | all; 1 to 54 ms |
| two neighbours a token | 453 MB | 1.6 ms | all; 1 to 4 ms, but 250 ms for one frequent character |
| SQLite's `trigram` | 1,030 MB (from 30,000) | 2.3 ms | no word of fewer than three characters |

Kana and Hangul are split likewise; letters and digits of other scripts make whole words. Full and half width, upper
and lower case are one (NFKC, then case folding). Punctuation that ends a clause, and an empty line, are a token too, so
that no word is found across them; all other marks are nothing, so that emphasis inside of a word does not hide it.
"""

import re
import unicodedata

__all__ = ["BREAK", "LETTER", "SINGLE", "phrases", "tokens"]

BREAK = "¶"

SINGLE = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Characters that are tokens by themselves, as ranges for an expression: ideographs, kana, bopomofo, Hangul."""

LETTER = rf"[^\W_{SINGLE}]"
"""Any other letter or digit, as an expression."""

# What ends a clause, or an empty line, with all marks behind it. Marks and letters share no character: linear.
_END = re.compile(r"(?:[,.!?;:。、]|\n\s*\n)[\W_]*")

# A token. Alternatives begin with different characters: linear.
_TOKEN = re.compile(rf"{BREAK}|[{SINGLE}]|{LETTER}+")

# A part of a query: what stands in quotation marks, or what stands between blanks. Each stops at the next mark: linear.
_PART = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』|(\S+)')


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _TOKEN.findall(_END.sub(f" {BREAK} ", text))


def phrases(query: str) -> list[tuple[str, ...]]:
    """Return what a query asks for, each a phrase of tokens: words between blanks, or what stands in quotation marks.

    Nothing where it holds no letter, digit or ideograph.
    """
    found: dict[tuple[str, ...], None] = {}
    for match in _PART.finditer(query):
        phrase = tokens(match[match.lastindex or 0])
        while phrase and phrase[0] == BREAK:
            del phrase[0]
        while phrase and phrase[-1] == BREAK:
            del phrase[-1]
        if phrase:
            found[tuple(phrase)] = None
    return list(found)
