"""Import of a WACZ: its WARC files, its page list, its digests, and the names of the rest."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from archive.importing.importer import ImportPreview, ImportReport
from archive.storage import storable
from archive.warc.wacz import WaczPart, copy_part, differing_digests, listed_pages, open_wacz, parts_of

__all__ = ["read_wacz"]


def read_wacz(importer: ImportPreview, report: ImportReport, path: Path) -> Iterator[int]:
    """Read the WARC files of a WACZ; yield how far it is in bytes, now and then.

    Raises BadWacz, and what `Importer.read` raises.
    """
    report.format = "wacz"
    digests: dict[str, str] = {}
    lists: dict[str, bytes] = {}
    done = 0
    with open_wacz(path) as wacz:
        for part in parts_of(wacz):
            if part.refusal:
                _report_problem(report, part, part.refusal)
                continue
            with tempfile.TemporaryFile() as spool:
                digest, why = copy_part(wacz, part, spool)
                if why:
                    _report_problem(report, part, why)
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
            done += part.info.compress_size
            report.parts.append(
                {
                    "name": storable(part.name),
                    "size": part.info.file_size,
                    "sha256": digest,
                    "kept": part.has_records or part.is_list,
                }
            )
    report.checks = list(differing_digests(lists, digests))
    report.pages = [page._asdict() for page in listed_pages(lists)]


def _report_problem(report: ImportReport, part: WaczPart, why: str) -> None:
    entry = {
        "part": storable(part.name),
        "offset": 0,
        "inner": 0,
        "length": part.info.file_size,
        "message": why,
        "record": None,
    }
    report.damage.append(entry)
