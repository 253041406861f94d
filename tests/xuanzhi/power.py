"""What a power cut may leave on a disk, from the calls that a command made.

The model is the weakest that POSIX allows, as in ALICE (OSDI 2014) and CrashMonkey (OSDI 2018). Bytes and lengths of a
file are sure after an fsync of that file, names in a folder after an fsync of that folder. Anything else may have
reached the disk or not, each change by itself and in any order; of bytes a part, or the length without the bytes. After
an fsync that failed, what waited for it is never sure, whatever later ones say; only what is written anew can be.

What is written through shared memory is not seen: of catalogue.sqlite-shm alone, which SQLite makes again.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from syscalls import Argument, Call

Tree = dict[str, bytes | None]
"""Content by path; None for a folder."""

_BLOCK = 4096
_PASSED_OVER = ("-shm",)


@dataclass(eq=False)
class Node:
    """A file, or a folder with its names."""

    data: bytes | None
    """As the command found it; None for a folder."""
    names: dict[str, "Node"] = field(default_factory=dict)
    """As the command found them."""
    live: bytearray = field(default_factory=bytearray)
    here: dict[str, "Node"] = field(default_factory=dict)
    syncs: list[tuple[int, int, bool]] = field(default_factory=list)
    """Where each began and ended, and whether it succeeded."""


@dataclass(eq=False)
class Change:
    """A change that waits for an fsync: bytes or a length of a file, or names of folders."""

    at: int
    node: Node
    offset: int = 0
    data: bytes | None = None
    """None for a length, which is `offset`."""
    names: tuple[tuple[Node, str, Node | None], ...] = ()
    sure: int = 1 << 60
    """From where in the log on it is on the disk for sure."""


class Report(NamedTuple):
    """What the command wrote to its output, and where in the log."""

    at: int
    done: bool
    """Whether it says that something is done: no error, and nothing for standard error."""


class Cut(NamedTuple):
    """A state that a cut may leave: at a place of the log, with some of the changes that waited then."""

    at: int
    kind: str
    kept: frozenset[int]
    """Numbers of changes that reached the disk, among those that waited."""
    torn: int = -1
    """The change of which a part did."""
    of_database: bool = False
    """Whether it is told from others by a change of catalogue.sqlite or its log."""


class Disk:
    """A folder before a command, and all that the command did to it."""

    def __init__(self, root: Path) -> None:
        """Take the folder as it is: all of it is on the disk."""
        self.path = root
        self.root = _read(root)
        self.changes: list[Change] = []
        self.reports: list[Report] = []
        self.end = 0
        self._offsets: dict[tuple[int, int], int] = {}
        self._appends: set[tuple[int, int]] = set()
        self._databases: set[int] = set()

    def play(self, calls: Sequence[Call]) -> None:
        """Take in what one more command did, behind all before it."""
        base = self.end
        for call in calls:
            self._play(call._replace(begun=base + call.begun, ended=base + call.ended))
            self.end = max(self.end, base + call.ended)
        self.end += 1
        for change in self.changes:
            change.sure = _sure(change)

    def _play(self, call: Call) -> None:
        given = call.arguments
        if call.name in {"write", "pwrite64"} and given[0].word in {"1", "2"} and not self._is_inside(given[0].path):
            done = given[0].word == "1" and b'"event": "error"' not in given[1].data
            if given[1].data.strip():
                self.reports.append(Report(call.begun, done))
        # One during which the process was killed did nothing; EINTR is how the tests end it.
        failed_sync = call.name in {"fsync", "fdatasync"} and call.error not in {"", "EINTR"}
        if call.result < 0 and not failed_sync:
            return
        handler = getattr(self, f"_{call.name}", None)
        if handler is not None:
            handler(call, given)
        elif any(self._is_inside(each.path) for each in given):
            raise NotImplementedError(call.name)

    # Calls

    def _open(self, call: Call, given: Sequence[Argument]) -> None:
        self._opened(call, self._name("", given[0]), given[1].word)

    def _openat(self, call: Call, given: Sequence[Argument]) -> None:
        self._opened(call, self._name(given[0].path, given[1]), given[2].word)

    def _opened(self, call: Call, path: str, flags: str) -> None:
        if not self._is_inside(path):
            return
        node = self._find(path)
        if node is None:
            if "O_CREAT" not in flags:
                return
            node = Node(b"")
            self._rename_names(call.ended, self._entry(path, node))
        elif "O_TRUNC" in flags and node.live:
            self._change(Change(call.ended, node))
        if ".sqlite" in Path(path).name:
            self._databases.add(id(node))
        key = id(node), call.result
        self._offsets[key] = 0
        self._appends.discard(key)
        if "O_APPEND" in flags:
            self._appends.add(key)

    def _lseek(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            self._offsets[id(node), int(given[0].word)] = call.result

    def _write(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            key = id(node), int(given[0].word)
            offset = len(node.live) if key in self._appends else self._offsets[key]
            self._change(Change(call.ended, node, offset, given[1].data[: call.result]))
            self._offsets[key] = offset + call.result

    def _pwrite64(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            self._change(Change(call.ended, node, int(given[3].word), given[1].data[: call.result]))

    def _sendfile(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            source, start = self._find(given[1].path), int(given[2].word.strip("[]"))
            assert source is not None
            key = id(node), int(given[0].word)
            self._change(Change(call.ended, node, self._offsets[key], bytes(source.live[start : start + call.result])))
            self._offsets[key] += call.result

    def _ftruncate(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            self._change(Change(call.ended, node, int(given[1].word)))

    def _truncate(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(self._name("", given[0])):
            self._change(Change(call.ended, node, int(given[1].word)))

    def _fsync(self, call: Call, given: Sequence[Argument]) -> None:
        if node := self._find(given[0].path):
            node.syncs.append((call.begun, call.ended, call.result == 0))

    _fdatasync = _fsync

    def _rename(self, call: Call, given: Sequence[Argument]) -> None:
        self._renamed(call, self._name("", given[0]), self._name("", given[1]))

    def _renameat(self, call: Call, given: Sequence[Argument]) -> None:
        self._renamed(call, self._name(given[0].path, given[1]), self._name(given[2].path, given[3]))

    _renameat2 = _renameat

    def _renamed(self, call: Call, old: str, new: str) -> None:
        if self._is_inside(old) and self._is_inside(new):
            node = self._find(old)
            assert node is not None
            gone = self._entry(old, None)
            self._rename_names(call.ended, gone, self._entry(new, node))

    def _unlink(self, call: Call, given: Sequence[Argument]) -> None:
        self._removed(call, self._name("", given[0]))

    _rmdir = _unlink

    def _unlinkat(self, call: Call, given: Sequence[Argument]) -> None:
        self._removed(call, self._name(given[0].path, given[1]))

    def _removed(self, call: Call, path: str) -> None:
        if self._is_inside(path):
            self._rename_names(call.ended, self._entry(path, None))

    def _mkdir(self, call: Call, given: Sequence[Argument]) -> None:
        self._made(call, self._name("", given[0]))

    def _mkdirat(self, call: Call, given: Sequence[Argument]) -> None:
        self._made(call, self._name(given[0].path, given[1]))

    def _made(self, call: Call, path: str) -> None:
        if self._is_inside(path):
            self._rename_names(call.ended, self._entry(path, Node(None)))

    def _close(self, call: Call, given: Sequence[Argument]) -> None:
        pass

    # Changes

    def _change(self, change: Change) -> None:
        change.node.live = _changed(change.node.live, change)
        self.changes.append(change)

    def _rename_names(self, at: int, *names: tuple[Node, str, Node | None]) -> None:
        for folder, name, node in names:
            _put(folder.here, name, node)
        self.changes.append(Change(at, names[0][0], names=names))

    # Paths

    def _name(self, folder: str, argument: Argument) -> str:
        path = os.path.join(folder or str(self.path), os.fsdecode(argument.data))  # noqa: PTH118  # of text
        return os.path.normpath(path)

    def _is_inside(self, path: str) -> bool:
        inside = path == str(self.path) or path.startswith(f"{self.path}/")
        return inside and not path.endswith(_PASSED_OVER)

    def _find(self, path: str) -> Node | None:
        if not self._is_inside(path):
            return None
        node: Node | None = self.root
        for name in Path(path).relative_to(self.path).parts:
            node = node.here.get(name) if node else None
        return node

    def _entry(self, path: str, node: Node | None) -> tuple[Node, str, Node | None]:
        folder = self._find(str(Path(path).parent))
        assert folder is not None, path
        return folder, Path(path).name, node

    # States

    def tree(self, cut: Cut) -> Tree:
        """Return what a cut leaves."""
        nodes: dict[Node, bytearray] = {}
        names: dict[Node, dict[str, Node]] = {}
        for number, change in enumerate(self.changes):
            if change.at > cut.at:
                continue
            if change.sure > cut.at and number not in cut.kept and number != cut.torn:
                continue
            if change.names:
                for folder, name, node in change.names:
                    _put(names.setdefault(folder, dict(folder.names)), name, node)
            else:
                before = nodes.get(change.node)
                before = bytearray(change.node.data or b"") if before is None else before
                part = _torn(change, cut.kind) if number == cut.torn else change
                nodes[change.node] = _changed(before, part)
        tree: Tree = {}

        def walk(node: Node, path: str) -> None:
            if node.data is not None:
                tree[path] = bytes(nodes.get(node, node.data))
                return
            if path:
                tree[path] = None
            for name, each in names.get(node, node.names).items():
                walk(each, f"{path}/{name}" if path else name)

        walk(self.root, "")
        return tree

    def whole(self, at: int) -> Tree:
        """Return what is there at a place of the log without a cut."""
        return self.tree(Cut(at, "whole", frozenset(range(len(self.changes)))))

    def cuts(self, chance: random.Random) -> Iterator[Cut]:
        """Yield all states: first those in which nothing that waited got through, at each report, then by chance.

        All kinds take turns, so that the many changes of a database do not hide the few of other files. States of
        different moments may be the same.
        """
        after = sorted({report.at for report in self.reports} | {self.end})
        yield from (Cut(at, "lost", frozenset()) for at in after)
        moments = {change.at for change in self.changes} | {end for node in self._nodes() for _, end, _ in node.syncs}
        kinds: dict[tuple[str, bool], list[Cut]] = {}
        for at in sorted(moments.union(after)):
            for cut in self._cuts_at(at, chance):
                kinds.setdefault((cut.kind, cut.of_database), []).append(cut)
        for cuts in kinds.values():
            chance.shuffle(cuts)
        for turn in zip_longest(*kinds.values()):
            yield from (cut for cut in turn if cut is not None)

    def _nodes(self) -> set[Node]:
        return {each.node for each in self.changes} | {self.root}

    def _cuts_at(self, at: int, chance: random.Random) -> Iterator[Cut]:
        waiting = [n for n, change in enumerate(self.changes) if change.at <= at < change.sure]
        every = frozenset(waiting)
        yield Cut(at, "lost", frozenset())
        if not waiting:
            return
        yield Cut(at, "kept", every)
        for number in waiting:
            change = self.changes[number]
            of_database = id(change.node) in self._databases
            yield Cut(at, "first", frozenset(n for n in waiting if n <= number), -1, of_database)
            yield Cut(at, "one", frozenset({number}), -1, of_database)
            yield Cut(at, "but one", every - {number}, -1, of_database)
            if change.data:
                for kind in ("half", "length", "hole"):
                    yield Cut(at, kind, every - {number}, number, of_database)
        for _ in range(3):
            yield Cut(at, "some", frozenset(n for n in waiting if chance.random() < 0.5))


def _put(names: dict[str, Node], name: str, node: Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _changed(data: bytearray, change: Change) -> bytearray:
    if change.data is None:
        return data[: change.offset] + bytes(max(change.offset - len(data), 0))
    end = change.offset + len(change.data)
    data = data + bytes(max(end - len(data), 0))
    data[change.offset : end] = change.data
    return data


def _torn(change: Change, kind: str) -> Change:
    """Return a part of a change of bytes: its first half, its length alone, or all but one block."""
    data = change.data or b""
    if kind == "half":
        data = data[: len(data) // 2]
    elif kind == "length":
        data = bytes(len(data))
    else:
        start = (len(data) // 2) // _BLOCK * _BLOCK
        data = data[:start] + bytes(len(data[start : start + _BLOCK])) + data[start + _BLOCK :]
    return Change(change.at, change.node, change.offset, data)


def _sure(change: Change) -> int:
    """Return from where on a change is on the disk: the end of an fsync that began behind it, of all that it touches.

    Of bytes, an fsync that failed takes the hope away: the kernel may have thrown them out.
    """
    sure = change.at
    for node in {folder for folder, _, _ in change.names} or {change.node}:
        behind = [(end, done) for begun, end, done in node.syncs if begun >= change.at]
        done = [end for end, done in behind if done]
        if not done or (not change.names and not behind[0][1]):
            return 1 << 60
        sure = max(sure, min(done))
    return sure


def _read(path: Path) -> Node:
    if not path.is_dir():
        data = path.read_bytes()
        return Node(data, live=bytearray(data))
    names = {each.name: _read(each) for each in sorted(path.iterdir()) if not each.name.endswith(_PASSED_OVER)}
    return Node(None, names, here=dict(names))


def read_tree(root: Path) -> Tree:
    """Return what is in a folder."""
    return {
        each.relative_to(root).as_posix(): None if each.is_dir() else each.read_bytes()
        for each in root.rglob("*")
        if not each.name.endswith(_PASSED_OVER)
    }


def write_tree(tree: Tree, root: Path) -> None:
    """Make a folder with this in it."""
    root.mkdir()
    for path, data in sorted(tree.items()):
        if data is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(data)


def digest(tree: Tree) -> str:
    """Return a digest of all that is in a folder."""
    total = sha256()
    for path, data in sorted(tree.items()):
        total.update(
            f"{path}\0{'-' if data is None else sha256(data).hexdigest()}\n".encode("utf-8", "surrogateescape")
        )
    return total.hexdigest()
