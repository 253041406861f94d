"""Shards in an object store that behaves as object stores do: a server of S3's protocol on this machine."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
from foreign import page, zipped

from xuanzhi.output.failures import InputError
from xuanzhi.shards.store import list_inputs, open_input, open_store

pytest.importorskip("obstore")
pytest.importorskip("moto.moto_server.werkzeug_app")

Run = Callable[..., Any]


TORN = 500
"""A request that is refused so was read by half."""


class Store:
    """The server, and a gate before it that refuses what a test wants refused."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        self._application = DomainDispatcherApplication(create_backend_app)
        self._lock = Lock()
        self.refuse: Callable[[str, str], int] = lambda method, path: 0
        """Told method and path of a request; the status to refuse it with, or 0."""
        self.asked: Counter[str] = Counter()
        self._server = make_server("127.0.0.1", 0, self._gate, threaded=True)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _gate(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        with self._lock:
            status = self.refuse(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            self.asked[f"{environ['REQUEST_METHOD']} {status or 'passed'}"] += 1
        if status:
            if length := int(environ.get("CONTENT_LENGTH") or 0):
                environ["wsgi.input"].read(length // 2 if status == TORN else length)
            start(f"{status} Refused", [("Content-Length", "0")])
            return [b""]
        return self._application(environ, start)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Serve an empty bucket of the name `bucket`."""
    import urllib.request

    running = Store()
    settings = {"AWS_ENDPOINT_URL": running.url, "AWS_REGION": "us-east-1"}
    settings |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for path in ("/moto-api/reset", "/bucket"):
        request = urllib.request.Request(running.url + path, method="POST" if "api" in path else "PUT")
        request.add_header("Host", running.url.removeprefix("http://"))
        if path == "/bucket":
            scope = "Credential=testing/20260101/us-east-1/s3/aws4_request"
            request.add_header("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0")
        urllib.request.urlopen(request).close()
    yield running
    running.close()


def crawl(name: str, *numbers: int) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zipped(*(page(number) for number in numbers)))
    return path


def upload(*paths: Path) -> None:
    bucket = open_store("s3://bucket/crawl")
    for path in paths:
        bucket.replace(path.name, path.read_bytes())


def everything(
    where: str, folders: tuple[str, ...] = ("documents", "ledgers", "warc", "warc-ledger")
) -> dict[str, bytes]:
    store = open_store(where)
    names = [name for folder in folders for name in store.names(folder)]
    return {name: store.get(name) or b"" for name in (*names, "seal.json", "shards.json")}


FORMATS = ("--format", "warc,jsonl")


def test_a_store_and_a_disk_hold_the_same(run: Run, store: Store) -> None:
    paths = [crawl(f"in/{number}.warc.gz", *range(number * 10, number * 10 + 4)) for number in range(1, 4)]
    upload(*paths)
    assert run("clean", "--shards", "disk", *FORMATS, *map(str, paths)).code == 0
    assert run("clean", "--shards", "s3://bucket/out/", *FORMATS, "s3://bucket/crawl/").code == 0
    assert run("clean", "--shards", "mixed", *FORMATS, "s3://bucket/crawl/*.gz").code == 0
    assert everything("s3://bucket/out") == everything("disk") == everything("mixed")
    done = run("clean", "--shards", "s3://bucket/out", *FORMATS, "s3://bucket/crawl/")
    assert done.out.count("already there") == 3
    assert run("clean", "--shards", "s3://bucket/out", *FORMATS, "--check", *map(str, paths)).code == 0
    name = next(open_store("s3://bucket/out").names("documents"))
    open_store("s3://bucket/out").delete(name)
    found = run("clean", "--shards", "s3://bucket/out", *FORMATS, "--check", "s3://bucket/crawl/")
    assert (found.code, found.out.count(f"{name} is missing")) == (1, 1)


def test_only_the_first_puts_what_is_absent(store: Store, folder: Path) -> None:
    for where in ("s3://bucket/x", str(folder / "x")):
        place = open_store(where)
        assert place.put_if_absent("a/b.json", b"one")
        assert not place.put_if_absent("a/b.json", b"two")
        assert place.get("a/b.json") == b"one"
        assert (place.get("a/c.json"), place.digest("a/c.json")) == (None, None)
        assert list(place.names("a")) == ["a/b.json"]
        assert list(place.names("nothing")) == []
        place.delete("a/b.json")
        place.delete("a/b.json")
        assert place.get("a/b.json") is None


@pytest.mark.parametrize("status", [403, 503, TORN])
def test_bursts_of_refusals_pass(run: Run, store: Store, status: int) -> None:
    upload(crawl("in/1.warc.gz", *range(1, 5)), crawl("in/2.warc.gz", *range(5, 9)))
    assert run("clean", "--shards", "disk", *FORMATS, "in/1.warc.gz", "in/2.warc.gz").code == 0
    turn = 0

    def refuse(method: str, path: str) -> int:
        nonlocal turn
        turn += 1
        return status if turn % 5 < 2 else 0

    store.refuse = refuse
    assert run("clean", "--shards", "s3://bucket/out", *FORMATS, "s3://bucket/crawl/", "-j", "1").code == 0
    store.refuse = lambda method, path: 0
    assert sum(count for what, count in store.asked.items() if what.endswith(str(status))) > 5
    assert everything("s3://bucket/out") == everything("disk")


def test_an_upload_that_fails_leaves_no_shard_and_the_next_run_makes_it(run: Run, store: Store) -> None:
    upload(crawl("in/1.warc.gz", 1, 2))
    store.refuse = lambda method, path: 400 if method in {"PUT", "POST"} and "/documents/" in path else 0
    failed = run("clean", "--shards", "s3://bucket/out", *FORMATS, "s3://bucket/crawl/")
    assert failed.code == 4
    assert "error: cannot write documents/1-" in failed.err
    store.refuse = lambda method, path: 0
    there = open_store("s3://bucket/out")
    assert (list(there.names("manifests")), list(there.names("documents")), there.get("seal.json")) == ([], [], None)
    assert run("clean", "--shards", "s3://bucket/out", *FORMATS, "s3://bucket/crawl/").code == 0
    run("clean", "--shards", "disk", *FORMATS, "in/1.warc.gz")
    assert everything("s3://bucket/out") == everything("disk")


def test_objects_are_read_in_ranges_as_files_are(store: Store, folder: Path) -> None:
    data = os.urandom(100_000)
    open_store("s3://bucket").replace("a.warc.gz", data)
    with open_input("s3://bucket/a.warc.gz") as file:
        assert file.seek(0, 2) == len(data)
        for start, size in ((0, 10), (99_990, 100), (50_000, 20_000), (100_000, 1), (3, 0)):
            file.seek(start)
            assert file.read(size) == data[start : start + size]
            assert file.tell() == min(start + size, len(data)) if size else start


def test_what_a_prefix_names(store: Store) -> None:
    bucket = open_store("s3://bucket")
    for name in ("a/1.warc.gz", "a/2.WARC", "a/index.cdxj", "a/deep/3.warc.zst", "ab/4.arc.gz", "b.warc.gz"):
        bucket.replace(name, b"x")

    def named(uri: str) -> list[str]:
        return sorted(each.removeprefix("s3://bucket/") for each in list_inputs(uri))

    assert named("s3://bucket/a/") == ["a/1.warc.gz", "a/2.WARC", "a/deep/3.warc.zst"]
    assert named("s3://bucket/a") == ["a/1.warc.gz", "a/2.WARC", "a/deep/3.warc.zst", "ab/4.arc.gz"]
    assert named("s3://bucket/*/?.warc.gz") == ["a/1.warc.gz"]
    assert named("s3://bucket/b.warc.gz") == ["b.warc.gz"]
    assert len(named("s3://bucket")) == 5
    with pytest.raises(InputError):
        named("s3://bucket/c")


def test_a_missing_object_is_a_missing_file(run: Run, store: Store) -> None:
    done = run("clean", "--shards", "out", *FORMATS, "--json", "s3://bucket/nothing.warc.gz")
    assert done.code == 4
    assert [event["code"] for event in done.events if event["event"] == "error"] == ["missing"]
    assert json.loads(done.out.splitlines()[-1])["event"] == "unsealed"
