"""What a command must not lose: commands with what they find, and a judge of the states that a disk may be in."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from foreign import page as foreign_page
from foreign import zipped
from power import Cut, Disk, Tree, write_tree
from specimens import snapshot
from test_reclean import RULES

from archive.catalogue.schema import SCHEMA_VERSION
from archive.warc import reader

COLLECTION = "collection"
OWN = b"somebody's own"
"""What somebody wrote into a Markdown file."""
JOURNALS = ("decisions.jsonl", "schedule.jsonl", "runs.jsonl")
VISITS = ("--allow-private", "--contact", "archive@library.example", "--pace", "0")

HEALED = {
    "tail",
    "not-indexed",
    "unfinished-line",
    "leftover",
    "markdown-due",
    "markdown-missing",
    "markdown-changed",
    "settings-changed",
}
"""What a cut may leave until somebody writes to the collection again; nothing of it costs a capture."""

# Commands are run by a process of their own: it has no threads of servers, and starts once.
_RUNNER = """
import io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from xuanzhi.cli.main import main
for line in sys.stdin:
    folder, arguments = json.loads(line)
    os.chdir(folder)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = int(main(arguments))
        except SystemExit as error:
            code = int(error.code or 0)
        except BaseException as error:
            code = 99
            print(f"{type(error).__name__}: {error}", file=err)
    said = [each.buffer.getvalue().decode("utf-8", "replace") for each in (out, err)]
    print(json.dumps([code, *said]), file=sys.__stdout__, flush=True)
"""


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@contextmanager
def running() -> Iterator[Run]:
    """Run commands in a folder, one after the other in one process."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2]), "XUANZHI_LANGUAGE": "en"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _RUNNER], env=environment, **pipes) as process:  # type: ignore[call-overload]

        def run(folder: Path, *arguments: str) -> Said:
            process.stdin.write(json.dumps([str(folder), arguments]) + "\n")
            process.stdin.flush()
            return Said(*json.loads(process.stdout.readline()))

        yield run
        process.stdin.close()


# What must be kept


def facts(root: Path) -> set[str]:
    """Return what a collection holds: records, and lines of its journals, each with those before it."""
    found = set()
    for path in sorted((root / COLLECTION).glob("*/*.warc.gz")):
        found |= {f"record {stored.record.record_id}" for stored in reader.iterate(path)}
    for name in JOURNALS:
        path = root / COLLECTION / name
        if path.exists():
            for line in path.read_bytes().split(b"\n")[:-1]:
                found.add(f"{name} {line.decode('utf-8', 'replace')}")
    return found


def plain(tree: Tree) -> Tree:
    """Return the files that are written whole or not at all, and that no command heals."""
    return {
        path: data
        for path, data in tree.items()
        if data is not None
        and not path.startswith((f"{COLLECTION}/warc/", f"{COLLECTION}/derived/", f"{COLLECTION}/markdown/"))
        and not path.endswith((".sqlite", "-wal", "-journal", ".jsonl", ".lock"))
        and ".part" not in path
        and ".old" not in path
    }


class Judge:
    """Looks at states, and knows what was reported when."""

    def __init__(self, disk: Disk, work: Path, run: Run, command: "Command") -> None:
        """Take the log, and a folder for states."""
        self.disk, self.work, self.run, self.command = disk, work, run, command
        self._kept: dict[int, set[str]] = {}
        self._plain: dict[int, Tree] = {}

    def faults(self, cut: Cut, report: int | None = None) -> list[str]:
        """Return what is wrong with a state, where something was reported at a place of the log (by default the last).

        At the end of the log, all of it counts as reported.
        """
        if report is None:
            report = max((each.at for each in self.disk.reports if each.at <= cut.at), default=-1)
            report = self.disk.end if cut.at >= self.disk.end else report
        tree = self.disk.tree(cut)
        found = self._lost_files(tree, report, cut.at)
        if _has_own(self.disk.whole(-1)) and not _has_own(tree):
            found.append("what somebody wrote is lost")
        folder = self.work / "state"
        write_tree(tree, folder)
        try:
            found += self._heal(folder, self._facts(report))
        finally:
            shutil.rmtree(folder)
        return found

    def _facts(self, report: int) -> set[str]:
        """Return what the collection held at a report, as the next command finds it."""
        if report not in self._kept:
            folder = self.work / "kept"
            write_tree(self.disk.whole(report), folder)
            if (folder / COLLECTION / "collection.toml").exists():
                self.run(folder, "archive", "verify", "--repair")
            self._kept[report] = facts(folder)
            shutil.rmtree(folder)
        return self._kept[report]

    def _lost_files(self, tree: Tree, report: int, at: int) -> list[str]:
        """Compare files that are written whole with all that they were since the last report."""
        moments = [report, *(each.at for each in self.disk.changes if report < each.at <= at)]
        for moment in moments:
            if moment not in self._plain:
                self._plain[moment] = plain(self.disk.whole(moment))
        states = [self._plain[moment] for moment in moments]
        files = plain(tree)
        found = [
            f"{path} is {'not what was written' if path in files else 'gone'}"
            for path in {path for state in states for path in state} | files.keys()
            if not any(state.get(path) == files.get(path) for state in states)
        ]
        if self.command.whole:
            parts = [{k: v for k, v in state.items() if k.startswith(self.command.whole)} for state in [*states, files]]
            if parts[-1] not in parts[:-1]:
                found.append(f"{self.command.whole} is there in part")
        return found

    def _heal(self, folder: Path, kept: set[str]) -> list[str]:
        found = []
        if self.command.mends:
            self.run(folder, *self.command.arguments)
        has_settings = (folder / COLLECTION / "collection.toml").exists()
        if has_settings:
            said = self.run(folder, "archive", "verify", "--json", "--jobs", "1")
            if kept:  # before the first report, a catalogue may be half made
                found += _worse(said, HEALED, kept)
        (folder / "next.txt").write_text(snapshot(999))
        said = self.run(folder, "clean", "--jobs", "1", "next.txt")
        if said.code:
            found.append(f"the next command ended with {said.code}: {said.err}")
            return found
        found += [f"lost: {fact[:100]}" for fact in kept - facts(folder)]
        found += _worse(
            self.run(folder, "archive", "verify", "--json", "--jobs", "1"), {"leftover", "unfinished-line"}, kept
        )
        for path in (folder / COLLECTION).glob("catalogue.sqlite*"):
            path.unlink()
        said = self.run(folder, "archive", "reindex")
        # A capture that nobody reported may be there without its text, which `archive reclean` makes.
        if said.code and not (said.code == 3 and "cannot be read: 0," in said.err):
            found.append(f"reindex ended with {said.code}: {said.err}")
        found += _worse(
            self.run(folder, "archive", "verify", "--json", "--jobs", "1"), {"leftover", "unfinished-line"}, kept
        )
        return found


def _has_own(tree: Tree) -> bool:
    return any(OWN in data for data in tree.values() if data is not None)


def _worse(said: Said, allowed: set[str], kept: set[str]) -> list[str]:
    """Return what verification found and should not have."""
    if said.code not in {0, 1, 3}:
        return [f"verify ended with {said.code}: {said.out[-600:]} {said.err}"]
    events = [json.loads(line) for line in said.out.splitlines()]
    found = [each for each in events if each["event"] == "finding" and each["code"] not in allowed]
    return [
        f"verify: {each}"
        for each in found
        # Decisions that the file has and the catalogue has not yet are taken in by whoever writes next.
        if not (allowed == HEALED and each["message"].startswith("decision: the files say, the catalogue does not"))
        # Of a visit that nobody reported, whole records stay, though others that they refer to are lost.
        and not (each["code"] in {"dangling", "torn-record"} and f"record {each['record_id']}" not in kept)
    ]


# Commands


class Command(NamedTuple):
    """A command, and what is there before it."""

    before: tuple[tuple[str, ...], ...]
    arguments: tuple[str, ...]
    whole: str = ""
    """A folder that appears as a whole."""
    mends: bool = False
    """Whether it repairs what is broken before; then it is given again after a cut."""


THREE = ("clean", "-q", "1.txt", "2.txt", "3.txt")
LETTERS = ("clean", "-q", "letter-*.txt")
CAPTURED = ("capture", "-q", *VISITS, "URL/bamboo")

COMMANDS = {
    "init": Command((), ("archive", "init", "--name", "纸")),
    "clean, new collection": Command((), ("clean", "--json", "1.txt", "2.txt")),
    "clean, more": Command((THREE,), ("clean", "--json", "1b.txt", "4.txt")),
    "clean, many": Command((THREE,), ("clean", "--json", *(f"{n}.txt" for n in range(4, 16)))),
    "clean -o": Command((), ("clean", "--json", "-o", "out", "1.txt", "2.txt")),
    "capture, new collection": Command((), ("capture", "--json", *VISITS, "URL/bamboo", "URL/a")),
    "capture, more": Command((CAPTURED,), ("capture", "--json", "--again", *VISITS, "URL/bamboo", "URL/b")),
    "import": Command((THREE,), ("archive", "import", "--json", "crawl.warc.gz")),
    "rules learn": Command((LETTERS,), ("archive", "rules", "learn")),
    "rules approve": Command((LETTERS, ("archive", "rules", "learn", "-q")), ("archive", "rules", "approve", "RULE")),
    "rules reject": Command((LETTERS, ("archive", "rules", "learn", "-q")), ("archive", "rules", "reject", "RULE")),
    "review accept": Command((THREE,), ("archive", "review", "accept", "ITEM", "ITEM2")),
    "review reject": Command((THREE,), ("archive", "review", "reject", "ITEM")),
    "review undo": Command((THREE, ("archive", "review", "accept", "ITEM")), ("archive", "review", "undo", "DECIDED")),
    "export bagit": Command((THREE,), ("archive", "export", "bagit", "out"), "out"),
    "export ro-crate": Command((THREE,), ("archive", "export", "ro-crate", "out"), "out"),
    "export wacz": Command((CAPTURED,), ("archive", "export", "wacz", "out.wacz", "--sign", "key.pem", "--new-key")),
    "export cdxj": Command((CAPTURED,), ("archive", "export", "cdxj", "out.cdxj")),
    "export markdown": Command((THREE,), ("archive", "export", "markdown", "out")),
    "export markdown, again": Command(
        (THREE, ("archive", "export", "markdown", "out"), ("clean", "-q", "1b.txt", "4.txt")),
        ("archive", "export", "markdown", "out"),
    ),
    "add": Command((), ("archive", "add", "--every", "1d", "URL/bamboo", "URL/a")),
    "add, more": Command((THREE,), ("archive", "add", "--every", "1d", "URL/bamboo", "URL/a")),
    "pause": Command((("archive", "add", "--every", "1d", "--label", "纸", "URL/a"),), ("archive", "pause", "纸")),
    "remove": Command((("archive", "add", "--every", "1d", "--label", "纸", "URL/a"),), ("archive", "remove", "纸")),
    "run": Command(
        (("archive", "init", "-q"), ("private",), ("archive", "add", "-q", "--every", "1d", "URL/bamboo", "URL/a")),
        ("archive", "run", "--json"),
    ),
    "reclean": Command((("clean", "-q", "join-*.txt"),), ("archive", "reclean", "--json", "--rules", "rules.toml")),
    "verify --repair": Command((THREE, ("damage",)), ("archive", "verify", "--repair"), mends=True),
    "reindex": Command((THREE,), ("archive", "reindex")),
    "reindex, no catalogue": Command((THREE, ("lose",)), ("archive", "reindex"), mends=True),
    "diff --html": Command((), ("archive", "diff", "--html", "out.html", "1.txt", "1b.txt")),
    "report -o": Command((CAPTURED,), ("archive", "report", "--html", "-o", "out.html", "--since", "2020-01-01")),
}


def prepare(box: Path, command: Command, run: Run, url: str) -> list[str]:
    """Make what a command finds; return its arguments."""
    for number in range(1, 16):
        (box / f"{number}.txt").write_text(snapshot(number))
    (box / "1b.txt").write_text(snapshot(1, body="纸寿千年，绢保五百。").replace("2026-03-04", "2026-04-04"))
    (box / "rules.toml").write_text(RULES)
    for number in range(3):
        (box / f"join-{number}.txt").write_text(snapshot(100 + number, body="第一段。\n\n扫码入群\n\n第二段。"))
    (box / "crawl.warc.gz").write_bytes(zipped(foreign_page(1), foreign_page(2)))
    if LETTERS in command.before:
        from a_source import letter

        for number in range(24):
            (box / f"letter-{number}.txt").write_text(letter(number))
    for before in command.before:
        _before(box, before, run, url)
    return _filled(box, command.arguments, run, url)


def _before(box: Path, before: tuple[str, ...], run: Run, url: str) -> None:
    if before == ("damage",):
        catalogue = box / COLLECTION / "catalogue.sqlite"
        log = catalogue.with_name("catalogue.sqlite-wal")
        with closing(sqlite3.connect(catalogue)) as connection:  # a log that speaks of the old pages
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            written = log.read_bytes()
        catalogue.write_bytes(catalogue.read_bytes()[:20_000] + bytes(8192) + catalogue.read_bytes()[28_192:])
        log.write_bytes(written)
        first, second, *_ = sorted((box / COLLECTION / "markdown").rglob("*.md"))
        first.unlink()
        second.write_bytes(OWN)
    elif before == ("private",):
        with (box / COLLECTION / "collection.toml").open("a") as file:
            file.write('\n[schedule]\nallow-private = true\npace = "0s"\n')
    elif before == ("lose",):
        for path in (box / COLLECTION).glob("catalogue.sqlite*"):
            path.unlink()
    else:
        arguments = [each for word in _filled(box, before, run, url) for each in _globbed(box, word)]
        said = run(box, *arguments)
        assert said.code == 0, said


def _globbed(box: Path, word: str) -> list[str]:
    return sorted(each.name for each in box.glob(word)) if "*" in word else [word]


def _filled(box: Path, arguments: Sequence[str], run: Run, url: str) -> list[str]:
    """Put what is known only now in the place of words in capitals."""
    filled = [each.replace("URL", url) for each in arguments]
    for word, state, number in (("ITEM", "pending", 0), ("ITEM2", "pending", 1), ("DECIDED", "accepted", 0)):
        if word in filled:
            listed = run(box, "archive", "review", "list", "--json", "--state", state).out.splitlines()
            filled[filled.index(word)] = json.loads(listed[number])["item"]
    if "RULE" in filled:
        from clean.rules import parse_rules

        (file,) = (box / COLLECTION / "rules/learned").iterdir()
        rules = [rule for rule in parse_rules("file", file.read_text("utf-8")) if rule.options["tier"] == "A"]
        filled = [rules[0].id if each == "RULE" else each for each in filled]
    return filled
