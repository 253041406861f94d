"""The work on one input: a file of records in, its shard out. Every engine calls this, and nothing else.

`run_shard` may be called anywhere, as often as one likes and at once for the same input: what is done is passed over,
and what is done twice is the same. It works in a process of its own (`ShardProcess`), which may be lost: then the shard
is begun anew. That process has one beside it which cleans the pages, so that a page can be lost alone, too.
"""

import atexit
import os
import pickle
import select
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from time import process_time
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from archive.warc.files import PageStream
from clean.rules import Ruleset
from xuanzhi.jobs.inputs import unreadable
from xuanzhi.jobs.workers import WorkLimits
from xuanzhi.messages import N_, _
from xuanzhi.output.failures import Failure, InputError, failure
from xuanzhi.shards.manifest import Manifest, ShardData, commit_shard, read_manifest
from xuanzhi.shards.naming import InputFile, ShardSettings, shard_name
from xuanzhi.shards.rows import PageCleaner, Row
from xuanzhi.shards.store import FixityFile, ShardStore, input_file, open_input, open_store

__all__ = ["ShardJob", "ShardOutcome", "ShardProcess", "run_shard"]

_TRIES = 3
"""How often a shard is begun whose process was ended, before its input is given up."""

_ZIP = b"PK\x03\x04"
_LZ4 = b"\x04\x22\x4d\x18"


class ShardJob(NamedTuple):
    """What is to be done with every input; can be sent to another machine."""

    out: str
    """Folder or `s3://bucket/prefix`."""
    ruleset: Ruleset
    settings: ShardSettings
    limits: WorkLimits
    """What cleaning one page may cost."""


class ShardOutcome(NamedTuple):
    """What became of one input."""

    uri: str
    name: str = ""
    """Of its shard; empty where the input cannot be read."""
    status: str = "failed"
    """`made`, `already` where it was done before, `failed` where there is no shard."""
    rows: int = 0
    errors: int = 0
    """Rows of pages that could not be read or cleaned."""
    damaged: int = 0
    """Places of the input that are no record."""
    failure: Failure | None = None
    """Why there is no shard, or why the shard of an input has no rows."""


class _ShardFiles(Protocol):
    """The files of one shard in one format."""

    def add(self, row: Row) -> None: ...

    def finish(self) -> list[ShardData]: ...


def run_shard(job: ShardJob, uri: str) -> ShardOutcome:
    """Make the shard of one input, in a process that this one keeps for the next. Raises nothing."""
    return _kept_process(job).do(uri)


_kept: list["ShardProcess"] = []
"""The process that `run_shard` used last, if there is one."""


@atexit.register
def _end_kept() -> None:
    while _kept:
        _kept.pop().close()


def _kept_process(job: ShardJob) -> "ShardProcess":
    if not any(each.does(job) for each in _kept):
        _end_kept()
        _kept.append(ShardProcess(job))
    return _kept[0]


class ShardProcess:
    """A process that makes shards one by one, seen from its parent; it ends with it. `close` it.

    It is started anew, not forked, so that its parent may have threads.
    """

    def __init__(self, job: ShardJob) -> None:
        """Take the job; the process starts with the first input."""
        self._job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def does(self, job: ShardJob) -> bool:
        """Whether it does this job; the settings name the ruleset."""
        mine = self._job
        return (mine.out, mine.settings, mine.limits) == (job.out, job.settings, job.limits)

    def do(self, uri: str) -> ShardOutcome:
        """Make the shard of one input. Raises nothing."""
        status: int | None = None
        for _try in range(_TRIES):
            if self._closed:
                break
            try:
                process = self._started()
                _send(cast(BinaryIO, process.stdin), uri)
                return cast(ShardOutcome, pickle.load(cast(BinaryIO, process.stdout)))
            except (EOFError, pickle.UnpicklingError, BrokenPipeError):
                status = self._end()
            except OSError as error:
                return ShardOutcome(uri, failure=failure(error))
        reason = str(status)
        return ShardOutcome(
            uri,
            failure=Failure(
                "lost-worker",
                _("the process that worked on it was ended {count:,} times: {reason}", count=_TRIES, reason=reason),
                _("The system may be short of memory; close other programs, or use fewer --jobs."),
            ),
        )

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed = True
        self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            # Of a group of its own, so that Ctrl-C is its parent's affair.
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from xuanzhi.shards.work import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
            _send(cast(BinaryIO, self._process.stdin), self._job)
        return self._process

    def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError, AttributeError):
                cast(BinaryIO, pipe).close()
        return process.wait()


def _send(pipe: BinaryIO, value: object) -> None:
    pickle.dump(value, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


# In the process.


def serve() -> None:
    """Read a job and then inputs from standard input; write the outcome of each to standard output."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    job: ShardJob = pickle.load(requests)
    cleaner = PageCleaner(job.ruleset, job.settings, job.limits)  # it forks: before there are threads
    threading.Thread(target=_end_with, args=(requests.fileno(),), daemon=True).start()
    while True:
        try:
            uri = pickle.load(requests)
        except EOFError:
            cleaner.close()
            return
        _send(answers, make_shard(job, uri, cleaner))


def _end_with(pipe: int) -> None:
    """End this process when the other end of a pipe is closed: its parent has died."""
    poll = select.poll()
    poll.register(pipe, 0)
    poll.poll()
    os._exit(1)


def make_shard(job: ShardJob, uri: str, cleaner: PageCleaner) -> ShardOutcome:
    """Make the shard of one input in this process. Raises nothing but MemoryError."""
    try:
        store = open_store(job.out)
        with open_input(uri) as file:
            known = input_file(uri, file)
            name = shard_name(known, job.settings)
            manifest, status = read_manifest(store, name), "already"
            if manifest is None:
                manifest, status = _Shard(job, store, known, name).make(file, cleaner), "made"
        return _outcome(uri, manifest, status)
    except MemoryError:
        raise
    except OSError as error:
        return ShardOutcome(uri, failure=failure(unreadable(error)))
    except Exception as error:
        return ShardOutcome(uri, failure=failure(error))


def _outcome(uri: str, manifest: Manifest, status: str) -> ShardOutcome:
    error = manifest.error
    reason = None
    if error is not None:
        reason = failure(InputError(error["code"], _(error["message"]), _(_REFUSED[error["code"]][1])))
    errors = manifest.states.get("error", 0)
    return ShardOutcome(uri, manifest.name, status, manifest.rows, errors, manifest.damaged, reason)


_REFUSED = {
    "empty-file": (N_("the file is empty"), N_("Use another copy.")),
    "zip": (
        N_("this is a zip file, and a shard is made of one WARC or ARC file"),
        N_("Take the WARC files out of it: `unzip FILE 'archive/*'`."),
    ),
    "lz4": (
        N_("this file is compressed with LZ4, which is not read"),
        N_("Decompress it with `lz4 -d`, then give the result."),
    ),
    "not-a-warc": (
        N_("no WARC record can be read from this file"),
        N_("Check it with the tool that wrote it; single pages are cleaned without --shards."),
    ),
}
"""Why an input is no file of records, and what to do, by code."""


class _Shard:
    """One attempt at one shard."""

    def __init__(self, job: ShardJob, store: ShardStore, file: InputFile, name: str) -> None:
        self._job = job
        self._store = store
        self._file = file
        self._name = name
        self._digest = sha256()
        self._states: dict[str, int] = {}
        self._formats: list[_ShardFiles] = []

    def make(self, file: BinaryIO, cleaner: PageCleaner) -> Manifest:
        """Read the input once, clean its pages, and commit the shard. Raises OSError, OutputError, InputError."""
        began = process_time()
        data: list[ShardData] = []
        fixed = FixityFile(file)
        beginning = fixed.read(4)
        refused = "empty-file" if not beginning else {_ZIP: "zip", _LZ4: "lz4"}.get(beginning, "")
        fixed.seek(0)
        pages: PageStream | None = None
        if not refused:
            pages = PageStream(cast(BinaryIO, fixed), self._file.name, limit=self._job.settings.max_bytes)
            for row in cleaner.rows(self._file.name, iter(pages)):
                self._add(row)
            data = [each for format_ in self._formats for each in format_.finish()]
            refused = "" if pages.records or self._states else "not-a-warc"
        manifest = Manifest(
            name=self._name,
            input={
                "name": self._file.name,
                "size": self._file.size,
                "sha256": fixed.finish(),
                "uri": self._file.uri,
                "etag": self._file.etag,
            },
            settings=self._job.settings.fields(),
            records=pages.records if pages else 0,
            rows=sum(self._states.values()),
            states=dict(sorted(self._states.items())),
            damaged=pages.damaged if pages else 0,
            damages=tuple(
                {"offset": each.place.offset, "length": each.length, "message": each.message}
                for each in (pages.damages if pages else ())
            ),
            rows_sha256=self._digest.hexdigest(),
            error={"code": refused, "message": _REFUSED[refused][0]} if refused else None,
            made={
                "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "seconds": round(process_time() - began, 3),
            },
        )
        return commit_shard(self._store, manifest, tuple(data))

    def _add(self, row: Row) -> None:
        if not self._formats:  # with the first page, so that a file that is none leaves nothing
            self._formats = [_writer(each)(self._store, self._name) for each in self._job.settings.formats]
        for format_ in self._formats:
            format_.add(row)
        self._digest.update(row.line())
        self._states[row.state] = self._states.get(row.state, 0) + 1


def _writer(name: str) -> Any:
    """Return the class that writes a format; imported late, because some are heavy."""
    if name == "parquet":
        from xuanzhi.shards.formats.parquet import ParquetShard

        return ParquetShard
    if name == "warc":
        from xuanzhi.shards.formats.warc import WarcShard

        return WarcShard
    from xuanzhi.shards.formats.jsonl import JsonLinesShard

    return JsonLinesShard
