"""The kind of a page: article, documentation, forum, questions and answers, product, listing, collection, service.

How a page's content is chosen depends on what it is: an article ends, and what stands behind its end is another's; a
listing has no end. A small forest tells the kind by what is measured of a first choice, by prices, dates and questions
in it, and by the words of its address. The kinds are those of the Web Content Extraction Benchmark (M. Foley);
`benchmarks/fit_kind.py` fits the forest.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from clean.document import PageKind
from clean.html.generic.blocks import WORD
from clean.html.generic.confidence import FEATURES as CHOICE_FEATURES
from clean.html.generic.confidence import Judged, choice_features
from clean.html.generic.features import NAMES as BLOCK_NAMES
from clean.html.generic.model import POINT, Forest, load_model

__all__ = ["FEATURES", "KINDS", "LikelyKind", "kind_features", "kind_of"]

KINDS: Final = ("article", "documentation", "forum", "product", "listing", "collection", "service")
"""What the forest tells apart, in the order of its classes."""

Q_AND_A: Final = "q-and-a"
"""A forum whose page says that it is a question with answers (schema.org, `QAPage` and `Question`)."""


class LikelyKind(NamedTuple):
    """What a page most probably is, and whether it is an article."""

    page_kind: PageKind
    article: float
    """How probable it is that the page is an article, 0 to 1."""


ADDRESS_WORDS: Final = (
    ("documents", ("docs", "api", "guide", "wiki")),
    ("forum", ("forum", "thread", "topic", "question")),
    ("blog", ("blog", "news")),
    ("product", ("product", "shop")),
    ("category", ("category",)),
    ("service", ("service", "about")),
)
"""Groups of words that addresses hold, each with a name."""

FEATURES: Final = (
    *CHOICE_FEATURES,
    "prices", "kept prices", "questions", "short blocks", "dates", "kept dates", "median units", "long units",
    "subheadings", "listings", "paths", "widest path",
    "address steps", "address length", "address hyphens", "address digits", "address year",
    *(f"address {group}" for group, _ in ADDRESS_WORDS),
)  # fmt: skip
"""The names of what is measured of a page, in the order of a row. The fitted file names them too."""

_AT: Final = {name: at for at, name in enumerate(BLOCK_NAMES)}
# An amount of money: a sign and a digit, or a digit and a sign or a name. Single characters around one space: linear.
_PRICE: Final = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:[€£元円₽₩]|USD|EUR|GBP|CNY|RMB)")
_YEAR: Final = re.compile(r"/(?:19|20)\d\d/")  # as blogs and papers order what they publish
_READ: Final = 200
"""Characters of a block in which a price is looked for."""
_SHORT: Final = 8 * WORD
_LISTING: Final = 3
"""The number of `pre` among the kinds of elements (`blocks.KINDS`)."""


def kind_features(judged: Judged, texts: Sequence[str], paths: Sequence[int], address: str) -> list[float]:
    """Return the features of a page, in the order of FEATURES; `paths` has a number for the names around each block."""
    rows, kept, sizes = judged.rows, judged.kept, judged.sizes
    taken = [at for at, keep in enumerate(kept) if keep]
    count = len(taken)
    priced = [_PRICE.search(text[:_READ]) is not None for text in texts]
    dated = [row[_AT["says date"]] > 0 for row in rows]
    order = sorted(sizes[at] for at in taken)
    ways = Counter(paths[at] for at in taken)
    own = [
        sum(priced) / len(texts),
        sum(priced[at] for at in taken) / count,
        sum("?" in texts[at] or "？" in texts[at] for at in taken) / count,
        sum(size < _SHORT for size in sizes) / len(sizes),
        sum(dated),
        sum(dated[at] for at in taken),
        order[count // 2],
        order[(9 * count) // 10],
        sum(rows[at][_AT["heading"]] > 1 for at in taken) / count,
        sum(rows[at][_AT["kind"]] == _LISTING for at in taken) / count,
        len(ways) / count,
        max(ways.values()) / count,
    ]
    return [*choice_features(judged), *(round(value, 4) for value in own), *_address_features(address)]


def _address_features(address: str) -> list[float]:
    """Measure an address; -1 for the steps of its path where there is none."""
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    steps = [step for step in path.split("/") if step]
    last = steps[-1] if steps else ""
    low = address.lower()
    return [
        len(steps) if address else -1,
        len(last),
        last.count("-"),
        sum(map(str.isdigit, last)),
        int(_YEAR.search(path) is not None),
        *(int(any(word in low for word in words)) for _, words in ADDRESS_WORDS),
    ]


def kind_of(features: Sequence[float], *, asks: bool = False) -> LikelyKind:
    """Return the kind of a page with these features; `asks` says that the page declares a question with answers."""
    forests = _forests()
    points = {name: forests[name].walk(features) for name in KINDS}
    most = max(points.values())
    # Rounded before they are added, so that every machine sees the same sum.
    masses = {name: round(math.exp((each - most) / POINT), 6) for name, each in points.items()}
    total = sum(masses.values())
    best = max(KINDS, key=lambda name: (masses[name], -KINDS.index(name)))
    name = Q_AND_A if best == "forum" and asks else best
    return LikelyKind(PageKind(name, round(masses[best] / total, 2)), round(masses["article"] / total, 3))


@cache
def _forests() -> Mapping[str, Forest]:
    found: dict[str, Forest] = load_model("kind.json")["forests"]
    return found
