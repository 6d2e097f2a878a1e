"""URLs as they are shown: put together from what clients and servers know."""

import pytest

from ddtrace.contrib._http_url import authority_of, resource_of_request, url_of_request


@pytest.mark.parametrize(
    ("scheme", "host", "port", "authority"),
    [
        ("http", "shop.example", 80, "shop.example"),
        ("https", "shop.example", "443", "shop.example"),
        ("http", "shop.example", "443", "shop.example:443"),
        ("ws", "shop.example", 80, "shop.example:80"),
        ("http", "::1", 8000, "[::1]:8000"),
        ("http", "[::1]", None, "[::1]"),
    ],
)
def test_usual_port_is_not_shown(scheme, host, port, authority):
    """All others are, and an address of IPv6 is in brackets, so that it can be told from its port."""
    assert authority_of(scheme, host, port) == authority


@pytest.mark.parametrize(
    ("path", "encoding", "shown"),
    [
        ("/a/b", "utf-8", "/a/b"),
        ("/ü?#", "utf-8", "/%C3%BC%3F%23"),
        ("/\xfc", "latin-1", "/%FC"),
        ("/\ud800", "utf-8", "/%3F"),
    ],
)
def test_path_is_quoted_as_it_was_decoded(path, encoding, shown):
    """What has no bytes is a question mark."""
    assert url_of_request("http", "shop.example", path, encoding) == f"http://shop.example{shown}"


def test_path_is_cut_before_it_is_quoted():
    """The cost does not grow with its length."""
    assert url_of_request("http", "", "/" * 10_000_000) == "http://" + "/" * 5_000


def test_resource_is_method_and_path():
    """Of what is there, and cut."""
    assert resource_of_request("GET", "/a") == "GET /a"
    assert resource_of_request("", "/a") == "/a"
    assert len(resource_of_request("GET", "/" * 10_000_000)) == 5_000
