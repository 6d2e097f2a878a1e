"""A request on the side of its server: the trace it goes on with, what is current meanwhile, and its parts."""

import pytest

from ddtrace import Pin, config
from ddtrace.context import Context
from ddtrace.contrib._http_server import above, open_request, part_of_request
from ddtrace.contrib._integration import Option, SpanContract
from ddtrace.contrib._tracing import UNTRACED
from ddtrace.settings import IntegrationConfig

HEADERS = {"HTTP_X_DATADOG_TRACE_ID": "1234", "HTTP_X_DATADOG_PARENT_ID": "5678"}


class App:
    """What bears the pin."""


@pytest.fixture
def integration(declare):
    return declare(
        package="toyweb",
        internal_service=True,
        options=(
            Option("distributed_tracing", bool, True, "Whether a request goes on with the trace of its headers."),
        ),
        spans=(
            SpanContract(name="toy.request", span_type="web", kind="server", measured=True),
            SpanContract(name="toy.view"),
            SpanContract(name="*"),
        ),
    )


@pytest.fixture
def app(tracer):
    app = App()
    Pin(tracer=tracer).onto(app)
    return app


def test_request_goes_on_with_the_trace_of_its_headers(integration, app, tracer):
    """Its span is the child of the caller's, and declared."""
    with open_request(integration, app, "toy.request", HEADERS) as request:
        assert tracer.current_span() is request.span

    span = tracer.spans.find("toy.request", span_type="web", service="toyweb", tags={"span.kind": "server"})
    assert (span.trace_id, span.parent_id, span.get_metric("_dd.measured")) == (1234, 5678, 1)
    assert not tracer.context_provider.active()


@pytest.mark.parametrize("setting", ["distributed_tracing", "distributed_tracing_enabled"])
def test_headers_are_not_looked_at_where_that_is_off(integration, app, tracer, monkeypatch, setting):
    """By whichever name the integration has for it."""
    monkeypatch.setitem(config.toyweb, setting, False)
    open_request(integration, app, "toy.request", HEADERS).__exit__(None, None, None)

    assert tracer.spans.find("toy.request").parent_id is None


def test_what_was_current_is_so_again(integration, app, tracer):
    """Once the first part is over, and once all is."""
    with tracer.trace("outer") as outer:
        with open_request(integration, app, "toy.request", HEADERS) as request:
            request.leave()
            assert tracer.current_span() is outer
        assert tracer.current_span() is outer


def test_request_that_cannot_be_opened_leaves_no_trace_current(integration, app, tracer, monkeypatch):
    """What the headers told of is not current either."""
    monkeypatch.setattr(config, "_raise", False)
    monkeypatch.setattr(tracer, "trace", None)

    assert open_request(integration, app, "toy.request", HEADERS) is UNTRACED
    assert tracer.context_provider.active() is None


def test_headers_that_cannot_be_read_are_ours_to_bear(integration, app, tracer, monkeypatch):
    """The request is not traced, and nobody hears of it."""
    monkeypatch.setattr(config, "_raise", False)

    assert open_request(integration, app, "toy.request", HEADERS, lambda headers: 1 / 0) is UNTRACED


@pytest.mark.parametrize("make_disabled", [lambda tracer: setattr(tracer, "enabled", False)])
def test_disabled_tracer_opens_nothing(integration, app, tracer, make_disabled):
    """Neither the request nor a part of it."""
    make_disabled(tracer)

    assert open_request(integration, app, "toy.request", HEADERS) is UNTRACED
    assert part_of_request(integration, app, "toy.view", "toy.request") is UNTRACED


def test_part_has_the_request_s_service(integration, app, tracer):
    """Also below a span of another service; its own name may be any, where the declaration says so."""
    with open_request(integration, app, "toy.request", {}), tracer.trace("query", service="db") as query:
        with part_of_request(integration, app, "shop.show", "toy.request"):
            pass

    assert tracer.spans.find("shop.show", service="toyweb", tags={"component": "toyweb"}).parent_id == query.span_id


def test_part_right_below_a_request_that_is_not_current(integration, app, tracer):
    """As of a response that is sent later."""
    with open_request(integration, app, "toy.request", {}) as request:
        request.leave()
        with part_of_request(integration, app, "toy.view", "toy.request", request.span):
            pass

    assert tracer.spans.find("toy.view").parent_id == request.span.span_id


def test_no_part_without_a_request(integration, app, tracer):
    """Neither below other spans, nor below a remote context, nor below nothing."""
    with tracer.trace("other"):
        assert part_of_request(integration, app, "toy.view", "toy.request") is UNTRACED
    tracer.context_provider.activate(Context(1, 2))
    assert part_of_request(integration, app, "toy.view", "toy.request") is UNTRACED
    assert part_of_request(integration, object(), "toy.view", "toy.request") is UNTRACED


def test_nearest_span_above(tracer):
    """Of several by that name, itself included."""
    with tracer.trace("request"), tracer.trace("request") as inner, tracer.trace("view") as view:
        assert above(view, "request") is inner
        assert above(inner, "request") is inner
        assert above(view, "other") is None
    assert above(None, "request") is None


def test_settings_of_ones_own_go_before_the_integration_s(integration, app, tracer, monkeypatch):
    """They name the service, and say whether headers are looked at."""
    monkeypatch.setitem(config.toyweb, "service", "toys")
    own = IntegrationConfig(config, "shop", service="shop", distributed_tracing=False)
    with open_request(integration, app, "toy.request", HEADERS, own_settings=own) as request:
        assert (request.span.service, request.span.parent_id) == ("shop", None)
