"""A traced ASGI application under uvicorn, on real sockets: the requests of a connection, and of another process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, AsyncIterator, Callable

import pytest
import uvicorn

from ddtrace.contrib.asgi import TraceMiddleware
from testkit import DummyTracer
from testkit.patched import failures_are_fatal
from tests.agent import agent_on_tcp
from tests.programs import REPOSITORY, run_program, spans_by_name

TIMEOUT_S = 60

SERVER = """
import socket

import uvicorn

from ddtrace import config, tracer
from ddtrace.contrib.asgi import TraceMiddleware

config.service = "baskets"


async def show_basket(scope, receive, send):
    with tracer.trace("query"):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"apple"})


with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    settings = uvicorn.Config(TraceMiddleware(show_basket), lifespan="off", log_level="critical", limit_max_requests=1)
    uvicorn.Server(settings).run(sockets=[listening])
tracer.shutdown()
"""

CLIENT = """
import os

from ddtrace import config, patch, tracer

patch(httpx=True)

import httpx

config.service = "visitor"
with tracer.trace("visit"):
    print(httpx.get(os.environ["BASKETS_URL"] + "/basket?colour=red").text)
tracer.shutdown()
"""


def test_two_processes_make_one_trace(tmp_path: Path) -> None:
    """The client's request is above that of the server, which is above what the application does."""
    with agent_on_tcp() as agent:
        command = [sys.executable, "-c", SERVER]
        environment = {**os.environ, "PYTHONPATH": REPOSITORY, "DD_TRACE_AGENT_URL": agent.url}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
            try:
                url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
                assert run_program(tmp_path, CLIENT, agent.url, BASKETS_URL=url).printed == "apple\n"
                assert server.wait(TIMEOUT_S) == 0
            finally:
                server.kill()
    spans = spans_by_name(agent)
    names = ["visit", "http.request", "asgi.request", "query"]
    assert sorted(spans) == sorted(names)
    assert {span["trace_id"] for span in spans.values()} == {spans["visit"]["trace_id"]}
    assert [spans[name]["parent_id"] for name in names[1:]] == [spans[name]["span_id"] for name in names[:-1]]
    request = spans["asgi.request"]
    assert (request["service"], request["resource"], request["type"]) == ("baskets", "GET /basket", "web")
    assert request["meta"]["http.url"] == f"{url}/basket?colour=red"
    assert request["meta"]["http.status_code"] == "200"


# -- in this process ---------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def our_failures_are_fatal() -> Any:
    """What goes wrong on our side is seen."""
    with failures_are_fatal(True):
        yield


@contextlib.asynccontextmanager
async def connected(app: Callable[..., Any]) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of an application, which serves what it was asked for before it ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


async def answer(send: Any, body: bytes = b"apple") -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("second_comes", ["before the answer", "after the answer"])
def test_next_request_of_a_connection_is_a_trace_of_its_own(tracer: DummyTracer, second_comes: str) -> None:
    """Also where uvicorn begins it while the application still works on the one before, within its context."""
    second_has_run = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/second":
            with tracer.trace("work of the second"):
                await answer(send)
            return second_has_run.set()
        while (await receive()).get("more_body"):
            pass
        await answer(send)
        await second_has_run.wait()

    async def run() -> None:
        # A body this long has uvicorn stop reading; it begins again when the application asks for more.
        body = b"" if second_comes == "before the answer" else b"x" * 3_000_000
        first = b"POST /first HTTP/1.1\r\nHost: shop.example\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        second = b"GET /second HTTP/1.1\r\nHost: shop.example\r\n\r\n"
        async with connected(TraceMiddleware(app, tracer)) as (reader, writer):
            writer.write(first + second if not body else first)
            await reader.readuntil(b"apple")
            if body:
                writer.write(second)
            await reader.readuntil(b"apple")

    asyncio.run(asyncio.wait_for(run(), TIMEOUT_S))
    first, second = (tracer.spans.find("asgi.request", resource=name) for name in ("POST /first", "GET /second"))
    assert (first.parent_id, second.parent_id) == (None, None)
    assert tracer.spans.find("work of the second").parent_id == second.span_id


def test_client_that_goes_away_ends_the_request(tracer: DummyTracer) -> None:
    """The application is told as without us, and its span lasts until it has tidied up."""
    told: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"apple", "more_body": True})
        told.append((await receive())["type"])
        tracer.trace("tidy up").finish()

    async def run() -> None:
        async with connected(TraceMiddleware(app, tracer)) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
            await reader.readuntil(b"apple")

    asyncio.run(asyncio.wait_for(run(), TIMEOUT_S))
    assert told == ["http.disconnect"]
    request = tracer.spans.find("asgi.request", error=0, tags={"http.status_code": "200"})
    assert tracer.spans.find("tidy up").parent_id == request.span_id


def test_application_of_asgi_2_is_served_through_the_lifespan(tracer: DummyTracer) -> None:
    """uvicorn takes the middleware for an application of ASGI 3, and starts and stops what is within."""
    seen: list[str] = []

    class App:
        def __init__(self, scope: Any) -> None:
            self.type = scope["type"]

        async def __call__(self, receive: Any, send: Any) -> None:
            if self.type == "http":
                return await answer(send, b"pear")
            for _ in range(2):
                message = await receive()
                seen.append(message["type"])
                await send({"type": f"{message['type']}.complete"})

    async def run() -> None:
        async with connected(TraceMiddleware(App, tracer)) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
            await reader.readuntil(b"pear")

    asyncio.run(asyncio.wait_for(run(), TIMEOUT_S))
    assert seen == ["lifespan.startup", "lifespan.shutdown"]
    assert [span.name for span in tracer.spans] == ["asgi.request"]
