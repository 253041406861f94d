"""The keys of two front matters, side by side."""

from archive.diff.model import FieldChange
from clean.frontmatter import ORDER

__all__ = ["field_changes"]


def field_changes(old: str, new: str) -> tuple[FieldChange, ...]:
    """Return the keys whose values are not as they were, in the order in which a front matter has them.

    `old` and `new` are front matters with their `---` lines, or empty.
    """
    before, after = _fields(old), _fields(new)
    keys = sorted(before.keys() | after.keys(), key=lambda each: (ORDER.index(each) if each in ORDER else 99, each))
    return tuple(FieldChange(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))


def _fields(text: str) -> dict[str, str]:
    """Return the values as they stand in the file, by key; lines without a key belong to the key above."""
    fields: dict[str, str] = {}
    current = ""
    for line in text.splitlines()[1:-1]:
        name, colon, value = line.partition(":")
        if colon and name[:1].strip() and not name.startswith(("-", "#")):
            current = name
            fields[current] = value.strip()
        elif current:
            fields[current] = f"{fields[current]}\n{line}".strip()
    return fields
