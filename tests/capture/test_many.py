"""Many visits at once: as one after the other, and none in the way of another."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from random import Random
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from scripted import Answer, Server, ok
from sites import assets, check_assets, page

import capture
from capture.client import AsyncClient, Fetched
from capture.content import content
from capture.errors import TimedOut
from capture.guard import Guard
from capture.page import Exchange
from capture.settings import Settings
from capture.wire import Recorder, RecordingTransport

Serve = Callable[..., Server]


def many(time: Any, trusting: Any = None, **settings: Any) -> AsyncClient:
    chosen = {"contact": "test@example.org", "allow_private": True, "robots": False, **settings}
    return AsyncClient(
        Settings(**chosen),
        ssl_context=trusting,
        random=Random(1),
        clock=time.clock,
        timer=time.timer,
        sleep=time.sleep_async,
    )


def test_the_asynchronous_client_does_the_same(serve: Serve, time: Any) -> None:
    server = serve(assets())

    async def run() -> None:
        async with many(time, tries=1) as made:
            check_assets(await made.fetch(server.url + "/"), server)

    asyncio.run(run())


def test_many_pages_are_captured_at_once(serve: Serve, time: Any) -> None:
    robots = Answer(ok(b"User-agent: *\nDisallow: /private\n"))
    servers = [serve({"/robots.txt": robots, "*": page("hi")}) for _ in range(3)]
    urls = [f"{server.url}/{n}" for n in range(20) for server in servers] + ["nonsense", servers[0].url + "/private"]

    async def run() -> list[Fetched]:
        async with many(time, robots=True) as made:
            return [each async for each in made.fetch_all(iter(urls), at_once=10)]

    done = asyncio.run(run())
    assert sorted(each.url for each in done) == sorted(urls)
    assert {each.error.code for each in done if each.error} == {"not-a-web-address", "robots-forbidden"}
    for each in done:
        if each.page:
            assert content(each.page.answer, 99) == b"hi"
            assert each.page.url == each.url
    for server in servers:
        assert len(server.requests("/robots.txt")) == 1


def test_leaving_the_loop_cancels_what_is_under_way(serve: Serve, time: Any) -> None:
    server = serve({"/quick": page("hi"), "/slow": Answer(b"", "hang")})

    async def run() -> None:
        async with many(time) as made:
            urls = [server.url + "/quick", *[server.url + "/slow"] * 3]
            async with aclosing(made.fetch_all(urls, at_once=4)) as pages:
                async for each in pages:
                    assert each.url.endswith("/quick")
                    break
            assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())


def test_no_more_pages_are_taken_than_are_read(serve: Serve, time: Any) -> None:
    server = serve({"*": page("hi")})
    taken = []

    def urls() -> Any:
        for number in range(50):
            taken.append(number)
            yield f"{server.url}/{number}"

    async def run() -> None:
        async with many(time) as made:
            read = 0
            async for _ in made.fetch_all(urls(), at_once=5):
                read += 1
                assert len(taken) <= read + 5

    asyncio.run(run())
    assert len(taken) == 50


def test_a_cancelled_exchange_is_kept(serve: Serve, time: Any) -> None:
    server = serve({"/": Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nsome", "hang")})
    seen: list[Exchange] = []

    async def run() -> None:
        transport = RecordingTransport(Recorder(guard=Guard(allow_private=True), sink=seen.append))
        async with httpx.AsyncClient(transport=transport) as made, made.stream("GET", server.url + "/") as response:
            reading = asyncio.create_task(response.aread())
            for _ in range(50):  # until it waits for what never comes
                await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    asyncio.run(run())
    assert seen[0].truncated == "unspecified"
    assert seen[0].outcome == "interrupted"
    assert b"".join(seen[0].payload()) == b"some"


def test_a_timeout_of_one_page_does_not_touch_another(serve: Serve, time: Any) -> None:
    server = serve({"/quick": page("hi"), "/slow": Answer(b"", "hang")})

    async def run() -> dict[str, Fetched]:
        async with many(time, read_timeout=1.0, tries=1) as made:
            return {each.url[-5:]: each async for each in made.fetch_all([server.url + "/slow", server.url + "/quick"])}

    done = asyncio.run(run())
    assert isinstance(done["/slow"].error, TimedOut)
    assert done["quick"].page


def test_what_is_called_before_sending_may_end_a_page_at_its_first_requisite(serve: Serve, time: Any) -> None:
    server = serve(assets())
    called: list[int] = []

    class Enough(Exception):
        """Somebody wants no more."""

    def before() -> None:
        end = monotonic() + 30
        while server.connections == 0 and monotonic() < end:  # the server takes it in a thread of its own
            sleep(0.01)
        called.append(server.connections)
        if len(called) > 1:
            raise Enough

    async def run() -> list[str]:
        async with many(time) as made:
            with pytest.raises(Enough):
                await made.fetch(server.url + "/", before=before)
            asked = [each.target for each in server.asked]
            server.asked.clear()
            check_assets(await made.fetch(server.url + "/"), server)  # nothing is left of it
            return asked

    assert asyncio.run(run()) == ["/"]
    assert called[0] == 1  # it is called when the connection stands


def test_the_function_and_the_waiting_client_work_where_a_loop_is_running(serve: Serve) -> None:
    server = serve({"*": page("hi")})
    settings: dict[str, Any] = {"contact": "test@example.org", "allow_private": True, "robots": False, "interval": 0}

    async def run() -> list[bytes]:
        with capture.fetch(server.url + "/a", **settings) as first:
            bodies = [content(first.answer, 99)]
        with capture.Client(Settings(**settings)) as client:
            for path in ("/b", "/c"):
                with client.fetch(server.url + path) as fetched:
                    bodies.append(content(fetched.answer, 99))
        client.close()  # again, which does nothing more
        return bodies

    assert asyncio.run(run()) == [b"hi"] * 3
    assert server.connections == 2  # the client keeps its own


def test_requisites_of_a_dead_host_are_not_all_waited_for(serve: Serve, time: Any) -> None:
    dead = serve({"*": Answer(b"", "hang")})
    body = "".join(f"<img src={dead.url.replace('127.0.0.1', 'localhost')}/{n}.png>" for n in range(20))
    server = serve({"/": page(body)})

    async def run() -> list[str]:
        async with many(time, requisite_tries=1, read_timeout=0.2) as made:
            return [code for _, code, _ in (await made.fetch(server.url + "/")).failures]

    codes = asyncio.run(run())
    assert len(codes) == 20
    assert codes.count("timed-out") <= 3  # two at once, and one that was begun before the second had failed
    assert set(codes) == {"timed-out", "not-tried"}
