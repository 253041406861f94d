"""English or Simplified Chinese: what the browser prefers, unless the reader chose."""

from typing import NamedTuple

from markupsafe import Markup, escape

from clean.rules import Rule
from xuanzhi.review.shown import shown
from xuanzhi.words import word_in

__all__ = ["LANGUAGES", "Words", "coded", "preferred"]

LANGUAGES = {"en": "English", "zh": "简体中文"}
"""By the code that the cookie holds."""


class Words(NamedTuple):
    """The words of one language."""

    language: str
    """`en` or `zh`."""

    @property
    def tag(self) -> str:
        """For `lang` (BCP 47)."""
        return "zh-CN" if self.language == "zh" else "en"

    def __call__(self, key: str, **details: object) -> str:
        """Return the text of a key, its placeholders filled."""
        return word_in(self.language, key, **details)

    def mark(self, key: str, **details: object) -> Markup:
        """Return the same as HTML, with what stands between back-ticks as code."""
        return coded(self(key, **details))

    def reason(self, rule: Rule | None) -> Markup:
        """Return a rule's reason as HTML, where the rule has it in this language; empty where the rule is not known."""
        if rule is None:
            return Markup()
        return coded(rule.reason_zh or rule.reason if self.language == "zh" else rule.reason)


def coded(text: str) -> Markup:
    """Return a text as HTML: escaped, with what stands between back-ticks as code."""
    pieces = shown(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>" if place % 2 else "{}").format(piece) for place, piece in enumerate(pieces)
    )


def preferred(accept: str) -> str:
    """Return the language of an `Accept-Language` field (RFC 9110 §12.5.4): `zh` where Chinese ranks first."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:1000].split(",")):
        name, _, parameters = part.strip().partition(";")
        code = name.strip().lower().partition("-")[0]
        if code in LANGUAGES:
            ranked.append((-_quality(parameters), place, code))
    return min(ranked, default=(0.0, 0, "en"))[2]


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
