"""Did you mean …: the nearest known word to a mistyped one."""

from collections.abc import Iterable

__all__ = ["suggest"]


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or the known words where none is near."""
    from difflib import get_close_matches  # only ever needed when something is wrong

    words = sorted(known)
    near = get_close_matches(word, words, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(words)}"
