"""A difference as `patch` and other tools read it: the unified format, by lines. What moved went and came."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from archive.diff.lcs import common

__all__ = ["unified"]

CONTEXT = 3
"""Lines around a change, as diff -u has."""

_NO_END = "\\ No newline at end of file"


def unified(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without their ends; nothing where the texts are equal."""
    if old == new:
        return
    first, second = _lines(old), _lines(new)
    yield f"--- {old_name}"
    yield f"+++ {new_name}"
    for here, there, matches in _hunks(first, second):
        yield f"@@ -{_range(here)} +{_range(there)} @@"
        place, other = here.start, there.start
        for match in [*matches, (here.stop, there.stop)]:
            for line in first[place : match[0]]:
                yield from _line("-", line)
            for line in second[other : match[1]]:
                yield from _line("+", line)
            if match[0] < here.stop:
                yield from _line(" ", first[match[0]])
            place, other = match[0] + 1, match[1] + 1


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _line(mark: str, line: str) -> Iterator[str]:
    yield mark + line.removesuffix("\n")
    if not line.endswith("\n"):
        yield _NO_END


def _range(lines: range) -> str:
    """A hunk's lines, as POSIX diff -u writes them."""
    if len(lines) == 1:
        return str(lines.start + 1)
    return f"{lines.start + 1 if lines else lines.start},{len(lines)}"


def _hunks(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[range, range, list[tuple[int, int]]]]:
    """Yield stretches with a change in them, and the lines in these that are the same."""
    matches = common(first, second)
    ends = [(-1, -1), *matches, (len(first), len(second))]
    changes = [place for place, (a, b) in enumerate(pairwise(ends)) if b[0] - a[0] > 1 or b[1] - a[1] > 1]
    start = 0
    while start < len(changes):
        stop = start
        while stop + 1 < len(changes) and changes[stop + 1] - changes[stop] <= 2 * CONTEXT:
            stop += 1
        low, high = max(changes[start] - CONTEXT, 0), min(changes[stop] + CONTEXT, len(matches))
        inside = matches[low:high]
        from_edge, to_edge = changes[start] < CONTEXT, changes[stop] + CONTEXT > len(matches)
        begin = (0, 0) if from_edge or not inside else inside[0]
        end = (len(first), len(second)) if to_edge or not inside else (inside[-1][0] + 1, inside[-1][1] + 1)
        yield range(begin[0], end[0]), range(begin[1], end[1]), inside
        start = stop + 1
