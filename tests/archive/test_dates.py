"""Dates as tools write them, and what is said of how they were read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dates import read, warc_date

NOW = datetime(2026, 11, 22, 8, 30, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_date", "zone", "expected", "note"),
    [
        ("2025-10-06T19:41:42.929239", "UTC", "2025-10-06T19:41:42.929239Z", "no zone given; read as UTC"),
        (
            "2025-10-06T19:41:42.929239",
            "Asia/Shanghai",
            "2025-10-06T11:41:42.929239Z",
            "read as Asia/Shanghai",
        ),
        ("2025-10-06T19:41:42", "UTC", "2025-10-06T19:41:42Z", "no zone given"),
        ("2025-10-06 19:41", "UTC", "2025-10-06T19:41:00Z", "no zone given"),
        ("2025-10-06T19:41:42Z", "Asia/Shanghai", "2025-10-06T19:41:42Z", "zone as given (Z)"),
        ("2025-10-06T19:41:42+08:00", "UTC", "2025-10-06T11:41:42Z", "zone as given (+08:00)"),
        ("2025-10-06T19:41:42 -0330", "UTC", "2025-10-06T23:11:42Z", "zone as given (-0330)"),
        ("2025-10-06T19:41:42.1234567891234", "UTC", "2025-10-06T19:41:42.123456789Z", ""),
        ("2025-10-06T19:41:42,50", "UTC", "2025-10-06T19:41:42.50Z", ""),
        ("2025-10-06", "UTC", "2025-10-06T00:00:00Z", "no time given; read as midnight; no zone given"),
        ("2025-10-06", "Asia/Shanghai", "2025-10-05T16:00:00Z", "read as midnight"),
        ("2025/1/6", "UTC", "2025-01-06T00:00:00Z", ""),
        ("2025年1月6日 9:05", "UTC", "2025-01-06T09:05:00Z", ""),
        ("20251006T194142Z", "UTC", "2025-10-06T19:41:42Z", "zone as given"),
        ("20251006194142", "UTC", "2025-10-06T19:41:42Z", ""),
        ("  2025-10-06  ", "UTC", "2025-10-06T00:00:00Z", ""),
    ],
)
def test_readable(given_date: str, zone: str, expected: str, note: str) -> None:
    reading = read({"fetch_date": given_date, "date": "1999-01-01"}.__getitem__, zone_name=zone, now=NOW)
    assert reading.warc_date == expected
    assert reading.field == "fetch_date"
    assert note in reading.note


@pytest.mark.parametrize(
    "absurd",
    [
        "昨天",
        "二〇二五年",
        "2025-02-30",
        "2025-13-01",
        "0000-00-00",
        "2025-10-06T25:00:00",
        "2025-10-06T19:41:42.",
        "2025-10-06T00:00:00+99:00",
        "0001-01-01T00:00:00+08:00",
        "2025-10-06\n2025",
        "1728300000",
        "9" * 5000,
    ],
    ids=ascii,
)
def test_unreadable_falls_back_to_date_and_says_so(absurd: str) -> None:
    facts = {"fetch_date": absurd, "date": "2024-12-31"}
    reading = read(facts.__getitem__, zone_name="UTC", now=NOW)
    assert (reading.field, reading.warc_date) == ("date", "2024-12-31T00:00:00Z")
    assert reading.note.startswith("fetch_date cannot be read (“")
    assert len(reading.note) < 250
    assert reading.note.isprintable()


@pytest.mark.parametrize("facts", [{}, {"fetch_date": "?", "date": "?"}, {"date": ""}])
def test_without_any_date_the_clock_stands_in_and_it_is_said(facts: dict[str, str]) -> None:
    reading = read(lambda key: facts.get(key, ""), zone_name="Asia/Shanghai", now=NOW)
    assert (reading.field, reading.warc_date) == ("clock", "2026-11-22T08:30:00Z")
    assert "the moment of adding it to the collection stands in" in reading.note
    assert reading.note.startswith("fetch_date ")


def test_an_unknown_zone() -> None:
    with pytest.raises(ValueError, match="Mars"):
        read({"fetch_date": "2025-10-06"}.__getitem__, zone_name="Mars", now=NOW)


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.text(max_size=20))
def test_any_moment_and_any_text(moment: datetime, text: str) -> None:
    reading = read({"fetch_date": moment.isoformat()}.__getitem__, zone_name="UTC", now=NOW)
    assert reading.utc.replace(tzinfo=None) == moment
    again = read({"fetch_date": text, "date": reading.warc_date}.__getitem__, zone_name="UTC", now=NOW)
    assert again.field == "date" or text.strip()[:1].isdigit()


def test_the_clock_as_a_warc_date() -> None:
    assert warc_date(NOW) == "2026-11-22T08:30:00Z"
