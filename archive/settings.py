"""Settings of a collection: collection.toml, its descriptive metadata and rules files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive.dates import zone
from archive.errors import BadConfig, NotACollection, storage_errors
from archive.naming import safe
from archive.storage import write_atomically

__all__ = [
    "ELEMENTS",
    "FILE",
    "FOLDER",
    "LEARNED",
    "CleaningLimits",
    "CollectionSettings",
    "DescriptionElement",
    "learned_path",
    "learned_paths",
    "parse",
    "paths",
    "read",
    "render",
    "write_settings",
]


class DescriptionElement(NamedTuple):
    """A descriptive element of a web archive; each may have several values.

    OCLC Research, Descriptive Metadata for Web Archiving: Recommendations of the OCLC Research Library Partnership Web
    Archiving Metadata Working Group, 2018, DOI 10.25333/C3005C. It has fourteen; Title and Description are the settings
    `name` and `description` of every collection.
    """

    label: str
    """The name in the recommendations."""
    meaning: str
    example: str
    """As it may stand in collection.toml."""


ELEMENTS = {
    "collector": DescriptionElement(
        "Collector", "The organisation that selects, keeps and describes what is here.", '"Example Library"'
    ),
    "contributor": DescriptionElement(
        "Contributor", "Who helped with the content, such as translators and illustrators.", '["A Name"]'
    ),
    "creator": DescriptionElement("Creator", "Who made the content: people, organisations, accounts.", '["纸上谈书"]'),
    "date": DescriptionElement("Date", "Of the content or of collecting it: a date or a span.", '"2024/2026"'),
    "extent": DescriptionElement("Extent", "How much it is; `archive stats` counts.", '"120 articles"'),
    "genre_form": DescriptionElement("Genre/Form", "What kind of pages these are.", '["articles", "blogs"]'),
    "language": DescriptionElement("Language", "Of the content, as BCP 47 tags.", '["zh-Hans"]'),
    "relation": DescriptionElement(
        "Relation", "Other collections that this one is part of or belongs with.", '["A collection"]'
    ),
    "rights": DescriptionElement("Rights", "Who may use it for what.", '"Reading room only"'),
    "source_of_description": DescriptionElement(
        "Source of description", "What this description was made from, and when.", '"The accounts\' own pages, 2026"'
    ),
    "subject": DescriptionElement("Subject", "What the content is about.", '["papermaking"]'),
    "url": DescriptionElement("URL", "Where the sites were that are collected here.", '["https://paper.example/"]'),
}
"""By their key in the table [metadata] of collection.toml, in the order of the recommendations."""

FILE = "collection.toml"

ELSEWHERE = ("schedule", "source", "hook")
"""Tables in the same file that `archive.schedule.settings` reads."""


class CleaningLimits(NamedTuple):
    """The table [limits]: what cleaning one page may cost; 0 for as much as it takes, None where nothing is said."""

    cpu_seconds: float | None = None
    """Seconds of processor time, the key `cpu-seconds`."""
    memory_megabytes: int | None = None
    """The key `memory-megabytes` (1 MB = 1,048,576 bytes)."""


class CollectionSettings(NamedTuple):
    """The settings of a collection; the field names are the keys in the file."""

    name: str
    """The element Title of the description."""
    description: str = ""
    operator: str = ""
    """Who answers for the collection: a name, or a name and an e-mail address (WARC 1.1 §6.2)."""
    timezone: str = "UTC"
    """IANA name of the zone in which dates without a zone are read."""
    contact: str = ""
    """How sites can reach the operator: an e-mail address or a page. Stands in every request of `capture`."""
    metadata: Mapping[str, tuple[str, ...]] = {}
    """The other elements of the description, by their key in `archive.settings`; only those that are given."""
    limits: CleaningLimits = CleaningLimits()


_COMMENTS = {
    "name": "The collection's name.",
    "description": "What is collected here, and why.",
    "operator": "Who answers for it: a name, or a name and an e-mail address. Stands in every WARC file.",
    "timezone": 'The zone of dates that name none, such as "Asia/Shanghai".',
    "contact": "How sites can reach you: an e-mail address or a page. Stands in every request of `capture`.",
}

_TABLES = frozenset({"metadata", "limits"})
"""Keys that are no text."""

_MOST = 10**12
"""What a limit may come to; the options of the same names may not be larger either."""


def write_settings(path: Path, config: CollectionSettings) -> None:
    """Write a new collection.toml. Raises DiskFull, NotWritable or StorageError."""
    write_atomically(path, render(config).encode())


def render(config: CollectionSettings) -> str:
    """Return collection.toml with a comment over each key; elements without a value stand in comments."""
    lines = [f"# {comment}\n{key} = {_quote(getattr(config, key))}\n" for key, comment in _COMMENTS.items()]
    lines.append(
        "# The description by the elements that web archives use (OCLC, DOI 10.25333/C3005C); each a text, or a list"
        "\n# of texts. Take away the # before the ones you want.\n[metadata]\n"
    )
    for key, element in ELEMENTS.items():
        values = [_quote(value) for value in config.metadata.get(key, ())]
        given = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
        line = f"{key} = {given}" if values else f"# {key} = {element.example}"
        lines.append(f"# {element.label}. {element.meaning}\n{line}\n")
    return "\n".join(lines)


def read(path: Path) -> CollectionSettings:
    """Read collection.toml.

    Raises NotACollection where there is none, BadConfig where it cannot be used, naming file and key.
    """
    try:
        with storage_errors(path, reading=True):
            text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path}: not UTF-8: {error}") from error
    except Exception as error:
        if not path.exists():
            raise NotACollection(f"{path.parent} is not a collection: it has no {FILE}") from error
        raise
    return parse(text, path)


def parse(text: str, path: Path) -> CollectionSettings:
    """Read the text of a collection.toml; `path` is for messages. Raises BadConfig, naming file and key."""
    import tomllib  # 10 ms that a new collection does not need

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: {error}") from error
    values = {key: value for key, value in values.items() if key not in ELSEWHERE}
    known = (*_COMMENTS, *_TABLES, *ELSEWHERE)
    for key, value in values.items():
        if key not in known:
            raise BadConfig(f"{path}: unknown key {key!r}{_suggestion(key, known)}")
        if key not in _TABLES:
            _check(path, key, value)
    settings = {key: value for key, value in values.items() if key not in _TABLES}
    metadata = dict(_metadata(path, values.get("metadata", {})))
    limits = _limits(path, text, values.get("limits", {}))
    config = CollectionSettings(**{"name": path.parent.name, **settings, "metadata": metadata, "limits": limits})
    try:
        zone(config.timezone)
    except ValueError as error:
        raise BadConfig(f"{path}: timezone: {error}") from error
    return config


def _metadata(path: Path, table: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(table, dict):
        raise BadConfig(f"{path}: metadata must be a table [metadata], not {table!r}")
    for key, value in table.items():
        if key not in ELEMENTS:
            raise BadConfig(f"{path}: unknown key {key!r} in [metadata]{_suggestion(key, tuple(ELEMENTS))}")
        values = value if isinstance(value, list) else [value]
        for each in values:
            _check(path, key, each)
        if any(values):
            yield key, tuple(each for each in values if each)


def _limits(path: Path, text: str, table: Any) -> CleaningLimits:
    if not isinstance(table, dict):
        raise BadConfig(f"{path}: limits must be a table [limits], not {table!r}")
    known = {each.replace("_", "-"): each for each in CleaningLimits._fields}
    for key, value in table.items():
        # tomllib does not tell where a value stood. A key stands in front of an equals sign, perhaps in quotes, and not
        # in a comment. Tried at the beginnings of lines alone, so each character is looked at twice at most.
        line = re.search(rf"""^[^#\n]*(?<![\w-]){re.escape(key)}["']?[ \t]*=""", text, re.MULTILINE)
        place = f"{path}:{text.count(chr(10), 0, line.start()) + 1}" if line else str(path)
        if key not in known:
            raise BadConfig(f"{place}: unknown key {key!r} in [limits]{_suggestion(key, tuple(known))}")
        whole = key == "memory-megabytes"
        # True is an int to Python; what is not a number at all (IEEE 754) fails the comparison.
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not 0 <= value <= _MOST:
            kind = "a whole number" if whole else "a number"
            raise BadConfig(f"{place}: {key} must be {kind} from 0 (no limit) to {_MOST:,}, not {value!r}")
    return CleaningLimits(**{known[key]: value for key, value in table.items()})


def _check(path: Path, key: str, value: Any) -> None:
    """Raise BadConfig for what is no text, or no single line where it has to be one."""
    if not isinstance(value, str):
        raise BadConfig(f"{path}: {key} must be a text in quotes, not {value!r}")
    # These go into headers and lines of records.
    if key in _COMMENTS and key != "description" and any(each < " " or each == "\x7f" for each in value):
        raise BadConfig(f"{path}: {key} must be one line")


def _suggestion(key: str, known: tuple[str, ...]) -> str:
    import difflib  # 11 ms, only for a mistake

    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _quote(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


FOLDER = "rules"
"""Folder of the rules files that people write, `rules/*.toml`."""
LEARNED = "learned"
"""Folder in FOLDER of the files of learned rules, `rules/learned/*.toml`, one for each source."""


def paths(root: Path) -> list[Path]:
    """Return the collection's rules files in the order of their names, people's own first. Raises StorageError."""
    with storage_errors(root):
        return [*sorted((root / FOLDER).glob("*.toml")), *learned_paths(root)]


def learned_paths(root: Path) -> list[Path]:
    """Return the files of learned rules in the order of their names. Raises StorageError."""
    with storage_errors(root):
        return sorted((root / FOLDER / LEARNED).glob("*.toml"))


def learned_path(root: Path, scope: str, label: str, known: Iterable[Path]) -> Path:
    """Return where a source's learned rules stand: its name, and a mark of its scope, so that no two share a file.

    `known` are the files that there are: where one has the mark, it is this one, whatever the source was named then.
    """
    mark = sha256(scope.encode()).hexdigest()[:8]
    found = [path for path in known if path.stem.endswith(f"-{mark}")]
    return found[0] if found else root / FOLDER / LEARNED / f"{safe(label, 80) or 'source'}-{mark}.toml"
