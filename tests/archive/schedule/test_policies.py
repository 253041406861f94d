"""Policies: when an article is due next, as pure functions of what was seen."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.schedule.due import earliest_due, next_due
from archive.schedule.outcomes import PastVisit, VisitOutcome, visit_outcomes
from archive.schedule.policies import (
    DAY,
    HOUR,
    POLICIES,
    YEAR,
    Plan,
    ScheduleDefaults,
    Sighting,
    change_rate,
    format_duration,
    parse_duration,
    plan_of,
)

START = datetime(2026, 11, 22, 8, tzinfo=UTC).timestamp()

PLANS = {
    "fixed": Plan("fixed", every=DAY),
    "cron": Plan("cron", cron="30 4 * * *"),
    "adaptive": Plan("adaptive"),
    "survival": Plan("survival"),
}

LENGTHS = st.floats(1, 400 * DAY)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def due(policy: str, *moments: float, changed: tuple[bool, ...] = (), published: float | None = None) -> float:
    flags = changed or (False,) * len(moments)
    seen = [Sighting(moment, flag) for moment, flag in zip(moments, flags, strict=True)]
    found = POLICIES[policy](PLANS[policy], seen, published, "UTC", 0.0)
    assert found is not None
    return found


@settings(deadline=None)
@given(st.sampled_from(sorted(PLANS)), st.lists(st.tuples(LENGTHS, st.booleans()), max_size=30), st.floats(0, 1))
def test_the_next_moment_is_always_after_the_last_visit(
    policy: str, steps: list[tuple[float, bool]], spread: float
) -> None:
    seen = [Sighting(START, False)]
    for length, changed in steps:
        seen.append(Sighting(seen[-1].at + length, changed))
    moment = POLICIES[policy](PLANS[policy], seen, START - HOUR, "Asia/Shanghai", spread)
    assert moment is not None
    assert moment > seen[-1].at
    assert moment == POLICIES[policy](PLANS[policy], seen, START - HOUR, "Asia/Shanghai", spread)
    assert moment - seen[-1].at <= 1.6 * YEAR


def test_a_daily_timer_that_comes_early_or_late_sees_every_day_once() -> None:
    visits = [Sighting(START, False)]
    shakes = (3, -40, 55, -2, 0, 59, -59, 7, -7, 30)
    for day, shake in enumerate(shakes * 3, 1):
        now = START + day * DAY + shake
        moment = POLICIES["fixed"](PLANS["fixed"], visits, None, "UTC", 0.0)
        assert moment is not None
        if earliest_due(PLANS["fixed"], visits[-1].at, moment) <= now:
            visits.append(Sighting(now, False))
    assert len(visits) == 31


def test_what_was_missed_is_one_visit() -> None:
    after_a_month = START + 30 * DAY
    assert START < due("fixed", START) < after_a_month  # due once, though thirty days were missed
    for policy in ("fixed", "cron"):
        assert after_a_month < due(policy, START, after_a_month) <= after_a_month + DAY


def test_survival_visits_at_its_ages() -> None:
    visits = [START]
    for _ in range(10):
        visits.append(due("survival", *visits, published=START))
    ages = [format_duration(moment - START) for moment in visits[1:]]
    assert ages == ["1h", "6h", "1d", "3d", "7d", "30d", "90d", "365d", "730d", "1096d"]


def test_an_old_article_is_not_visited_as_a_young_one() -> None:
    assert due("survival", START, published=START - 40 * DAY) == START + 50 * DAY
    # A date in the future is a mistake of the page; the first visit stands in.
    assert due("survival", START, published=START + 40 * DAY) == START + HOUR


def test_adaptive_halves_after_a_change_and_is_careful_without() -> None:
    week = due("adaptive", START) - START
    assert week == pytest.approx(7 * DAY, rel=0.06)
    after_a_change = due("adaptive", START, START + 4 * DAY, changed=(False, True)) - START - 4 * DAY
    assert after_a_change <= 2 * DAY
    visits, flags = [START, START + DAY], (False, False)
    for _ in range(40):
        moment = due("adaptive", *visits, changed=flags)
        assert moment - visits[-1] <= 2 * (visits[-1] - visits[-2]) * 1.05
        visits, flags = [*visits, moment], (*flags, False)
    assert visits[-1] - visits[-2] == pytest.approx(90 * DAY, rel=0.06)  # and no longer than that


@pytest.mark.parametrize("daily", [0.02, 0.2, 1.0])
def test_the_rate_of_change_is_found(daily: float) -> None:
    # What a visit a day sees of changes that come `daily` times a day, evenly: known beforehand, without chance.
    seen, changes = [Sighting(START, False)], 0.5
    share = 1 - 2.718281828459045**-daily
    for day in range(1, 100):
        before, changes = int(changes), changes + share
        seen.append(Sighting(START + day * DAY, int(changes) > before))
    assert change_rate(seen) * DAY == pytest.approx(daily, rel=0.2)


def test_cron_and_daylight_saving() -> None:
    def berlin(expression: str, since: str) -> list[str]:
        moments = [at(since)]
        for _ in range(3):
            plan = Plan("cron", cron=expression)
            moment = POLICIES["cron"](plan, [Sighting(moments[-1], False)], None, "Europe/Berlin", 0.5)
            assert moment is not None
            moments.append(moment)
        return [datetime.fromtimestamp(moment, UTC).isoformat(timespec="minutes")[:16] for moment in moments[1:]]

    # 29 March 2026: there is no half past two; 25 October: there are two of them, and one visit.
    assert berlin("30 2 * * *", "2026-03-28T00:00Z") == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]
    assert berlin("30 2 * * *", "2026-10-24T00:00Z") == ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]


def capture(
    days: float, state: str = "live", version: int | None = 1, status: int = 200, payload: str = ""
) -> PastVisit:
    moment = datetime.fromtimestamp(START + days * DAY, UTC).isoformat().replace("+00:00", "Z")
    live = version if state == "live" else None
    return PastVisit(f"visit-{days:g}", moment, state, status, live, payload or f"payload {days}", "rules")


def noticed(*captures: PastVisit) -> list[VisitOutcome]:
    return list(visit_outcomes(captures, ScheduleDefaults().confirmations))


def due_after(*captures: PastVisit, plan: Plan = PLANS["fixed"]) -> float | None:
    found = next_due(plan, ScheduleDefaults(), "url:a.example", noticed(*captures), None, START - DAY)
    return None if found is None else (found - START) / DAY


def test_what_was_never_visited_is_due_since_it_was_added() -> None:
    assert due_after() == -1


def test_a_wall_is_patience_and_no_visit() -> None:
    waits = [due_after(*[capture(0)], *[capture(2 + n, "verification") for n in range(count)]) for count in (1, 2, 3)]
    delays = [wait - 2 - number for number, wait in enumerate(waits) if wait is not None]
    assert delays >= [HOUR / DAY, 3 * HOUR / DAY, 12 * HOUR / DAY]
    assert all(delay <= most / 24 * 1.2 for delay, most in zip(delays, (1, 3, 12), strict=True))
    # When it passes, the plan goes on from the last visit that saw the article.
    assert (due_after(capture(0), capture(2, "verification"), capture(2.1)) or 0) > 2.5


def test_gone_is_looked_for_again_soon_and_then_seldom() -> None:
    gone = [capture(0), capture(10, "deleted")]
    survival = PLANS["survival"]
    assert due_after(*gone, plan=survival) == pytest.approx(10 + 1 / 24)
    gone.append(capture(11, "deleted"))
    assert due_after(*gone, plan=survival) == pytest.approx(11 + 6 / 24)
    gone.append(capture(12, "deleted"))
    assert due_after(*gone) == pytest.approx(12 + 7)
    gone.append(capture(19, "not-found", status=404))
    assert due_after(*gone) == pytest.approx(19 + 30)
    # Back again: as before.
    assert (due_after(*gone, capture(49)) or 0) < 51


def test_nothing_is_due_after_the_end() -> None:
    assert due_after(capture(0), plan=Plan("fixed", until=START + DAY / 4)) is None


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("1d12h", 36 * HOUR), ("2 w", 14 * DAY), ("0.5h", 1800), ("1y", YEAR)]
)
def test_lengths_of_time(text: str, length: float) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "1", "d", "1 month", "-1d", "0s", "1d!"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"policy": "often"}, "known are adaptive, survival, fixed, cron"),
        ({"policy": "fixed"}, "needs every"),
        ({"policy": "survival", "every": "1d"}, "belongs to the policy fixed"),
        ({"cron": "99 * * * *"}, "no cron expression: Bad minute"),
        ({"cron": "0 0 31 2 *"}, "Bad day-of-month"),
        ({"policy": "adaptive", "least": "2d", "most": "1d"}, "least is longer"),
        ({"every": "1d", "until": "soon"}, "no date"),
    ],
)
def test_mistakes_in_a_plan_are_told(said: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plan_of(said, lambda _: None)


def test_a_plan_as_it_is_written() -> None:
    said = {"every": "6h", "until": "2027-01-01"}
    until = datetime(2027, 1, 1, tzinfo=UTC)
    assert plan_of(said, lambda _: until) == Plan("fixed", every=6 * HOUR, until=until.timestamp())
    assert plan_of({"cron": "30 4 * * MON"}, lambda _: None) == Plan("cron", cron="30 4 * * MON")
    assert plan_of({}, lambda _: None) == Plan("survival")
