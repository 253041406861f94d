"""The names of what is measured of a block, in the order of a row.

The model file names its features, so neither this order nor a name can move without fitting it again.
"""

from typing import Final

from clean.html.generic.names import GROUPS
from clean.html.generic.phrases import LEARNT

__all__ = ["NAMES", "WHOLE"]

OWN: Final = (
    "units", "linked", "links", "media", "bold", "breaks", "commas", "stops", "closed", "colon",
    "stop words", "numbers",
    "capitals", "word length", "marks", "wide", "kind", "heading", "sight", "repeats", "part of title", "is title",
    "in description", "in data", "nearest title", "good",
)  # fmt: skip
AROUND: Final = (
    *(
        f"{what} {side}{far}"
        for far in (1, 2, 3)
        for side in ("before ", "after ")
        for what in ("units", "linked", "good", "kind")
    ),
    *("good before 8", "good after 8", "to good before", "to good after", "linked around", "good around"),
)
ABOVE: Final = tuple(
    f"{what} above {far}"
    for far in (0, 1, 2, 3, 5)
    for what in ("units", "linked", "share", "sentences", "good", "blocks")
)
LIKE: Final = (
    "like", "like at", "like units", "like linked", "like far", "widest like", "widest units", "widest linked",
    "widest share", "widest at", "path blocks", "path units", "path linked", "path share", "path good",
)  # fmt: skip
PLACE: Final = (
    "place", "place in text", "depth", "in best", "to best", "below best", "best side", "in half", "to half",
    "half side", "below half", "score share", "widest score", "heading far", "heading level", "heading linked",
    "from h1",
)  # fmt: skip
WHOLE: Final = (
    "page units", "page blocks", "page linked", "page good", "best share", "half share", "second best", "wide page",
    "data article", "data forum", "data product", "data list", "has data", "paragraphs", "headings", "article boxes",
    "main boxes", "cards",
)  # fmt: skip

NAMES: Final = (
    *OWN,
    *(f"says {subject}" for subject in LEARNT),
    *AROUND,
    *ABOVE,
    *LIKE,
    *PLACE,
    *(f"in {group}" for group in GROUPS),
    *(f"under {subject}" for subject in LEARNT),
    *WHOLE,
)
