"""Rows of the catalogue come with names, and what does not fit is an error."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from archive.catalogue.connection import Catalogue, FileRow
from archive.catalogue.indexing import add_file, end_of_records, files_in_order, set_committed_length
from archive.errors import Damaged
from archive.warc.reader import RecordPlace


class Name(NamedTuple):
    """A part of a file's row."""

    folder: str
    name: str


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with closing(Catalogue(tmp_path / "catalogue.sqlite")) as index:
        yield index


def test_rows_have_the_names_of_their_columns(catalogue: Catalogue) -> None:
    file = add_file(catalogue, "warc", "a.warc.gz")
    set_committed_length(catalogue, file, 12)
    assert list(catalogue.select(Name, "SELECT folder, name FROM file")) == [Name(folder="warc", name="a.warc.gz")]
    assert catalogue.first(Name, "SELECT folder, name FROM file WHERE id = ?", file + 1) is None
    (row,) = catalogue.rows("SELECT name, committed_length AS length FROM file WHERE folder = ?", "warc")
    assert dict(row) == {"name": "a.warc.gz", "length": 12}
    assert catalogue.file(file) == FileRow(id=file, folder="warc", name="a.warc.gz", committed_length=12)


def test_a_column_that_moved_is_an_error(catalogue: Catalogue) -> None:
    add_file(catalogue, "warc", "a.warc.gz")
    for columns in ("name, folder", "folder", "folder, name, id", "folder, name AS title"):
        with pytest.raises(TypeError, match="are not the fields"):
            catalogue.select(Name, f"SELECT {columns} FROM file")


def test_a_row_that_is_not_there_is_damage(catalogue: Catalogue) -> None:
    for missing in (catalogue.file, catalogue.place):
        with pytest.raises(Damaged, match="refers to a row that it does not have") as caught:
            missing(7)
        assert "archive reindex" in caught.value.hint


def test_records_are_known_by_row_and_by_identifier(catalogue: Catalogue) -> None:
    derived, warc = add_file(catalogue, "derived", "d.warc.gz"), add_file(catalogue, "warc", "w.warc.gz")
    assert end_of_records(catalogue, warc) == 0
    row = catalogue.insert("record", record_id="urn:uuid:1", file=warc, offset=10, length=20)
    assert catalogue.row_of("urn:uuid:1") == row
    assert catalogue.place(row) == catalogue.place_of("urn:uuid:1") == RecordPlace("warc", "w.warc.gz", 10, 20)
    assert (catalogue.row_of("urn:uuid:2"), catalogue.place_of("urn:uuid:2")) == (None, None)
    assert end_of_records(catalogue, warc) == 30
    assert [file.id for file in files_in_order(catalogue)] == [warc, derived]
