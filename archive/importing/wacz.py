"""Import of a WACZ: its WARC files, its page list, its digests, and the names of the rest; of other zip files, all."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from archive.importing.importer import ImportPreview, ImportReport
from archive.importing.zipped import ZippedPage, found_in, media_type, pages_in
from archive.storage import storable
from archive.warc.wacz import NoRecordsInZip, Wacz, copy_part, differing_digests, listed_pages

__all__ = ["read_wacz"]


_LARGEST_KEPT = 64 * 1024 * 1024
"""Bytes of a file in a zip file of pages that is kept."""


def read_wacz(
    importer: ImportPreview, report: ImportReport, path: Path, zipped: list[ZippedPage] | None = None
) -> Iterator[int]:
    """Read the WARC files of a WACZ; yield how far it is in bytes, now and then.

    Of a zip file without any, all files are kept, and its pages go to the list `zipped`. Raises BadWacz, NoRecordsInZip
    where there is no page either, and what `Importer.read` raises.
    """
    report.format = "wacz"
    digests: dict[str, str] = {}
    lists: dict[str, bytes] = {}
    done = 0
    with Wacz(path, demand_records=False) as wacz:
        if not wacz.has_records:
            pages = pages_in(wacz)
            if not pages:
                found = f"; {wacz.problem}" if wacz.problem else ""
                raise NoRecordsInZip(
                    f"there is no WARC or ARC file and no page in it; it holds {found_in(wacz)}{found}"
                )
            report.format = "zip"
            if zipped is not None:
                zipped += pages
        if wacz.problem:
            _report_problem(report, "", 0, wacz.problem)
        digests |= wacz.packages
        for part in wacz.parts:
            if part.refusal:
                _report_problem(report, part.name, part.size, part.refusal)
                continue
            kept = part.has_records or (part.is_list and wacz.has_records)
            with tempfile.TemporaryFile() as spool:
                digest, why = copy_part(part, spool)
                if why:
                    _report_problem(report, part.name, part.size, why)
                digests[part.name] = digest
                if part.has_records:
                    for offset in importer.read(cast(BinaryIO, spool), part.name):
                        yield done + offset
                elif part.is_list and wacz.has_records:
                    spool.seek(0)
                    lists[part.name] = data = spool.read()
                    importer.keep_part(
                        part.name, data, "application/json" if part.name.endswith(".json") else "text/plain"
                    )
                elif not wacz.has_records and spool.tell() <= _LARGEST_KEPT:
                    spool.seek(0)
                    importer.keep_part(part.name, spool.read(), media_type(part.name))
                    kept = True
                elif not wacz.has_records:
                    _report_problem(report, part.name, part.size, "it is larger than 64 MB, so it was not kept")
            done += part.stored
            report.parts.append(
                {
                    "name": storable(part.name),
                    "size": part.size,
                    "sha256": digest,
                    "kept": kept,
                }
            )
    report.checks = list(differing_digests(lists, digests))
    report.pages = [page._asdict() for page in listed_pages(lists)]


def _report_problem(report: ImportReport, part: str, size: int, why: str) -> None:
    entry = {
        "part": storable(part),
        "offset": 0,
        "inner": 0,
        "length": size,
        "message": why,
        "record": None,
    }
    report.damage.append(entry)
