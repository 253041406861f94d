"""Names of shards, derived from everything that can change what is in them.

The same input, cleaned by the same software with the same rules and the same libraries, has the same name on every
machine, wherever it lies. So an engine may try a shard twice, and a second run knows what is done.
"""

import json
import re
from hashlib import sha256
from typing import NamedTuple

from clean.version import GENERIC_PAGE, engine_digest

__all__ = ["FORMAT", "InputFile", "ShardSettings", "cleaning_engine", "shard_name"]

FORMAT = 1
"""Of rows and manifests; another one makes other names."""

_LONGEST_STEM = 80

# What a file of records is called, from its first ending on. Anchored at the end, fixed alternatives: linear.
_ENDINGS = re.compile(r"\.(?:warc|arc)(?:\.gz|\.zst)?$", re.IGNORECASE)
# What the name of a file may not hold on some system, or of an object in some store. A class: linear.
_UNPORTABLE = re.compile(r"[^\w.-]", re.ASCII)


class InputFile(NamedTuple):
    """A file of records, as it is known before it is read."""

    uri: str
    """As it was given."""
    name: str
    """Its own name, without folders."""
    size: int
    """Bytes."""
    ends_sha256: str
    """Digest of its first and its last bytes: other files of this name and size have another one."""
    etag: str = ""
    """What an object store calls its content; empty of a file on a disk."""


class ShardSettings(NamedTuple):
    """What all shards of one folder have in common, because it can change what is in them."""

    ruleset_sha256: str
    software: str
    engine: str
    """Of cleaning: see `cleaning_engine`."""
    max_bytes: int
    """Of content; larger pages are error rows."""
    formats: tuple[str, ...]

    def fields(self) -> dict[str, object]:
        """Return them as JSON has them."""
        return {"format": FORMAT, **self._asdict(), "formats": list(self.formats)}


def shard_name(file: InputFile, settings: ShardSettings) -> str:
    """Return the name of a file's shard, such as `crawl-00001-3f2a9c0d1e2b4a5c`."""
    key = [
        FORMAT,
        file.name,
        file.size,
        file.ends_sha256,
        settings.ruleset_sha256,
        settings.software,
        settings.engine,
        settings.max_bytes,
    ]
    digest = sha256(json.dumps(key).encode()).hexdigest()[:16]
    stem = _UNPORTABLE.sub("_", _ENDINGS.sub("", file.name))[:_LONGEST_STEM].strip(".")
    return f"{stem}-{digest}" if stem else digest


def cleaning_engine() -> str:
    """Return the engine that names a shard: that of pages of every kind, which has the parts of all others."""
    return engine_digest(GENERIC_PAGE)
