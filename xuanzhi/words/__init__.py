"""Every word the commands show to people, in English and Simplified Chinese: a table for each subject.

The language is the terminal's (LC_ALL, LC_MESSAGES, LANG), or XUANZHI_LANGUAGE=en|zh. Codes, rule ids and all of
`--json` are English always, for machines.
"""

import os

from xuanzhi.words.capturing import WORDS as CAPTURING
from xuanzhi.words.diffing import WORDS as DIFFING
from xuanzhi.words.errors import WORDS as ERRORS
from xuanzhi.words.giving import WORDS as GIVING
from xuanzhi.words.help import WORDS as HELP
from xuanzhi.words.importing import WORDS as IMPORTING
from xuanzhi.words.learning import WORDS as LEARNING
from xuanzhi.words.looking import WORDS as LOOKING
from xuanzhi.words.results import WORDS as RESULTS
from xuanzhi.words.review import WORDS as REVIEW
from xuanzhi.words.rules import WORDS as RULES
from xuanzhi.words.scheduling import WORDS as SCHEDULING
from xuanzhi.words.trust import WORDS as TRUST

TYPE_CHECKING = False  # as in `typing`, without the import, which every start would pay for
if TYPE_CHECKING:
    from collections.abc import Mapping

    from clean.rules import Rule

__all__ = ["WORDS", "describe", "describe_in", "hint", "language", "reason", "word", "word_in"]

WORDS: "Mapping[str, tuple[str, str]]" = {
    **HELP,
    **ERRORS,
    **RESULTS,
    **CAPTURING,
    **RULES,
    **LOOKING,
    **DIFFING,
    **TRUST,
    **GIVING,
    **LEARNING,
    **IMPORTING,
    **SCHEDULING,
    **REVIEW,
}


def language() -> str:
    """Return `zh` for a Chinese terminal, else `en`."""
    names = ("XUANZHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    value = next((os.environ[name] for name in names if os.environ.get(name)), "en")
    return "zh" if value.lower().startswith("zh") else "en"


def word(key: str, **details: object) -> str:
    """Return the text of a key in the user's language, its placeholders filled."""
    return word_in(language(), key, **details)


def word_in(language: str, key: str, **details: object) -> str:
    """Return the text of a key in `en` or `zh`, its placeholders filled."""
    return WORDS[key][language == "zh"].format(**details)


def hint(key: str, **details: object) -> str:
    """Return what to do about an error or a warning, empty where there is nothing to say."""
    return word(f"{key}.hint", **details) if f"{key}.hint" in WORDS else ""


def reason(rule: "Rule") -> str:
    """Return a rule's reason in the user's language, where the rule has it."""
    return rule.reason_zh or rule.reason if language() == "zh" else rule.reason


def describe(kind: str, code: str, message: str, advice: str) -> tuple[str, str]:
    """Return message and hint of an error or a warning of another package, in Chinese where this table has it."""
    return describe_in(language(), kind, code, message, advice)


def describe_in(language: str, kind: str, code: str, message: str, advice: str) -> tuple[str, str]:
    """Return the same in `en` or `zh`."""
    key = f"{kind}.{code}"
    if language == "en":
        return message, advice
    known = f"{key}.hint" in WORDS
    return (word_in(language, key) if key in WORDS else message), (
        word_in(language, f"{key}.hint") if known else advice
    )
