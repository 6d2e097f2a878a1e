"""What a request's environment says of it: URL, resource, headers."""

from __future__ import annotations

from typing import Any

import pytest

from ddtrace import Span
from ddtrace.contrib import wsgi
from ddtrace.contrib.wsgi.environ import RequestHeaders, resource_of, url_of


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, "http://"),
        ({"SERVER_NAME": "shop", "SERVER_PORT": "8080"}, "http://shop:8080"),
        ({"SERVER_NAME": "shop", "SERVER_PORT": "80"}, "http://shop"),
        ({"wsgi.url_scheme": "https", "SERVER_NAME": "shop", "SERVER_PORT": "443"}, "https://shop"),
        ({"wsgi.url_scheme": "https", "SERVER_NAME": "shop", "SERVER_PORT": "80"}, "https://shop:80"),
        ({"HTTP_HOST": "shop.example:81", "SERVER_NAME": "shop", "SERVER_PORT": "80"}, "http://shop.example:81"),
        (
            {"HTTP_HOST": "shop", "SCRIPT_NAME": "/fruit", "PATH_INFO": "/red", "QUERY_STRING": "a=1"},
            "http://shop/fruit/red",
        ),
        ({"HTTP_HOST": "shop", "PATH_INFO": "/caf\xc3\xa9"}, "http://shop/caf%C3%A9"),
        ({"HTTP_HOST": "shop", "PATH_INFO": "/\xff"}, "http://shop/%FF"),
        ({"HTTP_HOST": "shop", "PATH_INFO": "/\u0100"}, "http://shop/%C4%80"),
        ({"HTTP_HOST": "shop", "PATH_INFO": "/\u20ac\xe9"}, "http://shop/%E2%82%AC%C3%A9"),
    ],
)
def test_url(environ: dict[str, Any], url: str) -> None:
    """As PEP 3333 makes it, without the query; a path that somebody has decoded is taken for text."""
    assert url_of(environ) == url


@pytest.mark.parametrize(
    ("environ", "resource"),
    [
        ({}, ""),
        ({"REQUEST_METHOD": "GET"}, "GET"),
        ({"PATH_INFO": "/red"}, "/red"),
        ({"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/fruit", "PATH_INFO": "/red"}, "GET /red"),
        ({"REQUEST_METHOD": "GET", "PATH_INFO": "/caf\xc3\xa9"}, "GET /café"),
        ({"REQUEST_METHOD": "GET", "PATH_INFO": "/\xff"}, "GET /\ufffd"),
        ({"REQUEST_METHOD": "GET", "PATH_INFO": "/\u0100"}, "GET /\u0100"),
        ({"REQUEST_METHOD": "GET", "PATH_INFO": "/\u20ac\xe9"}, "GET /\u20ac\xe9"),
    ],
)
def test_resource(environ: dict[str, Any], resource: str) -> None:
    """Method and path, the latter as text."""
    assert resource_of(environ) == resource


def test_the_default_modifier_is_at_hand() -> None:
    """For a modifier of one's own to call."""
    span = Span("wsgi.request")
    wsgi.default_wsgi_span_modifier(span, {"REQUEST_METHOD": "GET", "PATH_INFO": "/basket"})
    assert span.resource == "GET /basket"


def test_headers_have_their_own_names() -> None:
    """Two of them have no prefix in an environment; what is no header is left out."""
    headers = RequestHeaders(
        {"HTTP_X_TOKEN": "red", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "3", "REQUEST_METHOD": "GET", 3: "x"}
    )

    assert list(headers.items()) == [("X-Token", "red"), ("Content-Type", "text/plain"), ("Content-Length", "3")]


def test_a_header_is_found_by_its_name() -> None:
    """In whatever case; None where it is missing."""
    headers = RequestHeaders({"HTTP_X_TOKEN": "red"})

    assert (headers.get("X-Token"), headers.get("x-token"), headers.get("token")) == ("red", "red", None)
