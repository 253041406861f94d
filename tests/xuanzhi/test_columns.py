"""Columns line up where ideographs are wide, marks narrow, and control characters shown."""

from hypothesis import given
from hypothesis import strategies as st

from xuanzhi.output.terminal import aligned, cut, size, width


def test_columns_line_up() -> None:
    rows = [("宣纸", "9", "一"), ("paper", "12", "two\n2"), ("Cafe\u0301\x1b", "", "")]
    assert list(aligned(rows)) == ["宣纸       9  一", "paper     12  two 2", "Cafe\u0301\\x1b"]
    assert list(aligned([("宣纸" * 9, "x")], widest=8)) == ["宣纸宣…  x"]
    assert list(aligned([])) == []


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_fits(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns
    assert cut(text, columns) == text or cut(text, columns).endswith("…")


def test_sizes() -> None:
    assert [size(count) for count in (0, 999, 1_500, 20_000, 3_000_000, 5_000_000_000)] == [
        "0 B", "999 B", "1.5 KB", "20 KB", "3.0 MB", "5.0 GB",
    ]  # fmt: skip
