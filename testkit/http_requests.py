"""Requests over HTTP/1, read from the bytes that a client has sent; the last body may be cut short."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]")
_END = b"\r\n"


class NotHTTP(Exception):
    """What was sent is no sequence of requests; the message says where it ends to be one."""


@dataclass(frozen=True)
class Request:
    """One request; the headers as they were sent, in their order, of which there may be several of a name."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def named(self, names: frozenset[str]) -> dict[str, str]:
        """The headers of these names, which are in lower case; of several of a name the first."""
        found: dict[str, str] = {}
        for name, value in self.headers:
            if name.lower() in names:
                found.setdefault(name.lower(), value)
        return found

    def with_headers(self, headers: dict[str, str]) -> Request:
        """The same with these headers, in the place of those that have their names; the names are in lower case."""
        others = (header for header in self.headers if header[0].lower() not in headers)
        return Request(self.line, (*others, *headers.items()), self.body)


def requests_in(sent: bytes) -> list[Request]:
    """All requests of one connection; raises NotHTTP."""
    requests = []
    while sent:
        request, sent = _take(sent)
        requests.append(request)
    return requests


def _take(sent: bytes) -> tuple[Request, bytes]:
    head, end, rest = sent.partition(_END * 2)
    line, *lines = head.split(_END)
    if not end or not _LINE.fullmatch(line):
        raise NotHTTP(f"{sent[:40]!r} is no request over HTTP/1")
    headers = tuple(_header(each.decode("latin-1")) for each in lines)
    values = {name.lower(): value for name, value in headers}
    try:
        is_chunked = values.get("transfer-encoding", "").lower() == "chunked"
        length = _length_of_chunks(rest) if is_chunked else int(values.get("content-length", 0))
    except ValueError as error:
        raise NotHTTP(f"the length of a body is no number: {error}") from None
    return Request(line.decode("latin-1"), headers, rest[:length]), rest[length:]


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


def _length_of_chunks(rest: bytes) -> int:
    place = 0
    while True:
        size, end, _ = rest[place:].partition(_END)
        if not end:
            # The client went away.
            return len(rest)
        count = int(size.partition(b";")[0], 16)
        place += len(size) + len(_END) + count + len(_END)
        if count == 0:
            return place
