"""Import of a WACZ: its WARC files, its page list, its digests, and the names of the rest."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from archive.importing.importer import ImportPreview, ImportReport
from archive.storage import storable
from archive.warc.wacz import Wacz, copy_part, differing_digests, listed_pages

__all__ = ["read_wacz"]


def read_wacz(importer: ImportPreview, report: ImportReport, path: Path) -> Iterator[int]:
    """Read the WARC files of a WACZ; yield how far it is in bytes, now and then.

    Raises BadWacz, NoRecordsInZip, and what `Importer.read` raises.
    """
    report.format = "wacz"
    digests: dict[str, str] = {}
    lists: dict[str, bytes] = {}
    done = 0
    with Wacz(path) as wacz:
        if wacz.problem:
            _report_problem(report, "", 0, wacz.problem)
        digests |= wacz.packages
        for part in wacz.parts:
            if part.refusal:
                _report_problem(report, part.name, part.size, part.refusal)
                continue
            with tempfile.TemporaryFile() as spool:
                digest, why = copy_part(part, spool)
                if why:
                    _report_problem(report, part.name, part.size, why)
                digests[part.name] = digest
                if part.has_records:
                    for offset in importer.read(cast(BinaryIO, spool), part.name):
                        yield done + offset
                elif part.is_list:
                    spool.seek(0)
                    lists[part.name] = data = spool.read()
                    importer.keep_part(
                        part.name, data, "application/json" if part.name.endswith(".json") else "text/plain"
                    )
            done += part.stored
            report.parts.append(
                {
                    "name": storable(part.name),
                    "size": part.size,
                    "sha256": digest,
                    "kept": part.has_records or part.is_list,
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
