"""collection.toml: what a collection says of itself, written once and then only by people."""

import json
from pathlib import Path
from typing import NamedTuple

from archive.dates import zone
from archive.errors import BadConfig, NotACollection, storage_errors
from archive.files import write_atomically

__all__ = ["FILE", "Config", "read", "write"]

FILE = "collection.toml"


class Config(NamedTuple):
    """The settings of a collection; the field names are the keys in the file."""

    name: str
    description: str = ""
    operator: str = ""
    """Who answers for the collection: a name, or a name and an e-mail address (WARC 1.1 §6.2)."""
    timezone: str = "UTC"
    """IANA name of the zone in which dates without a zone are read."""
    contact: str = ""
    """How sites can reach the operator: an e-mail address or a page. Stands in every request of `capture`."""


_COMMENTS = {
    "name": "The collection's name.",
    "description": "What is collected here, and why.",
    "operator": "Who answers for it: a name, or a name and an e-mail address. Stands in every WARC file.",
    "timezone": 'The zone of dates that name none, such as "Asia/Shanghai".',
    "contact": "How sites can reach you: an e-mail address or a page. Stands in every request of `capture`.",
}


def write(path: Path, config: Config) -> None:
    """Write a new collection.toml, with a comment over each key.

    Raises DiskFull, NotWritable or StorageError.
    """
    lines = [f"# {_COMMENTS[key]}\n{key} = {_quote(value)}\n" for key, value in config._asdict().items()]
    write_atomically(path, "\n".join(lines).encode())


def read(path: Path) -> Config:
    """Read collection.toml.

    Raises NotACollection where there is none, BadConfig where it cannot be used, naming file and key.
    """
    import tomllib  # 10 ms that a new collection does not need

    try:
        with storage_errors(path, reading=True):
            text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path}: not UTF-8: {error}") from error
    except Exception as error:
        if not path.exists():
            raise NotACollection(f"{path.parent} is no collection: it has no {FILE}") from error
        raise
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: {error}") from error
    for key, value in values.items():
        if key not in Config._fields:
            raise BadConfig(f"{path}: unknown key {key!r}{_suggestion(key)}")
        if not isinstance(value, str):
            raise BadConfig(f"{path}: {key} must be a text in quotes, not {value!r}")
        if any(character < " " or character == "\x7f" for character in value) and key != "description":
            raise BadConfig(f"{path}: {key} must be one line")
    config = Config(**{"name": path.parent.name, **values})
    try:
        zone(config.timezone)
    except ValueError as error:
        raise BadConfig(f"{path}: timezone: {error}") from error
    return config


def _suggestion(key: str) -> str:
    import difflib  # 11 ms, only for a mistake

    close = difflib.get_close_matches(key, Config._fields, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(Config._fields)}"


def _quote(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
