"""The bytes of a connection, as requests."""

from __future__ import annotations

import pytest

from testkit.http_requests import NotHTTP, Request, requests_in

GET = b"GET / HTTP/1.1\r\nHost: shop\r\nCOLOUR: red\r\nColour: blue\r\n\r\n"
PUT = b"PUT /1 HTTP/1.1\r\ncontent-length: 6\r\n\r\na\r\n\r\nb"
POST = b"POST /2 HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\n\r\n1\r\n0\r\n\r\n"


def test_requests_of_one_connection_are_told_apart() -> None:
    """Bodies end where their length says, or with their last chunk, whatever is in them."""
    requests = requests_in(GET + PUT + POST + GET)

    assert [request.line for request in requests] == [
        "GET / HTTP/1.1",
        "PUT /1 HTTP/1.1",
        "POST /2 HTTP/1.1",
        "GET / HTTP/1.1",
    ]
    assert [request.body for request in requests] == [b"", b"a\r\n\r\nb", b"3;x=y\r\n\r\n1\r\n0\r\n\r\n", b""]


def test_headers_are_found_in_any_case() -> None:
    """Of several headers of one name the first counts."""
    assert requests_in(GET)[0].named(frozenset({"colour", "size"})) == {"colour": "red"}


def test_given_headers_take_the_place_of_others() -> None:
    """All of their names go, in whatever case."""
    assert requests_in(GET)[0].with_headers({"colour": "green"}).headers == (("Host", "shop"), ("colour", "green"))


@pytest.mark.parametrize("cut", [PUT[:-2], POST[:-10], POST[:-2]])
def test_a_last_body_may_be_cut_short(cut: bytes) -> None:
    """A client that goes away within a body has made the request."""
    assert len(requests_in(GET + cut)) == 2


@pytest.mark.parametrize("sent", [b"*1\r\n$4\r\nPING\r\n", GET[:-2], GET + b"\x16\x03\x01", PUT.replace(b"6", b"six")])
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    """Other protocols, and requests without an end to their headers, are not guessed at."""
    with pytest.raises(NotHTTP):
        requests_in(sent)


def test_nothing_sent_is_no_request() -> None:
    """A connection may carry nothing."""
    assert requests_in(b"") == []
    assert Request("GET / HTTP/1.1", (), b"").named(frozenset()) == {}
