"""Ways to look at what two untraced runs have sent in which they are equal, to look at that of a traced run, too.

What differs between untraced runs by itself, such as a date, a random number, or the order of two connections, is not
looked at; all the rest still is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testkit.http_requests import NotHTTP, Request, requests_in
from testkit.wire import Streams

Lens = Callable[[Any], Any]

MARGIN_BYTES = 8
"""Around a byte that differs, others may do so in the next run: two random numbers have some digits in common."""


def lens_for_streams(first: Streams, second: Streams) -> Lens | None:
    """The sharpest lens through which the bytes of two runs are equal, if there is one."""
    candidates = (_as_lines, _in_any_order, _as_requests(first, second), _masked(first, second))
    fit = (lens for lens in candidates if lens is not None)
    return next((lens for lens in fit if lens(first) == lens(second)), None)


def _as_lines(streams: Streams) -> Any:
    return {name: [sent.split(b"\r\n") for sent in of_service] for name, of_service in streams.items()}


def _in_any_order(streams: Streams) -> Any:
    return {name: sorted(of_service) for name, of_service in _as_lines(streams).items()}


def _as_requests(first: Streams, second: Streams) -> Lens | None:
    """By request, without the headers that differ."""
    try:
        lens = lens_for_requests(_all_requests(first), _all_requests(second))
    except NotHTTP:
        return None
    if lens is None:
        return None

    def look(streams: Streams) -> Any:
        try:
            return list(map(lens, _all_requests(streams)))
        except NotHTTP as reason:
            return str(reason)

    return look


def _all_requests(streams: Streams) -> list[Request]:
    return [request for of_service in streams.values() for sent in of_service for request in requests_in(sent)]


def lens_for_requests(first: list[Request], second: list[Request]) -> Lens | None:
    """One for a request: its line, its headers in any order and case, its body; without what differs in two runs.

    None where the runs make different numbers of requests.
    """
    if len(first) != len(second):
        return None
    pairs = list(zip(first, second))
    is_line_kept = all(one.line == other.line for one, other in pairs)
    is_body_kept = all(one.body == other.body for one, other in pairs)
    volatile = {name for one, other in pairs for name, _ in {*_headers(one)} ^ {*_headers(other)}}

    def look(request: Request) -> Any:
        return {
            "line": request.line if is_line_kept else "(differs from run to run)",
            "headers": [(name, value) for name, value in _headers(request) if name not in volatile],
            "body": request.body if is_body_kept else "(differs from run to run)",
        }

    return look


def _headers(request: Request) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in request.headers)


def _masked(first: Streams, second: Streams) -> Lens | None:
    """Byte by byte, but for those that differ; None where the lengths do."""
    if _lengths(first) != _lengths(second):
        return None
    masks = {name: list(map(_differing, first[name], second[name])) for name in first}

    def look(streams: Streams) -> Any:
        if _lengths(streams) != _lengths(first):
            return streams
        return {name: [_hidden(sent, mask) for sent, mask in zip(streams[name], masks[name])] for name in masks}

    return look


def _lengths(streams: Streams) -> Any:
    return {name: [len(sent) for sent in of_service] for name, of_service in streams.items()}


def _differing(one: bytes, other: bytes) -> set[int]:
    places = [place for place, (left, right) in enumerate(zip(one, other)) if left != right]
    return {near for place in places for near in range(place - MARGIN_BYTES, place + MARGIN_BYTES + 1)}


def _hidden(sent: bytes, mask: set[int]) -> bytes:
    return bytes(ord("?") if place in mask else byte for place, byte in enumerate(sent))


def lens_for_counts(first: dict[str, int], second: dict[str, int]) -> Lens | None:
    """One for counts: all, or the sum and those that are equal in two runs; None where not even the sum is."""
    if first == second:
        return lambda counts: counts
    if sum(first.values()) != sum(second.values()):
        return None
    steady = sorted(name for name in first if first[name] == second.get(name))
    return lambda counts: {"all together": sum(counts.values()), **{name: counts.get(name) for name in steady}}
