"""The capturing client, for asyncio and for programs without it.

    async with AsyncClient(Settings(contact="archive@library.example")) as client:
        page = await client.fetch("https://example.org/")

    with Client(Settings(contact="archive@library.example")) as client:
        page = client.fetch("https://example.org/")

What a visit is, stands in `capture.visit`; here its effects are carried out over httpx.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from datetime import datetime
from random import Random
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import httpx

from capture.backend import BEFORE
from capture.effects import Effect, Flow, Once, Reply, Send, Together, Wait
from capture.errors import CaptureError, NoRoom, NotAWebAddress, Stopped
from capture.guard import Guard, ProxyOf, Resolver, resolve
from capture.heads import Head
from capture.pace import Pace
from capture.page import Page
from capture.settings import Settings
from capture.tape import Bounds, utc_now
from capture.visit import Validators, Visits
from capture.walls import WallIn, no_wall
from capture.wire import BOUNDS, TAPE, Recorder, RecordingTransport, exchange_of

__all__ = ["AsyncClient", "Client", "Fetched"]


def _is_unwanted(send: Send, response: httpx.Response) -> bool:
    """Return whether the body of this response shall not be read."""
    head: Head | None = response.extensions[TAPE].head
    return send.wanted is not None and head is not None and not send.wanted(head)


T = TypeVar("T")


class Fetched(NamedTuple):
    """The result of capturing one address among many."""

    url: str
    """As given."""
    page: Page | None
    """None where there is an error; then perhaps `error.page`."""
    error: CaptureError | None


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of this at once; where one fails or the whole is cancelled, nothing is left behind."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class AsyncClient:
    """Visits many pages at once, over asyncio; the pace of every host holds for all of them together."""

    def __init__(
        self,
        settings: Settings,
        *,
        ssl_context: ssl.SSLContext | None = None,
        resolver: Resolver = resolve,
        proxy_of: ProxyOf | None = None,
        random: Random | None = None,
        clock: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        pace: Pace | None = None,
        wall_in: WallIn = no_wall,
    ) -> None:
        """Begin. Nothing is contacted before `fetch`.

        ssl_context: trusts other authorities than certifi's.
        resolver: gives the addresses of hosts.
        proxy_of: gives the proxy of an address; the environment's by default.
        random, clock, timer, sleep: chance, the time in UTC, seconds that never go back, and waiting.
        pace: one that this client shares with others; one of its own by default.
        wall_in: reads an answer and names the wall that it is; none by default.
        """
        random = random or Random()
        self._settings = settings
        self._timer = timer
        self._sleep = sleep
        self._pace = pace or Pace(settings, random)
        self._visits = Visits(settings, self._pace, random=random, clock=clock, timer=timer, wall_in=wall_in)
        self._recorder = Recorder(
            guard=Guard(allow_private=settings.allow_private, resolver=resolver),
            proxy_of=proxy_of,
            ssl_context=ssl_context,
            insecure=settings.insecure,
            clock=clock,
            timer=timer,
        )
        self._transport = RecordingTransport(self._recorder)
        self._http = httpx.AsyncClient(
            transport=self._transport,
            # Every reader of archives can undo gzip and deflate; brotli and zstd only some.
            headers={
                "User-Agent": settings.user_agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": settings.language,
                "Accept-Encoding": "gzip, deflate",
            },
            trust_env=False,  # no passwords from .netrc; proxies are the recorder's affair
        )
        self._locks: dict[str, tuple[asyncio.Semaphore, int]] = {}
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End all visits at once: what came of an exchange is kept, cut, and nothing more is sent.

        Call it from the event loop. Visits return or raise what they have; new ones raise Stopped.
        """
        self._recorder.stopped = True
        self._stop.set()

    async def fetch(
        self,
        url: str,
        *,
        validators: Validators = Validators(),  # noqa: B008  # immutable
        before: Callable[[], None] = lambda: None,
    ) -> Page:
        """Capture a page with its requisites.

        Whatever answers is a page: an error status, a wall, a cut answer are facts and told by the page. Close the
        page when its bytes have been kept.

        `before` is called just before any request of it is sent, over a connection that stands already. What it raises
        ends all of this and is raised here.

        Raises a CaptureError where nothing answered or nothing was to be asked; its `page` holds what came, and is to
        be closed like any other.
        Raises OSError where the disk does not take a large body.
        """
        token = BEFORE.set(before)  # the tasks in which requisites come inherit it
        try:
            return await self._run(self._visits.page(url, validators))
        finally:
            BEFORE.reset(token)

    async def fetch_all(
        self,
        urls: Iterable[str],
        *,
        at_once: int = 8,
        validators_of: Callable[[str], Validators] = lambda _: Validators(),
    ) -> AsyncGenerator[Fetched, None]:
        """Capture pages, `at_once` at a time, and yield each as soon as it is there.

        The next address is taken when a page has been yielded, so no more than `at_once` pages wait for their reader.
        Closing the iterator (`contextlib.aclosing`) cancels what is under way. `validators_of` is asked for each
        address when its turn comes.
        """
        source = iter(urls)
        running: set[asyncio.Task[Fetched]] = set()
        try:
            while True:
                while len(running) < at_once and not self._stop.is_set() and (url := next(source, None)) is not None:
                    running.add(asyncio.create_task(self._fetched(url, validators_of)))
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                first, *others = done
                running.update(others)  # they are done, and come next
                yield first.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _fetched(self, url: str, validators_of: Callable[[str], Validators]) -> Fetched:
        try:
            return Fetched(url, await self.fetch(url, validators=validators_of(url)), None)
        except CaptureError as error:
            return Fetched(url, None, error)
        except OSError as error:  # one large body must not end the others
            return Fetched(url, None, NoRoom(f"{url} cannot be kept: {error}"))

    async def _run(self, flow: Flow[T]) -> T:
        answer, failure = None, None
        while True:
            try:
                effect = flow.send(answer) if failure is None else flow.throw(failure)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                answer, failure = await self._do(effect), None
            except CaptureError as error:  # of a flow inside of this one, which may know what to do about it
                failure = error

    async def _do(self, effect: Effect) -> Any:
        match effect:
            case Send():
                try:
                    return await self._unless_stopped(self._send(effect))
                except Stopped as error:
                    return Reply(error.exchange, error)
            case Wait(seconds):
                return await self._unless_stopped(_awaited(self._sleep(seconds)))
            case Together(flows):
                return await _all(self._run(flow) for flow in flows)
            case Once(key, flow):
                return await self._alone(key, 1, lambda: self._run(flow))

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something as long as nobody says `stop`. Raises Stopped."""
        if self._stop.is_set():
            work.close()
            raise Stopped("the program was asked to end")
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if task.cancelled():
                raise Stopped("the program was asked to end")
            return task.result()
        finally:  # also where all of this is cancelled
            for each in (task, stop):
                each.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)

    async def _send(self, send: Send) -> Reply:
        return await self._alone(f"host {send.host}", self._settings.per_host, lambda: self._send_now(send))

    async def _send_now(self, send: Send) -> Reply:
        try:
            request = self._request(send)
            if wait := self._pace.reserve(send.host, self._timer(), send.interval):
                await self._sleep(wait)
            # Not `self._http.send`, which refuses answers whose Location it cannot read, also where it follows none.
            response = await self._transport.handle_async_request(request)
            try:
                if self._settings.cookies:
                    response.request = request
                    self._http.cookies.extract_cookies(response)
                if not _is_unwanted(send, response):
                    async for _ in response.aiter_raw():
                        pass  # the tape has it
            finally:
                await response.aclose()
        except CaptureError as error:
            return Reply(error.exchange, error)
        return Reply(exchange_of(response), None)

    def _request(self, send: Send) -> httpx.Request:
        """Return the request of a Send. Raises NotAWebAddress."""
        settings = self._settings
        timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=None)
        bounds = Bounds(
            largest=send.largest,
            longest=settings.longest,
            directory=settings.directory,
            redacted=settings.redacted,
        )
        try:
            return self._http.build_request(
                "GET", send.url, headers=send.fields, timeout=timeout, extensions={BOUNDS: bounds}
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NotAWebAddress(f"{send.url[:200]!r} is not a web address: {error}") from error

    async def _alone(self, key: str, most: int, work: Callable[[], Awaitable[T]]) -> T:
        """Do something while at most `most` others with this key do; locks that nobody needs are forgotten."""
        lock, users = self._locks.get(key) or (asyncio.Semaphore(most), 0)
        self._locks[key] = lock, users + 1
        try:
            async with lock:
                return await work()
        finally:
            lock, users = self._locks.pop(key)
            if users > 1:
                self._locks[key] = lock, users - 1

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class Client:
    """An `AsyncClient` for programs that do not use asyncio: visits one page after the other, and waits for each.

    It runs in a thread of its own, so it may also be used where an event loop is running, which then stands still.
    """

    def __init__(self, settings: Settings, **options: Any) -> None:
        """Begin. Nothing is contacted before `fetch`. `options` are those of `AsyncClient`."""
        self._client = AsyncClient(settings, **options)
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = Thread(target=self._work, name="capture", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        async def serve() -> None:
            async with self._client:
                await self._closing.wait()

        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve())

    def fetch(self, url: str, *, validators: Validators = Validators()) -> Page:  # noqa: B008  # immutable
        """Capture a page with its requisites; see `AsyncClient.fetch`. Raises what that raises."""
        page = asyncio.run_coroutine_threadsafe(self._client.fetch(url, validators=validators), self._loop)
        try:
            return page.result()
        finally:
            page.cancel()  # where the wait was interrupted; otherwise it is done, and this does nothing

    def close(self) -> None:
        """Close all connections, and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
