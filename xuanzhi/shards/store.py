"""Stores: where files of records lie and shards go: folders, and buckets of object stores (`s3://bucket/prefix`).

A store has few verbs, so that a disk and a bucket behave alike: what is put is there whole or not at all, and
`put_if_absent` tells two that put the same name who was first. Object stores are reached through obstore, which reads
endpoint and credentials from the environment as its documentation says (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` …).
"""

import errno
import io
import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path, PurePosixPath
from time import sleep
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar, cast

from archive.storage import make_folder, sync_folder, try_lock
from xuanzhi.messages import _
from xuanzhi.output.failures import InputError, OutputError, UsageError, extra_missing
from xuanzhi.shards.naming import InputFile

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = ["FixityFile", "Folder", "ShardStore", "input_file", "is_remote", "list_inputs", "open_input", "open_store"]

_S3 = "s3://"

_END = 64 * 1024
"""Bytes of each end of a file that tell it from others of its name and size."""

_PIECE = 1024 * 1024

_READ_AHEAD = 8 * 1024 * 1024
"""Bytes that are fetched at once from an object store."""

_TRIES = 5
_FIRST_WAIT = 0.2
"""Seconds before the second try of what a store refused; the wait doubles each time. obstore itself tries again what
fails for the server's sake (5xx), but not 403, which stores also answer while credentials change."""

_RECORDS = ("*.warc", "*.warc.gz", "*.warc.zst", "*.arc", "*.arc.gz", "*.arc.zst")

_PART = ".part"

_LONGEST_REASON = 300

T = TypeVar("T")


class ShardStore(Protocol):
    """Where shards go."""

    def attempt(self, name: str) -> Path:
        """Return the path of a new, empty file on this machine for what is to be put; it is ours as long as we live."""

    def put(self, name: str, attempt: Path) -> None:
        """Move a finished attempt to its name, whole or not at all. Raises OutputError."""

    def put_if_absent(self, name: str, data: bytes) -> bool:
        """Put bytes under a name, and return whether nothing was there before. Raises OutputError."""

    def replace(self, name: str, data: bytes) -> None:
        """Put bytes under a name, whatever is there. Raises OutputError."""

    def get(self, name: str) -> bytes | None:
        """Return what is under a name; None where nothing is. Raises InputError."""

    def digest(self, name: str) -> str | None:
        """Return the sha256 of what is under a name, in hexadecimal; None where nothing is. Raises InputError."""

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names in a folder, `folder/name`, in any order. Raises InputError."""

    def delete(self, name: str) -> None:
        """Remove what is under a name, if anything is. Raises OutputError."""

    def sweep(self) -> None:
        """Remove attempts whose process has died."""


def is_remote(uri: str) -> bool:
    """Whether a text names an object of a store, and no file."""
    return uri.startswith(_S3)


def open_store(where: str) -> ShardStore:
    """Return the store of a folder or of `s3://bucket/prefix`. Raises OutputError, UsageError."""
    return _Bucket(where) if is_remote(where) else Folder(Path(where))


class Folder:
    """A folder of a file system."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._locks: dict[Path, int] = {}

    def attempt(self, name: str) -> Path:
        """Make a file beside its place, and hold its lock: so others see that its writer lives."""
        from secrets import token_hex

        place = self.path / name
        part = place.with_name(f".{place.name}.{token_hex(6)}{_PART}")
        try:
            make_folder(place.parent)
            file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise _not_written(str(part), error) from error
        try_lock(file)
        self._locks[part] = file
        return part

    def put(self, name: str, attempt: Path) -> None:
        """Bring it to the disk, then rename it."""
        try:
            self._sync(attempt)
            attempt.replace(self.path / name)
            sync_folder((self.path / name).parent)
        except OSError as error:
            raise _not_written(name, error) from error
        finally:
            self._release(attempt)

    def put_if_absent(self, name: str, data: bytes) -> bool:
        """Link a finished file to its name, which fails where there is one (link(2))."""
        part = self.attempt(name)
        try:
            part.write_bytes(data)
            self._sync(part)
            try:
                os.link(part, self.path / name)
            except FileExistsError:
                return False
            except OSError as error:
                # A file system without links: two who put at the same moment may both believe to be the first.
                if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK} or (self.path / name).exists():
                    raise
                part.replace(self.path / name)
            sync_folder((self.path / name).parent)
        except OSError as error:
            raise _not_written(name, error) from error
        finally:
            part.unlink(missing_ok=True)
            self._release(part)
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Rename a finished file over what is there."""
        part = self.attempt(name)
        try:
            part.write_bytes(data)
        except OSError as error:
            raise _not_written(name, error) from error
        self.put(name, part)

    def get(self, name: str) -> bytes | None:
        """Read a file."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _not_read(name, error) from error

    def digest(self, name: str) -> str | None:
        """Read a file in pieces."""
        try:
            with (self.path / name).open("rb") as file:
                return _digest_of(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _not_read(name, error) from error

    def names(self, folder: str) -> Iterator[str]:
        """List a folder; what begins with a dot is no result."""
        try:
            with os.scandir(self.path / folder) as entries:
                yield from (f"{folder}/{entry.name}" for entry in entries if not entry.name.startswith("."))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _not_read(folder, error) from error

    def delete(self, name: str) -> None:
        """Remove a file."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise _not_written(name, error) from error

    def sweep(self) -> None:
        """Remove attempts that nobody holds the lock of. Who loses one that lives tries again: nothing is lost."""
        for part in self.path.glob(f"**/.*{_PART}"):
            try:
                file = os.open(part, os.O_RDWR)
            except OSError:  # its writer is done, or it is another user's
                continue
            try:
                if try_lock(file):
                    part.unlink(missing_ok=True)
            finally:
                os.close(file)

    def _sync(self, part: Path) -> None:
        file = self._locks.get(part)
        if file is not None:
            os.fsync(file)

    def _release(self, part: Path) -> None:
        file = self._locks.pop(part, None)
        if file is not None:
            os.close(file)


class _Bucket:
    """A prefix of a bucket: attempts are files of this machine, uploaded whole, in parts where they are large."""

    def __init__(self, where: str) -> None:
        bucket, _slash, prefix = where.removeprefix(_S3).partition("/")
        self._store = _s3(bucket)
        self._prefix = prefix.rstrip("/")

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def attempt(self, name: str) -> Path:
        """Make a file in the folder for temporary files."""
        import tempfile

        try:
            file, path = tempfile.mkstemp(prefix="xuanzhi-shard-", suffix=_PART)
        except OSError as error:
            raise _not_written(name, error) from error
        os.close(file)
        return Path(path)

    def put(self, name: str, attempt: Path) -> None:
        """Upload it; an upload that is torn leaves no object."""
        import obstore

        try:
            _patiently(lambda: obstore.put(self._store, self._key(name), attempt))
        except Exception as error:
            raise _not_written(name, error) from error
        finally:
            attempt.unlink(missing_ok=True)

    def put_if_absent(self, name: str, data: bytes) -> bool:
        """Put with `If-None-Match: *` (RFC 9110 §13.1.2)."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            _patiently(lambda: obstore.put(self._store, self._key(name), data, mode="create"))
        except AlreadyExistsError:
            return False
        except Exception as error:
            raise _not_written(name, error) from error
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Put whatever is there."""
        import obstore

        try:
            _patiently(lambda: obstore.put(self._store, self._key(name), data))
        except Exception as error:
            raise _not_written(name, error) from error

    def get(self, name: str) -> bytes | None:
        """Fetch an object."""
        import obstore

        try:
            return _patiently(lambda: bytes(obstore.get(self._store, self._key(name)).bytes()))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise _not_read(name, error) from error

    def digest(self, name: str) -> str | None:
        """Fetch an object in pieces."""
        try:
            with _remote_file(self._store, self._key(name)) as file:
                return _digest_of(file)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise _not_read(name, error) from error

    def names(self, folder: str) -> Iterator[str]:
        """List a prefix, page by page."""
        for key in _keys(self._store, self._key(folder) + "/"):
            yield key.removeprefix(f"{self._prefix}/") if self._prefix else key

    def delete(self, name: str) -> None:
        """Delete an object."""
        import obstore

        try:
            _patiently(lambda: obstore.delete(self._store, self._key(name)))
        except FileNotFoundError:
            return
        except Exception as error:
            raise _not_written(name, error) from error

    def sweep(self) -> None:
        """Do nothing: attempts are files of machines that look after their temporary files themselves."""


# Inputs


def list_inputs(uri: str) -> Iterator[str]:
    """Yield the objects that `s3://bucket/prefix` or a glob of one names. Raises InputError, UsageError."""
    bucket, _slash, key = uri.removeprefix(_S3).partition("/")
    magic = min((key.index(mark) for mark in "*?[" if mark in key), default=-1)
    if magic < 0 and any(fnmatchcase(key.lower(), pattern) for pattern in _RECORDS):
        yield uri
        return
    store, found = _s3(bucket), False
    for each in _keys(store, key[:magic] if magic >= 0 else key):
        wanted = (
            fnmatchcase(each, key) if magic >= 0 else any(fnmatchcase(each.lower(), pattern) for pattern in _RECORDS)
        )
        if wanted:
            found = True
            yield f"{_S3}{bucket}/{each}"
    if not found:
        raise InputError(
            "no-match",
            _("no object of the store matches {pattern}", pattern=uri),
            _("Check bucket and prefix; objects with records end in .warc.gz and the like."),
        )


def open_input(uri: str) -> BinaryIO:
    """Open a file of records. Raises OSError, or InputError of a store."""
    if not is_remote(uri):
        return Path(uri).open("rb")
    bucket, _slash, key = uri.removeprefix(_S3).partition("/")
    try:
        return _remote_file(_s3(bucket), key)
    except FileNotFoundError:
        raise
    except UsageError:
        raise
    except Exception as error:
        raise _not_read(uri, error) from error


def input_file(uri: str, file: BinaryIO) -> InputFile:
    """Return what is known of an open file before it is read. Raises OSError."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    ends = file.read(_END)
    file.seek(max(0, size - _END))
    ends += file.read(_END)
    file.seek(0)
    raw = getattr(file, "raw", None)
    etag = raw.etag if isinstance(raw, _RemoteFile) else ""
    return InputFile(uri, PurePosixPath(uri).name if is_remote(uri) else Path(uri).name, size, _sha256(ends), etag)


class FixityFile:
    """An open file whose bytes are digested as they are read for the first time, so that this takes no second pass."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = file.seek(0)
        self._digest = sha256()
        self._digested = 0

    def read(self, size: int = -1) -> bytes:
        """Read like a file."""
        data = self._file.read(size)
        end = self._at + len(data)
        if self._at <= self._digested < end:
            self._digest.update(memoryview(data)[self._digested - self._at :])
            self._digested = end
        self._at = end
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seek like a file."""
        self._at = self._file.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        """Tell like a file."""
        return self._at

    def finish(self) -> str:
        """Read what was not read, and return the sha256 of the whole file in hexadecimal."""
        self.seek(self._digested)
        while self.read(_PIECE):
            pass
        return self._digest.hexdigest()


# Object stores


def _s3(bucket: str) -> "S3Store":
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise extra_missing(_S3, "obstore", "s3") from error
    is_plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return S3Store(bucket, client_options={"allow_http": True} if is_plain else None)


def _patiently(act: Callable[[], T]) -> T:
    """Do what a store may refuse for a moment; try again what it did not say no to for good."""
    from obstore.exceptions import AlreadyExistsError, GenericError, PermissionDeniedError, UnauthenticatedError

    wait = _FIRST_WAIT
    for _try in range(_TRIES - 1):
        try:
            return act()
        except AlreadyExistsError:
            raise
        except (GenericError, PermissionDeniedError, UnauthenticatedError):
            sleep(wait)
            wait *= 2
    return act()


def _keys(store: "S3Store", prefix: str) -> Iterator[str]:
    import obstore
    from obstore.exceptions import GenericError, PermissionDeniedError, UnauthenticatedError

    # obstore takes a prefix for a folder: what follows its last slash is compared here.
    folder = prefix.rpartition("/")[0]
    last, failed = "", 0
    while True:
        try:
            for chunk in obstore.list(store, prefix=folder or None, offset=last or None):
                for meta in chunk:
                    last, failed = meta["path"], 0
                    if last.startswith(prefix):
                        yield last
            return
        except (GenericError, PermissionDeniedError, UnauthenticatedError) as error:  # go on behind the last one
            failed += 1
            if failed == _TRIES:
                raise _not_read(prefix, error) from error
            sleep(_FIRST_WAIT * 2**failed)


class _RemoteFile(io.RawIOBase):
    """An object as a file that can be read anywhere."""

    def __init__(self, store: "S3Store", key: str) -> None:
        import obstore

        self._store, self._key, self._at = store, key, 0
        meta = _patiently(lambda: obstore.head(store, key))
        self.size = meta["size"]
        self.etag = (meta["e_tag"] or "").strip('"')

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be sought in."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seek; nothing is fetched."""
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def tell(self) -> int:
        """Tell."""
        return self._at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the stub's buffer has more types
        """Fetch a range."""
        import obstore

        start, end = self._at, min(self._at + len(buffer), self.size)
        if start >= end:
            return 0
        try:
            data = _patiently(lambda: obstore.get_range(self._store, self._key, start=start, end=end))
        except Exception as error:
            raise OSError(errno.EIO, str(error)) from error
        count = len(data)
        buffer[:count] = memoryview(data)
        self._at += count
        return count


def _remote_file(store: "S3Store", key: str) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_RemoteFile(store, key), _READ_AHEAD))


def _digest_of(file: BinaryIO) -> str:
    digest = sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


def _not_written(name: str, error: Exception) -> OutputError:
    return OutputError(
        "not-writable",
        _("cannot write {path}: {reason}", path=name, reason=_reason(error)),
        _("Check its permissions and the free space, then run the same command again."),
    )


def _not_read(name: str, error: Exception) -> InputError:
    return InputError(
        "unreadable",
        _("{path} cannot be read: {reason}", path=name, reason=_reason(error)),
        _("Check its permissions."),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).splitlines() or [type(error).__name__])[0][:_LONGEST_REASON]  # those of obstore have many lines
