"""The names of what is measured of a block, in the order of a row.

The model file names its features, so neither this order nor a name can move without fitting it again.
"""

from typing import Final

from clean.html.generic.names import GROUPS
from clean.html.generic.phrases import SUBJECTS_ABOVE

__all__ = ["NAMES", "WHOLE"]

OWN: Final = (
    "units", "linked", "links", "media", "closed", "capitals", "word length", "marks", "kind", "heading", "sight",
    "repeats", "is title", "in description", "in data", "nearest title", "good", "says date",
)  # fmt: skip
AROUND: Final = ("units after", "linked after", "good after", "kind after", "to good after", "linked around")
ABOVE: Final = tuple(
    f"{what} above {far}" for far in (0, 1, 2, 3, 5) for what in ("units", "linked", "share", "good", "blocks")
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
    *AROUND,
    *ABOVE,
    *LIKE,
    *PLACE,
    *(f"in {group}" for group in GROUPS),
    *(f"under {subject}" for subject in SUBJECTS_ABOVE),
    *WHOLE,
)
