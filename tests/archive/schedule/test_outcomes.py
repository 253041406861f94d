"""What visits find, and how much of a text changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.schedule.outcomes import EVENTS, FAILING_AFTER, GONE_OUTCOMES, PastVisit, changed_share, visit_outcomes

STATES = ("live", "deleted", "violation", "verification", "unavailable", "empty", "not-article", "expired")


def capture(number: int, state: str = "live", version: int = 1, **more: object) -> PastVisit:
    given = {"status": 200, "payload_sha256": f"payload {number}", "rules": "rules"} | more
    live = version if state == "live" else None
    return PastVisit(visit_id=f"v{number}", at=f"2026-11-{number:02}", state=state, version=live, **given)  # type: ignore[arg-type]


def told(*captures: PastVisit) -> list[tuple[str, ...]]:
    return [(each.outcome, *each.events) for each in visit_outcomes(captures, 3)]


def test_texts_and_bytes() -> None:
    assert told(
        capture(1),
        capture(2),
        capture(3, payload_sha256="payload 2"),
        capture(4, status=304, payload_sha256=""),
        capture(5, version=2),
        capture(6, version=1),
    ) == [
        ("new", "new"),
        ("same-text",),
        ("unchanged",),
        ("unchanged",),
        ("changed", "changed"),
        ("changed", "changed"),
    ]


def test_other_rules_are_no_change_of_the_site() -> None:
    assert told(
        capture(1),
        capture(2, version=2, rules="newer rules"),
        capture(3, version=2, rules="newer rules"),
        capture(4, version=3, rules="newer rules"),
    ) == [("new", "new"), ("recleaned",), ("same-text",), ("changed", "changed")]
    # A text that was taken over by a 304 is the work of the rules before.
    assert told(capture(1), capture(2, status=304, rules="newer"), capture(3, version=2, rules="newer"))[2] == (
        "recleaned",
    )


def test_gone_counts_after_several_visits_and_once() -> None:
    gone = [capture(2, "deleted"), capture(3, "verification"), capture(4, "violation"), capture(5, "unavailable")]
    assert told(capture(1), *gone, capture(6, "deleted"), capture(7, "deleted"), capture(8), capture(9)) == [
        ("new", "new"),
        ("deleted",),
        ("wall",),
        ("violation",),
        ("error",),
        ("deleted", "gone"),
        ("deleted",),
        ("same-text", "restored"),
        ("same-text",),
    ]
    # Back before it counted: no event, and the counting begins anew.
    assert told(capture(1), capture(2, "deleted"), capture(3, "deleted"), capture(4), capture(5, "deleted"))[3:] == [
        ("same-text",),
        ("deleted",),
    ]


def test_a_page_that_is_not_found_is_gone_and_one_that_fails_is_not() -> None:
    lost = {"status": 404}
    assert told(capture(1), *[capture(n, "unavailable", **lost) for n in (2, 3, 4)])[-1] == ("not-found", "gone")
    failing = told(capture(1), *[capture(n, "unavailable", status=500) for n in range(2, 8)])
    assert failing[1:] == [("error",), ("error",), ("error", "failing"), ("error",), ("error",), ("error",)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 3)), max_size=40))
def test_laws_of_events(history: list[tuple[str, int]]) -> None:
    captures = [capture(number, state, version) for number, (state, version) in enumerate(history)]
    found = list(visit_outcomes(captures, 3))
    assert [each.visit for each in found] == captures
    events = [event for each in found for event in each.events]
    assert set(events) <= set(EVENTS)
    assert events.count("new") <= 1
    # Gone and restored come by turns, beginning with gone.
    turns = [event for event in events if event in {"gone", "restored"}]
    assert turns == [("gone", "restored")[number % 2] for number in range(len(turns))]
    assert len({name for each in found for name in each.event_ids}) == len(events)
    # A wall or an error is never news about the text.
    for each in found:
        if each.outcome in {"wall", "error", *GONE_OUTCOMES}:
            assert not {"new", "changed", "restored"} & set(each.events)
    # What is told of the first visits does not depend on the later ones.
    assert list(visit_outcomes(captures[: len(captures) // 2], 3)) == found[: len(captures) // 2]
    assert events.count("failing") <= len(found) / FAILING_AFTER


def test_how_much_changed() -> None:
    text = "竹子砍下来，先在水里泡上三个月。\n\n煮过的竹丝要舂成浆。\n\n湿纸一张张叠起来。\n"
    assert changed_share(text, text) == 0
    assert changed_share("", "") == 0
    assert changed_share("", text) == 1
    assert changed_share("甲乙", "丙丁") == 1
    typo = changed_share(text, text.replace("三个月", "四个月"))
    assert 0 < typo < 0.1
    assert typo < changed_share(text, text.replace("湿纸一张张叠起来。", "完全是另外一句话了")) < 0.5


@settings(deadline=None)
@given(st.text("甲乙丙\n", max_size=60), st.text("甲乙丙\n", max_size=60))
def test_the_measure_is_one_for_both_directions(one: str, other: str) -> None:
    assert 0 <= changed_share(one, other) <= 1
    assert changed_share(one, other) == changed_share(other, one)
    assert changed_share(one, one) == 0
