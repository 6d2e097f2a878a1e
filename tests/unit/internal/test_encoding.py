"""Spans on the wire, read back by a decoder that is not ours."""

import enum
import json
import threading

import msgpack
import pytest

from ddtrace import Span
from ddtrace.context import Context
from ddtrace.internal import encoding
from ddtrace.internal.encoding import PayloadV04, PayloadV05
from ddtrace.internal.wire import LONGEST_VALUE


class Text(str):
    """A text of another type."""

    def __str__(self):
        return "not what it holds"


class Number(int):
    """A number of another type."""


class Colour(enum.StrEnum):
    BLUE = "blue"


class Textless:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


FIELDS = "service name resource trace_id span_id parent_id start duration error meta metrics type".split()


@pytest.fixture(autouse=True, params=["compiled", "in Python"])
def implementation(request, monkeypatch):
    """Each test is for both encoders; where nothing is compiled, they are the same."""
    if request.param == "in Python":
        for encode in (encoding.encode_maps, encoding.encode_rows):
            monkeypatch.setattr(encoding, encode.__name__, getattr(encode, "__wrapped__", encode))


@pytest.fixture(params=["v0.4", "v0.5"])
def decoded(request):
    """Encodes spans in one format and gives their maps back; a key that is no text is an error."""
    return decoded_v04 if request.param == "v0.4" else decoded_v05


def decoded_v04(*spans):
    return msgpack.unpackb(PayloadV04.encode(list(spans)), strict_map_key=True)


def decoded_v05(*spans):
    """The rows as the maps that they stand for; absent is what has its default."""
    payload = PayloadV05()
    payload.append(payload.encode(list(spans)))
    strings, (rows,) = msgpack.unpackb(payload.content(), strict_map_key=False)
    assert all(type(string) is str for string in strings) and len(set(strings)) == len(strings)
    return [as_map(row, strings) for row in rows]


def as_map(row, strings):
    span = dict(zip(FIELDS, row, strict=True))
    for key in ("service", "name", "resource", "type"):
        span[key] = strings[span[key]] or None
    span["meta"] = {strings[key]: strings[value] for key, value in span["meta"].items()}
    span["metrics"] = {strings[key]: value for key, value in span["metrics"].items()}
    optional = ("parent_id", "error", "meta", "metrics", "type")
    return {key: value for key, value in span.items() if value or key not in optional}


def finished(name="a", **fields):
    span = Span(name, trace_id=1, span_id=2, start=10, **fields)
    span.finish(finish_time=12)
    return span


def assert_wire_types(span):
    """Each field has the type that an agent takes; one other type, and it refuses the whole payload."""
    for key in ("trace_id", "span_id", "parent_id"):
        assert type(span.get(key, 0)) is int and 0 <= span.get(key, 0) < 2**64
    for key in ("start", "duration", "error"):
        assert type(span.get(key, 0)) is int and -(2**63) <= span.get(key, 0) < 2**63
    for key in ("name", "resource", "service", "type"):
        assert type(span.get(key)) in (str, type(None))
    assert all(type(key) is type(value) is str for key, value in span.get("meta", {}).items())
    assert all(type(key) is str and type(value) in (int, float) for key, value in span.get("metrics", {}).items())


def test_bare_span_has_eight_fields(decoded):
    """What is not set is left out, but for the service, which is nil."""
    assert decoded(finished()) == [
        {
            "trace_id": 1,
            "span_id": 2,
            "service": None,
            "resource": "a",
            "name": "a",
            "start": 10_000_000_000,
            "duration": 2_000_000_000,
        }
    ]


def test_full_span_has_all_fields(decoded):
    """Parent, error, type, tags and metrics appear where there are any."""
    span = finished("web", service="shop", resource="GET /", span_type="web", parent_id=3)
    span.error = 1
    span.set_tags({"text": "x", "number": 1.5})

    assert decoded(span) == [
        {
            "trace_id": 1,
            "span_id": 2,
            "parent_id": 3,
            "service": "shop",
            "resource": "GET /",
            "name": "web",
            "type": "web",
            "start": 10_000_000_000,
            "duration": 2_000_000_000,
            "error": 1,
            "meta": {"text": "x"},
            "metrics": {"number": 1.5},
        }
    ]


def test_trace_is_an_array_of_its_spans(decoded):
    """Spans keep their order."""
    assert [span["name"] for span in decoded(finished("a"), finished("b"))] == ["a", "b"]


def test_origin_is_on_every_span(decoded):
    """The product that a trace began in marks each of its spans."""
    context = Context(dd_origin="synthetics")
    spans = [finished(name, context=context) for name in "ab"]

    assert [span["meta"] for span in decoded(*spans)] == [{"_dd.origin": "synthetics"}] * 2


def test_long_trace_id_is_cut(decoded):
    """Of a 128-bit trace id the low 64 bits are sent."""
    span = finished()
    span.trace_id = (7 << 64) | 5

    assert decoded(span)[0]["trace_id"] == 5


@pytest.mark.parametrize("count", [0, 1, 15, 16, 65535, 65536])
def test_payload_is_an_array_of_any_length(count):
    """The array's header fits its length."""
    payload = PayloadV04()
    for _ in range(count):
        payload.append(payload.encode([finished()]))

    assert payload.count == count
    assert len(msgpack.unpackb(payload.content(), max_array_len=100_000)) == count


@pytest.mark.parametrize(
    "value, text",
    [
        ("\ud800 alone", "? alone"),
        ("\U0001f600", "\U0001f600"),
        ("nul \x00", "nul \x00"),
        ("x" * 20_000, "x" * 20_000),
        (Text("held"), "held"),
        (Colour.BLUE, "blue"),
        (b"bytes \xff", "bytes \ufffd"),
        (5, "5"),
        (True, "True"),
        (None, None),
        (1.5, "1.5"),
        ([1], "[1]"),
        ({"a": 1}, "{'a': 1}"),
        (Textless(), "<Textless without text>"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("place", ["name", "resource", "service", "span_type"])
def test_anything_in_the_place_of_text_becomes_text(decoded, place, value, text):
    """An application can assign what it likes to a field; the agent gets text."""
    span = finished()
    setattr(span, place, value)

    (wire,) = decoded(span)

    assert_wire_types(wire)
    assert wire.get({"span_type": "type"}.get(place, place)) == text


@pytest.mark.parametrize("key", ["\udfff", Text("held"), Colour.BLUE], ids=lambda key: type(key).__name__)
@pytest.mark.parametrize("place", ["_meta", "_metrics"])
def test_key_that_the_encoder_does_not_take_becomes_text(decoded, place, key):
    """Keys which are no plain text that UTF-8 can hold are made so."""
    span = finished()
    getattr(span, place)[key] = "x" if place == "_meta" else 1

    assert_wire_types(*decoded(span))


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**63) - 1, 2**2000, -(10**400), Number(5), Number(2**70), float("nan"), float("inf"), Textless()],
    ids=lambda value: type(value).__name__,
)
def test_number_that_the_encoder_does_not_take_becomes_one(decoded, value):
    """Integers beyond 64 bits become floats, and what is no number 0."""
    span = finished()
    span._metrics["key"] = value

    assert_wire_types(*decoded(span))


@pytest.mark.parametrize("value", [2**2000, -(2**64), 0, Number(5)])
@pytest.mark.parametrize("place", ["trace_id", "span_id", "parent_id"])
def test_any_id_fits_64_bits(decoded, place, value):
    """An id beyond 64 bits, or below 0, is cut."""
    span = finished()
    setattr(span, place, value)

    assert_wire_types(*decoded(span))


@pytest.mark.parametrize("place", ["start_ns", "duration_ns"])
@pytest.mark.parametrize("value", [2**64, -(2**70), 2**2000])
def test_any_time_fits_64_bits(decoded, place, value):
    """A time beyond what 64 bits hold is cut to the nearest that they do."""
    span = finished()
    setattr(span, place, value)

    assert_wire_types(*decoded(span))


@pytest.mark.parametrize("error, sent", [(True, 1), (7, 1), ("yes", 1), (False, None), (0, None), (None, None)])
def test_error_is_one_or_absent(decoded, error, sent):
    """Whatever is true is an error."""
    span = finished()
    span.error = error

    assert decoded(span)[0].get("error") == sent
    assert_wire_types(*decoded(span))


def test_one_bad_span_does_not_cost_the_others(decoded):
    """What is wrong with one span is repaired there; the rest of the trace is sent as it is."""
    good, bad = finished("good"), finished("bad")
    bad._meta["key"] = "\ud800"
    good.set_tag("key", "value")

    spans = decoded(good, bad)

    assert spans[0]["meta"] == {"key": "value"}
    assert spans[1]["meta"] == {"key": "?"}


def test_tags_of_a_hostile_caller_decode(tracer):
    """Through the public setters, too, everything ends as what an agent takes."""
    hostile = ["\ud800", Text("x"), Number(2**80), 2**80, float("nan"), float("-inf"), b"\xff", Textless(), None, {}]
    with tracer.trace("a") as span:
        for number, value in enumerate(hostile):
            span.set_tag(f"tag {number}", value)
            span.set_metric(f"metric {number}", value)
            span.set_tag_str(f"text {number}", value)
        span.set_tag("\udfff", 1)
        span.set_tag(Text("key"), "x")

    (trace,) = [msgpack.unpackb(trace, strict_map_key=True) for trace in tracer.recorded.encoded]
    assert_wire_types(*trace)
    assert json.dumps(trace)


def test_string_is_in_the_table_once():
    """What traces of one payload have in common is sent once."""
    payload = PayloadV05()
    for _ in range(3):
        payload.append(payload.encode([finished("often")]))

    strings, traces = msgpack.unpackb(payload.content(), strict_map_key=False)

    assert strings == ["", "_dd.origin", "often"]
    assert [row[1] for trace in traces for row in trace] == [2, 2, 2]


def test_size_of_a_payload_is_about_that_of_its_content():
    """The buffer's bound holds for strings that are in the table, too."""
    payload = PayloadV05()
    for number in range(100):
        payload.append(payload.encode([finished("x" * number)]))

    assert len(payload.content()) <= payload.size_bytes + 100 <= len(payload.content()) * 1.2 + 200


def test_threads_share_one_table():
    """Whoever asks first for a string gives it its place; nobody's spans point to another's string."""
    payload = PayloadV05()
    start = threading.Barrier(8)

    def encode():
        start.wait()
        for number in range(200):
            payload.append(payload.encode([finished(f"name {number}")]))

    threads = [threading.Thread(target=encode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    strings, traces = msgpack.unpackb(payload.content(), strict_map_key=False)
    names = sorted(as_map(row, strings)["name"] for trace in traces for row in trace)
    assert names == sorted(f"name {number}" for number in range(200) for _ in range(8))
    assert len(set(strings)) == 202


def test_payload_of_v04_is_that_of_v03():
    """An older agent gets the very bytes."""
    payload = PayloadV04()
    payload.append(payload.encode([finished()]))

    older = payload.downgraded()

    assert (older.version, older.count, older.content()) == ("v0.3", 1, payload.content())
    assert older.downgraded() is None


def test_payload_of_v05_means_nothing_to_v04():
    """Its rows cannot be read without the table, so the older payload is empty."""
    payload = PayloadV05()
    payload.append(payload.encode([finished()]))

    assert (payload.downgraded().version, payload.downgraded().count) == ("v0.4", 0)


@pytest.mark.parametrize("text", ["x", "\u00fc", "\ud800"], ids=["ascii", "wider", "lone surrogate"])
def test_long_values_are_cut_and_say_so(decoded, text):
    """A tag or a resource of too many characters is sent in part; one that just fits is sent whole."""
    span, other = Span("a", resource=text * (LONGEST_VALUE + 1)), Span("b")
    span.set_tag("long", text * 10 * LONGEST_VALUE)
    span.set_tag("short", "short")
    other.set_tag("fits", text * LONGEST_VALUE)

    sent, other_sent = decoded(span, other)

    for value in (sent["resource"], sent["meta"]["long"]):
        assert len(value) == LONGEST_VALUE
        assert value.endswith(text.replace("\ud800", "?") + "...(truncated)")
    assert sent["meta"]["short"] == "short"
    assert other_sent["meta"]["fits"] == text.replace("\ud800", "?") * LONGEST_VALUE


def test_cutting_leaves_the_span_as_it_is(decoded):
    """Who holds the span reads what was set."""
    span = Span("a")
    span.set_tag("long", "x" * 2 * LONGEST_VALUE)

    decoded(span)

    assert span.get_tag("long") == "x" * 2 * LONGEST_VALUE


class Endless(str):
    """A text with its own idea of its length."""

    def __len__(self):
        raise RuntimeError("no length")

    def __getitem__(self, key):
        raise RuntimeError("no part")


def test_long_text_of_another_type_is_cut(decoded):
    """What is asked for its length is the text, and not what a type made of it."""
    span = Span("a")
    span.set_tag_str("long", Endless("x" * 2 * LONGEST_VALUE))

    (sent,) = decoded(span)

    assert len(sent["meta"]["long"]) == LONGEST_VALUE
