"""The smallest pieces that a difference marks, and the sentences that they make up. Both tile the text."""

import re
from collections.abc import Sequence

from archive.diff.images import IMAGE, asset

__all__ = ["ends_sentence", "key", "lines", "sentences", "tokens", "words"]

# One token. Addresses, images, links, tags, code, words and numbers stay whole, everything else is one character with
# the marks that combine with it (a variant form of an ideograph is such a mark). Linear: each alternative's classes
# leave out its own opening character, so that a failed try ends where the next one begins.
_TOKEN = re.compile(
    r"!?\[[^\[\]\n]*\]\([^()\[\]\s]*\)"
    r"|https?://[^\s<>()\[\]{}\"'`|\\^\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"
    r"|</?[A-Za-z][^<>\n]*>"
    r"|`[^`\n]+`"
    r"|\*\*|~~"
    r"|[0-9]+(?:[.,:][0-9]+)*"
    r"|[A-Za-z\xc0-\u024f\u0300-\u036f\u0370-\u052f]+(?:['’][A-Za-z]+)*"
    r"|\r\n"
    r"|.[\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]*",
    re.DOTALL,
)

_STOPS = frozenset("。！？；…!?;｡")
_CLOSING = frozenset("”’」』）)\"'】》〉]") | {"**"}
_SPACE = frozenset(" \t\u3000\xa0")
_LINE_ENDS = frozenset(("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"))


def tokens(text: str) -> list[str]:
    """Cut a text into tokens; joined they are the text."""
    return _TOKEN.findall(text)


def key(token: str) -> str:
    """Return what a token is compared by: an image by its asset, whatever size of it the address asks for."""
    if token.startswith("![") and (image := IMAGE.fullmatch(token)):
        return f"![{image[1]}]({asset(image[2])})"
    return token


def words(text: str) -> list[str]:
    """Return the tokens that say something, as they are compared: no spaces, no punctuation, unless that is all."""
    cut = [key(token) for token in tokens(text) if not token.isspace()]
    return [token for token in cut if token[0].isalnum() or len(token) > 2] or cut


def ends_sentence(token: str) -> bool:
    """Whether a token is a stop or the end of a line."""
    return token in _STOPS or token in _LINE_ENDS


def sentences(cut: Sequence[str]) -> list[list[str]]:
    """Group tokens into sentences: they end after Chinese and Western stops, and at the end of a line."""
    found: list[list[str]] = []
    sentence: list[str] = []
    ended = False
    for place, token in enumerate(cut):
        if ended and not (token in _STOPS or token in _CLOSING or token in _SPACE or token in _LINE_ENDS):
            found.append(sentence)
            sentence, ended = [], False
        sentence.append(token)
        if token in _LINE_ENDS:
            found.append(sentence)
            sentence, ended = [], False
        elif token in _STOPS or (token == "." and place + 1 < len(cut) and cut[place + 1].isspace()):
            ended = True
    if sentence:
        found.append(sentence)
    return found


def lines(cut: Sequence[str]) -> list[list[str]]:
    """Group tokens into lines, each with its end."""
    found: list[list[str]] = [[]]
    for token in cut:
        found[-1].append(token)
        if token in _LINE_ENDS:
            found.append([])
    return found if found[-1] else found[:-1]
