"""Printable text: control characters and changes of direction are escaped."""

__all__ = ["visible", "visible_space"]

_SPACES = {" ": "␠", "\t": "⇥", "\u3000": "□", "\xa0": "⍽"}


def visible(text: str) -> str:
    """Return a text as it may be sent to a terminal: control characters are shown, not obeyed."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t\u3000\xa0" else f"\\x{ord(character):02x}"
        for character in text
    )


def visible_space(text: str) -> str:
    """Return a changed piece, with the white space in it to be seen where there is nothing else."""
    if text.strip():
        return text.replace("\xa0", "⍽")
    return "".join(_SPACES.get(character, f"\\x{ord(character):02x}") for character in text)
