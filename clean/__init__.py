"""Cleaning: a page or a snapshot in, Markdown and a ledger out; pure, without clock, network or disk.

    from clean import clean, restore_bytes

    cleaned = clean(source)
    print(cleaned.markdown)
    assert restore_bytes(cleaned.markdown, cleaned.ledger) == source

`clean` takes the bytes of a snapshot, `clean_page` those of an HTML page or MHTML file; both give a `Cleaned`. Its
`ledger` names every removal and rewrite. A `Ruleset` other than the built-in one comes from `clean.rules.load_rules`.
"""

TYPE_CHECKING = False  # as in `typing`, without the import: whoever needs one name shall not pay for all
if TYPE_CHECKING:
    from clean.document import Cleaned, State
    from clean.errors import CleanError, EmptySource, LedgerError, NotAPage, NotText, RuleError, SourceError
    from clean.ledger import Ledger, restore, restore_bytes
    from clean.page import clean_page
    from clean.pipeline import clean
    from clean.rules import Ruleset
    from clean.version import __version__

__all__ = [
    "CleanError", "Cleaned", "EmptySource", "Ledger", "LedgerError", "NotAPage", "NotText", "RuleError", "Ruleset",
    "SourceError", "State", "__version__", "clean", "clean_page", "restore", "restore_bytes",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(("Cleaned", "State"), "document"),
    **dict.fromkeys(
        ("CleanError", "EmptySource", "LedgerError", "NotAPage", "NotText", "RuleError", "SourceError"), "errors"
    ),
    **dict.fromkeys(("Ledger", "restore", "restore_bytes"), "ledger"),
    "clean_page": "page",
    "clean": "pipeline",
    "Ruleset": "rules",
    "__version__": "version",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"clean.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names as well as those that have been imported."""
    return sorted({*globals(), *__all__})
