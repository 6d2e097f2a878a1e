"""What a span says of a request and its response."""

import inspect
import re

import pytest

from ddtrace import Span, config
from ddtrace.contrib._http import LONGEST_QUERY, without_userinfo
from ddtrace.contrib.trace_utils import _store_request_headers, _store_response_headers, set_http_meta
from ddtrace.ext import http, net
from tests.unit.conftest import messages


@pytest.fixture(autouse=True)
def our_failures_are_fatal(monkeypatch):
    monkeypatch.setattr(config, "_raise", True)


@pytest.fixture
def span():
    return Span("request")


@pytest.fixture
def settings():
    return config.flask


def test_request_and_response_become_tags(span, settings):
    """All that is given, as text; what is not given is no tag."""
    set_http_meta(
        span,
        settings,
        method="GET",
        url="http://shop/cart",
        target_host="shop",
        status_code=200,
        status_msg="OK",
        retries_remain=2,
        route="/<page>",
    )

    assert span.get_tags() == {
        http.METHOD: "GET",
        http.URL: "http://shop/cart",
        net.TARGET_HOST: "shop",
        http.STATUS_CODE: "200",
        http.STATUS_MSG: "OK",
        http.RETRIES_REMAIN: "2",
        http.ROUTE: "/<page>",
    }
    assert (span.error, span.get_metrics()) == (0, {})


def test_nothing_given_is_nothing_recorded(span, settings):
    """None is not text."""
    set_http_meta(span, settings)

    assert (span.get_tags(), span.get_metrics(), span.error) == ({}, {}, 0)


def test_private_parts_are_never_recorded(span, settings):
    """Cookies, body, path parameters, parsed query and raw URI are accepted, since 1.x takes them."""
    set_http_meta(
        span,
        settings,
        raw_uri="http://shop/?secret=1",
        parsed_query={"a": "1"},
        request_cookies={"a": "1"},
        request_path_params={"a": "1"},
        request_body=b"body",
        response_cookies={"a": "1"},
    )

    assert span.get_tags() == {}


# -- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code, text, error", [(404, "404", 0), ("200", "200", 0), (500, "500", 1), ("503", "503", 1)])
def test_failure_of_the_server_is_an_error(span, settings, code, text, error):
    """By the ranges of config.http_server."""
    set_http_meta(span, settings, status_code=code)

    assert (span.get_tag(http.STATUS_CODE), span.error) == (text, error)


def test_which_statuses_are_errors_can_be_set(span, settings):
    """For every integration at once."""
    config.http_server.error_statuses = "404"
    set_http_meta(span, settings, status_code=404)

    assert span.error == 1


@pytest.mark.parametrize("code", ["", "many", "200 OK", float("inf"), float("nan"), object(), [], "9" * 10**5])
def test_status_that_is_no_number_is_left_out(span, settings, caplog, code):
    """One line at DEBUG, and all else is recorded."""
    caplog.set_level("DEBUG", logger="ddtrace")
    set_http_meta(span, settings, method="GET", status_code=code)

    assert span.get_tags() == {http.METHOD: "GET"}
    assert ["is no number; it is not recorded" in line for line in messages(caplog)] == [True]


# -- URLs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url, shown",
    [
        ("http://me:password@shop/cart", "http://shop/cart"),
        ("http://me@shop:80/cart?a=1#top", "http://shop:80/cart?a=1#top"),
        ("http://a:b@c@shop", "http://shop"),
        ("//me:password@shop/", "//shop/"),
        ("me:password@shop/cart", "shop/cart"),
        ("http://shop/me@home", "http://shop/me@home"),
        ("http://shop?to=me:x@home", "http://shop?to=me:x@home"),
        ("http://shop#me:x@home", "http://shop#me:x@home"),
        ("/path//me:x@home", "/path//me:x@home"),
        ("?next=//me:x@home", "?next=//me:x@home"),
        ("me@home/cart", "me@home/cart"),
        ("", ""),
        ("http://", "http://"),
    ],
)
def test_user_and_password_are_not_shown(url, shown):
    """Wherever a URL may have them, and nowhere else."""
    assert without_userinfo(url) == shown


@pytest.mark.parametrize(
    "url, query, shown",
    [
        ("http://shop/?a=1", None, "http://shop/?a=1"),
        ("http://shop/", "a=1", "http://shop/?a=1"),
        ("http://shop/", b"a=1", "http://shop/?a=1"),
        ("http://shop/#top", "a=1", "http://shop/?a=1#top"),
        ("http://shop/?a=1", "b=2", "http://shop/?a=1"),
        ("http://shop/?a=1&password=x", None, "http://shop/?a=1&<redacted>"),
        ("http://shop/", "password=x&a=1", "http://shop/?<redacted>&a=1"),
        ("http://shop/password=x", "", "http://shop/password=x"),
    ],
)
def test_url_is_shown_with_its_query(span, settings, url, query, shown):
    """What looks like a secret in it is hidden."""
    set_http_meta(span, settings, url=url, query=query)

    assert span.get_tag(http.URL) == shown


def test_url_can_be_shown_without_its_query(span, settings):
    """By the integration's setting, or that of all."""
    settings.http_tag_query_string = False
    set_http_meta(span, settings, url="http://shop/?a=1#top", query="b=2")

    assert span.get_tag(http.URL) == "http://shop/#top"


def test_hiding_can_be_turned_off(span, settings, monkeypatch):
    """Then the query is shown as it is."""
    monkeypatch.setattr(config, "global_query_string_obfuscation_disabled", True)
    set_http_meta(span, settings, url="http://shop/?password=x")

    assert span.get_tag(http.URL) == "http://shop/?password=x"


def test_user_s_pattern_hides(span, settings, monkeypatch):
    """In the place of ours."""
    monkeypatch.setattr(config, "_obfuscation_query_string_pattern", re.compile("colour=[a-z]+"))
    set_http_meta(span, settings, url="http://shop/?password=x&colour=blue")

    assert span.get_tag(http.URL) == "http://shop/?password=x&<redacted>"


def test_no_valid_pattern_shows_no_query(span, settings, monkeypatch):
    """Nobody knows what would have to be hidden."""
    monkeypatch.setattr(config, "_obfuscation_query_string_pattern", None)
    set_http_meta(span, settings, url="http://shop/?colour=blue")

    assert span.get_tag(http.URL) == "http://shop/"


def test_query_is_a_tag_where_that_is_wanted(span, settings):
    """As it is, whatever its type."""
    set_http_meta(span, settings, query="a=1")
    assert span.get_tag(http.QUERY_STRING) is None

    settings.http.trace_query_string = True
    set_http_meta(span, settings, query=b"a=1")
    assert span.get_tag(http.QUERY_STRING) == "a=1"


@pytest.mark.parametrize("query", ["x" * 10**6, b"eyJ" * 400_000, "pass=" * 200_000, 'pass":"' * 150_000, "&" * 10**6])
def test_of_a_huge_query_only_the_beginning_is_looked_at(span, settings, monkeypatch, query):
    """The pattern is never given more than the agent would keep."""
    lengths = []

    class Pattern:
        def sub(self, replacement, text):
            lengths.append(len(text))
            return text

    monkeypatch.setattr(config, "_obfuscation_query_string_pattern", Pattern())
    settings.http.trace_query_string = True
    set_http_meta(span, settings, url="http://shop/", query=query)
    set_http_meta(span, settings, url=f"http://shop/?{query}")

    assert lengths == [LONGEST_QUERY, LONGEST_QUERY]
    assert len(span.get_tag(http.QUERY_STRING)) == LONGEST_QUERY


# -- headers ----------------------------------------------------------------------------------------------------------

FORMS = [dict, lambda headers: list(headers.items()), lambda headers: tuple(map(list, headers.items()))]


@pytest.mark.parametrize("form", FORMS, ids=["dict", "tuples", "lists"])
@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT", "Http-User-Agent", b"User-Agent"])
@pytest.mark.parametrize("is_case_sensitive", [False, True])
def test_user_agent_becomes_a_tag(span, settings, form, name, is_case_sensitive):
    """Without any setting, whatever the form of the headers and the case of their names."""
    headers = form({"Host": "shop", name: "browser"})
    set_http_meta(span, settings, request_headers=headers, headers_are_case_sensitive=is_case_sensitive)

    assert span.get_tags() == {http.USER_AGENT: "browser"}


@pytest.mark.parametrize("form", FORMS, ids=["dict", "tuples", "lists"])
def test_headers_become_tags_where_that_is_configured(span, settings, form):
    """Those of the integration and of all, of request and response."""
    settings.http.trace_headers(["X-Colour"])
    config.trace_headers("x-size.in_cm")
    set_http_meta(
        span,
        settings,
        request_headers=form({"x-colour": "blue", "Cookie": "secret"}),
        response_headers=form({"X-COLOUR": "red", "X-Size.in_cm": b"5"}),
    )

    assert span.get_tags() == {
        "http.request.headers.x-colour": "blue",
        "http.response.headers.x-colour": "red",
        "http.response.headers.x-size_in_cm": "5",
    }


def test_header_s_tag_can_be_named(span, settings):
    """The same of requests and responses; an integration's own name goes first."""
    settings.http = type(settings.http)({"X-Colour": "colour"})
    config.http = type(config.http)({"X-Colour": "all.colour", "X-Size": "size"})

    _store_request_headers({"x-colour": "blue"}, span, settings)
    _store_response_headers([("x-size", 5)], span, settings)

    assert span.get_tags() == {"colour": "blue", "size": "5"}


class Textless:
    def __str__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    "value, tags",
    [
        (None, {}),
        (Textless(), {}),
        (5, {"x": "5"}),
        (b"\xff", {"x": "\ufffd"}),
        (["a", "b"], {"x": "['a', 'b']"}),
        ("", {"x": ""}),
    ],
)
def test_value_of_a_header_may_be_anything(span, settings, value, tags):
    """What has no text is no tag."""
    settings.http = type(settings.http)({"x": "x"})
    set_http_meta(span, settings, request_headers={"X": value})

    assert span.get_tags() == tags


@pytest.mark.parametrize(
    "headers", [[()], [("a",)], [("a", "b", "c")], [5], {5: "x"}, {None: None}, [("x", "y"), None], ()]
)
def test_what_is_no_header_is_passed_over(span, settings, headers):
    """Whatever a framework hands on."""
    config.trace_headers("x")
    set_http_meta(span, settings, method="GET", request_headers=headers, response_headers=headers, route="/")

    assert (span.get_tag(http.METHOD), span.get_tag(http.ROUTE)) == ("GET", "/")


@pytest.mark.parametrize("value", [b"http://shop/", bytearray(b"http://shop/"), memoryview(b"http://shop/")])
def test_bytes_are_decoded(span, settings, value):
    """Wherever they are given."""
    set_http_meta(span, settings, url=value, method=value, status_msg=value, route=value, target_host=value)

    assert set(span.get_tags().values()) == {"http://shop/"} and len(span.get_tags()) == 5


@pytest.mark.parametrize("value", [Textless(), None, 5, 1.5, b"\xff\xfe", "\udcff", object(), "http://[", "x" * 10**6])
@pytest.mark.parametrize("argument", list(inspect.signature(set_http_meta).parameters)[2:])
def test_no_argument_raises(span, settings, argument, value):
    """A failure of ours would be fatal here."""
    if argument.endswith("headers"):
        value = {"user-agent": value, "x-forwarded-for": value}
    config._client_ip_enabled = True
    settings.http.trace_query_string = True
    config.trace_headers("x-forwarded-for")

    set_http_meta(span, settings, **{argument: value})


# -- the client's address ---------------------------------------------------------------------------------------------


def test_client_s_address_is_not_recorded_by_default(span, settings):
    """It is somebody's."""
    set_http_meta(span, settings, request_headers={"X-Forwarded-For": "8.8.8.8"}, peer_ip="8.8.4.4")

    assert span.get_tags() == {}


@pytest.mark.parametrize(
    "headers, peer_ip, address",
    [
        ({"X-Forwarded-For": "8.8.8.8"}, "8.8.4.4", "8.8.8.8"),
        ([(b"x-forwarded-for", b"8.8.8.8")], None, "8.8.8.8"),
        (None, "8.8.4.4", "8.8.4.4"),
        ({"X-Forwarded-For": "unknown"}, None, None),
    ],
)
def test_client_s_address_is_recorded_where_that_is_wanted(span, settings, monkeypatch, headers, peer_ip, address):
    """From the headers or the connection, under both names."""
    monkeypatch.setattr(config, "_client_ip_enabled", True)
    set_http_meta(span, settings, request_headers=headers, peer_ip=peer_ip)

    assert span.get_tag(http.CLIENT_IP) == span.get_tag("network.client.ip") == address


def test_header_of_the_client_s_address_can_be_set(span, settings, monkeypatch):
    """Then it is the only one that counts."""
    monkeypatch.setattr(config, "_client_ip_enabled", True)
    monkeypatch.setattr(config, "_client_ip_header", "X-Mine")
    set_http_meta(span, settings, request_headers={"X-Forwarded-For": "8.8.8.8", "x-mine": "8.8.4.4"})

    assert span.get_tag(http.CLIENT_IP) == "8.8.4.4"
