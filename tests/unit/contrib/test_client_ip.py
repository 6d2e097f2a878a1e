"""Which address a request came from."""

import pytest

from ddtrace.contrib._client_ip import HEADERS, client_ip

PUBLIC, OTHER_PUBLIC, PRIVATE = "8.8.8.8", "2001:4860:4860::8888", "192.168.0.1"


@pytest.mark.parametrize("header", HEADERS)
def test_header_tells_the_address(header):
    """Each of those that proxies write."""
    assert client_ip({header: PUBLIC}, PRIVATE) == PUBLIC


@pytest.mark.parametrize(
    "text, address",
    [
        ("8.8.8.8:8080", "8.8.8.8"),
        ("[2001:4860:4860::8888]:80", OTHER_PUBLIC),
        ("2001:4860:4860:0::8888", OTHER_PUBLIC),
        (b" 8.8.8.8 ", "8.8.8.8"),
        (f"{PRIVATE}, {PUBLIC}, {OTHER_PUBLIC}", PUBLIC),
        (f"unknown, , {PUBLIC}", PUBLIC),
    ],
)
def test_first_public_address_of_a_list_counts(text, address):
    """With or without a port; what is no address is passed over."""
    assert client_ip({"x-forwarded-for": text}, None) == address


def test_likelier_header_goes_first():
    """But a public address anywhere goes before one that is not."""
    assert client_ip({"x-real-ip": OTHER_PUBLIC, "x-forwarded-for": PUBLIC}, None) == PUBLIC
    assert client_ip({"x-real-ip": OTHER_PUBLIC, "x-forwarded-for": PRIVATE}, None) == OTHER_PUBLIC


def test_connection_tells_where_no_header_does():
    """A private address in a header goes before a private one of the connection only."""
    assert client_ip({}, PUBLIC) == PUBLIC
    assert client_ip({"x-forwarded-for": PRIVATE}, PUBLIC) == PUBLIC
    assert client_ip({"x-forwarded-for": PRIVATE}, "127.0.0.1") == PRIVATE


def test_one_header_can_be_the_only_one():
    """In any case; the others do not count, the connection does."""
    headers = {"x-forwarded-for": OTHER_PUBLIC, "x-mine": PUBLIC}

    assert client_ip(headers, None, "X-Mine") == PUBLIC
    assert client_ip({"x-forwarded-for": OTHER_PUBLIC}, PRIVATE, "X-Mine") == PRIVATE


@pytest.mark.parametrize(
    "value", ["", "unknown", "[", "1.2.3", "::::", ":", 5, None, b"\xff", ["8.8.8.8"], "9" * 10**6]
)
def test_what_is_no_address_is_passed_over(value):
    """Whatever its type and size."""
    assert client_ip({"x-forwarded-for": value}, None) is None
    assert client_ip({}, value) is None
