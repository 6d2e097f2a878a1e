"""What of the flask integration the common checks do not prove: options, pins, and what strangers send."""

from __future__ import annotations

import copy
import operator
import pickle
import re
import textwrap
from typing import Any, Callable, Iterator

import flask
import pytest
from flask.views import MethodView
from werkzeug.test import EnvironBuilder

from ddtrace import Pin, config
from ddtrace.contrib import flask as documented
from ddtrace.contrib.flask import integration
from testkit import DummyTracer, run_python, traced

CANARY = "c4n4ry"

NOBODY = {"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all applications."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def app() -> flask.Flask:
    """A shop."""
    app = flask.Flask("shop")

    @app.get("/basket/<path:owner>")
    def show_basket(owner: str) -> str:
        return f"the basket of {owner}"

    return app


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes settings of the integration."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(config.flask, name, value)

    return change


def ask(app: flask.Flask, path: str, **options: Any) -> str:
    with app.test_client().get(path, **options) as answer:
        return answer.text


# -- the documentation -------------------------------------------------------------------------------------------------


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request."""
    example = textwrap.dedent(documented.__doc__.split("import flask``::\n")[1].split("\nA request is")[0])
    request = """
from ddtrace import tracer
tracer.on_start_span(lambda span: print(span.name, span.service))
print(app.test_client().get("/basket/Ada").text)
"""
    printed = run_python("-c", example + request, env=NOBODY).splitlines()
    assert printed[0] == "flask.request baskets"
    assert "__main__.show_basket baskets" in printed
    assert printed[-1] == "the basket of Ada"


def test_options_are_those_of_the_docs() -> None:
    """Each with the default that the documentation tells."""
    told = dict(re.findall(r"^- ``(\w+)`` \(default (.+?)\)", documented.__doc__, re.MULTILINE))
    declared = {option.name: option.default for option in integration.options}
    shown = {name: f"``{value}``" if isinstance(value, str) else str(value) for name, value in declared.items()}
    assert shown == told


# -- what the application sees -----------------------------------------------------------------------------------------


def test_registered_functions_stay_what_they_are(tracer: DummyTracer) -> None:
    """Views, hooks and handlers are the application's very functions."""
    app = flask.Flask("shop")

    def view() -> str:
        return "x"

    def hook(*args: Any) -> None:
        pass

    app.add_url_rule("/", view_func=view)
    app.before_request(hook)
    app.teardown_request(hook)
    app.register_error_handler(404, hook)
    assert app.view_functions["view"] is view
    assert app.before_request_funcs == {None: [hook]} == app.teardown_request_funcs
    assert app.error_handler_spec[None][404].popitem()[1] is hook
    assert app.ensure_sync(view) is view


@pytest.mark.parametrize("name", ["send_file", "jsonify", "Flask.wsgi_app", "Flask.ensure_sync"])
def test_replaced_functions_can_be_copied(tracer: DummyTracer, name: str) -> None:
    """Pickled is where a function is found, under whichever of its names; a copy is the function."""
    function = operator.attrgetter(name)(flask)
    assert pickle.loads(pickle.dumps(function)).__wrapped__ is function.__wrapped__
    assert copy.copy(function) is copy.deepcopy(function) is function


def test_environment_has_nothing_of_ours(tracer: DummyTracer, app: flask.Flask) -> None:
    """No key is added to what a server made."""
    environ = EnvironBuilder(path="/basket/Ada").get_environ()
    before = set(environ)
    b"".join(app(environ, lambda status, headers, exc_info=None: None))
    assert set(environ) - before == {"werkzeug.request"}


def test_signal_s_results_name_its_receivers(tracer: DummyTracer, app: flask.Flask) -> None:
    """What ``send`` returns compares as before."""

    def receive(sender: Any, **more: Any) -> str:
        return "heard"

    sent = []
    app.before_request(lambda: sent.extend(flask.message_flashed.send(app, message="", category="")))
    with flask.message_flashed.connected_to(receive, app):
        ask(app, "/basket/Ada")
    assert sent == [(receive, "heard")]


# -- the trace ---------------------------------------------------------------------------------------------------------

CALLER = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678"}


def test_trace_of_the_caller_goes_on(tracer: DummyTracer, app: flask.Flask) -> None:
    """The headers' span is the parent of the request's."""
    ask(app, "/basket/Ada", headers=CALLER)
    request = tracer.spans.find("flask.request")
    assert (request.trace_id, request.parent_id) == (1234, 5678)
    assert {span.trace_id for span in tracer.spans} == {1234}


def test_distributed_tracing_can_be_off(tracer: DummyTracer, app: flask.Flask, setting: Callable[..., None]) -> None:
    """The headers of a request are not looked at."""
    setting(distributed_tracing_enabled=False)
    ask(app, "/basket/Ada", headers=CALLER)
    request = tracer.spans.find("flask.request")
    assert (request.trace_id != 1234, request.parent_id) == (True, None)


def test_request_within_a_span_belongs_to_it(tracer: DummyTracer, app: flask.Flask) -> None:
    """A client in the same process needs no headers, and its span is current again."""
    with tracer.trace("outer") as outer:
        ask(app, "/basket/Ada")
        assert tracer.current_span() is outer
    assert tracer.spans.find("flask.request").parent_id == outer.span_id


def test_stream_that_keeps_its_context(tracer: DummyTracer) -> None:
    """What it does, and the teardown that it puts off, is below the response."""
    app = flask.Flask("shop")
    app.teardown_request(lambda error: None)

    @app.get("/<thing>")
    def stream(thing: str) -> flask.Response:
        def make_parts() -> Iterator[str]:
            with tracer.trace("query"):
                yield flask.request.view_args["thing"]

        return flask.Response(flask.stream_with_context(make_parts()))

    assert ask(app, "/pear") == "pear"
    response = tracer.spans.find("flask.response")
    below = [span.name for span in tracer.spans if span.parent_id == response.span_id]
    assert below == ["query", "flask.do_teardown_request", "flask.do_teardown_appcontext"]


def test_hooks_outside_of_a_request_make_no_traces(tracer: DummyTracer, app: flask.Flask) -> None:
    """A command that only needs the application's context is no request."""
    app.teardown_appcontext(lambda error: None)
    with tracer.trace("command"), app.app_context():
        pass
    assert [span.name for span in tracer.spans] == ["command"]


# -- pins and options --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("application", "service"), [(None, "flask"), ("app", "app")])
def test_service_is_the_application_s(
    tracer: DummyTracer, app: flask.Flask, monkeypatch: pytest.MonkeyPatch, application: str | None, service: str
) -> None:
    """That of the process, where it has one."""
    monkeypatch.setattr(config, "service", application)
    ask(app, "/basket/Ada")
    assert {span.service for span in tracer.spans} == {service}


def test_pin_of_one_application(tracer: DummyTracer, app: flask.Flask) -> None:
    """Service and tags are on all spans of this application, and on none of another."""
    Pin.override(app, service="baskets", tags={"team": "fruit"})
    ask(app, "/basket/Ada")
    assert {(span.service, span.get_tag("team")) for span in tracer.spans} == {("baskets", "fruit")}
    ask(flask.Flask("other"), "/")
    assert tracer.spans[-1].service == "flask"


def test_arguments_of_views_can_stay_out(tracer: DummyTracer, app: flask.Flask, setting: Callable[..., None]) -> None:
    """The route remains."""
    setting(collect_view_args=False)
    ask(app, "/basket/Ada")
    tags = {"flask.view_args.owner": None, "flask.url_rule": "/basket/<path:owner>"}
    assert tracer.spans.find("flask.request", tags=tags)


def test_default_name_of_templates(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """A template from a text bears it."""
    setting(template_default_name="text")
    app = flask.Flask("shop")
    app.add_url_rule("/", "home", lambda: flask.render_template_string("x"))
    ask(app, "/")
    assert tracer.spans.find("flask.render_template_string", resource="text", tags={"flask.template_name": "text"})


def test_signals_can_stay_untraced(tracer: DummyTracer, app: flask.Flask, setting: Callable[..., None]) -> None:
    """Their receivers are called all the same."""
    setting(trace_signals=False)
    heard = []

    def hear(sender: Any, **more: Any) -> None:
        heard.append(sender)

    with flask.request_started.connected_to(hear):
        ask(app, "/basket/Ada")
    assert heard == [app]
    assert not [span for span in tracer.spans if span.get_tag("flask.signal")]


def test_headers_become_tags_where_asked_for(
    tracer: DummyTracer, app: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the request as of the response."""
    monkeypatch.setattr(config.flask.http, "_header_tags", {"x-request-id": "", "content-type": ""})
    ask(app, "/basket/Ada", headers={"X-Request-Id": "7"})
    tags = {
        "http.request.headers.x-request-id": "7",
        "http.response.headers.content-type": "text/html; charset=utf-8",
    }
    assert tracer.spans.find("flask.request", tags=tags)


def test_which_statuses_are_errors(tracer: DummyTracer, app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 404 is one, so is the exception behind it."""
    monkeypatch.setattr(config.http_server, "error_statuses", "404")
    ask(app, "/nowhere")
    assert tracer.spans.find("flask.request", error=1)
    assert tracer.spans.find("flask.dispatch_request", error=1, tags={"error.type": "werkzeug.exceptions.NotFound"})


@pytest.mark.parametrize(("enabled", "rate"), [(None, None), (True, 0.5)])
def test_analytics_only_where_they_are_on(
    tracer: DummyTracer, app: flask.Flask, setting: Callable[..., None], enabled: bool | None, rate: float | None
) -> None:
    """The share is on the request's span, and on no other."""
    setting(analytics_enabled=enabled, analytics_sample_rate=0.5)
    ask(app, "/basket/Ada")
    rates = {span.name: span.get_metric("_dd1.sr.eausr") for span in tracer.spans}
    assert rates.pop("flask.request") == rate
    assert set(rates.values()) == {None}


def test_resource_that_the_application_names_stays(tracer: DummyTracer, app: flask.Flask) -> None:
    """Also where no route fits."""

    @app.before_request
    def name() -> None:
        tracer.current_root_span().resource = "mine"

    ask(app, "/basket/Ada")
    ask(app, "/nowhere")
    assert len(tracer.spans.find_all("flask.request", resource="mine")) == 2


def test_application_that_hands_on_by_name(tracer: DummyTracer) -> None:
    """What it overrides may call Flask's own with other words, and look at what comes back."""
    seen = []

    class App(flask.Flask):
        def ensure_sync(self, func: Any) -> Any:
            made_sync = super().ensure_sync(func=func)
            seen.append(vars(made_sync).get("view_class"))
            return made_sync

        def handle_exception(self, e: Exception) -> Any:
            return super().handle_exception(e=e)

    class Basket(MethodView):
        def get(self) -> None:
            raise ValueError("no basket")

    app = App("shop")
    app.add_url_rule("/", view_func=Basket.as_view("basket"))
    ask(app, "/")
    assert seen[0] is Basket
    assert tracer.spans.find("flask.request").get_tag("error.message") == "no basket"


def test_application_with_its_own_preprocessing(tracer: DummyTracer) -> None:
    """The route is told by the time of the response."""

    class Shop(flask.Flask):
        def preprocess_request(self) -> None:
            return None

    app = Shop("shop")
    app.add_url_rule("/<thing>", "thing", lambda thing: thing)
    ask(app, "/pear")
    assert tracer.spans.find("flask.request", resource="GET /<thing>", tags={"flask.endpoint": "thing"})


# -- strangers' input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"PATH_INFO": "/basket/" + "x" * 10_000_000},
        {"PATH_INFO": "/basket/\xff\xfe"},
        {"PATH_INFO": "/basket/\x00"},
        {"PATH_INFO": "/" + "\xff" * 100_000},
        {"QUERY_STRING": "q=" + "\xff" * 10_000_000},
        {"HTTP_USER_AGENT": "\ud800"},
        {"HTTP_HOST": "\xff\x00"},
        {"HTTP_X_DATADOG_TRACE_ID": "9" * 100_000},
        {"HTTP_TRACEPARENT": "\xff"},
        {"REQUEST_METHOD": "\xff" * 100},
    ],
    ids=lambda more: f"{next(iter(more))}-{next(iter(more.values()))[:10]!a}",
)
def test_any_environment_gets_the_same_answer(app: flask.Flask, more: dict[str, Any]) -> None:
    """Traced or not; the spans are encoded, and no tag is out of proportion."""

    def answer() -> tuple[list[Any], bytes]:
        started: list[Any] = []
        result = app({**EnvironBuilder().get_environ(), **more}, lambda *args: started.append(args))
        body = b"".join(result)
        result.close()
        return started, body

    untraced = answer()
    with traced(integration) as tracer:
        assert answer() == untraced
        span = tracer.spans.find("flask.request")
    assert max(map(len, [*span.get_tags().values(), span.resource])) <= 30_000
    assert len(tracer.recorded.encoded) == 1


def test_large_bodies_are_the_application_s(tracer: DummyTracer) -> None:
    """Ten megabytes of binary come and go as they are."""
    app = flask.Flask("shop")
    app.add_url_rule("/", "echo", lambda: flask.request.get_data(), methods=["POST"])
    body = bytes(range(256)) * 40_000
    with app.test_client().post("/", data=body) as answer:
        assert answer.data == body


def test_secrets_are_not_shown(tracer: DummyTracer, app: flask.Flask) -> None:
    """Neither user and password before the host, nor tokens in the query, nor headers, cookies, forms."""
    app.add_url_rule("/login", "login", lambda: flask.request.form["password"], methods=["POST"])
    with app.test_client() as client:
        client.set_cookie("session", CANARY)
        client.post(
            f"/login?token={CANARY}&colour=red",
            data={"password": CANARY},
            headers={"Host": f"user:{CANARY}@shop.example", "Authorization": f"Bearer {CANARY}"},
        ).close()
    span = tracer.spans.find("flask.request")
    assert span.get_tag("http.url") == "http://shop.example/login?<redacted>&colour=red"
    assert CANARY not in repr([(each.get_tags(), each.resource) for each in tracer.spans])
