"""Export to BagIt 1.0 (RFC 8493): the plain files of a collection with manifests.

The payload, `data/`, is a collection but for its catalogue, which is an index and is made again with
`archive reindex`. The bag's date is that of the newest thing in it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from archive.export import package
from archive.export.package import ManifestFault, PackageFolder, WrittenFile, new_folder, payload
from archive.export.selection import ExportSelection
from clean import __version__

__all__ = ["check_bagit", "export_bagit"]

_ALGORITHMS = ("sha256", "sha512")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def export_bagit(
    chosen: ExportSelection, target: Path, *, force: bool = False, advance: Callable[[int], None] = lambda size: None
) -> int:
    """Write a bag; return the number of files in its payload.

    Raises AlreadyThere, Damaged, DiskFull, NotWritable or StorageError.
    """
    with new_folder(target, is_bag, force=force) as root:
        folder = PackageFolder(root, *_ALGORITHMS, advance=advance)
        data = [folder.add(f"data/{path}", pieces) for path, pieces in payload(chosen)]
        tags = [
            folder.add("bagit.txt", (_DECLARATION,)),
            folder.add("bag-info.txt", (_info(chosen, data).encode(),)),
            *(folder.add(f"manifest-{name}.txt", (_manifest(data, name),)) for name in _ALGORITHMS),
        ]
        for name in _ALGORITHMS:
            folder.add(f"tagmanifest-{name}.txt", (_manifest(tags, name),))
    return len(data)


def is_bag(path: Path) -> bool:
    """Whether a folder is a bag."""
    return (path / "bagit.txt").is_file() and (path / "data").is_dir()


def check_bagit(root: Path) -> Iterator[ManifestFault]:
    """Yield every file of a bag that is missing, differs from its digest, or is in no manifest. Raises StorageError."""
    listed: set[str] = set()
    for name in _ALGORITHMS:
        for kind in ("tagmanifest", "manifest"):
            file = f"{kind}-{name}.txt"
            listed |= set(package.read_manifest(root / file))
            yield from (
                package.check_manifest(root, file, name)
                if (root / file).exists()
                else (ManifestFault(file, "missing"),)
            )
    for there in sorted((root / "data").rglob("*")):
        path = there.relative_to(root).as_posix()
        if there.is_file() and path not in listed:
            yield ManifestFault(path, "unlisted")


def _manifest(files: list[WrittenFile], algorithm: str) -> bytes:
    return package.render_manifest((file.path, file.digests[algorithm]) for file in files)


def _info(chosen: ExportSelection, data: list[WrittenFile]) -> str:
    settings = chosen.collection.config
    contact = "Contact-Email" if "@" in settings.contact else "Contact-Name"
    fields = (
        ("Source-Organization", settings.operator),
        (contact, settings.contact),
        ("External-Identifier", settings.name),
        ("External-Description", settings.description),
        ("Bagging-Date", chosen.newest[:10]),
        ("Payload-Oxum", f"{sum(file.size for file in data)}.{len(data)}"),
        ("Bag-Software-Agent", f"xuanzhi/{__version__}"),
    )
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in fields if value)
