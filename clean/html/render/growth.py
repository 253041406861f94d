"""Bound of what the Markdown of a page repeats: addresses, and cells that nothing stands in.

Markdown says in full what HTML says once for many: the address of a link around many paragraphs, a `<base>` before
every relative address, the cells that a span reaches over. A page of some kilobytes could ask for gigabytes of these,
whatever its shape, so they are counted here, all that one rendering repeats together, in characters. Where no more may
be repeated, what would be repeated is left out and nothing else: every text and every address still stands where it
stands first, and `GrowthMet` says what the reader has to do without.
"""

from typing import NamedTuple

__all__ = ["FREE", "NO_GROWTH_MET", "PER_CHARACTER", "Growth", "GrowthMet"]

FREE = 250_000
"""Characters that the smallest page may repeat. Of 1,770 pages of the open web the one that repeats most needs a tenth
of what this and the next one give it."""
PER_CHARACTER = 4
"""Characters more for each character of the page."""


class GrowthMet(NamedTuple):
    """What a rendering had to do without."""

    tables: int = 0
    """Tables whose spans are not written as cells, or whose short rows are not filled up."""
    addresses: int = 0
    """Relative addresses that stand as the page writes them."""
    links: int = 0
    """Paragraphs that a link reaches into and that do not repeat its address."""


NO_GROWTH_MET = GrowthMet()


class Growth:
    """Counts what one rendering repeats."""

    def __init__(self, size: int) -> None:
        """`size` is that of the page in characters or bytes."""
        self.left = FREE + PER_CHARACTER * size
        self.met = NO_GROWTH_MET

    def allows(self, characters: int) -> bool:
        """Return whether so many characters may still be repeated, and count them if so."""
        if characters > self.left:
            return False
        self.left -= max(0, characters)  # what becomes shorter buys nothing
        return True

    def count(self, *, tables: int = 0, addresses: int = 0, links: int = 0) -> None:
        """Note what was done without."""
        met = self.met
        self.met = GrowthMet(met.tables + tables, met.addresses + addresses, met.links + links)
