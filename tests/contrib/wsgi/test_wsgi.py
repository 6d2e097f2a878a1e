"""The middleware as a user applies it: what it takes, what it hands on, and when its spans end."""

from __future__ import annotations

import contextvars
import copy
import io
import textwrap
import threading
import weakref
from typing import Any, Callable, Iterator
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

import ddtrace
from ddtrace import Pin, Span, config
from ddtrace.contrib import wsgi
from ddtrace.contrib.wsgi import DDWSGIMiddleware
from testkit import DummyTracer, run_python
from testkit.patched import failures_are_fatal

CANARY = "c4n4ry"


@pytest.fixture(autouse=True)
def our_failures_are_fatal() -> Iterator[None]:
    """What goes wrong on our side is seen."""
    with failures_are_fatal(True):
        yield


def environ(**more: Any) -> dict[str, Any]:
    """A request for ``/``, with changes."""
    found: dict[str, Any] = {}
    setup_testing_defaults(found)
    return {**found, **more}


def answering(result: Any, status: Any = "200 OK", headers: Any = ()) -> Callable[..., Any]:
    """An application that returns this."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response(status, list(headers) if headers == () else headers)
        return result

    return app


def call(app: Callable[..., Any], **more: Any) -> Any:
    """What an application returns."""
    return app(environ(**more), lambda status, headers, exc_info=None: lambda data: None)


def read(app: Callable[..., Any], **more: Any) -> bytes:
    """What a server would send of it."""
    result = call(app, **more)
    body = b"".join(result)
    result.close()
    return body


# -- making it ---------------------------------------------------------------------------------------------------------


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request."""
    example = textwrap.dedent(wsgi.__doc__.split("by hand::\n")[1].split("\n``wsgi.request``")[0])
    request = """
from ddtrace import tracer
from wsgiref.util import setup_testing_defaults
tracer.on_start_span(lambda span: print(span.name, span.service))
environ = {}
setup_testing_defaults(environ)
print(*app(environ, lambda status, headers: None))
"""
    assert run_python("-c", example + request, env={"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}).splitlines() == [
        "wsgi.request greetings",
        "wsgi.application greetings",
        "wsgi.start_response greetings",
        "wsgi.response greetings",
        "b'hello'",
    ]


def test_arguments_are_those_of_1x(tracer: DummyTracer) -> None:
    """Application, tracer and modifier, by their places or names; the application is at hand as ``app``."""
    app = answering([])
    modifier = print
    by_place, by_name = (
        DDWSGIMiddleware(app, tracer, modifier),
        DDWSGIMiddleware(application=app, tracer=tracer, span_modifier=modifier),
    )
    for made in (by_place, by_name):
        assert (made.app, made.tracer, made.span_modifier) == (app, tracer, modifier)
    assert DDWSGIMiddleware(app).tracer is ddtrace.tracer


def test_modifier_describes_each_request(tracer: DummyTracer) -> None:
    """A modifier of one's own is called with span and environment, and names the resource instead."""

    def name_route(span: Span, environ: dict[str, Any]) -> None:
        span.resource = f"route of {environ['PATH_INFO']}"

    read(DDWSGIMiddleware(answering([b"x"]), tracer, name_route), PATH_INFO="/basket/1")
    assert tracer.spans.find("wsgi.request").resource == "route of /basket/1"


def test_modifier_that_fails_is_ours_to_bear(tracer: DummyTracer) -> None:
    """The request is answered."""

    def fail(span: Span, environ: dict[str, Any]) -> None:
        raise ValueError("no route")

    with failures_are_fatal(False):
        assert read(DDWSGIMiddleware(answering([b"x"]), tracer, fail)) == b"x"
    assert tracer.spans.find("wsgi.request").error == 0


def test_resource_without_a_modifier_is_the_span_s_name(tracer: DummyTracer) -> None:
    """None asks for no modifier."""
    read(DDWSGIMiddleware(answering([b"x"]), tracer, None))
    assert tracer.spans.find("wsgi.request").resource == "wsgi.request"


def test_pin_of_one_application(tracer: DummyTracer) -> None:
    """Service and tags are on all spans of this application."""
    app = DDWSGIMiddleware(answering([b"x"]), tracer)
    Pin.override(app, service="baskets", tags={"team": "fruit"})
    read(app)
    assert {(span.service, span.get_tag("team")) for span in tracer.spans} == {("baskets", "fruit")}


def test_disabled_tracer_leaves_all_as_it_is(tracer: DummyTracer) -> None:
    """The application gets the server's own arguments, and the server what the application returned."""
    tracer.enabled = False
    given: list[Any] = []
    result = [b"x"]

    def app(*args: Any) -> list[bytes]:
        given.extend(args)
        return result

    arguments = (environ(), print)
    assert DDWSGIMiddleware(app, tracer)(*arguments) is result
    assert all(got is sent for got, sent in zip(given, arguments))


# -- the trace ---------------------------------------------------------------------------------------------------------


def test_distributed_tracing_can_be_off(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers of a request are not looked at."""
    monkeypatch.setitem(config.wsgi, "distributed_tracing", False)
    read(DDWSGIMiddleware(answering([b"x"]), tracer), HTTP_X_DATADOG_TRACE_ID="1234", HTTP_X_DATADOG_PARENT_ID="5678")
    assert tracer.spans.find("wsgi.request").parent_id is None


def test_caller_s_own_span_is_current_again(tracer: DummyTracer) -> None:
    """Neither the trace of the headers, nor an open response, nor what the application left open is current."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        tracer.trace("left open")
        return iter([b"x"])

    with tracer.trace("outer") as outer:
        result = call(DDWSGIMiddleware(app, tracer), HTTP_X_DATADOG_TRACE_ID="1234", HTTP_X_DATADOG_PARENT_ID="5678")
        assert tracer.current_span() is outer
        assert list(result) == [b"x"]
        assert tracer.current_span() is outer


def test_what_a_stream_does_is_below_the_response(tracer: DummyTracer) -> None:
    """Also where another thread, with a context of its own, reads it."""

    def parts() -> Iterator[bytes]:
        with tracer.trace("query"):
            yield b"x"

    result = call(DDWSGIMiddleware(answering(parts()), tracer))
    thread = threading.Thread(target=contextvars.Context().run, args=(list, result))
    thread.start()
    thread.join()
    response = tracer.spans.find("wsgi.response")
    assert tracer.spans.find("query").parent_id == response.span_id
    assert tracer.current_span() is None


def test_what_close_does_after_the_end_belongs_to_the_trace(tracer: DummyTracer) -> None:
    """The request's span has ended by then, and is still the parent."""

    class Parts(list):
        def close(self) -> None:
            tracer.trace("clean up").finish()

    read(DDWSGIMiddleware(answering(Parts([b"x"])), tracer))
    request = tracer.spans.find("wsgi.request")
    clean_up = tracer.spans.find("clean up")
    assert (clean_up.trace_id, clean_up.parent_id) == (request.trace_id, request.span_id)


# -- the response ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [list, lambda result: result.close()], ids=["read", "closed"])
def test_request_ends_with_its_response(tracer: DummyTracer, end: Callable[[Any], Any]) -> None:
    """Until the response is read to its end, or closed, the request goes on."""
    result = call(DDWSGIMiddleware(answering([b"a", b"b"]), tracer))
    assert next(iter(result)) == b"a"
    assert not tracer.spans
    end(result)
    assert all(span.finished for span in tracer.started)
    assert len(tracer.spans.find_all("wsgi.request")) == 1


def test_close_is_called_as_often_as_the_server_does(tracer: DummyTracer) -> None:
    """Once, after whatever went before, and its exception is the server's."""
    failure = ValueError("open for ever")
    closed: list[int] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x"])

        def close(self) -> None:
            closed.append(1)
            raise failure

    result = call(DDWSGIMiddleware(answering(Parts()), tracer))
    assert not closed
    with pytest.raises(ValueError) as raised:
        result.close()
    assert raised.value is failure and failure.__context__ is None
    assert len(closed) == 1
    assert tracer.spans.find("wsgi.request", error=1, tags={"error.message": "open for ever"})
    assert tracer.spans.find("wsgi.response", error=1)


def test_generator_is_closed_where_it_stands(tracer: DummyTracer) -> None:
    """It gets GeneratorExit with the response's span being current, which is no error."""
    seen: list[Any] = []

    def parts() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        except GeneratorExit:
            seen.append(tracer.current_span().name)
            raise

    result = call(DDWSGIMiddleware(answering(parts()), tracer))
    next(result)
    result.close()
    assert seen == ["wsgi.response"]
    assert [span.error for span in tracer.spans] == [0, 0, 0, 0]


@pytest.mark.parametrize("kind", [GeneratorExit, KeyboardInterrupt, StopAsyncIteration])
def test_exceptions_of_a_stream_are_untouched(tracer: DummyTracer, kind: type[BaseException]) -> None:
    """Whatever leaves it is the same object, and on the spans."""
    failure = kind("as asked")

    class Parts:
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> bytes:
            raise failure

    with pytest.raises(kind) as raised:
        next(iter(call(DDWSGIMiddleware(answering(Parts()), tracer))))
    assert raised.value is failure
    assert tracer.spans.find("wsgi.request", error=1).get_tag("error.message") == "as asked"


def test_list_keeps_its_length_and_can_be_read_twice(tracer: DummyTracer) -> None:
    """From one part of known length, servers tell the length of the body."""
    result = call(DDWSGIMiddleware(answering([b"a", b"b"]), tracer))
    assert (len(result), list(result), list(result)) == (2, [b"a", b"b"], [b"a", b"b"])


def test_what_has_no_length_and_no_next_gets_none(tracer: DummyTracer) -> None:
    """A server that asks is told the same as without us."""

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x"])

    result = call(DDWSGIMiddleware(answering(Parts()), tracer))
    assert not hasattr(result, "__len__") and not hasattr(result, "__next__")
    generator = call(DDWSGIMiddleware(answering(part for part in [b"x"]), tracer))
    assert iter(generator) is generator and not hasattr(generator, "__len__")


def test_file_reaches_the_server_as_it_is(tracer: DummyTracer) -> None:
    """By type or by identity, a server knows what it may send by itself."""
    file = FileWrapper(io.BytesIO(b"x"))
    assert call(DDWSGIMiddleware(answering(file), tracer), **{"wsgi.file_wrapper": FileWrapper}) is file
    raw = io.BytesIO(b"x")
    assert call(DDWSGIMiddleware(answering(raw), tracer), **{"wsgi.file_wrapper": lambda file, size: file}) is raw
    assert len(tracer.spans.find_all("wsgi.request")) == 2


def test_neither_side_finds_fault(tracer: DummyTracer) -> None:
    """The validator of the standard library stands before and behind the middleware."""
    app = validator(DDWSGIMiddleware(validator(answering([b"x"], headers=[("Content-Type", "text/plain")])), tracer))
    result = app(environ(QUERY_STRING=""), lambda status, headers, exc_info=None: lambda data: None)
    assert list(result) == [b"x"]
    result.close()
    assert tracer.spans.find("wsgi.response").get_tag("result_class") == "IteratorWrapper"


# -- strangers' input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"PATH_INFO": "/" + "x" * 10_000_000},
        {"PATH_INFO": "/" + "\xff" * 10_000_000},
        {"PATH_INFO": "/\ud800\udfff"},
        {"PATH_INFO": "/\x00\x01\x7f"},
        {"QUERY_STRING": "q=" + "\xff" * 10_000_000},
        {"QUERY_STRING": "\ud800"},
        {"HTTP_HOST": "\xff\x00"},
        {"HTTP_HOST": b"bytes"},
        {"HTTP_USER_AGENT": "\ud800"},
        {"HTTP_USER_AGENT": b"\xff"},
        {"HTTP_X_DATADOG_TRACE_ID": "9" * 100_000},
        {"HTTP_X_DATADOG_TRACE_ID": 12.5},
        {"HTTP_TRACEPARENT": b"\xff"},
        {"REQUEST_METHOD": "\x00" * 100},
        {"SERVER_PORT": None, "HTTP_HOST": ""},
        {3: "a key that is no text"},
    ],
    ids=lambda more: f"{next(iter(more))}-{str(next(iter(more.values())))[:3]!a}",
)
def test_any_environment_is_answered_and_sent(tracer: DummyTracer, more: dict[Any, Any]) -> None:
    """The application answers, the spans are encoded, and no tag is out of proportion."""
    assert read(DDWSGIMiddleware(answering([b"x"]), tracer), **{}) == b"x"
    app = DDWSGIMiddleware(answering([b"y"]), tracer)
    result = app({**environ(), **more}, lambda status, headers: None)
    assert b"".join(result) == b"y"
    span = tracer.spans.find_all("wsgi.request")[-1]
    assert max(map(len, [*span.get_tags().values(), span.resource])) <= 30_000
    assert len(tracer.recorded.encoded) == 2


def test_body_is_the_application_s_to_read(tracer: DummyTracer) -> None:
    """Not a byte of it is taken."""

    class Unreadable(io.RawIOBase):
        def readinto(self, buffer: Any) -> int:
            raise AssertionError("somebody reads the body")

        def readable(self) -> bool:
            return True

    body = io.BufferedReader(Unreadable())
    read(DDWSGIMiddleware(answering([b"x"]), tracer), REQUEST_METHOD="POST", **{"wsgi.input": body})
    assert len(tracer.spans.find_all("wsgi.request")) == 1


@pytest.mark.parametrize("status", ["200", "", "OK 200", b"200 OK", None, "9" * 5000])
def test_any_status_is_handed_on(tracer: DummyTracer, status: Any) -> None:
    """The server judges it; only a number becomes a tag."""
    started: list[Any] = []
    app = DDWSGIMiddleware(answering([b"x"], status), tracer)
    list(app(environ(), lambda *args: started.append(args)))
    assert started == [(status, [])]
    assert len(tracer.spans.find_all("wsgi.request")) == 1


def test_headers_that_can_be_read_once_are_the_server_s(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where headers become tags."""
    monkeypatch.setattr(config.wsgi.http, "_header_tags", {"x-a": ""})
    headers = iter([("X-A", "1")])
    started: list[Any] = []
    list(DDWSGIMiddleware(answering([], headers=headers), tracer)(environ(), lambda *args: started.append(args)))
    assert list(started[0][1]) == [("X-A", "1")]


def test_headers_become_tags_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the request as of the response, whatever the case of their names."""
    monkeypatch.setattr(config.wsgi.http, "_header_tags", {"x-in": "", "content-type": "", "x-out": "out"})
    app = DDWSGIMiddleware(answering([b"x"], headers=[("X-OUT", "2")]), tracer)
    read(app, HTTP_X_IN="1", CONTENT_TYPE="text/plain")
    tags = {"http.request.headers.x-in": "1", "http.request.headers.content-type": "text/plain", "out": "2"}
    assert tracer.spans.find("wsgi.request", tags=tags)


def test_secrets_are_not_shown(tracer: DummyTracer) -> None:
    """Neither user and password before the host, nor tokens in the query, nor any header."""
    read(
        DDWSGIMiddleware(answering([b"x"]), tracer),
        HTTP_HOST=f"user:{CANARY}@shop.example",
        QUERY_STRING=f"token={CANARY}&password={CANARY}&colour=red",
        HTTP_AUTHORIZATION=f"Bearer {CANARY}",
        HTTP_COOKIE=f"session={CANARY}",
    )
    assert tracer.spans.find("wsgi.request").get_tag("http.url") == (
        "http://shop.example/?<redacted>&<redacted>&colour=red"
    )
    assert CANARY not in repr([(span.get_tags(), span.resource) for span in tracer.spans])


# -- settings ----------------------------------------------------------------------------------------------------------


def test_the_name_of_the_service_is_our_own_where_the_application_has_none(tracer: DummyTracer) -> None:
    """A request is served by the application itself."""
    read(DDWSGIMiddleware(answering([b"x"]), tracer))
    assert {span.service for span in tracer.spans} == {"wsgi"}


def test_the_application_s_service_is_that_of_its_requests(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no other service that the application asks."""
    monkeypatch.setattr(config, "service", "shop")
    read(DDWSGIMiddleware(answering([b"x"]), tracer))
    assert {span.service for span in tracer.spans} == {"shop"}


def test_distributed_tracing_can_be_off_by_the_environment() -> None:
    """DD_WSGI_DISTRIBUTED_TRACING is read where the declaration has the option."""
    source = "from ddtrace import config; import ddtrace.contrib.wsgi; print(config.wsgi['distributed_tracing'])"
    assert run_python("-c", source, env={"DD_WSGI_DISTRIBUTED_TRACING": "false"}) == "False\n"


def test_the_client_s_address_is_shown_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the connection, where no header tells of another."""
    monkeypatch.setattr(config, "_client_ip_enabled", True)
    read(DDWSGIMiddleware(answering([b"x"]), tracer), REMOTE_ADDR="8.8.4.4")
    assert tracer.spans.find("wsgi.request").get_tag("http.client_ip") == "8.8.4.4"


@pytest.mark.parametrize(("query", "shown"), [("", None), ("colour=red", "colour=red")])
def test_a_query_is_shown_where_there_is_one(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch, query: str, shown: str | None
) -> None:
    """An empty one is none."""
    monkeypatch.setattr(config.wsgi, "trace_query_string", True)
    read(DDWSGIMiddleware(answering([b"x"]), tracer), QUERY_STRING=query)
    assert tracer.spans.find("wsgi.request").get_tag("http.query.string") == shown


@pytest.mark.parametrize(("status", "shown"), [("200 OK", "OK"), ("200", None), ("200 ", None)])
def test_a_status_has_a_message_or_none(tracer: DummyTracer, status: str, shown: str | None) -> None:
    """The text behind the code."""
    read(DDWSGIMiddleware(answering([b"x"], status), tracer))
    assert tracer.spans.find("wsgi.request").get_tag("http.status_msg") == shown


# -- failures of ours --------------------------------------------------------------------------------------------------


def fail(*_: Any) -> Any:
    raise LookupError("ours")


def test_a_response_that_we_cannot_trace_is_sent(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the application's own, and the spans end with the call."""
    result = [b"x"]
    monkeypatch.setattr("ddtrace.contrib.wsgi.middleware.traced_response", fail)
    with failures_are_fatal(False):
        assert call(DDWSGIMiddleware(answering(result), tracer)) is result
    assert len(tracer.spans.find_all("wsgi.request")) == 1

    with pytest.raises(LookupError):
        call(DDWSGIMiddleware(answering(result), tracer))


def test_a_provider_that_fails_breaks_no_response(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the application gives is sent."""
    response = call(DDWSGIMiddleware(answering([b"x", b"y"]), tracer))
    monkeypatch.setattr(type(tracer.context_provider), "active", fail)
    with pytest.raises(LookupError):
        next(iter(response))
    with failures_are_fatal(False):
        assert b"".join(response) == b"xy"


def test_a_copy_of_a_response_is_one_of_the_application_s(tracer: DummyTracer) -> None:
    """It has no spans to end."""
    response = call(DDWSGIMiddleware(answering([b"x"]), tracer))
    assert copy.copy(response) == [b"x"]
    response.close()


def test_a_response_can_be_referred_to_weakly(tracer: DummyTracer) -> None:
    """As what an application returns nearly always can."""
    response = call(DDWSGIMiddleware(answering(part for part in [b"x"]), tracer))
    assert weakref.ref(response)() is response
    response.close()


def test_a_status_that_is_none_is_not_shown(tracer: DummyTracer) -> None:
    """The server may refuse it, and nobody knows what it is."""
    read(DDWSGIMiddleware(answering([b"x"], None), tracer))
    assert tracer.spans.find("wsgi.request").get_tag("http.status_code") is None
