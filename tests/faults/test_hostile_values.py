"""Values that no tracer expects: they cost the application nothing, and no agent a payload."""

import math

import pytest

from ddtrace.writer import AgentWriter
from testkit import DummyTracer


def refuse(*args, **kwargs):
    raise RuntimeError("planted")


class Text(str):
    """A text of another type."""


class WithoutText(str):
    """A text that does not say what it is."""

    __str__ = __repr__ = __len__ = __eq__ = __iter__ = encode = refuse
    __hash__ = str.__hash__


class Blob(bytes):
    """Bytes of another type."""

    decode = refuse


class Number(int):
    """A number that does nothing of what numbers do."""

    __str__ = __repr__ = __int__ = __float__ = __abs__ = __bool__ = __index__ = __lt__ = __le__ = refuse


class Fraction(float):
    """A number, likewise."""

    __str__ = __repr__ = __int__ = __float__ = __bool__ = refuse


class Hostile:
    """An object that refuses whatever it is asked."""

    __str__ = __repr__ = __eq__ = __bool__ = __len__ = __hash__ = __int__ = __float__ = __index__ = refuse


class Unbound:
    """A proxy of nothing: even the question what it is is too much."""

    __class__ = property(refuse)


VALUES = {
    "bytes": b"\xff\x00bytes",
    "blob": Blob(b"blob"),
    "lone surrogate": "\ud800\udfff",
    "nul": "\x00",
    "text": Text("text"),
    "text without text": WithoutText("x"),
    "nan": math.nan,
    "infinity": -math.inf,
    "65 bits": 1 << 64,
    "negative 65 bits": -(1 << 64),
    "too large for a float": 10**400,
    "number": Number(5),
    "fraction": Fraction(0.5),
    "hostile": Hostile(),
    "unbound": Unbound(),
    "10 MB": "x" * 10_000_000,
    "10 MB of bytes": b"x" * 10_000_000,
    "type": type,
    "none": None,
    "nested": {"a": [1, {2: b"\xff"}]},
}

SPECIAL_KEYS = ["plain", "manual.keep", "_dd.measured", "_dd1.sr.eausr", "http.status_code", "service.name"]
SPECIAL_KEYS += ["service.version", "network.destination.port", "error.message", "_dd.origin", "\ud800"]

KEYS = {
    "number": 5,
    "none": None,
    "bytes": b"key",
    "hostile": Hostile(),
    "unbound": Unbound(),
    "text": WithoutText("k"),
}

# By name: pytest itself would ask a value what it is.
values = pytest.mark.parametrize("value", VALUES)


@pytest.fixture
def sent(agent, monkeypatch):
    """Gives a span to change, and returns it as the agent decoded it."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    writer = AgentWriter(agent.url)
    tracer = DummyTracer()
    tracer.configure(writer=writer)

    def sent(change):
        with tracer.trace("hostile") as span:
            change(span)
        tracer.trace("next").finish()
        tracer.flush()
        (hostile,), (following,) = agent.traces
        assert following["name"] == "next"
        assert all(type(key) is type(value) is str for key, value in hostile.get("meta", {}).items())
        assert all(type(value) in (int, float) for value in hostile.get("metrics", {}).values())
        return hostile

    yield sent
    writer.stop()


@values
@pytest.mark.parametrize("key", SPECIAL_KEYS)
def test_any_tag(sent, key, value):
    """No value raises, whichever tag it is given to, and the agent decodes both traces."""
    sent(lambda span: span.set_tag(key, VALUES[value]))


@values
def test_any_metric(sent, value):
    """What is no number is no metric."""
    sent(lambda span: span.set_metric("metric", VALUES[value]))


@values
def test_any_tag_of_text(sent, value):
    """What is no text is not a tag; the others are."""
    sent(lambda span: span.set_tag_str("tag", VALUES[value]))


@values
@pytest.mark.parametrize("field", ["name", "resource", "service", "span_type"])
def test_any_field(sent, field, value):
    """A field that was assigned something else is sent as text, or not at all."""
    hostile = sent(lambda span: setattr(span, field, VALUES[value]))

    assert all(type(hostile[key]) is str for key in ("name", "resource", "service", "type") if hostile.get(key))


def test_long_values_are_cut(sent):
    """A text of 10 MB arrives as its beginning, and says so."""
    hostile = sent(lambda span: span.set_tags({"long": VALUES["10 MB"], "short": "x"}))

    assert hostile["meta"]["long"] == "x" * (25_000 - 14) + "...(truncated)"
    assert hostile["meta"]["short"] == "x"


@pytest.mark.parametrize("key", KEYS)
def test_any_key(sent, key):
    """A key that is no text is no tag, and no error."""
    sent(lambda span: span.set_tag(KEYS[key], "value"))


class HostileError(Exception):
    """An exception that cannot be shown."""

    __str__ = __repr__ = refuse


def test_exception_that_cannot_be_shown(sent):
    """The application's own exception is what comes out of the span, and its type is known."""

    def change(span):
        with pytest.raises(HostileError), span:
            raise HostileError

    assert sent(change)["meta"]["error.type"] == "tests.faults.test_hostile_values.HostileError"
