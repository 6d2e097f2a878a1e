"""What a span's tags and metrics become."""

import enum
from decimal import Decimal
from fractions import Fraction

import pytest

from ddtrace import Span, config
from ddtrace.constants import (
    ANALYTICS_SAMPLE_RATE_KEY,
    MANUAL_DROP_KEY,
    MANUAL_KEEP_KEY,
    SERVICE_KEY,
    SERVICE_VERSION_KEY,
    SPAN_MEASURED_KEY,
    USER_KEEP,
    USER_REJECT,
    VERSION_KEY,
)
from ddtrace.ext import http, net
from tests.unit.conftest import messages


class Textless:
    """An object whose text cannot be had."""

    def __str__(self):
        raise RuntimeError("no text")


class Level(enum.IntEnum):
    HIGH = 7


@pytest.fixture
def span():
    return Span("a")


@pytest.mark.parametrize("value", [0, 7, -7, 2**53, -(2**53), 1.5])
def test_number_becomes_a_metric(span, value):
    """Integers that a double holds exactly, and floats, are numbers."""
    span.set_tag("key", value)

    assert span.get_metric("key") == value
    assert span.get_tag("key") is None


@pytest.mark.parametrize(
    "value, text",
    [
        (2**53 + 1, "9007199254740993"),
        (-(2**53) - 1, "-9007199254740993"),
        (True, "True"),
        (None, "None"),
        (b"x", "b'x'"),
        ([1], "[1]"),
        ("text", "text"),
    ],
)
def test_all_else_becomes_text(span, value, text):
    """What is no exact number is kept as str(value)."""
    span.set_tag("key", value)

    assert span.get_tag("key") == text
    assert span.get_metric("key") is None


def test_last_of_tag_and_metric_wins(span):
    """A key is text or a number, never both."""
    span.set_tag("key", "text")
    span.set_tag("key", 1)
    assert (span.get_tag("key"), span.get_metric("key")) == (None, 1)

    span.set_tag("key", "text")
    assert (span.get_tag("key"), span.get_metric("key")) == ("text", None)


def test_set_tag_str_takes_the_place_of_a_metric(span):
    """A text set as text removes the number of the same key."""
    span.set_metric("key", 1)

    span.set_tag_str("key", "text")

    assert (span.get_tag("key"), span.get_metric("key")) == ("text", None)


def test_key_that_is_no_text_is_ignored(span, caplog):
    """One line names the key; nothing is stored."""
    span.set_tag(5, "value")

    assert span.get_tags() == {}
    assert "tag key 5" in messages(caplog)[0]


def test_value_without_text_is_ignored(span, caplog):
    """A str() that raises costs the tag and one logged line, not the caller."""
    span.set_tag("key", Textless())

    assert span.get_tags() == {}
    assert "'key'" in messages(caplog)[0]


@pytest.mark.parametrize("key", [http.STATUS_CODE, net.TARGET_PORT, SERVICE_VERSION_KEY, ANALYTICS_SAMPLE_RATE_KEY])
def test_special_key_survives_a_value_without_text(span, key):
    """Keys that mean more than a tag do not raise either."""
    span.set_tag(key, Textless())

    assert span.get_tags() == {} and span.get_metrics() == {}


@pytest.mark.parametrize("key", [net.TARGET_PORT, ANALYTICS_SAMPLE_RATE_KEY, SPAN_MEASURED_KEY])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400])
def test_special_key_survives_an_impossible_number(span, key, value):
    """Infinity, NaN and integers beyond every float do not reach the caller as an error."""
    span.set_tag(key, value)


def test_status_code_is_text(span):
    """The HTTP status is kept as text, so that it can be searched for."""
    span.set_tag(http.STATUS_CODE, 404)

    assert span.get_tag("http.status_code") == "404"


def test_port_is_a_number_where_it_can_be(span):
    """A port given as text becomes a metric; what is no number stays text."""
    span.set_tag(net.TARGET_PORT, "6379")
    assert span.get_metric("network.destination.port") == 6379

    span.set_tag(net.TARGET_PORT, "redis")
    assert span.get_tag("network.destination.port") == "redis"


def test_analytics_rate_must_be_numeric(span):
    """The rate is a metric; what is no number is ignored."""
    span.set_tag(ANALYTICS_SAMPLE_RATE_KEY, "0.5")
    span.set_tag(ANALYTICS_SAMPLE_RATE_KEY, "much")

    assert span.get_metrics() == {"_dd1.sr.eausr": 0.5}
    assert span.get_tags() == {}


@pytest.mark.parametrize("key, priority", [(MANUAL_KEEP_KEY, USER_KEEP), (MANUAL_DROP_KEY, USER_REJECT)])
def test_manual_decision_holds_for_the_trace(tracer, key, priority):
    """``manual.keep`` and ``manual.drop`` decide on the whole trace and are not stored as tags."""
    with tracer.trace("root") as root, tracer.trace("child") as child:
        child.set_tag(key)

    assert root.context.sampling_priority == priority
    assert root.get_metric("_sampling_priority_v1") == priority
    assert root.get_tag("_dd.p.dm") == "-4"
    assert key not in child.get_tags()


def test_service_name_renames_the_service(span):
    """``service.name`` sets the service and stays as a tag."""
    span.set_tag(SERVICE_KEY, "shop")

    assert span.service == "shop"
    assert span.get_tag("service.name") == "shop"


def test_service_version_sets_the_version_too(span):
    """``service.version`` is stored under both names."""
    span.set_tag(SERVICE_VERSION_KEY, "1.2")

    assert span.get_tag(VERSION_KEY) == "1.2"
    assert span.get_tag("service.version") == "1.2"


@pytest.mark.parametrize("value, metric", [(None, 1), (True, 1), (False, 0), (0, 0), (1, 1)])
def test_measured_is_zero_or_one(span, value, metric):
    """``_dd.measured`` without a value means yes."""
    span.set_tag(SPAN_MEASURED_KEY, value)

    assert span.get_metrics() == {"_dd.measured": metric}


def test_set_tag_str_decodes_bytes(span):
    """Bytes are UTF-8; what is not is replaced."""
    span.set_tag_str("key", b"caf\xc3\xa9 \xff")

    assert span.get_tag("key") == "café \ufffd"


def test_set_tag_str_takes_text_only(span, caplog):
    """What is neither text nor bytes costs one logged line and is not stored."""
    span.set_tag_str("key", 5)

    assert span.get_tags() == {}
    assert "'key'" in messages(caplog)[0]


def test_set_tag_str_raises_where_our_errors_are_fatal(span, monkeypatch):
    """Tests see the wrong type as an error."""
    monkeypatch.setattr(config, "_raise", True)

    with pytest.raises(TypeError, match="'key'.*int"):
        span.set_tag_str("key", 5)


@pytest.mark.parametrize("value", ["much", None, object(), float("nan"), float("inf"), -float("inf"), Decimal("NaN")])
def test_metric_that_is_no_finite_number_is_ignored(span, value):
    """The agent takes no other."""
    span.set_metric("key", value)

    assert span.get_metrics() == {}


def test_metric_beyond_every_float_is_ignored(span):
    """A number that no float holds is no error of the caller."""
    span.set_metric("key", Fraction(10**400))

    assert span.get_metrics() == {}


@pytest.mark.parametrize("value, number", [("1.5", 1.5), (Decimal("2.5"), 2.5), (3, 3), (True, 1), (Level.HIGH, 7)])
def test_metric_is_what_float_makes_of_it(span, value, number):
    """Anything that float() takes is a number, kept as a plain int or float."""
    span.set_metric("key", value)

    assert span.get_metric("key") == number
    assert type(span.get_metric("key")) in (int, float)


def test_metric_takes_the_place_of_a_tag(span):
    """A number removes the text of the same key."""
    span.set_tag("key", "text")

    span.set_metric("key", 2)

    assert (span.get_tag("key"), span.get_metric("key")) == (None, 2)


def test_several_at_once(span):
    """The plural setters take dictionaries; None sets nothing."""
    span.set_tags({"a": "x", "b": 2})
    span.set_metrics({"c": 3})
    span.set_tags(None)
    span.set_metrics(None)

    assert span.get_tags() == {"a": "x"}
    assert span.get_metrics() == {"b": 2, "c": 3}


def test_plural_getters_return_copies(span):
    """What a caller does to the dictionaries stays with the caller."""
    span.get_tags()["a"] = "x"
    span.get_metrics()["b"] = 1

    assert span.get_tags() == {} and span.get_metrics() == {}


def test_member_of_a_text_enum_is_text(span):
    """str() decides what an enum's member is called."""
    colour = enum.StrEnum("Colour", {"BLUE": "blue"})

    span.set_tag("key", colour.BLUE)

    assert span.get_tag("key") == "blue"
