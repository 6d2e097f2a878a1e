"""Functions with a compiled version: it does the same, gives back what is unusual, and keeps nothing."""

import inspect
import math
import os
import subprocess
import sys
import tracemalloc
import weakref

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddtrace import Span
from ddtrace.internal import native
from ddtrace.internal.aggregator import Aggregator
from ddtrace.internal.encoding import PayloadV04, PayloadV05, encode_maps, encode_rows
from ddtrace.internal.ids import RandomIds
from ddtrace.propagation import _headers
from ddtrace.provider import DefaultContextProvider
from ddtrace.span import child_span, root_span
from ddtrace.tracer import Tracer
from testkit import DummyTracer
from tests.faults.test_hostile_values import KEYS, VALUES
from tests.unit.conftest import REPOSITORY

METHODS = [
    (Tracer, "_start"),
    (Span, "set_tag"),
    (Span, "__enter__"),
    (Span, "__exit__"),
    (Span, "finish"),
    (DefaultContextProvider, "active"),
    (DefaultContextProvider, "deactivate"),
    (Aggregator, "finish"),
]
"""Those with a compiled version."""

RUNS = 100_000


def in_python(function):
    """The function itself, without its compiled version."""
    return getattr(function, "__wrapped__", function)


def refusing(name):
    """A compiled version in front of a function that must not be called: the version has to do it alone."""

    def refuse(*args):
        raise AssertionError(f"{name} gave it back: {args}")

    return native.compiled(refuse, name)


IS_DEMANDED = os.environ.get("CI") == "true" and os.environ.get(native.ENABLED.env) != "false"
"""CI proves the compiled versions, unless it is told to prove Python's own."""


@pytest.fixture
def without_extension(monkeypatch):
    """Has all methods be Python's own; what is done with the extension is done before."""

    def without_extension():
        for owner, name in METHODS:
            monkeypatch.setattr(owner, name, in_python(vars(owner)[name]))

    return without_extension


# -- where it is in use -----------------------------------------------------------------------------------------------


def test_extension_is_in_use():
    """Where it has to be, nothing of what follows is proved without it."""
    assert native.IS_IN_USE or not IS_DEMANDED


@pytest.mark.parametrize("code", ["", "import sys; sys.modules['ddtrace.internal._native'] = None"])
def test_extension_can_be_left_aside_and_may_be_missing(code):
    """By its variable, or where it was not compiled, there is Python's own, and a trace is encoded all the same."""
    program = f"""{code}
import ddtrace
from ddtrace.internal import native
from ddtrace.internal.encoding import PayloadV04
with ddtrace.tracer.trace("a") as span:
    span.set_tag("b", "c")
assert not native.IS_IN_USE and b"meta" in PayloadV04.encode([span])
"""
    environment = {**os.environ, "DD_TRACE_AGENT_URL": "http://127.0.0.1:1", "PYTHONPATH": REPOSITORY}
    if not code:
        environment["_DD_TRACE_NATIVE_ENABLED"] = "false"
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


# -- a function with a compiled version is that function --------------------------------------------------------------


@pytest.mark.parametrize(("owner", "name"), METHODS)
def test_shortcut_shows_what_its_function_is(owner, name):
    """Signature, documentation and name are those of the function in Python."""
    method = vars(owner)[name]

    assert inspect.signature(method) == inspect.signature(in_python(method))
    assert (method.__name__, method.__doc__) == (name, in_python(method).__doc__)


@pytest.mark.parametrize("call", ["span.set_tag()", "span.finish(1, 2)", "span.__exit__()", "Span.finish()"])
def test_wrong_arguments_are_an_error(call):
    """As many as the function has, and no others."""
    with pytest.raises(TypeError):
        eval(call, {"span": Span("a"), "Span": Span})


def test_arguments_may_be_named():
    """Each argument has its name."""
    span = Span("a", start=1)
    span.set_tag(key="key", value="value")
    span.finish(finish_time=2)

    assert (span.get_tag("key"), span.duration) == ("value", 1)


def test_subclass_may_override():
    """A subclass of Span does what it says, and can ask for what it inherits."""

    class Louder(Span):
        def set_tag(self, key, value=None):
            super().set_tag(key, value.upper())

        def finish(self, finish_time=None):
            super().finish(finish_time)
            self.set_tag("finished", "yes")

    with Louder("a") as span:
        span.set_tag("key", "value")

    assert span.get_tags() == {"key": "VALUE", "finished": "YES"}
    assert PayloadV04.encode([span]) == in_python(encode_maps)([span])


def test_method_that_was_replaced_is_called(monkeypatch):
    """The end of a block calls the finish() that the class has then."""
    finished = []
    monkeypatch.setattr(Span, "finish", lambda span: finished.append(span))

    with Span("a") as span:
        pass

    assert finished == [span]


def test_unknown_name_is_an_error():
    """A function has to have a compiled version, or is not said to have one."""
    if native.IS_IN_USE:
        with pytest.raises(LookupError, match="nothing"):
            native.compiled(len, "nothing")


# -- equal bytes ------------------------------------------------------------------------------------------------------

texts = st.one_of(st.text(max_size=40), st.text("abc\u00fc\u20ac\U0001f600\ud800", max_size=300), st.just("x" * 30_000))
ids = st.integers(0, 2**64 - 1)
numbers = st.one_of(st.integers(-(2**65), 2**65), st.floats(), st.booleans())
spans = st.builds(
    lambda slots, meta, metrics: (slots, meta, metrics),
    st.fixed_dictionaries(
        {
            "name": texts,
            "service": st.none() | texts,
            "resource": texts,
            "span_type": st.none() | texts,
            "trace_id": st.integers(0, 2**128 - 1),
            "span_id": ids,
            "parent_id": st.none() | ids,
            "start_ns": st.integers(-(2**63), 2**64),
            "duration_ns": st.none() | st.integers(0, 2**63 - 1),
            "error": st.sampled_from([0, 1, 2, True, False]),
        }
    ),
    st.dictionaries(texts, texts, max_size=20),
    st.dictionaries(texts, numbers, max_size=20),
)


def span_of(made):
    slots, meta, metrics = made
    span = Span("a")
    for name, value in slots.items():
        setattr(span, name, value)
    span._meta.update(meta)
    span._metrics.update(metrics)
    return span


def outcome(encode, *args):
    try:
        return encode(*args)
    except Exception as error:
        return type(error)


def assert_encoded_alike(trace):
    assert outcome(encode_maps, trace) == outcome(in_python(encode_maps), trace)
    table, table_in_python = PayloadV05().strings, PayloadV05().strings
    rows = outcome(encode_rows, trace, table), outcome(in_python(encode_rows), trace, table_in_python)
    # An attempt that was given back may have left strings behind, in other places.
    if table == table_in_python:
        assert rows[0] == rows[1]
    else:
        assert set(table_in_python) <= set(table)


@settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(spans, max_size=4))
def test_spans_of_all_kinds_are_encoded_alike(made):
    """Byte for byte what Python makes of them."""
    assert_encoded_alike([span_of(one) for one in made])


@pytest.mark.parametrize("value", [*VALUES, *(f"key {name}" for name in KEYS)])
@pytest.mark.parametrize("place", ["name", "resource", "service", "span_type", "trace_id", "span_id", "parent_id"])
def test_hostile_fields_are_encoded_alike(place, value):
    """Whatever somebody assigned, both say the same of it, or fail alike."""
    span = Span("a")
    setattr(span, place, KEYS[value[4:]] if value.startswith("key ") else VALUES[value])
    assert_encoded_alike([span, Span("b")])


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("place", ["start_ns", "duration_ns", "error", "_meta", "_metrics"])
def test_hostile_numbers_and_tables_are_encoded_alike(place, value):
    """Likewise in the places of numbers and of dictionaries."""
    span = Span("a")
    setattr(span, place, VALUES[value])
    assert_encoded_alike([span])


@pytest.mark.parametrize("value", VALUES)
def test_hostile_tags_are_encoded_alike(value):
    """Likewise among tags and metrics that others have written into the dictionaries."""
    span = Span("a")
    span._meta["tag"] = span._metrics["metric"] = VALUES[value]
    assert_encoded_alike([span])


@pytest.mark.parametrize("slot", Span.__slots__[:-1])
def test_missing_attribute_is_encoded_alike(slot):
    """A span that lacks one is an error, or not, for both."""
    span = Span("a")
    delattr(span, slot)
    assert_encoded_alike([span])


@pytest.mark.parametrize("count", [0, 15, 16, 65_535, 65_536])
def test_counts_are_encoded_alike(count):
    """Of spans and of tags, at the bounds where another head is needed."""
    span = Span("a")
    span._meta.update((str(number), "") for number in range(count))
    assert_encoded_alike([span])
    assert_encoded_alike([Span("a", span_id=1, trace_id=1, start=1)] * count)


NUMBERS = sorted(
    {
        sign * (2**bits + more)
        for bits in (0, 5, 7, 8, 15, 16, 31, 32, 53, 63, 64)
        for more in (-1, 0, 1)
        for sign in (-1, 1)
    }
)


@pytest.mark.parametrize("number", [*NUMBERS, 0.0, -0.0, math.nan, math.inf, 5e-324])
def test_numbers_are_encoded_alike(number):
    """At the bounds where they take another width."""
    span = Span("a")
    span._metrics["number"] = number
    assert_encoded_alike([span])


@pytest.mark.skipif(not native.IS_IN_USE and not IS_DEMANDED, reason="the extension is not in use")
def test_ordinary_calls_are_not_given_back():
    """The compiled versions do by themselves what nearly every call is."""
    span = Span("\u00fcber", "shop", "GET /", "web", 2**127, 2**64 - 1, 2**63, start=1)
    span.error = 1
    span._meta.update({"text": "x", "\u20ac": "y" * 300, "": ""})
    span._metrics.update({"int": 2**64 - 1, "negative": -(2**63), "float": 0.5})

    assert refusing("encode_maps")([span, Span("bare")])
    assert refusing("encode_rows")([span, Span("bare")], PayloadV05().strings)
    refusing("Span.set_tag")(span, "key", "value")
    assert refusing("Span.__enter__")(span) is span
    refusing("Span.__exit__")(span, None, None, None)
    assert refusing("Span.finish")(child_span(span, "child", None, None, None, 5)) is None
    assert refusing("RandomIds.next_id")() > 0
    assert refusing("read_id")("18446744073709551615") == 2**64 - 1
    assert refusing("read_high_id")("0123456789abcdef") == 0x0123456789ABCDEF
    assert refusing("with_lower_names")({"x-1": ""}) == {"x-1": ""}


@pytest.mark.skipif(not native.IS_IN_USE and not IS_DEMANDED, reason="the extension is not in use")
def test_ordinary_trace_is_not_given_back(monkeypatch):
    """Neither is one that starts and finishes in the usual way, but for its last span."""
    tracer = DummyTracer()
    root = tracer.trace("root")
    for owner, name in METHODS:
        monkeypatch.setattr(owner, name, refusing(f"{owner.__name__}.{name}"))
    tracer._deactivate = tracer.context_provider.deactivate

    with tracer._start("child", root, "service", None, None, True) as child:
        child.set_tag("key", "value")

    assert (child.finished, child._parent, child.service, tracer.current_span()) == (True, root, "service", root)
    assert tracer._start("other root", None, None, "resource", "web", False)._parent is None


def test_tags_that_change_while_they_are_read():
    """Whoever is asked for a place may change the very tags; what is encoded is one state of them."""

    class Busy(type(PayloadV05().strings)):
        def __missing__(self, string):
            if string == "key":
                span._meta.clear()
                span._meta["other"] = "value"
                span._meta.update((str(number), "") for number in range(100))
            return super().__missing__(string)

    span, strings = Span("a"), Busy()
    span._meta["key"] = "value"

    ((*_, meta, metrics, _),) = msgpack.unpackb(encode_rows([span], strings), strict_map_key=False)

    places = {place: string for string, place in strings.items()}
    assert {places[key]: places[value] for key, value in meta.items()} == span._meta


def test_interrupt_is_not_lost():
    """What is no error of ours, such as the user's wish to end, comes through."""

    class Interrupted(dict):
        def __missing__(self, string):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_rows([Span("a")], Interrupted())


# -- equal spans ------------------------------------------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("trace"), st.sampled_from(["a", "b"]), st.none() | st.sampled_from(["shop", "", "other"])),
        st.tuples(st.just("start"), st.integers(0, 5), st.none() | st.just("shop")),
        st.tuples(
            st.just("tag"), st.sampled_from(["x", "manual.keep", "http.status_code"]), st.none() | st.text(max_size=3)
        ),
        st.tuples(st.just("metric"), st.just("x"), st.integers()),
        st.tuples(st.just("finish"), st.integers(0, 5), st.none()),
        st.tuples(st.just("sampled"), st.just(""), st.booleans()),
    ),
    max_size=25,
)


def run_steps(wanted):
    tracer = DummyTracer()
    # These differ between any two tracers.
    tracer._is_begun, tracer._runtime_id, tracer._pid = True, "", 0
    tracer.context_provider.activate(None)
    tracer.configure(partial_flush_min_spans=3)
    made = [tracer.trace("first")]
    for kind, what, value in wanted:
        if kind == "trace":
            made.append(tracer.trace(what, service=value, resource=value))
        elif kind == "start":
            made.append(tracer.start_span("child", child_of=made[what % len(made)], service=value))
        elif kind == "tag":
            made[-1].set_tag(what, value)
        elif kind == "metric":
            made[-1].set_metric(what, value)
        elif kind == "finish":
            made[what % len(made)].finish()
        else:
            made[-1].sampled = value
    current = tracer.current_span()
    for span in reversed(made):
        span.finish()
    described = [[span._pprint() for span in trace] for trace in tracer.pop_traces()]
    return described, current and current._pprint()


@settings(max_examples=200, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps)
def test_any_steps_make_the_same_spans(wanted):
    """Spans that start, are tagged and finish in any order, are the same with and without the extension."""
    compiled = run_steps(wanted)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for owner, name in METHODS:
            monkeypatch.setattr(owner, name, in_python(vars(owner)[name]))
        assert run_steps(wanted) == compiled


def test_finished_span_gives_way_to_its_open_ancestor():
    """What is current is the nearest one that is open, though it was finished from elsewhere."""
    tracer = DummyTracer()
    root, middle, leaf = tracer.trace("root"), tracer.trace("middle"), tracer.trace("leaf")
    tracer.context_provider.activate(leaf)
    middle.finish()
    leaf.duration_ns = 1

    assert tracer.current_span() is root


@pytest.mark.parametrize("name", ["_trace", "_parent", "_meta", "_metrics", "duration_ns", "start_ns"])
def test_span_without_an_attribute_is_an_error_as_ever(name, without_extension):
    """What is missing is named, by the same error."""

    def errors():
        raised = []
        tracer = DummyTracer()
        for act in (lambda span: span.set_tag("a", "b"), Span.finish, tracer.trace("other")._trace.deactivate):
            span = tracer.trace("a")
            delattr(span, name)
            raised.append(outcome(act, span))
            tracer.context_provider.activate(None)
        return raised

    compiled = errors()
    without_extension()
    assert errors() == compiled


def test_clock_that_fails_leaves_no_span():
    """The error is the clock's, as ever, and nothing of the span is left."""

    def clock():
        raise OSError("no time")

    with pytest.raises(OSError, match="no time"):
        root_span("a", None, None, None, 1, 2, None, {}, {}, clock, lambda span: None, None, 0)
    parent = Span("parent")
    parent._trace.clock = clock
    with pytest.raises(OSError, match="no time"):
        child_span(parent, "a", None, None, None, 2)


# -- headers ----------------------------------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(
    st.one_of(
        st.text("0123456789 abcdefA+-_.\u0661\u00b2", max_size=22),
        st.integers(0, 2**65).map(str),
        ids.map("{:016x}".format),
    )
)
def test_ids_are_read_alike(text):
    """Digits, and what looks like digits."""
    for read in (_headers.read_id, _headers.read_high_id):
        assert read(text) == in_python(read)(text)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    st.dictionaries(
        st.one_of(st.text("aA-\u00c4\u0130", max_size=4), st.binary(max_size=2), st.integers()), st.integers()
    )
)
def test_names_are_lowered_alike(headers):
    """In whatever case, script or type they are."""
    assert _headers.with_lower_names(headers) == in_python(_headers.with_lower_names)(headers)


# -- nothing is kept --------------------------------------------------------------------------------------------------


def grown_bytes(act, runs):
    for _ in range(runs // 10):
        act()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(runs):
            act()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


def ordinary_span():
    span = Span("a", "shop", "resource", "web", 1, 2, 3, start=1)
    span._meta["key \u20ac"] = "value"
    span._metrics["metric"] = 2**60
    return span


ODD = {
    "surrogate": "\ud800",
    "long": "x" * 30_000,
    "bytes": b"bytes",
    "number": 2**70,
}


def acts():
    """What is done often, by name, with the number of times."""
    table = PayloadV05().strings
    span, tracer = ordinary_span(), DummyTracer()
    tracer.deregister_on_start_span(tracer.started.append)
    tracer._write = None
    tracer._aggregator.write = lambda spans: None
    provider = DefaultContextProvider()
    yield "encode maps", lambda: encode_maps([span]), RUNS
    yield "encode rows", lambda: encode_rows([span], table), RUNS
    for name, value in ODD.items():
        odd = ordinary_span()
        odd._metrics["odd"] = value
        yield f"give back {name}", lambda odd=odd: encode_maps([span, odd]), RUNS // 50
        yield f"give back rows with {name}", lambda odd=odd: encode_rows([span, odd], table), RUNS // 50
    yield "set_tag", lambda: span.set_tag("key", "value"), RUNS
    yield "set_tag instead of a metric", lambda: (span.set_metric("m", 1), span.set_tag("m", "value")), RUNS
    yield "set_tag gives back", lambda: span.set_tag("key", 1), RUNS
    yield "trace", lambda: tracer.trace("a", service="b", resource="c").finish(), RUNS // 10

    def nested():
        with tracer.trace("a"), tracer.trace("b"):
            provider.active()

    yield "nested", nested, RUNS // 20
    yield "finish twice", lambda: (span.finish(), span.finish()), RUNS
    yield "wrong count", lambda: outcome(span.finish, 1, 2), RUNS // 10
    yield "id", RandomIds().next_id, RUNS
    yield "read ids", lambda: (_headers.read_id("12"), _headers.read_high_id("0" * 16), _headers.read_id(" 1")), RUNS


@pytest.mark.parametrize("name", [name for name, _, _ in acts()])
def test_memory_does_not_grow(name):
    """Neither ordinary calls nor those that are given back leave anything behind."""
    act, runs = next((act, runs) for each, act, runs in acts() if each == name)
    # A leak of one object a call would be at least 16 bytes each; the allocator may take a page or two by itself.
    assert grown_bytes(act, runs) < 8 * runs


def test_references_are_given_back():
    """After any number of calls, each object that took part has as many references as before."""
    span, table = ordinary_span(), PayloadV05().strings
    odd = ordinary_span()
    odd._meta["odd"] = Hidden("x")
    parts = [
        span,
        odd,
        table,
        span._trace,
        *span._meta,
        *span._meta.values(),
        odd._meta["odd"],
        span.name,
        span.service,
    ]
    parts += [None, True, False, 0, (), span._meta, span._metrics]

    def act():
        for trace in ([span], [odd]):
            encode_maps(trace)
            encode_rows(trace, table)
        span.set_tag("key \u20ac", span._meta["key \u20ac"])
        with span:
            child_span(span, span.name, span.service, None, None, 5).finish()

    act()
    before = [sys.getrefcount(part) for part in parts]
    for _ in range(1_000):
        act()
    after = [sys.getrefcount(part) for part in parts]

    assert [now - then for now, then in zip(after, before, strict=True) if abs(now - then) > 50] == []


class Hidden(str):
    """A text of another type."""


def test_span_is_freed_with_its_last_reference():
    """A trace whose spans have finished leaves no cycle that only the collector could break."""
    tracer = DummyTracer()
    tracer.deregister_on_start_span(tracer.started.append)
    tracer._aggregator.write = lambda spans: None
    with tracer.trace("a") as root, tracer.trace("b") as span:
        gone = weakref.ref(span), weakref.ref(root)
    del span, root

    assert [reference() for reference in gone] == [None, None]
