"""Manifests: one line for each file, its digest and its path, as BagIt (RFC 8493 §2.1.3) and `sha256sum` have them."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archive.errors import storage_errors

__all__ = ["Fault", "check", "digest_of", "read", "render"]

_PIECE = 1024 * 1024


class Fault(NamedTuple):
    """A file that is not as a manifest says."""

    path: str
    code: str
    """`missing`, `differs` or `unlisted`."""


def render(digests: Iterable[tuple[str, str]]) -> bytes:
    """Return a manifest of paths and digests in hex, in their order. What would end a line is encoded (§2.1.3)."""
    return "".join(f"{digest}  {_encoded(path)}\n" for path, digest in digests).encode()


def read(path: Path) -> dict[str, str]:
    """Return digests by path; nothing where there is no manifest. Other lines are left out. Raises StorageError."""
    found = {}
    with storage_errors(path):
        if not path.exists():
            return {}
        for line in path.read_text("utf-8", "replace").splitlines():
            digest, _, name = line.partition(" ")
            if name.strip():
                found[_decoded(name.lstrip(" *"))] = digest.lower()
    return found


def check(root: Path, manifest: str, algorithm: str) -> Iterator[Fault]:
    """Yield what is not as a manifest in the folder says. Raises StorageError where a file cannot be read."""
    for path, digest in read(root / manifest).items():
        file = root / path
        inside = file.resolve().is_relative_to(root.resolve())
        if not (inside and file.is_file()):
            yield Fault(path, "missing")
        elif digest_of(file, algorithm) != digest:
            yield Fault(path, "differs")


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file, in hex. Raises StorageError."""
    digest = hashlib.new(algorithm)
    with storage_errors(path), path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _decoded(path: str) -> str:
    return path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
