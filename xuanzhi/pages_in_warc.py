"""Pages inside WARC and ARC files: where they are, and each as the server sent it, without its transfer.

Reading is warcio's: it knows WARC 1.0 and 1.1, ARC, gzip members, chunked bodies and the habits of many writers.
"""

from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from xuanzhi.jobs.inputs import bounded, unreadable
from xuanzhi.output.failures import InputError

__all__ = ["Body", "Found", "pages_in", "read_record"]

_TYPES = ("text/html", "application/xhtml+xml", "multipart/related")


class Found(NamedTuple):
    """What a WARC file holds, as far as cleaning goes."""

    offsets: list[int]
    """Where the records begin that hold pages, in bytes."""
    others: int
    """Records of other kinds: requests, pictures, revisits, redirects."""
    damage: str
    """What is wrong with the file after the last record that could be read; empty where nothing is."""


class Body(NamedTuple):
    """One page of a WARC file."""

    data: bytes
    """The page's bytes, without transfer coding and content coding."""
    url: str
    charset: str
    """The value of the Content-Type header."""
    date: str
    """WARC-Date: when it was captured."""


def pages_in(path: str) -> Found:
    """Look through a WARC file. Raises InputError where it is none."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    offsets: list[int] = []
    others = 0
    damage = ""
    with _opened(path) as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                if _is_page(record):
                    offsets.append(records.get_record_offset())
                else:
                    others += 1
        except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
            if not offsets and not others:
                raise InputError("not-a-warc", reason=str(error)) from error
            damage = str(error)
        except Exception as error:  # warcio raises whatever a broken record makes it stumble over
            damage = f"{type(error).__name__}: {error}"
    return Found(offsets, others, damage)


def read_record(path: str, offset: int, limit: int) -> Body:
    """Read the page whose record begins at an offset. Raises InputError where it is too large or broken."""
    from warcio.archiveiterator import ArchiveIterator

    with _opened(path) as file:
        file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(file)))
            data = record.content_stream().read(limit + 1)
        except Exception as error:  # as above
            raise InputError("broken-record", offset=offset, reason=str(error)) from error
        headers = record.http_headers
        kind = headers.get_header("Content-Type") if headers else record.rec_headers.get_header("Content-Type")
    target = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    return Body(bounded(data, limit), target, kind or "", record.rec_headers.get_header("WARC-Date") or "")


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise unreadable(error) from error


def _is_page(record: Any) -> bool:
    """Whether a record holds a page: an answer with HTML that is no redirect and no error, or HTML kept by itself."""
    headers = record.http_headers
    if record.rec_type == "response" and headers is not None:
        status = headers.get_statuscode() or ""
        kind = headers.get_header("Content-Type")
        return status.startswith("2") and (kind is None or kind.strip().lower().startswith(_TYPES))
    if record.rec_type == "resource":
        return (record.rec_headers.get_header("Content-Type") or "").strip().lower().startswith(_TYPES)
    return False
