"""The middleware as a user applies it: what it takes, what it hands on, and which span is current when."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import textwrap
from types import MappingProxyType
from typing import Any, Awaitable, Callable, Iterator

import pytest

import ddtrace
from ddtrace import Pin, Span, config
from ddtrace.contrib import asgi
from ddtrace.contrib.asgi import TraceMiddleware, span_from_scope
from testkit import DummyTracer, run_python
from testkit.patched import failures_are_fatal
from tests.contrib.asgi.server import Connection, http

CANARY = "c4n4ry"

IDS = [(b"x-datadog-trace-id", b"1234"), (b"x-datadog-parent-id", b"5678")]


@pytest.fixture(autouse=True)
def our_failures_are_fatal() -> Iterator[None]:
    """What goes wrong on our side is seen."""
    with failures_are_fatal(True):
        yield


async def greet(scope: Any, receive: Any, send: Any) -> None:
    """The application."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-out", b"2")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def receive_nothing() -> Any:
    """What a server without a message has to receive."""
    return {"type": "http.disconnect"}


async def send_nowhere(message: Any) -> None:
    """What a server does whose client is gone."""


def call(app: Callable[..., Any], scope: Any = None, receive: Any = receive_nothing, send: Any = send_nowhere) -> Any:
    """What an application returns."""

    async def run() -> Any:
        return await app(http() if scope is None else scope, receive, send)

    return asyncio.run(run())


# -- making it ---------------------------------------------------------------------------------------------------------


def test_example_of_the_docs_runs() -> None:
    """The module's examples trace a request."""
    blocks = asgi.__doc__.split("::\n")[1:]
    examples = [textwrap.dedent("\n".join(takewhile_indented(block))) for block in blocks]
    request = """
import asyncio
from ddtrace import tracer
spans = []
tracer.on_start_span(spans.append)
async def send(message):
    print(message["type"])
scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
asyncio.run(app(scope, None, send))
asyncio.run(TraceMiddleware(greet_by_name)(dict(scope, datadog={}), None, send))
print(*((span.name, span.service, span.get_tag("greeted")) for span in spans))
"""
    printed = run_python("-c", "".join(examples) + request, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"})
    sent = ["http.response.start", "http.response.body"]
    assert printed.splitlines() == [
        *sent,
        *sent,
        "('asgi.request', 'greetings', None) ('asgi.request', 'asgi', 'Ada')",
    ]


def takewhile_indented(block: str) -> Iterator[str]:
    """The lines of a block of code, up to the text that follows it."""
    for line in block.splitlines():
        if line and not line.startswith(" "):
            return
        yield line


def test_arguments_are_those_of_1x(tracer: DummyTracer) -> None:
    """By their places or names; the application is at hand as ``app``."""
    by_place = TraceMiddleware(greet, tracer, config.asgi, print, repr)
    by_name = TraceMiddleware(
        app=greet, tracer=tracer, integration_config=config.asgi, handle_exception_span=print, span_modifier=repr
    )
    for made in (by_place, by_name):
        assert (made.app, made.tracer, made.integration_config) == (greet, tracer, config.asgi)
        assert (made.handle_exception_span, made.span_modifier) == (print, repr)
    assert TraceMiddleware(greet).tracer is ddtrace.tracer


def test_servers_take_it_for_an_application_of_asgi_3() -> None:
    """They ask whether calling it gives a coroutine."""
    assert inspect.iscoroutinefunction(TraceMiddleware(greet).__call__)


def test_settings_of_another_type_are_refused() -> None:
    """When the middleware is made, and not with each request."""
    with pytest.raises(TypeError, match="integration_config is {'service': 'shop'}; expected are the settings of"):
        TraceMiddleware(greet, integration_config={"service": "shop"})


def test_settings_have_their_defaults() -> None:
    """They can be read before anybody has set them."""
    assert (config.asgi["request_span_name"], config.asgi["distributed_tracing"]) == ("asgi.request", True)


def test_service_is_the_application_s_own(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it has one, and nobody has named another for its requests."""
    app = TraceMiddleware(greet, tracer)
    monkeypatch.setattr(config, "service", "shop")
    call(app)
    monkeypatch.setitem(config.asgi, "service", "baskets")
    call(app)
    assert [span.service for span in tracer.spans] == ["shop", "baskets"]


def test_settings_may_be_those_of_another_name(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """They name span, service and component, and say whether headers are looked at."""
    settings = {"request_span_name": "shop.request", "service": "baskets", "distributed_tracing": False}
    monkeypatch.setitem(config._integrations, "shop", ddtrace.settings.IntegrationConfig(config, "shop", settings))
    call(TraceMiddleware(greet, tracer, integration_config=config.shop), http("/", *IDS))
    (span,) = tracer.spans
    assert (span.name, span.service, span.get_tag("component")) == ("shop.request", "baskets", "shop")
    assert (span.parent_id, span.span_type, span.get_tag("span.kind")) == (None, "web", "server")


def test_settings_of_another_name_may_leave_all_to_defaults(tracer: DummyTracer) -> None:
    """Name and service are the integration's."""
    settings = ddtrace.settings.IntegrationConfig(config, "shop")
    call(TraceMiddleware(greet, tracer, integration_config=settings), http("/", *IDS))
    (span,) = tracer.spans
    assert (span.name, span.service, span.parent_id) == ("asgi.request", "asgi", 5678)


def test_service_of_a_pin_goes_before_that_of_settings(tracer: DummyTracer) -> None:
    """Also before those that were given by hand."""
    settings = ddtrace.settings.IntegrationConfig(config, "shop", service="shop")
    app = TraceMiddleware(greet, tracer, integration_config=settings)
    Pin.override(app, service="baskets")
    call(app)
    assert tracer.spans.find("asgi.request").service == "baskets"


def test_span_is_named_as_configured(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is asked for with each request."""
    app = TraceMiddleware(greet, tracer)
    monkeypatch.setitem(config.asgi, "request_span_name", "http.request")
    call(app)
    assert [span.name for span in tracer.spans] == ["http.request"]


def test_analytics_rate_is_a_metric_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the settings that hold for the middleware."""
    settings = ddtrace.settings.IntegrationConfig(config, "shop", analytics_enabled=True, analytics_sample_rate=0.5)
    call(TraceMiddleware(greet, tracer, integration_config=settings))
    assert tracer.spans.find("asgi.request").get_metric("_dd1.sr.eausr") == 0.5


def test_modifier_describes_each_request(tracer: DummyTracer) -> None:
    """It is called with span and scope, after all else has been said."""

    def name_route(span: Span, scope: Any) -> None:
        assert span.resource == "GET /basket/1"
        span.resource = f"route of {scope['path']}"

    call(TraceMiddleware(greet, tracer, span_modifier=name_route), http("/basket/1"))
    assert tracer.spans.find("asgi.request").resource == "route of /basket/1"


def test_modifier_that_fails_is_ours_to_bear(tracer: DummyTracer) -> None:
    """The request is answered."""
    sent: list[Any] = []

    def fail(span: Span, scope: Any) -> None:
        raise ValueError("no route")

    async def send(message: Any) -> None:
        sent.append(message)

    with failures_are_fatal(False):
        call(TraceMiddleware(greet, tracer, span_modifier=fail), send=send)
    assert len(sent) == 2
    assert tracer.spans.find("asgi.request").error == 0


def test_pin_of_one_application(tracer: DummyTracer) -> None:
    """Service and tags are on the spans of this application."""
    app = TraceMiddleware(greet, tracer)
    Pin.override(app, service="baskets", tags={"team": "fruit"})
    call(app)
    assert tracer.spans.find("asgi.request", service="baskets", tags={"team": "fruit"})


def test_disabled_tracer_leaves_all_as_it_is(tracer: DummyTracer) -> None:
    """The application gets the server's own arguments, and the server what the application returned."""
    tracer.enabled = False
    given: list[Any] = []
    scope = http()

    async def app(*args: Any) -> str:
        given.extend(args)
        return "done"

    assert call(TraceMiddleware(app, tracer), scope) == "done"
    assert [id(each) for each in given] == [id(scope), id(receive_nothing), id(send_nowhere)]
    assert scope == http()


# -- applications ------------------------------------------------------------------------------------------------------


class OfASGI2:
    """An application of ASGI 2 is usually a class."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> str:
        return f"two calls for {self.scope['path']}"


class Endpoint:
    """An application of ASGI 3 may be a class, too: it is awaited."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope

    def __await__(self) -> Any:
        yield from ()
        return f"one call for {self.scope['path']}"


class App:
    """Or an object."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> str:
        return await Endpoint(scope, receive, send)

    def method(self, scope: Any, receive: Any, send: Any) -> Awaitable[str]:
        """Or a method, which need not be a coroutine function."""
        return self(scope, receive, send)


def with_settings(settings: Any, scope: Any, receive: Any, send: Any) -> Any:
    """Or be made of more."""
    return Endpoint(scope, receive, send)


APPLICATIONS = {
    "class-2": (OfASGI2, "two calls for /"),
    "function-2": (lambda scope: OfASGI2(scope), "two calls for /"),
    "partial-2": (functools.partial(lambda settings, scope: OfASGI2(scope), None), "two calls for /"),
    "class-3": (Endpoint, "one call for /"),
    "object-3": (App(), "one call for /"),
    "method-3": (App().method, "one call for /"),
    "partial-3": (functools.partial(with_settings, None), "one call for /"),
    "defaults-3": (lambda scope, receive=None, send=None: Endpoint(scope, receive, send), "one call for /"),
    "any-3": (lambda *args: Endpoint(*args), "one call for /"),
}


@pytest.mark.parametrize("kind", APPLICATIONS)
@pytest.mark.parametrize("type_", ["http", "websocket"])
def test_application_is_called_as_its_version_has_it(tracer: DummyTracer, kind: str, type_: str) -> None:
    """Whatever kind of callable it is."""
    app, result = APPLICATIONS[kind]
    assert call(TraceMiddleware(app, tracer), http("/", type=type_)) == result


def test_application_whose_signature_nobody_knows_is_of_asgi_3(tracer: DummyTracer) -> None:
    """As servers have it today."""
    app = App()
    app.__signature__ = "unknown"  # type: ignore[attr-defined]
    assert call(TraceMiddleware(app, tracer), http("/")) == "one call for /"


def test_what_is_no_application_is_refused_as_without_us(tracer: DummyTracer) -> None:
    """It is called like one of ASGI 3."""
    with pytest.raises(TypeError, match="takes 2 positional arguments but 3 were given"):
        call(TraceMiddleware(lambda scope, receive: None, tracer))


def test_application_of_asgi_2_that_fails_at_once_is_traced(tracer: DummyTracer) -> None:
    """Its first call is part of the request."""

    def app(scope: Any) -> Any:
        raise ValueError("no basket")

    with pytest.raises(ValueError, match="no basket"):
        call(TraceMiddleware(app, tracer))
    assert tracer.spans.find("asgi.request", error=1)


# -- the trace ---------------------------------------------------------------------------------------------------------


def test_distributed_tracing_can_be_off(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers of a request are not looked at."""
    monkeypatch.setitem(config.asgi, "distributed_tracing", False)
    call(TraceMiddleware(greet, tracer), http("/", *IDS))
    assert tracer.spans.find("asgi.request").parent_id is None


def test_first_header_of_a_name_tells_of_the_trace(tracer: DummyTracer) -> None:
    """What a stranger has added behind it does not."""
    call(TraceMiddleware(greet, tracer), http("/", *IDS, (b"x-datadog-trace-id", b"9")))
    span = tracer.spans.find("asgi.request")
    assert (span.trace_id, span.parent_id) == (1234, 5678)


def test_span_lasts_until_the_application_has_returned(tracer: DummyTracer) -> None:
    """What it does after the answer belongs to the request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await greet(scope, receive, send)
        assert not tracer.spans
        with tracer.trace("tidy up"):
            await asyncio.sleep(0)

    call(TraceMiddleware(app, tracer))
    request, work = tracer.spans.find("asgi.request"), tracer.spans.find("tidy up")
    assert (work.trace_id, work.parent_id) == (request.trace_id, request.span_id)


@pytest.mark.parametrize("ends", ["returns", "fails"])
def test_caller_s_own_span_is_current_again(tracer: DummyTracer, ends: str) -> None:
    """Neither the trace of the headers, nor what the application left open is."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        tracer.trace("left open")
        if ends == "fails":
            raise ValueError("no basket")

    async def run() -> None:
        with tracer.trace("outer") as outer:
            try:
                await TraceMiddleware(app, tracer)(http("/", *IDS), receive_nothing, send_nowhere)
            except ValueError:
                assert ends == "fails"
            assert tracer.current_span() is outer

    asyncio.run(run())
    assert tracer.current_span() is None


def test_two_requests_in_one_loop_have_their_own_spans(tracer: DummyTracer) -> None:
    """What each does is below its own, though they take turns."""
    turn = asyncio.Barrier(2)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for number in range(3):
            await turn.wait()
            with tracer.trace(f"{scope['path']} {number}"):
                await turn.wait()

    async def run() -> None:
        traced = TraceMiddleware(app, tracer)
        await asyncio.gather(*(traced(http(path), receive_nothing, send_nowhere) for path in ("/a", "/b")))

    asyncio.run(run())
    for path in ("/a", "/b"):
        request = tracer.spans.find("asgi.request", resource=f"GET {path}")
        assert request.parent_id is None
        work = [tracer.spans.find(f"{path} {number}") for number in range(3)]
        assert {(span.trace_id, span.parent_id) for span in work} == {(request.trace_id, request.span_id)}


@pytest.mark.parametrize("function", ["receive", "send"])
def test_what_a_server_begins_while_it_is_called_is_no_part_of_the_request(tracer: DummyTracer, function: str) -> None:
    """The next request of the connection, say, inherits the context, and has a trace of its own nevertheless."""
    next_requests: list[asyncio.Task[None]] = []
    next_has_run = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/second":
            await TraceMiddleware(greet, tracer)(http("/within the second"), receive_nothing, send_nowhere)
            return next_has_run.set()
        await receive()
        await send({"type": "http.response.start", "status": 200})
        await next_has_run.wait()

    traced = TraceMiddleware(app, tracer)

    def begin_next() -> None:
        next_requests.append(asyncio.ensure_future(traced(http("/second"), receive_nothing, send_nowhere)))

    async def receive() -> Any:
        return begin_next() if function == "receive" else None

    async def send(message: Any) -> None:
        if function == "send":
            begin_next()

    async def run() -> None:
        await traced(http("/first"), receive, send)
        await asyncio.gather(*next_requests)

    asyncio.run(run())
    first, second = (tracer.spans.find("asgi.request", resource=f"GET /{name}") for name in ("first", "second"))
    assert (first.parent_id, second.parent_id) == (None, None)
    within = tracer.spans.find("asgi.request", resource="GET /within the second")
    assert within.parent_id == second.span_id


@pytest.mark.parametrize("function", ["receive", "send"])
def test_server_has_the_request_s_span_as_the_current_one(tracer: DummyTracer, function: str) -> None:
    """What it logs of the request can be told from its trace."""
    seen: list[Any] = []

    async def receive() -> None:
        seen.append(tracer.current_span())

    async def send(message: Any) -> None:
        seen.append(tracer.current_span())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (receive() if function == "receive" else send({"type": "http.response.start", "status": 200}))

    call(TraceMiddleware(app, tracer), None, receive, send)
    assert seen == [tracer.spans.find("asgi.request")]


@pytest.mark.parametrize("after", ["nothing", "receive", "send"])
def test_request_within_a_request_is_below_it(tracer: DummyTracer, after: str) -> None:
    """An application may serve another, by a task of its own."""
    inner = TraceMiddleware(greet, tracer)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if after == "receive":
            await receive()
        if after == "send":
            await send({"type": "http.response.start", "status": 200})
        await asyncio.ensure_future(inner(http("/inner"), receive_nothing, send_nowhere))

    call(TraceMiddleware(app, tracer), http("/outer"))
    outer = tracer.spans.find("asgi.request", resource="GET /outer")
    assert tracer.spans.find("asgi.request", resource="GET /inner").parent_id == outer.span_id


def test_request_that_is_thrown_away_ends_and_leaves_others_alone(tracer: DummyTracer) -> None:
    """Where the garbage is collected, another span may be current, and stays so."""

    class Forever:
        def __await__(self) -> Iterator[None]:
            yield

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await Forever()

    request = TraceMiddleware(app, tracer)(http("/", *IDS), receive_nothing, send_nowhere)
    contextvars.Context().run(request.send, None)
    with tracer.trace("of another") as other:
        request.close()
        assert tracer.current_span() is other
    span = tracer.spans.find("asgi.request")
    assert (span.parent_id, span.error, span.get_tag("http.status_code")) == (5678, 0, None)


# -- the scope ---------------------------------------------------------------------------------------------------------


def test_application_gets_the_server_s_own_scope(tracer: DummyTracer) -> None:
    """What it writes there is seen by the server, and by what stands between them."""
    scope = http()

    async def app(given: Any, receive: Any, send: Any) -> None:
        assert given is scope
        given["endpoint"] = "basket"

    call(TraceMiddleware(app, tracer), scope)
    (span,) = tracer.spans
    assert scope == {**http(), "endpoint": "basket", "datadog": {"request_spans": [span]}}


def test_spans_of_a_request_are_in_its_scope(tracer: DummyTracer) -> None:
    """One for each middleware, of which the outermost is the request's; each is the parent of the next."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(scope["datadog"]["request_spans"])
        assert span_from_scope(scope) is seen[0]

    call(TraceMiddleware(TraceMiddleware(app, tracer), tracer))
    assert [span.parent_id for span in seen] == [None, seen[0].span_id]


@pytest.mark.parametrize("scope", [{}, {"datadog": {}}, {"datadog": {"request_spans": []}}])
def test_scope_of_what_is_not_traced_has_no_span(scope: Any) -> None:
    """None says so."""
    assert span_from_scope(scope) is None


@pytest.mark.parametrize("type_", ["lifespan", "websocket", "webtransport", None])
def test_only_requests_over_http_are_traced(tracer: DummyTracer, type_: Any) -> None:
    """All else passes untouched, with the server's own arguments."""
    given: list[Any] = []
    scope = http(type=type_)

    async def app(*args: Any) -> None:
        given.extend(args)

    call(TraceMiddleware(app, tracer), scope)
    assert [id(each) for each in given] == [id(scope), id(receive_nothing), id(send_nowhere)]
    assert scope == http(type=type_)
    assert not tracer.started


def test_scope_that_cannot_be_changed_is_handed_on_as_it_is(tracer: DummyTracer) -> None:
    """The request is traced, and its scope does not tell."""
    scope = MappingProxyType(http())
    given: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given.append(scope)

    with failures_are_fatal(False):
        call(TraceMiddleware(app, tracer), scope)
    assert given[0] is scope
    assert tracer.spans.find("asgi.request", resource="GET /basket")


# -- messages ----------------------------------------------------------------------------------------------------------


def test_messages_and_results_are_handed_on_as_they_are(tracer: DummyTracer) -> None:
    """Each once, in their order, by both sides."""
    received = [{"type": "http.request"}, {"type": "http.disconnect"}]
    messages = [{"type": "http.response.start", "status": 200}, {"type": "http.response.body"}]
    sent: list[Any] = []
    got: list[Any] = []

    async def send(message: Any) -> int:
        sent.append(message)
        return len(sent)

    async def receive() -> Any:
        return received[len(got)]

    async def app(scope: Any, receive: Any, send: Any) -> list[int]:
        for _ in received:
            got.append(await receive())
        return [await send(message) for message in messages]

    assert call(TraceMiddleware(app, tracer), None, receive, send) == [1, 2]
    assert [id(each) for each in (*got, *sent)] == [id(each) for each in (*received, *messages)]
    assert messages[0] == {"type": "http.response.start", "status": 200}


@pytest.mark.parametrize("side", ["receive", "send", "app"])
def test_exceptions_of_either_side_are_untouched(tracer: DummyTracer, side: str) -> None:
    """The same object comes out, without a context of ours."""
    failure = OSError("as asked")

    async def fail(*message: Any) -> Any:
        raise failure

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if side != "app":
            await (receive() if side == "receive" else send({"type": "http.response.start", "status": 200}))
        raise failure

    with pytest.raises(OSError) as raised:
        call(TraceMiddleware(app, tracer), None, fail, fail)
    assert raised.value is failure and failure.__context__ is None and failure.__cause__ is None
    assert tracer.spans.find("asgi.request", error=1).get_tag("error.message") == "as asked"


@pytest.mark.parametrize("has_begun", [False, True])
def test_request_that_fails_has_the_status_of_a_failure(tracer: DummyTracer, has_begun: bool) -> None:
    """Also where the server has sent another already, and can send none."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if has_begun:
            await send({"type": "http.response.start", "status": 200})
        raise ValueError("no basket")

    with pytest.raises(ValueError):
        call(TraceMiddleware(app, tracer))
    tags = {"http.status_code": "500", "error.type": "builtins.ValueError", "error.message": "no basket"}
    assert tracer.spans.find("asgi.request", error=1, tags=tags)


def test_request_that_is_cancelled_has_the_error_and_no_status(tracer: DummyTracer) -> None:
    """Nobody is answered; the task ends as it would have."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asyncio.current_task().cancel("the client is gone")
        await asyncio.sleep(0)

    async def run() -> bool:
        task = asyncio.ensure_future(TraceMiddleware(app, tracer)(http(), receive_nothing, send_nowhere))
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(run())
    span = tracer.spans.find("asgi.request", error=1, tags={"error.type": "asyncio.exceptions.CancelledError"})
    assert span.get_tag("http.status_code") is None


def test_failure_can_be_described_by_the_user(tracer: DummyTracer) -> None:
    """Their function gets error and span, which has the error already, and has the last word."""
    failure = ValueError("no basket")

    def forgive(error: BaseException, span: Span) -> None:
        assert error is failure and span.get_tag("error.message") == "no basket"
        span.error = 0
        span.set_tag("http.status_code", "404")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise failure

    with pytest.raises(ValueError):
        call(TraceMiddleware(app, tracer, handle_exception_span=forgive))
    assert tracer.spans.find("asgi.request", error=0, tags={"http.status_code": "404"})


def test_failure_to_describe_a_failure_is_ours_to_bear(tracer: DummyTracer) -> None:
    """The application's own exception comes out, and knows of no other."""
    failure = ValueError("no basket")

    def fail(error: BaseException, span: Span) -> None:
        raise KeyError("no word")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise failure

    with failures_are_fatal(False), pytest.raises(ValueError) as raised:
        call(TraceMiddleware(app, tracer, handle_exception_span=fail))
    assert raised.value is failure and failure.__context__ is None
    assert tracer.spans.find("asgi.request", error=1)


@pytest.mark.parametrize("message", [None, "http.response.start", {}, {"type": "http.response.start"}])
def test_what_is_no_message_is_the_server_s_to_judge(tracer: DummyTracer, message: Any) -> None:
    """It is handed on, and no status is made of it."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(message)

    call(TraceMiddleware(app, tracer), send=send)
    assert sent == [message]
    assert tracer.spans.find("asgi.request").get_tag("http.status_code") is None


def test_other_messages_tell_no_status(tracer: DummyTracer) -> None:
    """Whatever else they hold."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.trailers", "status": 503, "headers": []})

    call(TraceMiddleware(app, tracer))
    assert tracer.spans.find("asgi.request").get_tag("http.status_code") is None


def test_headers_that_can_be_read_once_are_whom_they_are_for(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application's and the server's, even where headers become tags."""
    monkeypatch.setattr(config.asgi.http, "_header_tags", {"x-a": ""})
    read: list[Any] = []

    async def send(message: Any) -> None:
        read.extend(message["headers"])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        read.extend(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": iter([(b"x-a", b"2")])})

    call(TraceMiddleware(app, tracer), http(headers=iter([(b"x-a", b"1")])), send=send)
    assert read == [(b"x-a", b"1"), (b"x-a", b"2")]


def test_headers_become_tags_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the request as of the response, whatever the case of their names."""
    monkeypatch.setattr(config.asgi.http, "_header_tags", {"x-in": "", "x-out": "out"})
    call(TraceMiddleware(greet, tracer), http("/", (b"X-In", b"1")))
    assert tracer.spans.find("asgi.request", tags={"http.request.headers.x-in": "1", "out": "2"})


def test_query_becomes_a_tag_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there is one."""
    monkeypatch.setitem(config.asgi, "trace_query_string", True)
    app = TraceMiddleware(greet, tracer)
    call(app, http("/", query_string=b"colour=red"))
    call(app, http("/"))
    assert [span.get_tag("http.query.string") for span in tracer.spans] == ["colour=red", None]


# -- strangers' input --------------------------------------------------------------------------------------------------


def test_url_is_that_of_the_host_header_or_else_of_the_server(tracer: DummyTracer) -> None:
    """With the port, unless it is the usual one; a server at a path of this machine has no host."""
    app = TraceMiddleware(greet, tracer)
    call(app, http("/a", server=("10.0.0.1", 8000)))
    call(app, http("/b", headers=[], server=("10.0.0.1", 8000), scheme="https"))
    call(app, http("/c", headers=[], server=("::1", 80)))
    call(app, http("/d", headers=[], server=("/run/shop.sock", None)))
    assert [span.get_tag("http.url") for span in tracer.spans] == [
        "http://shop.example/a",
        "https://10.0.0.1:8000/b",
        "http://[::1]/c",
        "http:///d",
    ]


@pytest.mark.parametrize("path", ["/basket", "/shop/basket"])
def test_root_path_is_part_of_the_url_once(tracer: DummyTracer, path: str) -> None:
    """Whether a server leaves it in the path, as the specification has it today, or takes it out."""
    call(TraceMiddleware(greet, tracer), http(path, root_path="/shop"))
    assert tracer.spans.find("asgi.request").get_tag("http.url") == "http://shop.example/shop/basket"


def test_path_is_shown_in_the_url_as_it_is_asked_for(tracer: DummyTracer) -> None:
    """The server has decoded it."""
    call(TraceMiddleware(greet, tracer), http("/Jürgen & Söhne"))
    span = tracer.spans.find("asgi.request", resource="GET /Jürgen & Söhne")
    assert span.get_tag("http.url") == "http://shop.example/J%C3%BCrgen%20&%20S%C3%B6hne"


def test_client_s_address_is_told_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the header of a proxy, else by the connection."""
    monkeypatch.setattr(config, "_client_ip_enabled", True)
    app = TraceMiddleware(greet, tracer)
    call(app, http("/", (b"x-forwarded-for", b"8.8.8.8")))
    call(app, http("/"))
    assert [span.get_tag("http.client_ip") for span in tracer.spans] == ["8.8.8.8", "127.0.0.1"]


@pytest.mark.parametrize(
    "more",
    [
        {"path": "/" + "x" * 10_000_000},
        {"path": "/" + "ü" * 10_000_000},
        {"path": "/\ud800\udfff"},
        {"path": "/\x00\x01\x7f"},
        {"path": b"/bytes"},
        {"path": None},
        {"root_path": "/" + "x" * 10_000_000},
        {"root_path": None},
        {"query_string": b"q=" + b"\xff" * 10_000_000},
        {"query_string": "text"},
        {"headers": [(b"user-agent", b"\xff" * 10_000_000)]},
        {"headers": [(b"user-agent", b"J\xfcrgen")]},
        {"headers": [(b"user-agent", b"a")] * 10_000},
        {"headers": [(b"\xff" * 1_000_000, b"a")]},
        {"headers": [("user-agent", "text")]},
        {"headers": [[bytearray(b"user-agent"), bytearray(b"a")]]},
        {"headers": [(b"host", b"\xff\x00")]},
        {"headers": [(b"host", None)]},
        {"headers": [(b"x-datadog-trace-id", b"9" * 100_000)]},
        {"headers": [(b"traceparent", b"\xff")]},
        {"headers": [(b"alone",), None, 3, (b"a", b"b", b"c")]},
        {"headers": None},
        {"method": "\x00" * 100},
        {"method": None},
        {"scheme": None},
        {"server": None, "headers": []},
        {"client": None},
        {"asgi": None},
        {"http_version": 1.1},
    ],
    ids=lambda more: f"{next(iter(more))}-{str(next(iter(more.values())))[:20]!a}",
)
def test_any_scope_is_answered_and_sent(tracer: DummyTracer, more: dict[str, Any]) -> None:
    """The application answers, the span is encoded, and no tag is out of proportion."""
    assert len(asyncio.run(Connection(http(**more)).run(TraceMiddleware(greet, tracer)))) == 2
    (span,) = tracer.spans
    assert max(map(len, [*span.get_tags().values(), span.resource])) <= 30_000
    assert span.get_tag("http.status_code") == "200"
    assert len(tracer.recorded.encoded) == 1


def test_scope_of_next_to_nothing_is_enough(tracer: DummyTracer) -> None:
    """What a server does not tell is not told."""
    call(TraceMiddleware(greet, tracer), {"type": "http"})
    call(TraceMiddleware(greet, tracer), {"type": "http", "path": "/basket"})
    assert [(span.resource, span.get_tag("http.url")) for span in tracer.spans] == [
        ("asgi.request", "http://"),
        ("/basket", "http:///basket"),
    ]


def test_secrets_are_not_shown(tracer: DummyTracer) -> None:
    """Neither user and password before the host, nor tokens in the query, nor any header."""
    headers = [
        (b"host", f"user:{CANARY}@shop.example".encode()),
        (b"authorization", f"Bearer {CANARY}".encode()),
        (b"cookie", f"session={CANARY}".encode()),
    ]
    query = f"token={CANARY}&password={CANARY}&colour=red".encode()
    call(TraceMiddleware(greet, tracer), http("/", headers=headers, query_string=query))
    span = tracer.spans.find("asgi.request")
    assert span.get_tag("http.url") == "http://shop.example/?<redacted>&<redacted>&colour=red"
    assert CANARY not in repr((span.get_tags(), span.resource))
