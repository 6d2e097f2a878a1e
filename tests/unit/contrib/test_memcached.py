"""What a memcached command's span shows of its keys."""

from __future__ import annotations

from typing import Any

import pytest

from ddtrace import Span
from ddtrace.contrib._memcached import LONGEST_KEY, LONGEST_QUERY, describe_address, describe_command


def query_of(command: str, *args: Any, **kwargs: Any) -> str | None:
    span = Span("memcached.command")
    describe_command(span, command, args, kwargs)
    return span.get_tag("memcached.query")


@pytest.mark.parametrize(
    ("args", "kwargs", "shown"),
    [
        (("colour", "value"), {}, "set colour"),
        ((), {"key": "colour", "val": "value"}, "set colour"),
        ((), {"values": {"colour": "value"}}, "set colour"),
        ((), {"keys": ["a", "b"]}, "set a b"),
        (({"a": "value", b"b": "value"},), {}, "set a b"),
        ((dict.fromkeys("ab").keys(),), {}, "set a b"),
        ((b"\xff",), {}, "set \\xff"),
        (("gr\xfcn".encode(),), {}, "set gr\xfcn"),
        ((["a", 1, None],), {}, "set a ? ?"),
        ((1,), {}, "set"),
        ((), {}, "set"),
        (([],), {}, "set"),
    ],
)
def test_keys_are_shown_and_values_are_not(args: tuple[Any, ...], kwargs: dict[str, Any], shown: str) -> None:
    """By position or by name, one or many."""
    assert query_of("set", *args, **kwargs) == shown


@pytest.mark.parametrize("prefix", ["p:", b"p:"])
def test_keys_are_shown_with_their_prefix(prefix: str | bytes) -> None:
    """They are what the server is asked for."""
    span = Span("memcached.command")
    describe_command(span, "get_multi", (["a", b"b"],), {}, prefix)
    assert span.get_tag("memcached.query") == "get_multi p:a p:b"


def test_an_iterator_is_not_read() -> None:
    """Its keys are the library's to read."""
    keys = iter(["a", "b"])
    assert query_of("get_many", keys) == "get_many"
    assert list(keys) == ["a", "b"]


@pytest.mark.parametrize("command", ["raw_command", "stats", "flush_all"])
def test_what_is_no_key_is_not_shown(command: str) -> None:
    """A raw command may hold a value, or a password."""
    assert query_of(command, "set user 0 0 8\r\npa55word") == command


def test_a_long_key_is_cut() -> None:
    """memcached refuses it anyway."""
    for key in ("k" * 1_000_000, b"k" * 1_000_000):
        assert query_of("get", key) == f"get {'k' * LONGEST_KEY}..."


@pytest.mark.parametrize("key", ["", "k", "k" * 10])
def test_many_keys_are_cut(key: str) -> None:
    """Only the first are shown."""
    shown = query_of("get_many", [key] * 100_000)
    assert shown is not None and len(shown) <= 2 * LONGEST_QUERY + len("get_many ...")


def test_resource_and_system() -> None:
    """The resource is the command alone, so that there are few."""
    span = Span("memcached.command")
    describe_command(span, "get", ("colour",), {})
    assert (span.resource, span.get_tag("db.system")) == ("get", "memcached")


def test_server_is_the_one_asked_last() -> None:
    """A second takes the place of the first."""
    span = Span("memcached.command")
    describe_address(span, "left", 1)
    describe_address(span, "right", 2)
    assert (span.get_tag("out.host"), span.get_metric("network.destination.port")) == ("right", 2)
