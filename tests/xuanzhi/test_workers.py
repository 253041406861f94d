"""A watch on each input: what costs too much, or is ended, costs no other its result, and is kept all the same."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from a_source import letter
from draws import draws
from foreign import answer, article, page, response
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Answer, ok
from specimens import snapshot

from clean.page import clean_page
from xuanzhi.jobs.workers import Companion, Loss, Workers, WorkLimits

pytestmark = pytest.mark.slow

LITTLE = WorkLimits(cpu_seconds=0.3, memory_megabytes=100)


class Deed(NamedTuple):
    """Work that does what an item says."""

    def do(self, item: str) -> str:
        if item == "memory, bit by bit":
            held = []
            while True:
                held.append(bytearray(1 << 20))
        if item == "memory, all at once":
            return str(len(bytearray(1 << 32)))
        if item == "time":
            while True:
                pass
        if item == "time in C":
            return str(sum(range(1 << 60)))
        if item.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, item))
        return item.upper()

    def keep(self, item: str, loss: Loss) -> str:
        if item == "SIGSEGV":  # here, too
            self.do(item)
        return f"kept: {loss.code}: {loss.notice}"

    def lost(self, item: str, loss: Loss) -> str:
        return f"lost: {loss.notice}"


ENDS = {
    **dict.fromkeys(
        ("memory, bit by bit", "memory, all at once"),
        "kept: too-costly: cleaning took more memory than 100 MB, or than the system gives",
    ),
    "time": "kept: too-costly: cleaning took more than 0.3 s of processor time",
    "time in C": "kept: too-costly: cleaning took more than 0.3 s of processor time",
    "SIGKILL": "kept: lost-worker: the process that cleaned it was ended: SIGKILL",
    "SIGSEGV": "lost: the process that cleaned it was ended: SIGSEGV",
    "SIGTERM": "SIGTERM",  # ours to decide
}


@pytest.mark.parametrize("processes", [1, 3])
def test_each_item_has_its_own_end(processes: int) -> None:
    items = [each for end in ENDS for each in ("bamboo", end, "竹" * 60_000)]
    with Workers(Deed(), processes, LITTLE) as workers:
        assert list(workers.results(items)) == [ENDS.get(each, each.upper()) for each in items]


@settings(max_examples=draws(15), deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b" * 20_000, "c" * 90_000, "SIGKILL", "SIGSEGV"]), max_size=40), st.integers(1, 3)
)
def test_no_death_costs_another_item_its_result_or_its_place(items: list[str], processes: int) -> None:
    with Workers(Deed(), processes, LITTLE) as workers:
        assert list(workers.results(items)) == [ENDS.get(each, each.upper()) for each in items]


def test_a_large_item_behind_a_small_one_is_read_before_it_has_a_limit() -> None:
    large = "a" * (48 << 20)
    with Workers(Deed(), 1, WorkLimits(cpu_seconds=0, memory_megabytes=20)) as workers:
        ends = list(workers.results(["SIGTERM", large, "bamboo"]))
    assert ends == [
        "SIGTERM",
        "kept: too-costly: cleaning took more memory than 20 MB, or than the system gives",
        "BAMBOO",
    ]


def test_a_program_with_threads_has_a_companion_that_survives_all_of_it() -> None:
    with Companion(Deed(), LITTLE) as companion:
        assert [companion.do(each) for each in (*ENDS, "bamboo")] == [*ENDS.values(), "BAMBOO"]


def test_who_waits_for_a_companion_that_is_closed_waits_no_longer() -> None:
    results: list[str] = []
    companion = Companion(Deed(), WorkLimits(cpu_seconds=0, memory_megabytes=0))
    waiting = threading.Thread(target=lambda: results.append(companion.do("time")))
    waiting.start()
    companion.close()
    waiting.join()
    assert results == ["lost: cleaning was interrupted"]


# The same through the commands: one large input between small ones. Its megabytes are comments, quickly read over, but
# their text takes 62 MB at once. Such a block is asked of the system for itself; smaller ones may lie in memory that
# earlier tests had freed.

LARGE = f"<!--{'x' * 1_000_000}-->" * 31
SMALL = "<p>竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。</p>" * 9
SLOW = "".join(f"<p>煮过的竹丝要舂成浆，抄第{number}张纸。</p>" for number in range(20_000))
LIMIT = ("--memory-megabytes", "28")
KEPT = "Its bytes are in the collection, not cleaned"


@pytest.fixture(scope="module", autouse=True)
def _libraries() -> None:
    """Load what reads pages, which else counts as memory of the first page that a worker has."""
    clean_page(SMALL.encode())


def states(run: Callable) -> list[str]:
    return sorted(each["state"] for each in run("archive", "list", "--json").events)


def faults(run: Callable) -> list[str]:
    """Return what `verify` finds, and what a rebuilt catalogue says otherwise."""
    before = states(run)
    done = [run("archive", "verify"), run("archive", "reindex")]
    return [each.out + each.err for each in done if each.code] + [each for each in states(run) if each not in before]


def codes(done: Any) -> list[str]:
    return [each["code"] for each in done.events if each["event"] == "error"]


def inputs() -> tuple[str, str, str]:
    for number in (1, 3):
        Path(f"{number}.txt").write_text(snapshot(number))
    Path("2.html").write_text(f"<title>纸</title><article><h1>纸</h1>{SMALL}{LARGE}")
    return "1.txt", "2.html", "3.txt"


def test_an_input_that_costs_too_much_is_kept_and_cleaned_later(run: Callable) -> None:
    done = run("clean", "--json", *LIMIT, *inputs())
    assert (done.code, [(each["file"], each.get("code")) for each in done.events]) == (
        3,
        [("1.txt", None), ("2.html", "too-costly"), ("3.txt", None)],
    )
    assert "28 MB" in done.events[1]["message"]
    assert KEPT in done.events[1]["hint"]
    assert states(run) == ["live", "live", "uncleaned"]
    assert faults(run) == []
    later = run("archive", "reclean", "--json", "--state", "uncleaned")
    assert [(each["state_before"], each["state"]) for each in later.events[:-1]] == [("uncleaned", "live")]
    assert states(run) == ["live"] * 3
    # What a limit says now says nothing about what was cleaned before.
    assert codes(run("clean", "--json", *LIMIT, "2.html")) == ["too-costly"]
    assert codes(run("archive", "reclean", "--json", *LIMIT)) == ["too-costly"]
    verified = run("archive", "verify", *LIMIT)
    assert (verified.code, "1 not compared: cleaning" in verified.err) == (0, True)
    assert states(run) == ["live"] * 3


def test_what_is_repaired_is_cleaned_under_the_same_watch(run: Callable) -> None:
    assert run("clean", *inputs()).code == 0
    for each in Path("collection/derived").iterdir():
        each.unlink()
    refused = run("archive", "verify", "--repair", *LIMIT)
    assert refused.code == 3
    assert "2.html cannot be cleaned again on this machine" in refused.out
    assert not list(Path("collection/derived").glob("*.gz"))  # whole or not at all
    assert run("archive", "verify", "--repair").code == 0
    assert faults(run) == []


def test_without_a_collection_it_is_only_reported(run: Callable) -> None:
    inputs()
    for where in (["-o", "out"], ["--stdout"], ["--check"], ["--explain"]):
        done = run("clean", *LIMIT, *where, "2.html")
        assert (done.code, "cleaning it takes more" in done.err, KEPT in done.err) == (4, True, False), where


def test_a_collection_has_limits_of_its_own_and_options_win(run: Callable) -> None:
    inputs()
    assert run("archive", "init", "-q").code == 0
    with Path("collection/collection.toml").open("a") as file:
        file.write("\n[limits]\nmemory-megabytes = 28\n")
    assert codes(run("clean", "--json", "1.txt", "2.html")) == ["too-costly"]
    assert run("clean", "-o", "out", "2.html").code == 0  # the collection has no part in it
    assert codes(run("clean", "--json", "--memory-megabytes", "0", "2.html")) == []
    assert codes(run("archive", "reclean", "--json")) == ["too-costly"]
    assert states(run) == ["live", "live"]


def test_a_page_from_which_learning_takes_too_long_is_left_out(run: Callable) -> None:
    Path("letters").mkdir()
    for number in range(24):
        Path(f"letters/{number:02}.txt").write_text(letter(number))
    long = letter(24).replace("\n\n", "\n\n" + "".join(f"第{each}张纸。\n\n" for each in range(40_000)), 1)
    Path("letters/24.txt").write_text(long)
    assert run("clean", "-q", "letters/*.txt").code == 0
    done = run("archive", "rules", "learn", "--json", "--cpu-seconds", "0.05")
    assert (done.code, codes(done)) == (3, ["too-costly"])
    (learned,) = [each for each in done.events if each["event"] == "learned"]
    assert learned["proposals"] == 3  # as from the others alone
    assert codes(run("archive", "rules", "learn", "--json")) == []
    done = run("archive", "rules", "proposals", "--json", "--cpu-seconds", "0.05")
    assert (done.code, codes(done)) == (3, ["too-costly"])
    assert {each["pages"] for each in done.events if each["event"] == "proposal"} == {24}
    assert run("archive", "rules", "approve", "--tier", "A", "--source", "纸上谈书").code == 0
    done = run("archive", "rules", "health", "--json", "--set", "--cpu-seconds", "0.05")
    assert (done.code, codes(done)) == (3, ["too-costly"])
    assert {each["pages"] for each in done.events if each["event"] == "health"} == {24}
    assert {each["pages"] for each in run("archive", "rules", "health", "--json").events} == {25}


def test_a_page_that_costs_too_much_to_be_read_for_a_wall_is_cleaned_all_the_same(
    run: Callable, serve: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xuanzhi.jobs.capture.WALL_LIMITS", WorkLimits(cpu_seconds=0.05, memory_megabytes=0))
    dear = article().decode() + "".join(f"<p>第{number}张纸。</p>" for number in range(2_500))
    answers = {f"/{number}": Answer(ok(dear.encode(), b"Content-Type: text/html; charset=utf-8")) for number in (1, 2)}
    server = serve({**answers, "*": Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")})
    done = run("capture", "--json", "--allow-private", *(f"{server.url}{name}" for name in answers))
    assert (done.code, [each["state"] for each in done.events]) == (0, ["live", "live"])
    assert run("archive", "verify").code == 0


def test_pages_of_a_file_of_records_are_kept_one_by_one(run: Callable) -> None:
    large = article() + LARGE.encode()
    Path("a.warc").write_bytes(page(1) + response(2, answer(large)) + page(3))
    done = run("archive", "import", "--json", *LIMIT, "a.warc")
    assert (done.code, codes(done)) == (3, ["too-costly"])
    assert states(run) == ["live", "live", "uncleaned"]
    assert faults(run) == []


def test_a_captured_page_is_kept_with_all_of_its_visit(capture: Callable, run: Callable, serve: Callable) -> None:
    html = b"Content-Type: text/html; charset=utf-8"
    body = f"<title>纸</title><article><h1>纸</h1>{SMALL}"
    nothing = Answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    pages = {"/small": Answer(ok(body.encode(), html)), "/large": Answer(ok((body + SLOW).encode(), html))}
    server = serve({"/robots.txt": nothing, **pages})
    done = capture("--json", "--cpu-seconds", "0.3", f"{server.url}/large", f"{server.url}/small")
    assert done.code == 3
    assert {(each["state"], (each["problem"] or {}).get("code")) for each in done.events} == {
        ("live", None),
        ("uncleaned", "too-costly"),
    }
    assert states(run) == ["live", "uncleaned"]
    assert faults(run) == []
