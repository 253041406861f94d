"""Manifests of shards, the description of a folder of shards, and the seal over all of it.

    OUT/shards.json            what all shards of the folder have in common; written once
    OUT/manifests/NAME.json    what one shard is made of; while there is none, the shard is not done
    OUT/FORMAT/NAME.HASH.…     its rows; HASH is the beginning of the file's own sha256
    OUT/seal.json              one digest over all shards, written when no input lacks its shard

A shard is put in this order: data, then manifest, and a manifest only where there is none. Data files are never written
over, because their names say what is in them. So two attempts at one shard, at once or one after the other, leave one:
where they agree, the second changes nothing; where they do not, the first stays and the other is reported, with its
manifest in `conflicts/`. Dates, and paths of machines, stand in manifests alone, and count neither there nor in a seal.
"""

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from xuanzhi.messages import _, ngettext
from xuanzhi.output.failures import InputError, OutputError, UsageError
from xuanzhi.shards.naming import ShardSettings
from xuanzhi.shards.store import ShardStore

__all__ = [
    "DATA_FOLDERS",
    "SEAL",
    "Manifest",
    "ShardData",
    "ShardSeal",
    "claim_folder",
    "commit_shard",
    "describe_damages",
    "manifests",
    "read_manifest",
    "seal",
    "seal_of",
    "wrong_files",
]

SEAL = "seal.json"
_SETTINGS = "shards.json"
_MANIFESTS = "manifests"
_CONFLICTS = "conflicts"

_HASH = 12
"""Digits of a data file's sha256 in its name."""

DATA_FOLDERS = ("parquet", "parquet-ledger", "warc", "warc-ledger", "documents", "ledgers")

# The name of a data file: folder, name of its shard, digits, ending. The digits are counted: linear.
_DATA = re.compile(r"[a-z-]+/(.*-?[0-9a-f]{16})\.[0-9a-f]{12}\.[a-z.]+$")


class ShardData(NamedTuple):
    """A finished file of a shard, before it has its name."""

    folder: str
    """Of the folder of shards, such as `parquet`."""
    ending: str
    """Of its name, such as `.parquet`."""
    attempt: Path


class Manifest(NamedTuple):
    """What one shard is made of."""

    name: str
    input: Mapping[str, Any]
    """The file of records: `name`, `size` in bytes, `sha256`; and `uri` and `etag`, which are of one place."""
    settings: Mapping[str, Any]
    """As in the description of the folder."""
    records: int
    """Whole records of the file, of all kinds."""
    rows: int
    states: Mapping[str, int]
    """Rows by state."""
    damaged: int
    """Places of the file that are no record."""
    damages: tuple[Mapping[str, Any], ...]
    """The first of them: `offset` and `length` in bytes, `message`."""
    rows_sha256: str
    error: Mapping[str, str] | None
    """`code` and `message` where the input is no file of records; None of all others."""
    files: tuple[Mapping[str, Any], ...] = ()
    """Data files: `path`, `size` in bytes, `sha256`."""
    made: Mapping[str, Any] = {}
    """When and how: `at`, processor time in `seconds`."""

    def to_json(self) -> bytes:
        """Return it as JSON."""
        return (json.dumps({"manifest": 1, **self._asdict()}, indent=1, ensure_ascii=False) + "\n").encode(
            "utf-8", "replace"
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read one. Raises ValueError where it is none."""
        try:
            fields = json.loads(data)
            fields.pop("manifest")
            fields |= {"damages": tuple(fields["damages"]), "files": tuple(fields["files"])}
            return cls(**fields)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no manifest of a shard: {error}") from error

    def content(self) -> bytes:
        """Return, on one line, what must be equal wherever the shard is made: neither dates nor files."""
        given = {key: self.input[key] for key in ("name", "size", "sha256")}
        facts = {
            **self._asdict(),
            "input": given,
            "settings": {key: value for key, value in self.settings.items() if key != "formats"},
            "files": None,
            "made": None,
        }
        return json.dumps(facts, sort_keys=True).encode() + b"\n"


class ShardSeal(NamedTuple):
    """What a folder of shards comes to."""

    sha256: str
    """Over the contents of all manifests, in the order of their names."""
    shards: int
    rows: int
    damaged: int
    """Shards whose input is damaged."""
    errors: int
    """Rows of pages that could not be read or cleaned."""
    refused: int
    """Inputs that are no file of records."""


def claim_folder(store: ShardStore, settings: ShardSettings) -> None:
    """Note what the shards of a folder have in common. Raises UsageError where it has those of others."""
    data = (json.dumps(settings.fields(), indent=1) + "\n").encode()
    there = store.get(_SETTINGS)
    if there is None and store.put_if_absent(_SETTINGS, data):
        return
    there = there if there is not None else store.get(_SETTINGS) or b"{}"
    try:
        known = json.loads(there)
        differing = sorted(key for key, value in settings.fields().items() if known.get(key) != value)
    except (ValueError, AttributeError):
        differing = [_SETTINGS]
    if differing:
        raise UsageError(
            "other-shards",
            _("the folder has shards of another kind: {names} differ", names=", ".join(differing)),
            _("Shards of two kinds in one folder would double their rows. Choose another folder."),
        )


def read_manifest(store: ShardStore, name: str) -> Manifest | None:
    """Return a shard's manifest; None where there is none. Raises InputError where it cannot be read."""
    data = store.get(f"{_MANIFESTS}/{name}.json")
    try:
        return Manifest.from_json(data) if data is not None else None
    except ValueError as error:
        raise InputError(
            "bad-manifest",
            _("{path} cannot be read: {reason}", path=f"{_MANIFESTS}/{name}.json", reason=error),
            _("Remove the file, then run the same command again: its shard is made anew."),
        ) from error


def commit_shard(store: ShardStore, manifest: Manifest, data: tuple[ShardData, ...]) -> Manifest:
    """Put a shard's files, then its manifest; return the manifest that holds.

    Raises OutputError where another attempt has made the same shard with other rows, or nothing can be written.
    """
    first = read_manifest(store, manifest.name)
    if first is None:
        files = []
        for each in data:
            size, digest = each.attempt.stat().st_size, _digest(each.attempt)
            path = f"{each.folder}/{manifest.name}.{digest[:_HASH]}{each.ending}"
            store.put(path, each.attempt)
            files.append({"path": path, "size": size, "sha256": digest})
        manifest = manifest._replace(files=tuple(files))
        if store.put_if_absent(f"{_MANIFESTS}/{manifest.name}.json", manifest.to_json()):
            return manifest
        first = read_manifest(store, manifest.name)
    if first is None:  # removed this moment, by a person
        raise OutputError("shard-gone", _("the manifest of shard {name} was removed", name=manifest.name))
    for each in data:
        each.attempt.unlink(missing_ok=True)
    kept = {file["path"] for file in first.files}
    for file in manifest.files:
        if file["path"] not in kept:
            store.delete(file["path"])
    if first.content() != manifest.content():
        digest = sha256(manifest.content()).hexdigest()[:_HASH]
        path = f"{_CONFLICTS}/{manifest.name}.{digest}.json"
        store.replace(path, manifest.to_json())
        raise OutputError(
            "shard-conflict",
            _("another attempt gave other rows for shard {name}; the first was kept", name=manifest.name),
            _("{path} describes the other attempt; compare it with the manifest.", path=path),
        )
    return first


def manifests(store: ShardStore) -> Iterator[Manifest]:
    """Yield the manifests of a folder in the order of their names. Raises InputError."""
    for path in sorted(path for path in store.names(_MANIFESTS) if path.endswith(".json")):
        manifest = read_manifest(store, path.removeprefix(f"{_MANIFESTS}/").removesuffix(".json"))
        if manifest is not None:
            yield manifest


def seal_of(store: ShardStore, named: set[str] | None = None) -> ShardSeal:
    """Return the seal over a folder as it is now; note in `named` its shards and their files. Raises InputError."""
    digest, shards, rows, damaged, errors, refused = sha256(), 0, 0, 0, 0, 0
    for manifest in manifests(store):
        if named is not None:
            named |= {manifest.name, *(file["path"] for file in manifest.files)}
        digest.update(manifest.content())
        shards += 1
        rows += manifest.rows
        damaged += manifest.damaged > 0
        errors += manifest.states.get("error", 0)
        refused += manifest.error is not None
    return ShardSeal(digest.hexdigest(), shards, rows, damaged, errors, refused)


def seal(store: ShardStore, *, complete: bool) -> ShardSeal:
    """Seal a folder, and return the seal; where an input lacks its shard, see to it that there is no seal.

    Data files of a shard that its manifest does not name are removed: of attempts that died, or gave other rows.
    Raises InputError, OutputError.
    """
    named: set[str] = set()
    made = seal_of(store, named)
    if not complete:
        store.delete(SEAL)
        return made
    for folder in DATA_FOLDERS:
        for path in store.names(folder):
            parts = _DATA.match(path)
            if parts and parts[1] in named and path not in named:
                store.delete(path)
    data = (json.dumps({"seal": 1, **made._asdict()}, indent=1) + "\n").encode()
    if store.get(SEAL) != data:
        store.replace(SEAL, data)
    return made


def wrong_files(store: ShardStore, manifest: Manifest) -> list[str]:
    """Return what is wrong with the data files that a manifest names. Raises InputError."""
    wrong = []
    for file in manifest.files:
        digest = store.digest(file["path"])
        if digest is None:
            wrong.append(_("{path} is missing", path=file["path"]))
        elif digest != file["sha256"]:
            wrong.append(_("{path} has other bytes than were written", path=file["path"]))
    return wrong


def describe_damages(count: int) -> str:
    """Say how many places of an input are no record."""
    return ngettext(
        "the file is damaged: {count:,} place is no record; all others were read",
        "the file is damaged: {count:,} places are no records; all others were read",
        count,
    )


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            digest.update(piece)
    return digest.hexdigest()
