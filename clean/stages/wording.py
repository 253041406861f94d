"""What the wording of a short text says of it: whether it speaks of its subject, or to the reader about the page.

Rules know makers and usual phrases of notices (`notice`); most sites write their own. What those have in common no list
holds: they address a reader, speak of pages, accounts, visits and waiting, and name nobody. Here each word of a short
text has a weight, and so has each rule whose phrases are in it, fitted on short texts of both kinds in many languages,
all written for the purpose (`benchmarks/fit_wording.py`). What they add up to, by the root of the number of words, says
notice above a threshold. Weights are whole numbers in a plain table (`wording.json`), so that a judgement is the same
on every machine.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from math import isqrt
from typing import Final, NamedTuple

__all__ = [
    "LEAST_ELSEWHERE",
    "LEAST_POINTS",
    "Wording",
    "columns",
    "is_worded_as_notice",
    "points_of",
    "traits",
]

LEAST_POINTS: Final = 500
"""Thousandths of the logarithm of odds from which a page is a notice in whose text a rule knows a phrase: 62 in 100."""

LEAST_ELSEWHERE: Final = 2000
"""The same for a page in which no rule knows a phrase, and for what may be an article by all else: 88 in 100. Of short
texts that were not fitted on, docs/pages.md says how many are on which side."""

LEAST_WORDS: Final = 6
"""Words with a weight that a text has at least below its heads to be judged where some rule knows a phrase."""

LEAST_WORDS_ELSEWHERE: Final = 12
"""The same where none does: of a sentence or two nothing is said."""

# Scripts as columns and words need them. Classes with several wide ranges take longer to compile than an article to
# clean, so each is made when it is first used.
_WIDE: Final = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
_COLUMNS = cache(lambda: re.compile(f"[{_WIDE}]"))
# Chinese and kana, which part no words.
_IDEOGRAPHS = cache(lambda: re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"))
# Thai, Lao, Khmer and Burmese, which part only sentences.
_RUNNING = cache(lambda: re.compile("[\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f]"))
_NO_WORD = re.compile(r"[\W_]+")
# Addresses and names of hosts, whose parts are no words of the text. Possessive runs that end at a blank or a dot.
_ADDRESS = re.compile(r"https?://\S++|\b[a-z0-9-]++(?:\.[a-z0-9-]++)++")

_STEM: Final = 6
"""Letters of a word that count: what follows is mostly an ending."""
_RUN: Final = 4
"""Letters of a running script that are taken together."""
_LONGEST_WORD: Final = 8
"""Letters above which a word of a running script is several."""
_LINK_WORDS: Final = 6
"""Words of each link that count."""


class Wording(NamedTuple):
    """The words of a short text by their place."""

    heads: Sequence[str]
    """Its title and headings."""
    lines: Sequence[str]
    """Other lines that are more than a link."""
    links: Sequence[str]
    signs: Collection[str]
    """What the phrases of the rules say of it, each marked by `@`."""


def columns(text: str) -> int:
    """Return how wide a text is, as a terminal shows it: a Chinese character counts two."""
    return len(text) if text.isascii() else len(text) + len(_COLUMNS().findall(text))


def is_worded_as_notice(wording: Wording, *, reserved: bool = False) -> bool:
    """Return whether a short text speaks to its reader about the page, and not of a subject.

    `reserved` is for what is more than the page of a site: a text that another tool made, with interface words of its
    own, or a page that declares an article. Of those, some rule must know a phrase; and of a text below its heads that
    has hardly a word with a weight nothing is said.
    """
    weights = _weights()
    below = {word for line in wording.lines for word in _words(line) if word in weights}
    if len(below) < (LEAST_WORDS if wording.signs else LEAST_WORDS_ELSEWHERE) or (reserved and not wording.signs):
        return False
    least = LEAST_POINTS if wording.signs and not reserved else LEAST_ELSEWHERE
    return points_of(traits(wording), weights) >= least


def points_of(found: Collection[str], weights: Mapping[str, int]) -> int:
    """Return the points of a text with these traits.

    What has no weight counts as well: long texts have more words, not more to say, and a word that hardly any notice
    has speaks of a subject.
    """
    total = sum(weights.get(trait, 0) for trait in found)
    return weights[""] + 1000 * total // isqrt(1_000_000 * max(1, len(found)))


@cache
def _weights() -> Mapping[str, int]:
    """Return the weight of each trait; that of the empty one is the base."""
    text = resources.files("clean.stages").joinpath("wording.json").read_text("utf-8")
    weights: dict[str, int] = json.loads(text)["weights"]
    return weights


def traits(wording: Wording) -> set[str]:
    """Return what has a weight: signs, words, those of heads once more as such; those of links as such alone."""
    found = set(wording.signs)
    for line in wording.lines:
        found.update(_words(line))
    for head in wording.heads:
        words = set(_words(head))
        found |= words
        found.update(f"h:{word}" for word in words)
    for link in wording.links:
        found.update(f"l:{word}" for word in list(_words(link))[:_LINK_WORDS])
    return found


def _words(text: str) -> Iterator[str]:
    """Yield the stems of a text; of Chinese and kana all pairs and threes of characters."""
    plain = _ADDRESS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    for run in _NO_WORD.sub(" ", plain).split():
        if run.isascii():
            yield from _stems(run)
            continue
        at = 0
        for found in _IDEOGRAPHS().finditer(run):
            yield from _stems(run[at : found.start()])
            at = found.end()
            characters = found[0]
            yield from _runs(characters, 2)
            yield from _runs(characters, 3)
            if len(characters) == 1:
                yield characters
        yield from _stems(run[at:])


def _stems(word: str) -> Iterator[str]:
    if not word:
        return
    if any(map(str.isdigit, word)):
        yield "0" if word.isdigit() else "a0"  # which number it is says nothing
    elif "\uac00" <= word[0] <= "\ud7a3":
        yield word[:2]
        yield f"{word[-2:]}$"  # Korean says at the end of a word whom it speaks to
    elif len(word) > _LONGEST_WORD and _RUNNING().search(word):
        yield from _runs(word, _RUN)
    else:
        yield word[:_STEM]


def _runs(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))
