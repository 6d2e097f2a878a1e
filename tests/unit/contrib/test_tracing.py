"""One traced call, and the wall between our failures and the application."""

import pytest

from ddtrace import Pin, config
from ddtrace.contrib._tracing import UNTRACED, Swallowed, service_of, shield, trace_call


def broken(*args):
    raise RuntimeError("ours")


def test_span_is_the_declared_one(integration, client, tracer):
    """Service, type, kind, component and measure follow from the declaration."""
    with trace_call(integration, client, "toy.call"):
        pass

    (span,) = tracer.pop()
    assert (span.name, span.service, span.resource, span.span_type) == ("toy.call", "toy", "toy.call", "worker")
    assert (span.get_tag("component"), span.get_tag("span.kind")) == ("toy", "client")
    assert span.get_metric("_dd.measured") == 1


def test_span_has_nothing_that_is_not_declared(integration, client, tracer):
    """Without kind and measure in the contract there is neither."""
    with trace_call(integration, client, "toy.plain"):
        pass

    (span,) = tracer.pop()
    assert span.get_tag("span.kind") is None and span.get_metric("_dd.measured") is None
    assert span.span_type is None


def test_span_is_a_child_of_the_current_one(integration, client, tracer):
    """What the application traces around the call is its parent."""
    with tracer.trace("request") as request, trace_call(integration, client, "toy.call") as call:
        assert tracer.current_span() is call.span

    assert call.span.parent_id == request.span_id


def test_exception_is_recorded_and_passes(integration, client, tracer):
    """The caller gets the very object."""
    failure = KeyError("colour")

    with pytest.raises(KeyError) as caught:
        with trace_call(integration, client, "toy.call"):
            raise failure

    assert caught.value is failure
    (span,) = tracer.pop()
    assert (span.error, span.get_tag("error.type")) == (1, "builtins.KeyError")


def test_object_without_a_pin_is_not_traced(integration, tracer):
    """Nothing happens, and the block runs as ever."""
    with trace_call(integration, object(), "toy.call") as call:
        call.describe(broken)

    assert call is UNTRACED and call.span is None
    assert tracer.pop() == []


def test_object_of_a_disabled_tracer_is_not_traced(integration, client, tracer):
    """Descriptions are not even made."""
    tracer.enabled = False

    with trace_call(integration, client, "toy.call") as call:
        call.describe(broken)

    assert call is UNTRACED


def test_untraced_call_does_not_swallow(integration):
    """An exception passes."""
    with pytest.raises(KeyError), trace_call(integration, object(), "toy.call"):
        raise KeyError


def test_tags_of_the_pin_are_on_the_span(integration, client, tracer):
    """An override's tags mark each span of the object."""
    Pin.override(client, tags={"team": "blue"})

    with trace_call(integration, client, "toy.call"):
        pass

    assert tracer.pop()[0].get_tag("team") == "blue"


@pytest.mark.parametrize(
    "is_internal, pin, own, global_service, service",
    [
        (False, "pin", "own", "app", "pin"),
        (False, None, "own", "app", "own"),
        (False, None, None, "app", "toy"),
        (False, None, None, None, "toy"),
        (True, "pin", "own", "app", "pin"),
        (True, None, "own", "app", "own"),
        (True, None, None, "app", "app"),
        (True, None, None, None, "toy"),
    ],
)
def test_service_is_the_nearest_one_set(
    declare, integration, monkeypatch, is_internal, pin, own, global_service, service
):
    """Pin, then the integration's setting, then the application's where it is its own, then the default."""
    monkeypatch.setattr(config, "service", global_service)
    config.toy["service"] = own

    assert service_of(declare(internal_service=is_internal), Pin(service=pin)) == service


def test_service_of_the_call_goes_before_all_others(integration, client, tracer):
    """Not even a pin changes it."""
    Pin.override(client, service="pinned")
    with trace_call(integration, client, "toy.call", "called"):
        pass

    assert tracer.pop()[0].service == "called"


def test_description_is_called_with_the_span(integration, client):
    """And with what else is given."""
    calls = []

    with trace_call(integration, client, "toy.call") as call:
        call.describe(lambda *args: calls.append(args), 1, "two")

    assert calls == [(call.span, 1, "two")]


def test_failing_description_costs_the_description(integration, client, tracer):
    """The span is sent, the call goes on, and the failure is counted."""
    before = Swallowed.count

    with trace_call(integration, client, "toy.call") as call:
        call.describe(broken)

    assert Swallowed.count == before + 1
    assert len(tracer.pop()) == 1


def test_failing_start_of_a_span_costs_the_span(integration, client, tracer):
    """A name that was not declared is our mistake and not the caller's."""
    before = Swallowed.count

    with trace_call(integration, client, "toy.undeclared") as call:
        pass

    assert call is UNTRACED
    assert Swallowed.count == before + 1


def test_object_that_refuses_to_be_asked_is_not_traced(integration):
    """A library's own ``__getattr__`` may raise what it likes."""

    class Proxy:
        def __getattr__(self, name):
            raise RuntimeError("not connected")

    with trace_call(integration, Proxy(), "toy.call") as call:
        pass

    assert call is UNTRACED


def test_failing_end_of_a_span_does_not_reach_the_caller(integration, client):
    """Whatever breaks while the span is finished or its error recorded, the caller sees its own exception."""
    before = Swallowed.count

    with pytest.raises(KeyError):
        with trace_call(integration, client, "toy.call") as call:
            call.span._on_finish = [broken]
            call.span._ignored_exceptions = ("no class",)
            raise KeyError

    assert Swallowed.count == before + 2


@pytest.mark.parametrize("name", ["toy.call", "toy.undeclared"])
def test_our_failures_are_fatal_in_tests(integration, client, monkeypatch, name):
    """With ``config._raise`` none of them hides."""
    monkeypatch.setattr(config, "_raise", True)

    with pytest.raises((RuntimeError, LookupError)):
        with trace_call(integration, client, name) as call:
            call.describe(broken)


def test_shield_keeps_a_failure_and_counts_it():
    """What it surrounds is ours, and its failure too."""
    before = Swallowed.count

    with shield("test"):
        broken()

    assert Swallowed.count == before + 1


def test_shield_lets_pass_what_is_no_failure():
    """An interrupt or an exit is the application's, and is not counted."""
    before = Swallowed.count

    with pytest.raises(KeyboardInterrupt), shield("test"):
        raise KeyboardInterrupt

    assert Swallowed.count == before


def test_shield_is_down_in_tests(monkeypatch):
    """With ``config._raise`` the failure is seen."""
    monkeypatch.setattr(config, "_raise", True)

    with pytest.raises(RuntimeError, match="ours"), shield("test"):
        broken()


def test_failing_tags_of_a_pin_do_not_leave_the_span_open(integration, client, tracer):
    """The call is traced without them, and afterwards nothing is current."""
    Pin.override(client, tags=5)
    before = Swallowed.count

    with trace_call(integration, client, "toy.call"):
        pass

    assert tracer.current_span() is None
    assert len(tracer.pop()) == 1
    assert Swallowed.count == before + 1
