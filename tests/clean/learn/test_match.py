"""Where runs are found, and that nothing is found on what they leave."""

from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.learn.apply import ComparedPage, Matcher, RuleRun

RUN = st.builds(
    RuleRun,
    st.text("abc", min_size=1, max_size=3),
    st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4).map(tuple),
    st.sampled_from(["head", "tail", "middle"]),
    st.integers(1, 3),
    st.integers(0, 4),
    st.integers(0, 2),
    st.booleans(),
)
LINES = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", "D", "x", None]), st.booleans(), st.sampled_from([0, 0, 1, 2])),
    max_size=24,
)


def seen(lines: list[tuple[str | None, bool, int]]) -> ComparedPage:
    return ComparedPage([line[0] for line in lines], [line[1] for line in lines], [line[2] for line in lines])


@settings(max_examples=draws(500), deadline=None, derandomize=True)
@given(st.lists(RUN, min_size=1, max_size=4), LINES, st.booleans())
def test_on_what_is_left_nothing_is_found(
    runs: list[RuleRun], lines: list[tuple[str | None, bool, int]], cut: bool
) -> None:
    runs = [run._replace(lists=run.lists and run.zone == "tail") for run in runs]
    found = Matcher(runs).find(seen(lines), cut=cut)
    gone = [place for hit in found.hits for place in hit.places]
    assert len(gone) == len(set(gone))
    left = [line for place, line in enumerate(lines) if place not in set(gone)]
    assert Matcher(runs).find(seen(left), cut=cut).hits == ()


def taken(runs: list[RuleRun], text: str, *, prose: str = "", listed: str = "", cut: bool = False) -> str:
    """Return a text, one letter a line, with what goes in brackets."""
    page = ComparedPage(list(text), [letter in prose for letter in text], [letter in listed for letter in text])
    gone = {place for hit in Matcher(runs).find(page, cut=cut).hits for place in hit.places}
    return "".join(f"[{letter}]" if place in gone else letter for place, letter in enumerate(text))


def test_a_run_goes_from_its_own_end_of_the_page_alone() -> None:
    tail = RuleRun("r", tuple("ABC"), "tail", 2, 1, 0)
    assert taken([tail], "xyzABC") == "xyz[A][B][C]"
    assert taken([tail], "xyzACw") == "xyz[A][C]w"  # a line missing, and one behind the run
    assert taken([tail], "xyzABCvw") == "xyzABCvw"  # too far from the end
    assert taken([tail], "xyzABCp", prose="p") == "xyzABCp"  # prose behind it
    assert taken([tail], "ABCxyz") == "ABCxyz"
    assert taken([tail], "xyzA") == "xyzA"  # too few of its lines
    assert taken([tail], "xyzCBA") == "xyzCBA"  # in another order
    assert taken([tail], "xyzABC", cut=True) == "xyzABC"  # the page's end is missing


def test_runs_outside_their_guard_are_told() -> None:
    tail = RuleRun("r", tuple("AB"), "tail", 2, 0, 0)
    found = Matcher([tail]).find(ComparedPage(list("ABxyAB"), [False] * 6, [0] * 6), cut=False)
    assert [hit.places for hit in found.hits] == [(4, 5)]
    assert [hit.places for hit in found.outside] == [(0, 1)]


def test_a_list_goes_with_its_heading_and_never_the_heading_alone() -> None:
    lists = RuleRun("r", ("A",), "tail", 1, 1, 0, lists=True)
    assert taken([lists], "xyAlll", listed="l") == "xy[A][l][l][l]"
    assert taken([lists], "xyAlllz", listed="l") == "xy[A][l][l][l]z"
    assert taken([lists], "xyA", listed="l") == "xyA"
    assert taken([lists], "xyAzll", listed="l") == "xyAzll"


def test_a_run_of_the_middle_goes_anywhere() -> None:
    middle = RuleRun("r", tuple("ABC"), "middle", 3, 0, 0)
    assert taken([middle], "pppABCppp", prose="p") == "ppp[A][B][C]ppp"
