"""Versions: of this software, which signs what it makes, and of what else can change a result, the engine.

The same source, rules and software give the same bytes as long as the engine is the same. An engine is named by the
digest of a text with a line for each part of it, `NAME VERSION` and a newline, so that whoever has the versions can
compute it. What a source is decides which parts there are: a snapshot is cleaned without any library.
"""

from functools import cache
from typing import Final

__all__ = [
    "ENGINES",
    "GENERIC_PAGE",
    "SNAPSHOT",
    "SOFTWARE",
    "WECHAT_PAGE",
    "__version__",
    "engine_digest",
    "engine_versions",
    "is_at_hand",
    "versions_at_hand",
]

__version__ = "0.1.0"

SOFTWARE = f"xuanzhi/{__version__}"
"""Named in every ledger and in WARC records (`software`)."""

SNAPSHOT: Final = "snapshot"
WECHAT_PAGE: Final = "wechat-page"
GENERIC_PAGE: Final = "generic-page"
ENGINES: Final = (SNAPSHOT, WECHAT_PAGE, GENERIC_PAGE)
"""The kinds of sources that have an engine of their own; each has the parts of the one before it and more."""

ABSENT: Final = "absent"
"""In place of the version of a library that is not installed."""

_PAGE_LIBRARIES: Final = ("chardetng-py", "webencodings")
"""Distributions that tell how a page is encoded."""

_WITNESS_LIBRARIES: Final = ("justext", "lxml-html-clean", "readability-lxml", "trafilatura")
"""Distributions of the witnesses, with those that they take text out with."""


@cache
def engine_versions(engine: str) -> dict[str, str]:
    """Return the parts of one of ENGINES that are at hand, and their versions, in the order of its text.

    Python stands with its series only: its corrections are not seen as another engine. Our own tables of weights are
    data that can be fitted anew, and stand with the beginnings of their sha256.
    """
    import sys
    from unicodedata import unidata_version

    series = f"{sys.version_info.major}.{sys.version_info.minor}"
    versions = {sys.implementation.name: series, "unicode": unidata_version, "wording": _digest("stages/wording.json")}
    if engine != SNAPSHOT:
        from lxml import etree

        versions["lxml"] = ".".join(map(str, etree.LXML_VERSION))
        versions["libxml2"] = ".".join(map(str, etree.LIBXML_VERSION))
        versions |= {name: _installed(name) for name in _PAGE_LIBRARIES}
    if engine == GENERIC_PAGE:
        versions["model"] = _digest("html/generic/model.json")
        versions["confidence"] = _digest("html/generic/confidence.json")
        versions["kind"] = _digest("html/generic/kind.json")
        versions |= {name: _installed(name) for name in _WITNESS_LIBRARIES}
    return versions


@cache
def engine_digest(engine: str) -> str:
    """Return the name of one of ENGINES as it is at hand: `sha256:` and the digest of its text, in lowercase hex."""
    from hashlib import sha256

    text = "".join(f"{name} {version}\n" for name, version in engine_versions(engine).items())
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def is_at_hand(digest: str) -> bool:
    """Whether the engine of this name is at hand. One that nobody named, in older ledgers, is not known to be."""
    return any(digest == engine_digest(engine) for engine in ENGINES)


def versions_at_hand(digest: str) -> dict[str, str]:
    """Return the parts of the engine of this name and their versions; none where it is not at hand."""
    return next((engine_versions(engine) for engine in ENGINES if digest == engine_digest(engine)), {})


_DIGITS: Final = 16
"""Of the digest of a table: enough to tell tables apart that nobody made to be mistaken for each other."""


def _digest(file: str) -> str:
    """Return the beginning of the digest of a file of this package."""
    from hashlib import sha256
    from importlib.resources import files

    return sha256((files("clean") / file).read_bytes()).hexdigest()[:_DIGITS]


def _installed(distribution: str) -> str:
    """Return the version of a distribution by its metadata: importing it would take long, and few pages need it."""
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ABSENT
