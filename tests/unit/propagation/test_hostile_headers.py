"""Headers of somebody who means no good."""

import logging
import random
import subprocess
import sys

import pytest

from ddtrace.context import Context
from ddtrace.propagation.http import _FORMATS, HTTPPropagator
from tests.unit.conftest import messages
from tests.unit.propagation.conftest import injected

ALL = "tracecontext,datadog,b3multi,b3 single header"
OURS = [name for _, _, names in _FORMATS.values() for name in names]

FRAGMENTS = (
    *("dd=", "s:", "o:", "t.dm:", "t.tid:", "_dd.p.", "_dd.p.dm=-0", "_dd.p.tid=", "upstream_services", "a=b"),
    *(",", ";", ":", "=", "~", "-", " ", "\t", "\r\n", "\x00", "\ud800", "\xe9", "\u0661", "\U0001f600"),
    *("0", "1", "d", "-1", "00", "ff", "01", "7", str(2**64 - 1), str(2**64), "9" * 30, "0x1", "1_0"),
    *("a" * 16, "b" * 32, "0" * 32, f"00-{'a' * 32}-{'b' * 16}-01", "x" * 300),
)

GROWING = {
    "members": lambda size: {"tracestate": "a=1," * size},
    "our members": lambda size: {"tracestate": "dd=s:1," * size},
    "unprintable members": lambda size: {"tracestate": "a=\xe9," * size},
    "fields": lambda size: {"tracestate": "dd=" + "s:1;" * size},
    "tags": lambda size: {"tracestate": "dd=" + "t.a:b;" * size},
    "version": lambda size: {"traceparent": f"01-{'a' * 32}-{'b' * 16}-01" + "-x" * size},
    "tag set": lambda size: {"x-datadog-trace-id": "1", "x-datadog-tags": "_dd.p.a=b," * size},
    "digits": lambda size: {"x-datadog-trace-id": "1" * size},
    "dashes": lambda size: {"b3": "-" * size},
    "headers": lambda size: {f"X-Header-{number}": "" for number in range(size)},
    "names that are no text": lambda size: {number: "" for number in range(size)},
}


def hostile_value(draw):
    kind = draw.randrange(12)
    if kind == 0:
        return draw.choice((None, 0, -1, 7, 2**64, 10**5000, 1.5, True, [], ["1"], {}, object(), ("1", "2")))
    text = "".join(draw.choices(FRAGMENTS, k=draw.randrange(8)))
    return text.encode("utf-8", "surrogatepass") if kind == 1 else text


def hostile_name(draw):
    kind = draw.randrange(10)
    if kind == 0:
        return draw.choice((None, 0, b"", b"\xff", "", "\ud800", "x" * 1000, ("a", "b"), 1.5))
    name = draw.choice(OURS)
    if kind == 1:
        return name.encode()
    if kind == 2:
        return "HTTP_" + name.upper().replace("-", "_")
    return draw.choice((str.lower, str.title, str.upper))(name)


def hostile_headers(draw):
    headers = {hostile_name(draw): hostile_value(draw) for _ in range(draw.randrange(8))}
    if draw.randrange(2):
        # Half of them get past the first question, so that the rest is asked, too.
        headers["traceparent"] = f"00-{'a' * 32}-{'b' * 16}-01"
    elif draw.randrange(2):
        headers["x-datadog-trace-id"] = headers["x-b3-traceid"] = "7"
    return headers


def calls_of(headers):
    """How many functions, Python's and C's, are called to read the headers."""
    count = 0

    def observe(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(observe)
    try:
        HTTPPropagator.extract(headers)
    finally:
        sys.setprofile(None)
    return count


def is_sound(context):
    """Whether an agent, and the next service, could take the context."""
    texts = [*context._meta, *context._meta.values()]
    return (
        (context.trace_id is None or 0 < context.trace_id < 2**128)
        and (context.span_id is None or 0 < context.span_id < 2**64)
        and (context.sampling_priority is None or abs(context.sampling_priority) < 10**9)
        and all(type(text) is str and text.isascii() and text.isprintable() for text in texts)
    )


def test_ten_thousand_hostile_requests(use, caplog):
    """Each gives a sound context without a fault on our side, and what is written of it can be read again."""
    use(ALL)
    caplog.set_level(logging.DEBUG, "ddtrace.propagation")
    draw = random.Random(20)
    found = 0

    for _ in range(10_000):
        headers = hostile_headers(draw)
        context = HTTPPropagator.extract(headers)
        assert type(context) is Context and is_sound(context), headers
        if context.trace_id and context.span_id:
            found += 1
            outgoing = injected(context)
            assert all(text.isascii() and text.isprintable() for text in outgoing.values()), headers
            assert HTTPPropagator.extract(outgoing).trace_id == context.trace_id, headers

    assert found > 1_000
    assert messages(caplog) == []


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
@pytest.mark.parametrize("style", ["tracecontext", "datadog", "b3multi", "b3 single header"])
def test_work_grows_no_faster_than_the_headers(use, style, grow):
    """Twice the size is at most twice the calls, but for a few."""
    use(style)
    valid = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    small, large = ({**valid, **grow(size)} for size in (2_000, 4_000))
    HTTPPropagator.extract(small)

    assert calls_of(large) <= 2 * calls_of(small) + 10


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("character", ["1", "a", "-", ",", ";", "=", " ", "\ud800", "\xe9"])
def test_a_megabyte_is_read(use, name, character):
    """A header of any length ends in a context."""
    use(ALL)

    headers = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", name: character * 2**20}

    assert is_sound(HTTPPropagator.extract(headers))


def test_mapping_that_fails_is_no_context(caplog):
    """What is raised on reading is logged for those who look, and goes no further."""
    caplog.set_level(logging.DEBUG, "ddtrace.propagation")

    class Broken(dict):
        def items(self):
            raise RuntimeError("changed while it was read")

    assert HTTPPropagator.extract(Broken(a=1)) == Context()
    assert messages(caplog) == ["could not read a context out of the headers of a request"]


def test_import_of_ddtrace_does_not_load_propagation():
    """Whoever traces no requests does not pay for it."""
    code = "import sys, ddtrace; print([name for name in sys.modules if 'propagation' in name])"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
