"""What of the bottle integration the common checks do not prove: the plugin, its streams, and what strangers send."""

from __future__ import annotations

import contextvars
import gc
import io
import textwrap
import threading
from typing import Any, Callable, Iterator
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import bottle
import pytest

import ddtrace
from ddtrace import Pin, config
from ddtrace.contrib import bottle as documented
from ddtrace.contrib.bottle import TracePlugin, integration
from testkit import DummyTracer, run_python, traced
from testkit.patched import failures_are_fatal

CANARY = "c4n4ry"

NOBODY = {"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}

CALLER = {"HTTP_X_DATADOG_TRACE_ID": "1234", "HTTP_X_DATADOG_PARENT_ID": "5678"}


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all applications."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes settings of the integration."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(config.bottle, name, value)

    return change


def shop(view: Callable[..., Any] = lambda owner: owner, *plugins: Any) -> bottle.Bottle:
    """An application of one route, ``/basket/<owner>``."""
    app = bottle.Bottle()
    app.route("/basket/<owner>", "ANY", view, apply=plugins)
    return app


def environ(path: str = "/basket/Ada", **more: Any) -> dict[str, Any]:
    """A request."""
    found: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "HTTP_HOST": "shop.example",
        "wsgi.errors": io.StringIO(),
    }
    setup_testing_defaults(found)
    return {**found, **more}


def begin(app: Any, path: str = "/basket/Ada", **more: Any) -> Any:
    """What a server is to read."""
    return app(environ(path, **more), lambda status, headers, exc_info=None: None)


def ask(app: Any, path: str = "/basket/Ada", **more: Any) -> bytes:
    """What a server would send."""
    answer = begin(app, path, **more)
    body = b"".join(answer)
    getattr(answer, "close", list)()
    return body


# -- the documentation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_hand", [False, True], ids=["patched", "by-hand"])
def test_example_of_the_docs_runs(by_hand: bool) -> None:
    """The module's examples trace a request, once."""
    patched, installed = (
        textwrap.dedent(part.split("\n\nor install")[0].split("\n\nA request")[0])
        for part in documented.__doc__.split("::\n\n")[1:]
    )
    request = f"""
from ddtrace import tracer
from wsgiref.util import setup_testing_defaults
tracer.on_start_span(lambda span: print(span.name, span.service))
environ = {{"PATH_INFO": "/basket/Ada"}}
setup_testing_defaults(environ)
{"Pin(service=None).onto(bottle.Bottle)" if by_hand else ""}
print(*app(environ, lambda status, headers, exc_info=None: None))
"""
    example = patched + "\n" + (installed if by_hand else "") + request
    started = "bottle.request bottle" if by_hand else "bottle.request baskets"
    assert run_python("-c", example, env=NOBODY).splitlines() == [started, "b'the basket of Ada'"]


# -- the plugin --------------------------------------------------------------------------------------------------------


def test_plugin_is_that_of_1x() -> None:
    """Its arguments by their places or names; Bottle knows it by its name."""
    tracer = DummyTracer()
    for plugin in (TracePlugin("baskets", tracer, False), TracePlugin(service="baskets", tracer=tracer)):
        assert (plugin.service, plugin.tracer, plugin.name, plugin.api) == ("baskets", tracer, "trace", 2)
    assert (TracePlugin().service, TracePlugin().tracer, TracePlugin().distributed_tracing) == (
        "bottle",
        ddtrace.tracer,
        None,
    )


def test_plugin_traces_whether_bottle_is_patched_or_not() -> None:
    """By its own tracer and service."""
    tracer, app = DummyTracer(), shop()
    app.install(TracePlugin("baskets", tracer))
    assert ask(app) == b"Ada"
    assert tracer.spans.find("bottle.request", resource="GET /basket/<owner>").service == "baskets"


def test_plugin_by_hand_takes_the_place_of_ours(tracer: DummyTracer) -> None:
    """A request has one span, by the plugin that knows more."""
    own, app = DummyTracer(), shop()
    app.install(TracePlugin("baskets", own))
    ask(app)
    assert (len(own.spans), len(tracer.spans)) == (1, 0)


@pytest.mark.parametrize(
    ("settings", "application", "service"),
    [
        ({}, None, "baskets"),
        ({}, "app", "app"),
        ({"service": "configured"}, "app", "configured"),
    ],
)
def test_service_of_the_plugin_is_the_last_resort(
    monkeypatch: pytest.MonkeyPatch,
    setting: Callable[..., None],
    settings: dict[str, str],
    application: str | None,
    service: str,
) -> None:
    """As in 1.x, one that is configured goes first, and a pin before that."""
    monkeypatch.setattr(config, "service", application)
    setting(**settings)
    tracer, app = DummyTracer(), shop()
    plugin = app.install(TracePlugin("baskets", tracer))
    ask(app)
    Pin.override(plugin, service="pinned")
    ask(app)
    assert [span.service for span in tracer.spans] == [service, "pinned"]


@pytest.mark.parametrize(("application", "service"), [(None, "bottle"), ("app", "app")])
def test_service_is_the_application_s(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch, application: str | None, service: str
) -> None:
    """That of the process, where it has one."""
    monkeypatch.setattr(config, "service", application)
    ask(shop())
    assert tracer.spans.find("bottle.request").service == service


def test_applications_can_do_without(tracer: DummyTracer) -> None:
    """A route skips the plugin by name or by type, and an application uninstalls it."""
    app = shop()
    app.get("/by-name", callback=lambda: "x", skip=["trace"])
    app.get("/by-type", callback=lambda: "x", skip=[TracePlugin])
    assert ask(app, "/by-name") + ask(app, "/by-type") == b"xx"
    assert len(app.uninstall("trace")) == 1
    ask(app)
    assert not tracer.spans


def test_application_that_outlives_the_patching_is_not_traced() -> None:
    """Not even one with a pin of its own."""
    with traced(integration) as tracer:
        app = shop()
        Pin.override(app, service="baskets", tracer=tracer)
        ask(app)
    assert ask(app) == b"Ada"
    assert len(tracer.spans) == 1


def test_pin_of_one_application(tracer: DummyTracer) -> None:
    """Service and tags are on this application's spans, and on none of another; the last pin counts."""
    app = shop()
    Pin.override(app, service="baskets", tags={"team": "fruit"})
    ask(app)
    Pin.override(app, service="stock")
    ask(app)
    ask(shop())
    assert [(span.service, span.get_tag("team")) for span in tracer.spans] == [
        ("baskets", "fruit"),
        ("stock", "fruit"),
        ("bottle", None),
    ]


def test_application_that_refuses_plugins_is_made(tracer: DummyTracer) -> None:
    """It is not traced."""

    class Bare(bottle.Bottle):
        def install(self, plugin: Any) -> Any:
            if plugin.name == "trace":
                raise LookupError("no plugins of others")
            return super().install(plugin)

    with failures_are_fatal(False):
        app = Bare()
    app.get("/", callback=lambda: "x")
    assert ask(app, "/") == b"x"
    assert not tracer.spans


def test_answer_that_cannot_be_looked_at_is_left_to_bottle() -> None:
    """What comes of it is the same, and the span ends."""

    class Odd:
        def __next__(self) -> bytes:
            raise StopIteration

        def __getattr__(self, name: str) -> Any:
            raise ValueError(name)

    def view(owner: str) -> Odd:
        return Odd()

    untraced = ask(shop(view))
    with traced(integration) as tracer, failures_are_fatal(False):
        assert ask(shop(view)) == untraced
    assert tracer.spans.find("bottle.request")


def test_request_that_cannot_be_looked_at_is_not_traced(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered."""

    def fail() -> None:
        raise ValueError("no environment")

    monkeypatch.setattr("ddtrace.contrib.bottle.plugin.environ_of_request", fail)
    with failures_are_fatal(False):
        assert ask(shop()) == b"Ada"
    assert not tracer.spans


# -- errors ------------------------------------------------------------------------------------------------------------


def test_exception_of_a_view_is_on_its_span(tracer: DummyTracer) -> None:
    """It passes through as it is."""
    failure = ValueError("no basket")

    def fail(owner: str) -> None:
        raise failure

    app = shop(fail)
    app.config["catchall"] = False
    with pytest.raises(ValueError) as raised:
        ask(app)
    assert raised.value is failure and failure.__context__ is None
    tags = {"error.type": "builtins.ValueError", "error.message": "no basket", "http.status_code": "500"}
    assert "raise failure" in tracer.spans.find("bottle.request", error=1, tags=tags).get_tag("error.stack")


@pytest.mark.parametrize("raises", [True, False], ids=["raised", "returned"])
@pytest.mark.parametrize("kind", [bottle.HTTPError, bottle.HTTPResponse])
@pytest.mark.parametrize(("status", "error"), [(200, 0), (404, 0), (499, 0), (500, 1), (503, 1)])
def test_response_is_an_error_by_its_status(
    tracer: DummyTracer, raises: bool, kind: type[bottle.HTTPResponse], status: int, error: int
) -> None:
    """Whether it is raised or returned; one that is raised is told as the exception that it is."""

    def answer(owner: str) -> Any:
        found = kind(status=status, body="as asked")
        if raises:
            raise found
        return found

    ask(shop(answer))
    span = tracer.spans.find("bottle.request", error=error, tags={"http.status_code": str(status)})
    assert span.get_tag("error.type") == (f"bottle.{kind.__name__}" if raises and error else None)


def test_which_statuses_are_errors(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 404 is one, so is the exception behind it."""
    monkeypatch.setattr(config.http_server, "error_statuses", "404")
    ask(shop(lambda owner: bottle.abort(404)))
    assert tracer.spans.find("bottle.request", error=1, tags={"error.type": "bottle.HTTPError"})


# -- streams -----------------------------------------------------------------------------------------------------------


def test_stream_s_span_lasts_until_it_is_read(tracer: DummyTracer) -> None:
    """What the stream does is below it, and the server's own span is current between two parts."""

    def parts(owner: str) -> Iterator[str]:
        for part in ("a", "b"):
            with tracer.trace("query"):
                yield part

    with tracer.trace("server") as server:
        answer = begin(shop(parts))
        assert tracer.current_span() is server
        for _ in answer:
            assert not tracer.spans.find_all("bottle.request")
        assert tracer.current_span() is server
    request = tracer.spans.find("bottle.request")
    assert {span.parent_id for span in tracer.spans.find_all("query")} == {request.span_id}


def test_stream_is_read_in_any_thread(tracer: DummyTracer) -> None:
    """Its status is that of the thread that began it."""

    def parts(owner: str) -> Iterator[bytes]:
        bottle.response.status = 203
        yield b"a"
        yield b"b"

    answer = begin(shop(parts))
    read: list[bytes] = []
    thread = threading.Thread(target=contextvars.Context().run, args=(read.extend, answer))
    thread.start()
    thread.join()
    assert read == [b"a", b"b"]
    assert tracer.spans.find("bottle.request", tags={"http.status_code": "203"})


def test_stream_is_closed_where_it_stands(tracer: DummyTracer) -> None:
    """It gets GeneratorExit with the request's span being current, which is no error."""
    seen = []

    def parts(owner: str) -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        except GeneratorExit:
            seen.append(tracer.current_span().name)
            raise

    answer = begin(shop(parts))
    next(iter(answer))
    answer.close()
    assert seen == ["bottle.request"]
    assert tracer.spans.find("bottle.request", error=0, tags={"http.status_code": "200"})


def test_exception_of_a_stream_is_on_its_span(tracer: DummyTracer) -> None:
    """It reaches the server as it is; the status was sent before."""
    failure = ValueError("no more")

    def parts(owner: str) -> Iterator[str]:
        yield "a"
        raise failure

    with pytest.raises(ValueError) as raised:
        ask(shop(parts))
    assert raised.value is failure and failure.__context__ is None
    assert tracer.spans.find("bottle.request", error=1, tags={"http.status_code": "200", "error.message": "no more"})


def test_stream_that_is_forgotten_ends(tracer: DummyTracer) -> None:
    """Where a hook fails, Bottle neither reads nor closes it; what is current then stays so."""
    app = shop(lambda owner: (part for part in "ab"))
    app.add_hook("after_request", {}.popitem)
    with tracer.trace("server") as server:
        assert b"500" in ask(app)
        gc.collect()
        assert tracer.current_span() is server
    assert tracer.spans.find("bottle.request").parent_id == server.span_id


def test_file_reaches_the_server_as_it_is(tracer: DummyTracer) -> None:
    """Its wrapper gets the very object."""
    file, wrapped = io.BytesIO(b"x"), []

    def wrap(file: Any) -> list[bytes]:
        wrapped.append(file)
        return [file.read()]

    assert ask(shop(lambda owner: file), **{"wsgi.file_wrapper": wrap}) == b"x"
    assert wrapped == [file]
    assert tracer.spans.find("bottle.request")


def test_neither_side_finds_fault(tracer: DummyTracer) -> None:
    """The validator of the standard library stands before the application."""
    app = validator(shop(lambda owner: iter([b"x"])))
    answer = app(environ(QUERY_STRING=""), lambda status, headers, exc_info=None: lambda data: None)
    assert list(answer) == [b"x"]
    answer.close()
    assert tracer.spans.find("bottle.request")


# -- the trace ---------------------------------------------------------------------------------------------------------


def test_trace_of_the_caller_goes_on(tracer: DummyTracer) -> None:
    """The headers' span is the parent of the request's, and nothing is current after it."""
    ask(shop(), **CALLER)
    request = tracer.spans.find("bottle.request")
    assert (request.trace_id, request.parent_id) == (1234, 5678)
    assert tracer.current_trace_context() is None


@pytest.mark.parametrize(("configured", "of_plugin"), [(False, None), (True, False), (False, True), (True, None)])
def test_distributed_tracing_can_be_off(setting: Callable[..., None], configured: bool, of_plugin: bool | None) -> None:
    """By the plugin, else by the settings."""
    setting(distributed_tracing=configured)
    tracer, app = DummyTracer(), shop()
    app.install(TracePlugin(tracer=tracer, distributed_tracing=of_plugin))
    ask(app, **CALLER)
    is_on = configured if of_plugin is None else of_plugin
    assert tracer.spans.find("bottle.request").parent_id == (5678 if is_on else None)


def test_distributed_tracing_can_be_off_by_the_environment() -> None:
    """DD_BOTTLE_DISTRIBUTED_TRACING is read where the declaration has the option."""
    source = "from ddtrace import config; import ddtrace.contrib.bottle; print(config.bottle['distributed_tracing'])"
    assert run_python("-c", source, env={"DD_BOTTLE_DISTRIBUTED_TRACING": "false"}) == "False\n"


def test_environment_has_nothing_of_ours() -> None:
    """Its keys are those that Bottle makes."""

    def keys() -> set[str]:
        request = environ()
        b"".join(shop()(request, lambda status, headers, exc_info=None: None))
        return set(request)

    untraced = keys()
    with traced(integration):
        assert keys() == untraced


def test_route_remembered_by_a_thread_is_no_request(tracer: DummyTracer) -> None:
    """A route that is called by hand has no span, though the thread has served another."""
    ask(shop())
    assert shop().routes[0].call(owner="Ada") == "Ada"
    assert len(tracer.spans) == 1


# -- tags --------------------------------------------------------------------------------------------------------------


def test_headers_become_tags_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the request as of the response."""
    monkeypatch.setattr(config.bottle.http, "_header_tags", {"x-request-id": "", "x-number": ""})

    def view(owner: str) -> str:
        bottle.response.set_header("X-Number", "3")
        return owner

    ask(shop(view), HTTP_X_REQUEST_ID="7")
    tags = {"http.request.headers.x-request-id": "7", "http.response.headers.x-number": "3"}
    assert tracer.spans.find("bottle.request", tags=tags)


def test_query_is_a_tag_where_asked_for(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """It is never in the URL."""
    ask(shop(), QUERY_STRING="colour=red")
    setting(trace_query_string=True)
    ask(shop(), QUERY_STRING="colour=red")
    assert [span.get_tag("http.query.string") for span in tracer.spans] == [None, "colour=red"]
    assert {span.get_tag("http.url") for span in tracer.spans} == {"http://shop.example/basket/Ada"}


@pytest.mark.parametrize(("enabled", "rate"), [(None, None), (True, 0.5)])
def test_analytics_only_where_they_are_on(
    tracer: DummyTracer, setting: Callable[..., None], enabled: bool | None, rate: float | None
) -> None:
    """The share is on the request's span."""
    setting(analytics_enabled=enabled, analytics_sample_rate=0.5)
    ask(shop())
    assert tracer.spans.find("bottle.request").get_metric("_dd1.sr.eausr") == rate


def test_the_client_s_address_is_shown_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the connection, where no header tells of another."""
    monkeypatch.setattr(config, "_client_ip_enabled", True)
    ask(shop(), REMOTE_ADDR="8.8.4.4")
    assert tracer.spans.find("bottle.request").get_tag("http.client_ip") == "8.8.4.4"


# -- strangers' input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"PATH_INFO": "/basket/" + "x" * 10_000_000},
        {"PATH_INFO": "/basket/x\xff\xfe"},
        {"PATH_INFO": "/basket/\x00"},
        {"QUERY_STRING": "q=" + "\xff" * 10_000_000},
        {"HTTP_USER_AGENT": "\ud800"},
        {"HTTP_HOST": "\xff\x00"},
        {"HTTP_X_DATADOG_TRACE_ID": "9" * 100_000},
        {"HTTP_TRACEPARENT": "\xff"},
        {"REQUEST_METHOD": "\xff" * 100_000},
    ],
    ids=lambda more: f"{next(iter(more))}-{next(iter(more.values()))[:10]!a}",
)
def test_any_environment_gets_the_same_answer(more: dict[str, Any]) -> None:
    """Traced or not; the spans are encoded, and no tag is out of proportion."""

    def answer() -> tuple[list[Any], bytes]:
        started: list[Any] = []
        body = b"".join(shop()({**environ(), **more}, lambda *args: started.append(args)))
        return started, body

    untraced = answer()
    with traced(integration) as tracer:
        assert answer() == untraced
        span = tracer.spans.find("bottle.request")
    assert max(map(len, [*span.get_tags().values(), span.resource])) <= 30_000
    assert len(tracer.recorded.encoded) == 1


def test_large_bodies_are_the_application_s(tracer: DummyTracer) -> None:
    """Ten megabytes of binary come and go as they are."""
    body = bytes(range(256)) * 40_000
    app = shop(lambda owner: bottle.request.body.read())
    more = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    assert ask(app, **more) == body


def test_secrets_are_not_shown(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """Neither user and password before the host, nor the query, nor headers, cookies, forms."""
    app = shop(lambda owner: bottle.request.forms.password)
    form = f"password={CANARY}".encode()
    more = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(form)),
        "wsgi.input": io.BytesIO(form),
        "QUERY_STRING": f"token={CANARY}&colour=red",
        "HTTP_HOST": f"user:{CANARY}@shop.example",
        "HTTP_AUTHORIZATION": f"Bearer {CANARY}",
        "HTTP_COOKIE": f"session={CANARY}",
    }
    assert ask(app, **more) == CANARY.encode()
    span = tracer.spans.find("bottle.request")
    assert span.get_tag("http.url") == "http://shop.example/basket/Ada"
    assert CANARY not in repr((span.get_tags(), span.resource))
