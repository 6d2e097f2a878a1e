"""Finished spans against the declared shape of a span."""

from __future__ import annotations

from typing import Iterable

from ddtrace import Span
from ddtrace.constants import COMPONENT, SPAN_KIND, SPAN_MEASURED_KEY
from ddtrace.contrib._integration import Integration, SpanContract

TRACER_TAGS = {
    "_dd.base_service",
    "_dd.origin",
    "_dd.p.dm",
    "env",
    "language",
    "runtime-id",
    "traceparent",
    "tracestate",
    "version",
    COMPONENT,
    SPAN_KIND,
}
TRACER_METRICS = {
    "_dd.limit_psr",
    "_dd.py.partial_flush",
    "_dd.rule_psr",
    "_dd.span_sampling.max_per_second",
    "_dd.span_sampling.mechanism",
    "_dd.span_sampling.rule_rate",
    "_dd.top_level",
    "_sampling_priority_v1",
    "process_id",
    SPAN_MEASURED_KEY,
}
ERROR_TAGS = {"error.type", "error.message", "error.stack"}
"""What the tracer, and not the integration, puts on spans."""


def spans_of(integration: Integration, spans: Iterable[Span]) -> list[Span]:
    """The spans that are the integration's own."""
    return [span for span in spans if span.get_tag(COMPONENT) == integration.settings_name]


def breaches(integration: Integration, span: Span) -> list[str]:
    """Each way in which a span is not what the integration declares."""
    contract = integration.contract_of(span.name)
    if contract is None:
        declared = ", ".join(integration.contracts) or "none"
        return [f"a span named {span.name!r} is not declared; declared are {declared}"]
    return [
        f"{span.name}: {breach}"
        for breach in (
            *_wrong_fields(integration, contract, span),
            *_wrong_keys("tag", span.get_tags(), contract.tags, contract.optional_tags, _free_tags(span)),
            *_wrong_keys("metric", span.get_metrics(), contract.metrics, contract.optional_metrics, TRACER_METRICS),
            *_wrong_types(span),
        )
    ]


def _free_tags(span: Span) -> set[str]:
    return TRACER_TAGS | ERROR_TAGS if span.error else TRACER_TAGS


def _wrong_fields(integration: Integration, contract: SpanContract, span: Span) -> list[str]:
    component = span.get_tag(COMPONENT)
    if component is not None and contract.component:
        component = component[: len(contract.component)]
    facts = {
        "span_type": (contract.span_type, span.span_type),
        "tag span.kind": (contract.kind, span.get_tag(SPAN_KIND)),
        "tag component": (contract.component or integration.settings_name, component),
        "measured": (contract.measured, span.get_metric(SPAN_MEASURED_KEY) == 1),
    }
    return [
        f"{fact} is {found!r}, declared is {declared!r}"
        for fact, (declared, found) in facts.items()
        if declared != found
    ]


def _wrong_keys(
    what: str, found: dict[str, object], required: tuple[str, ...], optional: tuple[str, ...], free: set[str]
) -> list[str]:
    missing = [f"the {what} {key!r} is missing" for key in required if key not in found]
    declared = {*required, *optional, *free}
    families = tuple(key.removesuffix("*") for key in optional if key.endswith(".*"))
    undeclared = [key for key in found if key not in declared and not key.startswith(families)]
    return missing + [f"the {what} {key!r} is not declared" for key in undeclared]


def _wrong_types(span: Span) -> list[str]:
    wrong_tags = [key for key, value in span.get_tags().items() if not isinstance(value, str)]
    wrong_metrics = [key for key, value in span.get_metrics().items() if not isinstance(value, (int, float))]
    return [f"the tag {key!r} is no text" for key in wrong_tags] + [
        f"the metric {key!r} is no number" for key in wrong_metrics
    ]
