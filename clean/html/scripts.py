"""The scripts of a page, as letters that are looked through before they are read as text."""

from collections.abc import Iterator
from typing import NamedTuple

from clean.html.opened import Opened

__all__ = ["Script", "scripts_of"]


class Script(NamedTuple):
    """One script: a stretch of UTF-8, of which no copy is made before somebody wants to read it."""

    source: bytes
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.end - self.start

    @property
    def text(self) -> str:
        """The script itself, made anew each time."""
        return self.source[self.start : self.end].decode()

    def places(self, word: bytes, within: int | None = None) -> Iterator[int]:
        """Yield where a word stands, as places in `source`; `within` so many bytes from its beginning."""
        end = self.end if within is None else min(self.end, self.start + within)
        at = self.source.find(word, self.start, end)
        while at >= 0:
            yield at
            at = self.source.find(word, at + 1, end)


def scripts_of(opened: Opened) -> tuple[Script, ...]:
    """Return the scripts of a page, in its order."""
    found = []
    for element in opened.root.iter("script"):
        place = opened.programs.get(element)
        if place is not None:
            found.append(Script(opened.decoded.data, *place))
        elif element.text:
            data = element.text.encode("utf-8", "replace")
            found.append(Script(data, 0, len(data)))
    return tuple(found)
