"""Messages in the reader's language: English in the code, Chinese in a gettext catalogue.

The language is the terminal's (LC_ALL, LC_MESSAGES, LANG), or XUANZHI_LANGUAGE=en|zh, or that of `in_language`. Codes,
rule ids and all of `--json` are English always, for machines. docs/translating.md tells how catalogues are made.
"""

import os
from contextlib import contextmanager
from contextvars import ContextVar

TYPE_CHECKING = False  # as in `typing`, without the import, which every start would pay for
if TYPE_CHECKING:
    from collections.abc import Iterator
    from gettext import NullTranslations

    from clean.rules import Rule

__all__ = ["N_", "N_plural", "_", "in_language", "language", "ngettext", "pgettext", "reason"]

_CATALOGUES = {"zh": "zh_CN"}
"""Folders in `locale` of the languages that have a catalogue."""

_language: ContextVar[str] = ContextVar("language", default="")
_loaded: "dict[str, NullTranslations]" = {}


def language() -> str:
    """Return the reader's language: `zh` or `en`."""
    return _language.get() or _terminal_language()


@contextmanager
def in_language(code: str) -> "Iterator[None]":
    """Give messages in `en` or `zh` within a `with` block, in this thread or task and in those begun in it."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str, /, **details: object) -> str:
    """Return a message in the reader's language, its placeholders filled; without details none are looked for."""
    catalogue = _catalogue()
    text = catalogue.gettext(message) if catalogue and message else message
    return text.format(**details) if details else text


def pgettext(context: str, message: str, /, **details: object) -> str:
    """Return a message whose English is ambiguous; the context tells translators which sense it has."""
    catalogue = _catalogue()
    text = catalogue.pgettext(context, message) if catalogue else message
    return text.format(**details) if details else text


def ngettext(one: str, many: str, count: int, /, **details: object) -> str:
    """Return a message about a number of things, with the number as `count`."""
    catalogue = _catalogue()
    text = catalogue.ngettext(one, many, count) if catalogue else one if count == 1 else many
    return text.format(count=count, **details)


def N_(message: str, /) -> str:
    """Mark a message that `_` translates later, for tables."""
    return message


def N_plural(one: str, many: str, /) -> tuple[str, str]:
    """Mark a message about a number of things that `ngettext` translates later, for tables."""
    return one, many


def reason(rule: "Rule") -> str:
    """Return a rule's reason in the reader's language, where the rule has it."""
    return rule.reason_zh or rule.reason if language() == "zh" else rule.reason


def _terminal_language() -> str:
    names = ("XUANZHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    value = next((os.environ[name] for name in names if os.environ.get(name)), "en")
    return "zh" if value.lower().startswith("zh") else "en"


def _catalogue() -> "NullTranslations | None":
    """Return the catalogue of the reader's language; English needs none."""
    code = language()
    if code not in _CATALOGUES:
        return None
    if code not in _loaded:
        from gettext import GNUTranslations

        name = os.path.join(os.path.dirname(__file__), "locale", _CATALOGUES[code], "LC_MESSAGES", "xuanzhi.mo")  # noqa: PTH118, PTH120
        with open(name, "rb") as file:  # noqa: PTH123  # pathlib would cost each start in Chinese more than all of this
            _loaded[code] = GNUTranslations(file)
    return _loaded[code]
