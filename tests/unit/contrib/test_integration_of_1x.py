"""An integration as somebody wrote it for 1.x, with nothing but public names, still does what it did."""

import importlib

import pytest

from ddtrace import Pin, config
from ddtrace.constants import SPAN_KIND, SPAN_MEASURED_KEY
from ddtrace.contrib import trace_utils
from ddtrace.ext import SpanKind, SpanTypes, http
from ddtrace.propagation.http import HTTPPropagator
from testkit import DummyTracer

SHOP = """
class Shop:
    def handle(self, method, url, headers):
        if "fail" in url:
            return 503, {}
        return 200, {"X-Colour": "blue"}
"""


@trace_utils.with_traced_module
def traced_handle(shop, pin, wrapped, instance, args, kwargs):
    method = trace_utils.get_argument_value(args, kwargs, 0, "method")
    url = trace_utils.get_argument_value(args, kwargs, 1, "url")
    headers = trace_utils.get_argument_value(args, kwargs, 2, "headers")
    trace_utils.activate_distributed_headers(pin.tracer, config.shop, headers)
    with pin.tracer.trace(
        "shop.request", service=trace_utils.int_service(pin, config.shop), span_type=SpanTypes.WEB
    ) as span:
        span.set_tag_str(SPAN_KIND, SpanKind.SERVER)
        span.set_tag(SPAN_MEASURED_KEY)
        span.set_tags(pin.tags)
        status, response_headers = wrapped(*args, **kwargs)
        trace_utils.set_http_meta(
            span,
            config.shop,
            method=method,
            url=url,
            status_code=status,
            request_headers=headers,
            response_headers=response_headers,
        )
        config.shop.hooks.emit("request", span, status)
        return status


def patch(shop):
    if getattr(shop, "_datadog_patch", False):
        return
    shop._datadog_patch = True
    config._add("shop", {"_default_service": "shop", "distributed_tracing_enabled": True})
    trace_utils.wrap(shop, "Shop.handle", traced_handle(shop))
    Pin().onto(shop)


@pytest.fixture
def tracer():
    return DummyTracer()


@pytest.fixture
def shop(make_module, tracer):
    module = importlib.import_module(make_module("shop", SHOP))
    patch(module)
    patch(module)
    Pin.override(module, tracer=tracer)
    return module


def test_request_becomes_a_span(shop, tracer):
    """With the default service, and what is known of HTTP."""
    assert shop.Shop().handle("GET", "http://me:pw@shop/?token=x", {"User-Agent": "browser"}) == 200

    (span,) = tracer.pop()
    assert (span.name, span.service, span.span_type, span.error) == ("shop.request", "shop", "web", 0)
    assert {tag: span.get_tag(tag) for tag in (http.METHOD, http.URL, http.STATUS_CODE, http.USER_AGENT)} == {
        http.METHOD: "GET",
        http.URL: "http://shop/?<redacted>",
        http.STATUS_CODE: "200",
        http.USER_AGENT: "browser",
    }
    assert (span.get_tag("span.kind"), span.get_metric("_dd.measured")) == ("server", 1)


def test_settings_of_the_application_count(shop, tracer):
    """Service, error statuses, headers and hooks are set as in 1.x."""
    calls = []
    config.shop["service_name"] = "store"
    config.shop.http.trace_headers("x-colour")
    config.http_server.error_statuses = "200"
    config.shop.hooks.on("request", lambda span, status: calls.append((span.name, status)))

    shop.Shop().handle("GET", "http://shop/", headers={})

    (span,) = tracer.pop()
    assert (span.service, span.error) == ("store", 1)
    assert span.get_tag("http.response.headers.x-colour") == "blue"
    assert calls == [("shop.request", 200)]


def test_one_object_s_settings_go_first(shop, tracer):
    """Pin.override changes one instance, and no other."""
    one, other = shop.Shop(), shop.Shop()
    Pin.override(one, service="one", tags={"team": "blue"}, tracer=tracer)

    one.handle("GET", "http://shop/", {})
    other.handle("GET", "http://shop/fail", {})

    first, second = tracer.pop()
    assert (first.service, first.get_tag("team"), first.error) == ("one", "blue", 0)
    assert (second.service, second.get_tag("team"), second.error) == ("shop", None, 1)


def test_trace_goes_on_across_a_request(shop, tracer):
    """What the caller's tracer wrote into the headers is the parent."""
    with DummyTracer().trace("caller") as caller:
        headers = {}
        HTTPPropagator.inject(caller.context, headers)
    caller_ids = (caller.trace_id, caller.span_id)

    shop.Shop().handle("GET", "http://shop/", headers)

    (span,) = tracer.pop()
    assert (span.trace_id, span.parent_id) == caller_ids


def test_disabled_tracer_leaves_the_library_alone(shop, tracer):
    """The function is called as it is."""
    tracer.enabled = False

    assert shop.Shop().handle("GET", "http://shop/", {}) == (200, {"X-Colour": "blue"})
    assert tracer.pop() == []


def test_unwrapping_ends_it(shop, tracer):
    """And leaves the function itself."""
    trace_utils.unwrap(shop.Shop, "handle")

    assert not trace_utils.iswrapped(shop.Shop, "handle")
    assert shop.Shop().handle("GET", "http://shop/", {})[0] == 200
    assert tracer.pop() == []
