"""The headers of Zipkin."""

import pytest

from ddtrace.context import Context
from ddtrace.propagation.http import HTTPPropagator
from tests.unit.propagation.conftest import injected, place

LONG = "640cfd8d00000000abcdefab12345678"


@pytest.mark.parametrize(
    "priority, verdict",
    [
        (None, {}),
        (-1, {"x-b3-sampled": "0"}),
        (0, {"x-b3-sampled": "0"}),
        (1, {"x-b3-sampled": "1"}),
        (2, {"x-b3-flags": "1"}),
    ],
)
def test_several_headers_are_written(use, priority, verdict):
    """Hexadecimal ids; what the user keeps is a flag."""
    use("b3multi")

    headers = injected(Context(0xA, 0xB, sampling_priority=priority))

    assert headers == {"x-b3-traceid": "000000000000000a", "x-b3-spanid": "000000000000000b", **verdict}


@pytest.mark.parametrize("priority, end", [(None, ""), (-1, "-0"), (0, "-0"), (1, "-1"), (2, "-d")])
def test_single_header_is_written(use, priority, end):
    """Ids and verdict apart by dashes."""
    use("b3 single header")

    headers = injected(Context(0xA, 0xB, sampling_priority=priority))

    assert headers == {"b3": f"000000000000000a-000000000000000b{end}"}


def test_long_trace_id_has_32_digits(use):
    """Both forms have it in full."""
    use("b3multi,b3 single header")

    headers = injected(Context(int(LONG, 16), 0xB))

    assert headers["x-b3-traceid"] == LONG
    assert headers["b3"].startswith(f"{LONG}-")


@pytest.mark.parametrize(
    "headers, expected",
    [
        ({}, (0xA, 0xB, None)),
        ({"x-b3-sampled": "0"}, (0xA, 0xB, 0)),
        ({"x-b3-sampled": "1"}, (0xA, 0xB, 1)),
        ({"x-b3-sampled": "maybe"}, (0xA, 0xB, None)),
        ({"x-b3-flags": "1", "x-b3-sampled": "0"}, (0xA, 0xB, 2)),
        ({"x-b3-flags": "0", "x-b3-sampled": "1"}, (0xA, 0xB, 1)),
        ({"x-b3-traceid": LONG}, (int(LONG, 16), 0xB, None)),
        ({"x-b3-traceid": LONG.upper()}, (int(LONG, 16), 0xB, None)),
        ({"x-b3-spanid": "0"}, (0xA, None, None)),
        ({"x-b3-traceid": "0"}, (None, None, None)),
        ({"x-b3-traceid": "0x1"}, (None, None, None)),
        ({"x-b3-traceid": "1" * 33}, (None, None, None)),
        ({"x-b3-spanid": "1" * 17}, (None, None, None)),
        ({"x-b3-traceid": None}, (None, None, None)),
    ],
)
def test_several_headers_are_read(use, headers, expected):
    """The flag wins over the verdict; a trace id that is none is no context."""
    use("b3multi")

    assert place(HTTPPropagator.extract({"x-b3-traceid": "a", "x-b3-spanid": "b", **headers})) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("a-b", (0xA, 0xB, None)),
        (f"{LONG}-b-1", (int(LONG, 16), 0xB, 1)),
        ("a-b-0", (0xA, 0xB, 0)),
        ("a-b-d", (0xA, 0xB, 2)),
        ("a-b-x", (0xA, 0xB, None)),
        ("a-b-1-c", (0xA, 0xB, 1)),
        ("a-b-1-c" + "-" * 1000, (0xA, 0xB, 1)),
        ("0", (None, None, 0)),
        ("1", (None, None, 1)),
        ("d", (None, None, 2)),
        ("x", (None, None, None)),
        ("", (None, None, None)),
        ("0-b-1", (None, None, None)),
        ("a-", (None, None, None)),
        ("-b", (None, None, None)),
    ],
)
def test_single_header_is_read(use, value, expected):
    """One part is a verdict only; what follows the verdict does not count."""
    use("b3 single header")

    assert place(HTTPPropagator.extract({"b3": value})) == expected
