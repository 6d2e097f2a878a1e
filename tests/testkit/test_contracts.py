"""Each way to break a span's contract has a message of its own, which names the span and the place."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

import pytest

from ddtrace import Span
from ddtrace.contrib._integration import Integration, SpanContract
from testkit import DummyTracer
from testkit.contracts import breaches, spans_of

CONTRACT = SpanContract(
    name="toy.call",
    span_type="worker",
    kind="client",
    measured=True,
    tags=("toy.command",),
    optional_tags=("toy.option",),
    metrics=("toy.count",),
    optional_metrics=("toy.rest",),
)
INTEGRATION = Integration(
    package="contracted.toy",
    patch_module="contracted.toy",
    distribution="",
    modules=("toy",),
    versions=(),
    spans=(CONTRACT,),
)


@pytest.fixture
def span(tracer: DummyTracer) -> Span:
    """A finished span that keeps the contract."""
    with tracer.trace("toy.call", service="toy", span_type="worker") as span:
        span.set_tags({"component": "toy", "span.kind": "client", "toy.command": "say"})
        span.set_metrics({"_dd.measured": 1, "toy.count": 3})
    return span


def test_a_span_that_keeps_its_contract(span: Span) -> None:
    """Required tags and metrics are enough, next to what the tracer sets."""
    assert breaches(INTEGRATION, span) == []


def test_optional_keys_are_allowed(span: Span) -> None:
    """An optional tag, or metric, may be there."""
    span.set_tag("toy.option", "x")
    span.set_metric("toy.rest", 1)

    assert breaches(INTEGRATION, span) == []


def test_a_failed_span_describes_its_error(span: Span) -> None:
    """The tags of an error are no breach where there is one."""
    span.set_exc_info(ValueError, ValueError("as asked"), None)

    assert breaches(INTEGRATION, span) == []


def drop(key: str) -> Callable[[Span], None]:
    def change(span: Span) -> None:
        (span._meta if key in span._meta else span._metrics).pop(key)

    return change


BREACHES: dict[str, tuple[Callable[[Span], None], str]] = {
    "type": (
        lambda span: setattr(span, "span_type", "web"),
        "toy.call: span_type is 'web', declared is 'worker'",
    ),
    "kind": (
        lambda span: span.set_tag("span.kind", "server"),
        "toy.call: tag span.kind is 'server', declared is 'client'",
    ),
    "no kind": (drop("span.kind"), "toy.call: tag span.kind is None, declared is 'client'"),
    "component": (
        lambda span: span.set_tag("component", "other"),
        "toy.call: tag component is 'other', declared is 'toy'",
    ),
    "not measured": (drop("_dd.measured"), "toy.call: measured is False, declared is True"),
    "missing tag": (drop("toy.command"), "toy.call: the tag 'toy.command' is missing"),
    "undeclared tag": (
        lambda span: span.set_tag("toy.secret", "x"),
        "toy.call: the tag 'toy.secret' is not declared",
    ),
    "missing metric": (drop("toy.count"), "toy.call: the metric 'toy.count' is missing"),
    "undeclared metric": (
        lambda span: span.set_metric("toy.size", 1),
        "toy.call: the metric 'toy.size' is not declared",
    ),
    "error without one": (
        lambda span: span.set_tag("error.message", "x"),
        "toy.call: the tag 'error.message' is not declared",
    ),
    "tag that is no text": (
        lambda span: span._meta.update({"toy.command": 1}),
        "toy.call: the tag 'toy.command' is no text",
    ),
    "metric that is no number": (
        lambda span: span._metrics.update({"toy.count": "3"}),
        "toy.call: the metric 'toy.count' is no number",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_has_its_message(span: Span, name: str) -> None:
    """A single breach is told in a single line."""
    change, message = BREACHES[name]

    change(span)

    assert breaches(INTEGRATION, span) == [message]


def test_an_undeclared_span_has_its_message(tracer: DummyTracer) -> None:
    """A span of another name is told together with the names that are declared."""
    span = tracer.start_span("toy.cal")

    assert breaches(INTEGRATION, span) == ["a span named 'toy.cal' is not declared; declared are toy.call"]


def test_an_integrations_spans_bear_its_name(span: Span, tracer: DummyTracer) -> None:
    """A span belongs to the integration that its component names."""
    assert spans_of(INTEGRATION, [tracer.start_span("other"), span]) == [span]


def test_a_family_of_keys(span: Span) -> None:
    """A key that ends in a star stands for all that begin so, and for no other."""
    family = replace(CONTRACT, optional_tags=("toy.argument.*",))
    integration = replace(INTEGRATION, spans=(family,))
    span.set_tag("toy.argument.colour", "blue")

    assert breaches(integration, span) == []
    span.set_tag("toy.arguments", "x")
    assert breaches(integration, span) == ["toy.call: the tag 'toy.arguments' is not declared"]


def test_spans_named_after_functions_of_the_application(tracer: DummyTracer) -> None:
    """A contract by the name of a star holds for every name without one of its own."""
    integration = replace(INTEGRATION, spans=(CONTRACT, SpanContract(name="*", span_type="web")))
    with tracer.trace("shop.show", span_type="web") as span:
        span.set_tag("component", "toy")

    assert breaches(integration, span) == []
    assert breaches(INTEGRATION, span) == ["a span named 'shop.show' is not declared; declared are toy.call"]


def test_a_component_of_its_own(span: Span) -> None:
    """Where a contract says how the component begins, any that begins so keeps it, and the integration's does not."""
    integration = replace(INTEGRATION, spans=(replace(CONTRACT, component="toy-"),))

    assert breaches(integration, span) == ["toy.call: tag component is 'toy', declared is 'toy-'"]
    span.set_tag("component", "toy-blue")
    assert breaches(integration, span) == []
