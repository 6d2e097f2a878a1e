"""What wrappers of several integrations share."""

import functools

import pytest

from ddtrace import Span, config
from ddtrace.context import Context
from ddtrace.contrib.trace_utils import (
    ArgumentError,
    activate_distributed_headers,
    distributed_tracing_enabled,
    ext_service,
    func_name,
    get_argument_value,
    int_service,
    set_flattened_tags,
    set_user,
    stringify_cache_args,
)
from ddtrace.pin import Pin
from testkit import DummyTracer
from tests.unit.conftest import messages

# -- a cache command as text ------------------------------------------------------------------------------------------


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


# -- services ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pin, settings, int_expected, ext_expected",
    [
        (Pin(service="pin"), {"service": "own"}, "pin", "pin"),
        (Pin(), {"service": "own", "service_name": "name"}, "own", "own"),
        (None, {"service": None, "service_name": "name"}, "name", "name"),
        (None, {"_default_service": "flask"}, "app", "flask"),
        (None, {}, "app", "default"),
    ],
)
def test_service_is_the_first_one_set(monkeypatch, pin, settings, int_expected, ext_expected):
    """Pin, integration, application (for its own spans only), the integration's default, the caller's."""
    monkeypatch.setattr(config, "service", "app")

    assert int_service(pin, settings, "default") == int_expected
    assert ext_service(pin, settings, "default") == ext_expected


@pytest.mark.parametrize(
    "settings, service",
    [({"_default_service": "flask"}, "flask"), ({}, "default")],
)
def test_default_is_the_last_service(settings, service):
    """Where neither pin nor settings nor the application name one."""
    assert int_service(None, settings, "default") == ext_service(None, settings, "default") == service
    assert int_service(None, {}) is ext_service(None, {}) is None


def test_settings_of_an_integration_name_the_service():
    """``config.<name>`` serves as well as a dictionary."""
    config.flask.service = "own"

    assert int_service(None, config.flask) == ext_service(None, config.flask) == "own"


# -- distributed tracing ----------------------------------------------------------------------------------------------


@pytest.fixture
def tracer():
    return DummyTracer()


HEADERS = {"x-datadog-trace-id": "7", "x-datadog-parent-id": "8", "x-datadog-sampling-priority": "2"}


@pytest.mark.parametrize(
    "settings, default, is_enabled",
    [
        ({}, False, False),
        ({}, True, True),
        ({"distributed_tracing": True}, False, True),
        ({"distributed_tracing_enabled": False, "distributed_tracing": True}, True, False),
        ({"distributed_tracing_enabled": None, "distributed_tracing": True}, False, True),
    ],
)
def test_integration_decides_on_distributed_tracing(settings, default, is_enabled):
    """By either of two settings, the longer name first."""
    assert distributed_tracing_enabled(settings, default) is is_enabled


@pytest.mark.parametrize(
    "settings, override, is_activated",
    [
        (None, None, False),
        (None, True, True),
        ({"distributed_tracing": True}, None, True),
        ({"distributed_tracing": True}, False, False),
        ({"distributed_tracing": False}, None, False),
        ({"distributed_tracing": False}, True, True),
        ({}, None, False),
    ],
)
def test_headers_are_activated_where_that_is_wanted(tracer, settings, override, is_activated):
    """``override`` goes before the integration's settings."""
    activate_distributed_headers(tracer, settings, HEADERS, override)

    context = tracer.current_trace_context()
    assert context == (Context(7, 8, sampling_priority=2) if is_activated else None)


@pytest.mark.parametrize("headers", [None, {}, {"x-datadog-trace-id": "0"}, {"host": "shop"}, 5])
def test_headers_without_a_trace_change_nothing(tracer, headers):
    """The current span stays so."""
    with tracer.trace("outer") as span:
        activate_distributed_headers(tracer, request_headers=headers, override=True)
        assert tracer.current_span() is span


def test_trace_that_is_current_already_stays(tracer):
    """An inner layer of the same request finds its span and leaves it there."""
    tracer.context_provider.activate(Context(7, 1))
    with tracer.trace("outer") as span:
        activate_distributed_headers(tracer, request_headers=HEADERS, override=True)
        assert tracer.current_span() is span


def test_another_trace_takes_the_place_of_the_current_one(tracer):
    """The headers know better."""
    with tracer.trace("outer"):
        activate_distributed_headers(tracer, request_headers=HEADERS, override=True)
        assert tracer.current_trace_context().trace_id == 7


# -- the user ---------------------------------------------------------------------------------------------------------

USER_TAGS = {
    "usr.id": "7",
    "usr.name": "Ann",
    "usr.email": "ann@example.org",
    "usr.scope": "read",
    "usr.role": "admin",
    "usr.session_id": "s1",
}
USER = ("Ann", "ann@example.org", "read", "admin", "s1")


def user_tags(span):
    return {tag: value for tag, value in span.get_tags().items() if tag.startswith("usr.")}


def test_user_is_recorded_on_the_root_span(tracer):
    """Whichever span is current; the id may be a number."""
    with tracer.trace("root") as root:
        with tracer.trace("inner") as inner:
            set_user(tracer, 7, *USER)

    assert (user_tags(root), user_tags(inner)) == (USER_TAGS, {})
    assert root.context.dd_user_id is None


def test_user_can_be_recorded_on_another_span(tracer):
    """The one that is given; what is not known is no tag."""
    with tracer.trace("root") as root:
        with tracer.trace("inner") as inner:
            set_user(tracer, "7", span=inner)

    assert (user_tags(root), user_tags(inner)) == ({}, {"usr.id": "7"})


def test_user_can_be_propagated(tracer):
    """Services that are called learn of the user, too."""
    with tracer.trace("root") as root:
        set_user(tracer, 7, propagate=True)

    assert root.context.dd_user_id == "7"


def test_user_without_a_trace_is_logged(tracer, caplog):
    """One line says what is missing."""
    set_user(tracer, "7")

    assert ["there is no current span" in line for line in messages(caplog)] == [True]


# -- tags -------------------------------------------------------------------------------------------------------------


def flattened(items, **options):
    span = Span("request")
    set_flattened_tags(span, items, **options)
    return {**span.get_tags(), **span.get_metrics()}


def test_dictionary_becomes_a_tag_for_each_value():
    """Keys are joined by dots; empty prefixes and dictionaries count for nothing."""
    items = [("a", 1), ("b", {"c": "x", "d": {"e": "y"}}), ("", {"f": "z"}), ("g", {})]

    assert flattened(items) == {"a": 1, "b.c": "x", "b.d.e": "y", "f": "z"}


def test_separator_can_be_set():
    """Keys need not be text."""
    assert flattened([("a", {1: {None: "x"}})], sep="/") == {"a/1/None": "x"}


def test_tags_can_be_left_out():
    """With all that is below them."""
    items = [("a", {"secret": {"b": "x"}, "c": "y"})]

    assert flattened(items, exclude_policy=lambda tag: tag.endswith("secret")) == {"a.c": "y"}


def test_values_can_be_changed():
    """Each on its way to its tag."""
    assert flattened([("a", {"b": "x"})], processor=str.upper) == {"a.b": "X"}


def test_dictionary_that_holds_itself_ends():
    """It is passed over where it comes again."""
    items = {"b": "x"}
    items["self"] = items

    assert flattened([("a", items)]) == {"a.b": "x"}


def test_dictionary_may_come_twice():
    """Beside itself, it is no cycle."""
    shared = {"c": "x"}

    assert flattened([("a", {"b": shared, "d": shared})]) == {"a.b.c": "x", "a.d.c": "x"}


# -- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args, kwargs, value", [((1, 2), {}, 2), ([1, 2], {}, 2), ((1,), {"b": None}, None), ((1, 2), {"b": 3}, 3)]
)
def test_argument_is_found_by_name_or_position(args, kwargs, value):
    """The name goes first."""
    assert get_argument_value(args, kwargs, 1, "b") == value


@pytest.mark.parametrize("position", [1, 5, -1])
def test_missing_argument_is_an_error(position):
    """It names what was looked for."""
    with pytest.raises(ArgumentError, match=f"no argument 'b', neither by name nor at position {position}"):
        get_argument_value((1,), {"c": 1}, position, "b")


class Called:
    """An object that can be called."""

    def __call__(self):
        return None


@pytest.mark.parametrize(
    "function, name",
    [
        (flattened, f"{__name__}.flattened"),
        (functools.partial(functools.partial(flattened), []), f"{__name__}.flattened"),
        (Called(), f"{__name__}.Called"),
        (Called, f"{__name__}.Called"),
        (len, "builtins.len"),
        ("".join, "join"),
    ],
)
def test_function_has_a_readable_name(function, name):
    """Its module's and its own, or its class's; that of a partial is the function's."""
    assert func_name(function) == name
