"""New WARC files that hold some records of a collection, under names and with a warcinfo of their own."""

from collections.abc import Iterable
from hashlib import sha256

from archive.export.warcs import Run, WarcFile
from archive.holdings import Holdings
from archive.reader import Place
from archive.warc.members import member
from archive.warc.records import warcinfo
from archive.warc.writer import LIMIT
from clean import __version__

__all__ = ["selection_files"]

_PREFIXES = {"warc": "xuanzhi-selection", "derived": "xuanzhi-derived-selection"}


def selection_files(collection: Holdings, places: Iterable[Place], articles: int, newest: str) -> list[WarcFile]:
    """Return files with the records at these places, in their order.

    A file is full at about 1 GB, as in the collection. Same records, same bytes: the warcinfo is dated by the newest
    record, and its identifier is made from the names of what the file holds.
    """
    groups: list[tuple[str, list[Run]]] = []
    size = 0
    for folder, name, offset, length in places:
        if not groups or groups[-1][0] != folder or size > LIMIT:
            groups.append((folder, []))
            size = 0
        runs = groups[-1][1]
        path = collection.path / folder / name
        if runs and runs[-1].path == path and runs[-1].end == offset:
            runs[-1] = runs[-1]._replace(end=offset + length)
        else:
            runs.append(Run(path, offset, offset + length))
        size += length
    serials = dict.fromkeys(_PREFIXES, 0)
    files = []
    for folder, runs in groups:
        serials[folder] += 1
        digits = "".join(character for character in newest if character.isdigit())
        name = f"{_PREFIXES[folder]}-{digits}-{serials[folder]:05}.warc.gz"
        files.append(WarcFile(folder, name, _opening(collection, name, runs, articles, newest), tuple(runs)))
    return files


def _opening(collection: Holdings, name: str, runs: Iterable[Run], articles: int, newest: str) -> bytes:
    names = "\n".join(f"{run.path.name} {run.start} {run.end}" for run in runs)
    settings = collection.config
    record = warcinfo(
        record_id=_uuid(f"{name}\n{names}"),
        date=newest,
        filename=name,
        software=f"xuanzhi/{__version__}",
        operator=settings.operator,
        description=" ".join(f"{articles} articles of the collection {settings.name}. {settings.description}".split()),
    )
    return member(record).data


def _uuid(text: str) -> str:
    """Return an identifier made from a text: a UUID of version 8 (RFC 9562 §5.8)."""
    number = int.from_bytes(sha256(text.encode()).digest()[:16], "big")
    digits = f"{number & ~(0xF << 76) & ~(0x3 << 62) | (0x8 << 76) | (0x2 << 62):032x}"
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
