"""Worker processes: each item is worked on in one, under a limit of memory and of processor time.

A worker that meets a limit, or that the system ends, dies alone: the item that it had is kept as far as its work can
keep it and reported, a new worker takes its place, and the others go on. Which item it was is known for certain,
because a worker answers in order.

Workers are forked: what is imported need not be imported again, which makes a worker worth its start for one small
file. Forking is safe only where no other thread runs. A program with threads has a `Companion`: a process that it
forks before its threads begin, and that forks the workers.

A worker dies with its parent: a thread of it waits for the end of the pipe that its items come through.
"""

import os
import pickle
import select
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Generic, NamedTuple, NoReturn, Protocol, TypeVar

from xuanzhi.messages import _
from xuanzhi.output.failures import Failure

__all__ = ["USUAL_LIMITS", "Companion", "LimitOptions", "Loss", "Work", "WorkLimits", "Workers"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True)
class WorkLimits:
    """What one item may cost; 0 for as much as it takes."""

    cpu_seconds: float = 120.0
    """Of processor time, so that it does not matter how busy the machine is."""
    memory_megabytes: int = 2048
    """Of memory beside what the worker had when it took the item (1 MB = 1,048,576 bytes)."""


USUAL_LIMITS = WorkLimits()
"""More than seventy times what the dearest of 2,679 real inputs took; docs/trust.md has the figures."""


@dataclass(frozen=True)
class LimitOptions:
    """The limits as they were given on the command line; None where nothing was."""

    cpu_seconds: float | None = None
    memory_megabytes: int | None = None

    def in_use(self, collection: Path | None) -> WorkLimits:
        """Return the limits that hold: those given here, else those of the collection, else the usual ones.

        A collection that does not exist yet says nothing. Raises BadConfig or StorageError.
        """
        given = self.cpu_seconds, self.memory_megabytes
        said: tuple[float | None, int | None] = (None, None)
        if collection is not None and None in given:
            from archive import settings  # of no use to a command without a collection

            path = collection / settings.FILE
            if path.exists():
                said = settings.read(path).limits
        usual = USUAL_LIMITS.cpu_seconds, USUAL_LIMITS.memory_megabytes
        seconds, megabytes = (
            next(each for each in values if each is not None) for values in zip(given, said, usual, strict=True)
        )
        return WorkLimits(seconds, int(megabytes))


class Loss(NamedTuple):
    """Why a worker died. A fact about this machine, never about the item."""

    code: str
    """`too-costly` for a limit, `interrupted` where the program ends, `lost-worker` for another end."""
    notice: str
    """In English, for records."""
    message: str
    """In the reader's language."""

    def failure(self, *, kept: bool) -> Failure:
        """Return it as a message; `kept`: whether the item's bytes are in the collection."""
        if self.code == "interrupted":
            hint = ""
        elif self.code != "too-costly":
            hint = _("The system may be short of memory; close other programs, or use fewer --jobs.")
        else:
            hint = _("Raise --cpu-seconds or --memory-megabytes if it is worth it.")
        if kept:
            again = _("Its bytes are in the collection, not cleaned: `archive reclean --state uncleaned` tries again.")
            hint = f"{again} {hint}".rstrip()
        return Failure(self.code, self.message, hint)


class Work(Protocol[Item_contra, Result_co]):
    """The work on each of many items. Items and results can be pickled."""

    def do(self, item: Item_contra) -> Result_co:
        """Do it, in a worker. Raises nothing but MemoryError, so that one bad item costs no other its result."""

    def keep(self, item: Item_contra, loss: Loss) -> Result_co:
        """Return what can be kept of an item whose worker died; in another worker. Raises nothing but MemoryError."""

    def lost(self, item: Item_contra, loss: Loss) -> Result_co:
        """Return the result of an item of which nothing is kept. Raises nothing."""


AHEAD = 48
"""Items per worker that are under way before the first result is used: what bounds the memory."""

QUEUE = 4
"""Items that a worker has, with those that wait in its pipe, so that it need not wait for us."""

_PIPE = 32 * 1024
"""Bytes that may wait there. A pipe takes 64 KiB before its writer has to wait, and a worker that writes a result reads
nothing meanwhile."""

_OUT_OF_MEMORY = 77
"""Exit code of a worker that met its limit of memory."""

_REFUSED_MEMORY = 78
"""Exit code of a worker that the system gave no more memory: at once more than our limit, or less than that."""

_LOOK = 0.05
"""Seconds between two looks of a busy worker at its own memory."""

_SPARE = 1.25
"""By how much the system's limit of memory is above ours: what a worker may take between two looks. The system answers
with a MemoryError, which some libraries take for a fault of the page and go on; a worker that ends says nothing
wrong."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends us. Ctrl-C reaches all processes of a terminal, and systemd's SIGTERM all of a service: the one process
that commits decides what they mean, and ends its workers itself."""


class _Job(NamedTuple):
    place: int
    item: Any
    loss: Loss | None
    """How the first worker died that had it; None before that."""
    data: bytes
    """Item and loss as a worker gets them."""

    @classmethod
    def of(cls, place: int, item: object, loss: Loss | None) -> "_Job":
        return cls(place, item, loss, pickle.dumps((item, loss), pickle.HIGHEST_PROTOCOL))


class _End(Enum):
    OF_ITEMS = 0


class Workers(Generic[Item, Result]):
    """Workers that do one work. Only for processes in which no other thread runs; `close` it."""

    def __init__(self, work: Work[Item, Result], most: int, limits: WorkLimits, *, parent: int | None = None) -> None:
        """Take how many there may be; each is forked when there is something for it to do.

        `parent` is a pipe of this process: where its other end is closed while we wait, this process ends.
        """
        self._work = work
        self._most = most
        self._limits = limits
        self._parent = parent
        self._workers: list[_Worker] = []
        self._jobs: deque[_Job] = deque()

    def __enter__(self) -> "Workers[Item, Result]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, whatever they do."""
        while self._workers:
            self._workers.pop().kill()

    def results(self, items: Iterable[Item]) -> Iterator[Result]:
        """Yield the result of each item, in order.

        Raises OSError where no process can be started, and what the iteration of `items` raises.
        """
        source = iter(items)
        ready: dict[int, Result] = {}
        given = taken = 0
        while True:
            while self._jobs or given - taken < AHEAD * self._most:
                if not self._jobs:
                    item = next(source, _End.OF_ITEMS)
                    if item is _End.OF_ITEMS:
                        break
                    self._jobs.append(_Job.of(given, item, None))
                    given += 1
                worker = self._free(self._jobs[0])
                if worker is None:
                    break
                worker.give(self._jobs.popleft())
            if taken == given:
                return
            if taken not in ready:
                self._receive(ready)
            while taken in ready:
                yield ready.pop(taken)
                taken += 1

    def _free(self, job: _Job) -> "_Worker | None":
        """Return a worker that can take a job; None where all have enough."""
        idle = next((each for each in self._workers if not each.jobs), None)
        if idle is None and len(self._workers) < self._most:
            try:
                idle = _Worker(lambda requests, results: _serve(self._work, self._limits, requests, results))
                self._workers.append(idle)
            except OSError:  # no further process: those that there are go on
                if not self._workers:
                    raise
        return idle or next((each for each in self._workers if each.has_room(job)), None)

    def _receive(self, ready: dict[int, Result]) -> None:
        """Wait for answers, and for the deaths of workers."""
        poll = select.poll()
        busy = {each.results: each for each in self._workers if each.jobs}
        for results in busy:
            poll.register(results, select.POLLIN)
        if self._parent is not None:
            poll.register(self._parent, 0)
        for ended, _event in poll.poll():
            if ended == self._parent:
                os._exit(1)  # our workers notice it like us
            worker = busy[ended]
            answer = worker.answer()
            if answer is None:
                self._bury(worker, ready)
            else:
                ready[worker.jobs.popleft().place] = pickle.loads(answer)

    def _bury(self, worker: "_Worker", ready: dict[int, Result]) -> None:
        """Give what a dead worker had to others."""
        self._workers.remove(worker)
        loss = _loss(worker.kill(), self._limits)
        first, *others = worker.jobs
        self._jobs.extendleft(reversed(others))
        if first.loss is None:
            self._jobs.appendleft(_Job.of(first.place, first.item, loss))
        else:
            ready[first.place] = self._work.lost(first.item, first.loss)


class Companion(Generic[Item, Result]):
    """A process beside a program with threads that does one item at a time, in a worker; `close` it.

    Make it before the first thread begins.
    """

    def __init__(self, work: Work[Item, Result], limits: WorkLimits) -> None:
        """Fork. Raises OSError where no process can be started."""
        self._work = work
        self._limits = limits
        self._lock = threading.Lock()
        self._closed = False
        self._process = self._start()

    def __enter__(self) -> "Companion[Item, Result]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> "_Worker":
        return _Worker(lambda requests, results: _accompany(self._work, self._limits, requests, results))

    def do(self, item: Item) -> Result:
        """Return the result of an item. Any thread may call it; one waits for the other."""
        with self._lock:
            if not self._closed:
                self._process.give(_Job.of(0, item, None))
                answer = self._process.answer()
                if answer is not None:
                    self._process.jobs.clear()
                    result: Result = pickle.loads(answer)
                    return result
            status = self._process.kill()
            if self._closed:
                message = _("cleaning it was interrupted")
                return self._work.lost(item, Loss("interrupted", "cleaning was interrupted", message))
            # Somebody killed it. Other threads run by now, so this fork is less safe than the first one; but without it
            # nothing more would be cleaned.
            with suppress(OSError):
                self._process = self._start()
            return self._work.lost(item, _loss(status, self._limits))

    def close(self) -> None:
        """End it, whatever it does; who waits for a result gets that of an item that is lost."""
        self._closed = True
        self._process.end()
        with self._lock:
            self._process.kill()


class _Worker:
    """A forked process that answers what it is given, seen from its parent."""

    def __init__(self, run: Callable[[int, int], None]) -> None:
        """Fork; the child calls `run` with the pipes that its items come from and its answers go to."""
        self.jobs: deque[_Job] = deque()
        self._status: int | None = None
        pipes: list[int] = []
        try:
            pipes += os.pipe()
            pipes += os.pipe()
            items, self._items, self.results, answers = pipes
            # The child must not run a handler of ours before it has its own.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
            try:
                self._pid = os.fork()
                if not self._pid:
                    _child(run, items, answers, before)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except OSError:
            for each in pipes:
                os.close(each)
            raise
        os.close(items)
        os.close(answers)

    def has_room(self, job: _Job) -> bool:
        """Whether a job may wait in the pipe while this one is busy."""
        return len(self.jobs) < QUEUE and sum(len(each.data) for each in (*self.jobs, job)) < _PIPE

    def give(self, job: _Job) -> None:
        """Hand over a job. That the worker is dead turns out when its answer is read."""
        self.jobs.append(job)
        with suppress(BrokenPipeError):
            _write(self._items, job.data)

    def answer(self) -> bytes | None:
        """Wait for an answer; None where the worker has died."""
        return _read(self.results)

    def end(self) -> None:
        """End it at once."""
        # A worker that died keeps its number until it is waited for, so this meets nobody else.
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def kill(self) -> int:
        """End it, if it has not ended; return its exit status as `os.waitpid` gives it."""
        self.end()
        if self._status is None:
            self._status = os.waitpid(self._pid, 0)[1]
            os.close(self._items)
            os.close(self.results)
        return self._status


def _loss(status: int, limits: WorkLimits) -> Loss:
    """Return why a process died, from its exit status."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGXCPU}:
        return Loss(
            "too-costly",
            f"cleaning took more than {limits.cpu_seconds:g} s of processor time",
            _("cleaning it takes more than {seconds:g} s of processor time", seconds=limits.cpu_seconds),
        )
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) in {_OUT_OF_MEMORY, _REFUSED_MEMORY}:
        return Loss(
            "too-costly",
            f"cleaning took more memory than {limits.memory_megabytes} MB, or than the system gives",
            _(
                "cleaning it takes more memory than {megabytes:,} MB, or than the system gives",
                megabytes=limits.memory_megabytes,
            ),
        )
    reason = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else str(os.WEXITSTATUS(status))
    return Loss(
        "lost-worker",
        f"the process that cleaned it was ended: {reason}",
        _("the process that cleaned it was ended: {reason}", reason=reason),
    )


# Frames: eight bytes with the length, then as many bytes.

_LENGTH = 8


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _read(pipe: int) -> bytes | None:
    """Return the next frame; None where the other end is closed, also in the middle of one."""
    head = _read_exactly(pipe, _LENGTH)
    return None if head is None else _read_exactly(pipe, int.from_bytes(head, "big"))


def _read_exactly(pipe: int, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        some = os.read(pipe, min(size - len(data), 1 << 20))
        if not some:
            return None
        data += some
    return bytes(data)


# In the child.


def _child(run: Callable[[int, int], None], items: int, answers: int, mask: Iterable[int]) -> NoReturn:
    """Do what a child does; it never returns to what its parent was doing."""
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # What else the parent has open is none of a child's business: pipes of other workers, which would not end with
        # them, connections, locks of files.
        low, high = sorted((items, answers))
        for first, end in ((3, low), (low + 1, high), (high + 1, os.sysconf("SC_OPEN_MAX"))):
            os.closerange(first, end)
        run(items, answers)
    finally:
        os._exit(1)


def _serve(work: Work[Any, Any], limits: WorkLimits, items: int, answers: int) -> None:
    """Answer items, as long as there are any."""
    watch = _Watch(items)
    while True:
        try:
            data = _read(items)
            if data is None:
                return
            item, loss = pickle.loads(data)
            del data
            # What is left to do of a lost item is little, so limits that somebody set low do not hold for it.
            with watch.over(limits if loss is None else USUAL_LIMITS):
                result = work.do(item) if loss is None else work.keep(item, loss)
                answer = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            os._exit(_REFUSED_MEMORY)
        _write(answers, answer)


def _accompany(work: Work[Any, Any], limits: WorkLimits, items: int, answers: int) -> None:
    """Answer items, each in a worker, as long as there are any."""
    workers: Workers[Any, Any] = Workers(work, 1, limits, parent=items)
    while (data := _read(items)) is not None:
        item, _unused = pickle.loads(data)
        try:
            result = next(workers.results([item]))
        except OSError as error:  # no process can be started
            reason = error.strerror or str(error)
            message = _("no process can be started: {reason}", reason=reason)
            result = work.lost(item, Loss("lost-worker", f"no process can be started: {reason}", message))
        _write(answers, pickle.dumps(result, pickle.HIGHEST_PROTOCOL))


class _Watch:
    """The limits of one worker, in it."""

    def __init__(self, items: int) -> None:
        """Begin the thread that looks at the memory, and at the pipe whose other end only the parent has."""
        self._most: int | None = None
        """Bytes of data that the process may have; None while it does nothing."""
        self._memory: int | None = None
        self._given: tuple[int, int] | None = None
        """The system's limits of data before the first item; None until then."""
        with suppress(OSError):  # not Linux: there is no limit of memory
            self._memory = os.open("/proc/self/statm", os.O_RDONLY)
        self._bell, self._wake = os.pipe()
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, also while it is in code written in C
        threading.Thread(target=self._look, args=(items,), daemon=True).start()

    @contextmanager
    def over(self, limits: WorkLimits) -> Iterator[None]:
        """Watch over the work on one item."""
        if self._memory is not None and limits.memory_megabytes:
            size = limits.memory_megabytes << 20
            self._most = self._data(self._memory) + size
            self._limit_data(self._most + int(size * (_SPARE - 1)))
            os.write(self._wake, b".")
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            if self._most is not None:
                self._most = None
                self._limit_data(None)  # the next item is read before it has a limit of its own

    def _limit_data(self, size: int | None) -> None:
        """Have the system refuse more data than this, in bytes; None for the limit that it had for us."""
        import resource

        soft, hard = self._given or resource.getrlimit(resource.RLIMIT_DATA)
        self._given = soft, hard
        with suppress(ValueError, OSError):  # above the system's own limit, which is then the one that holds
            resource.setrlimit(resource.RLIMIT_DATA, (soft if size is None else size, hard))

    @staticmethod
    def _data(statm: int) -> int:
        """Return how many bytes the process has for data and stack (proc_pid_statm(5)), touched or not."""
        return int(os.pread(statm, 200, 0).split()[5]) * os.sysconf("SC_PAGE_SIZE")

    def _look(self, items: int) -> None:
        poll = select.poll()
        poll.register(items, 0)  # nothing but its end
        poll.register(self._bell, select.POLLIN)
        while True:
            for ready, _event in poll.poll(None if self._most is None else _LOOK * 1000):
                if ready == items:
                    os._exit(1)
                os.read(self._bell, 1000)
            most = self._most
            if most is not None and self._memory is not None and self._data(self._memory) > most:
                os._exit(_OUT_OF_MEMORY)
