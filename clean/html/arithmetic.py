"""The values of JavaScript that data is written with, and the two operators that WeChat writes it with: `*` and `+`."""

from typing import Any, Final

__all__ = ["OPAQUE", "Literal", "Opaque", "combined", "number_of"]

Literal = Any
"""A string, number, truth value, None, list or dictionary of such, or OPAQUE."""


class Opaque:
    """An expression that only running it would tell."""

    def __repr__(self) -> str:
        return "OPAQUE"

    def __bool__(self) -> bool:
        return False


OPAQUE: Final = Opaque()


def combined(operator: str, left: Literal, right: Literal) -> Literal:
    """Multiply or add two values as JavaScript does; OPAQUE where that gives no number and no text."""
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    one, other = _as_number(left), _as_number(right)
    if one is None or other is None or (isinstance(left, str) != isinstance(right, str) and operator == "+"):
        return OPAQUE
    return one * other if operator == "*" else one + other


def _as_number(value: Literal) -> int | float | None:
    if isinstance(value, str):
        number = number_of(value.strip()) if value.strip() else 0
        return None if isinstance(number, Opaque) else number
    if value is None or isinstance(value, bool):
        return int(value or 0)
    return value if isinstance(value, int | float) else None


def number_of(text: str) -> int | float | Opaque:
    """Read a number of a length that one meets; longer ones are not worth what they cost."""
    text = text.replace("_", "").removesuffix("n")
    if not text or len(text) > 40 or not text.isascii():
        return OPAQUE
    try:
        return int(text, 0) if text[:2].lower() in {"0x", "0o", "0b"} else int(text)
    except ValueError:
        pass
    try:
        return float(text) if text[0] in "+-.0123456789" else OPAQUE
    except ValueError:
        return OPAQUE
