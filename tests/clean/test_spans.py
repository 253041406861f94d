"""Half-open spans and what lies between them."""

import pytest

from clean.ledger import Span, gaps_between, tiles

GAPS = [
    ([], 0, []),
    ([], 3, [(0, 3)]),
    ([(0, 3)], 3, []),
    ([(1, 2)], 3, [(0, 1), (2, 3)]),
    ([(0, 1), (1, 2)], 3, [(2, 3)]),
    ([(1, 1)], 3, [(0, 1), (1, 3)]),
    ([(3, 3)], 3, [(0, 3)]),
]


@pytest.mark.parametrize(("taken", "length", "between"), GAPS)
def test_gaps(taken: list[tuple[int, int]], length: int, between: list[tuple[int, int]]) -> None:
    spans = [Span(*one) for one in taken]
    found = list(gaps_between(spans, length))
    assert found == between
    assert tiles(sorted([*spans, *found]), length)


@pytest.mark.parametrize(
    ("spans", "length", "answer"),
    [
        ([], 0, True),
        ([], 1, False),
        ([(0, 1)], 1, True),
        ([(0, 1), (1, 1), (1, 2)], 2, True),
        ([(0, 1), (2, 3)], 3, False),
        ([(0, 2), (1, 3)], 3, False),
        ([(0, 1)], 2, False),
        ([(0, 2), (2, 1)], 1, False),
    ],
)
def test_tiles(spans: list[tuple[int, int]], length: int, answer: bool) -> None:
    assert tiles([Span(*one) for one in spans], length) == answer


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Span(1, 3)
    assert [position for position in range(5) if position in span] == [1, 2]
    assert "1" not in span


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [((0, 2), (1, 3), True), ((0, 1), (1, 2), False), ((0, 3), (1, 2), True), ((1, 1), (0, 2), True)],
)
def test_overlaps(one: tuple[int, int], other: tuple[int, int], answer: bool) -> None:
    assert Span(*one).overlaps(Span(*other)) == answer
    assert Span(*other).overlaps(Span(*one)) == answer
