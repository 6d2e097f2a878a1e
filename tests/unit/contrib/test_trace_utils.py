"""A cache command as text."""

import pytest

from ddtrace.contrib.trace_utils import stringify_cache_args


class Textless:
    def __str__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    "args, text",
    [
        ((), ""),
        (("GET", "key"), "GET key"),
        ((b"GET", b"k\xc3\xa9y"), "GET kéy"),
        ((b"SET", b"\xff"), "SET \\xff"),
        (("SET", "n", 5, 1.5, None), "SET n 5 1.5 None"),
        ((bytearray(b"GET"), memoryview(b"key")), "GET key"),
        (("SET", Textless(), "more"), "SET ?"),
    ],
)
def test_arguments_are_joined_by_blanks(args, text):
    """Bytes are decoded; the first argument without text ends the command."""
    assert stringify_cache_args(args) == text


@pytest.mark.parametrize("value", ["x" * 101, b"x" * 101, "x" * 10**6, b"x" * 10**6])
def test_long_argument_is_cut(value):
    """100 characters are kept, and the cut is marked."""
    assert stringify_cache_args(["SET", value, "end"]) == f"SET {'x' * 100}... end"


def test_argument_that_just_fits_is_whole():
    """The bound is what is kept."""
    assert stringify_cache_args(["x" * 100]) == "x" * 100


def test_long_command_is_cut():
    """The arguments together have a bound, too; blanks do not count."""
    assert stringify_cache_args(["abc", "def", "ghi"], cmd_max_len=7) == "abc def g..."


def test_characters_of_many_bytes_are_not_torn():
    """A cut of bytes falls between two characters."""
    assert stringify_cache_args(["é".encode() * 200]) == "é" * 100 + "..."


def test_cost_does_not_grow_with_the_argument():
    """Of a large value only the beginning is ever read."""

    class Large(bytes):
        def decode(self, *args, **kwargs):
            raise AssertionError("the whole value was decoded")

    assert stringify_cache_args([Large(b"x" * 1000)]) == "x" * 100 + "..."
