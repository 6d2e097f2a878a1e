"""Traces that go on from process to process: whether an integration's do, and the headers that say so.

An integration has them if it declares the option that switches them off; what it declares of its spans tells which way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from ddtrace import Span, config
from ddtrace.constants import SPAN_KIND
from ddtrace.context import Context
from ddtrace.contrib._integration import Integration, Option
from ddtrace.ext import SpanKind, SpanTypes
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.settings.option import from_environment
from testkit.patched import environment, global_settings

SWITCHES = ("distributed_tracing_enabled", "distributed_tracing")
"""The names that the option has."""

STYLES = ("datadog", "tracecontext", "b3multi", "b3 single header")
"""The formats of headers that there are."""

INBOUND = (SpanKind.SERVER, SpanKind.CONSUMER)
OUTBOUND = (SpanKind.CLIENT, SpanKind.PRODUCER)


def switch_of(integration: Integration, kinds: tuple[str, ...]) -> Option | None:
    """The option that switches an integration's headers off; None where it has none, or no span of these kinds.

    What is sent to a database has no headers.
    """
    if not any(contract.kind in kinds and contract.span_type != SpanTypes.SQL for contract in integration.spans):
        return None
    return next((option for option in integration.options if option.name in SWITCHES), None)


def has_kind(span: Span, kinds: tuple[str, ...]) -> bool:
    """Whether a span is of one of these kinds."""
    return span.get_tag(SPAN_KIND) in kinds


@contextlib.contextmanager
def switched(integration: Integration, option: Option, is_on: bool, by_variable: bool = False) -> Iterator[None]:
    """Have the headers switched on or off for the length of a block: in ``config``, or by the environment variable."""
    before = config.integration(integration.name)
    variable = option.env_for(integration.name)
    with environment(variable, str(is_on).lower() if by_variable else None):
        settings = config.reread(integration.name)
        # Of an integration that is not installed, nobody knows the options.
        settings.setdefault(option.name, from_environment(option, variable))
        if not by_variable:
            settings[option.name] = is_on
        try:
            yield
        finally:
            setattr(config, integration.name, before)


@contextlib.contextmanager
def styles(*names: str) -> Iterator[None]:
    """Have headers of these formats, and no other, written and read for the length of a block."""
    # What was never asked for is not there yet.
    for setting in ("_propagation_style_inject", "_propagation_style_extract"):
        getattr(config, setting)
    with global_settings(_propagation_style_inject=names, _propagation_style_extract=names):
        yield


def headers_of(context: Context) -> dict[str, str]:
    """The headers that tell of a context."""
    headers: dict[str, str] = {}
    HTTPPropagator.inject(context, headers)
    return headers


def told_by(headers: Mapping[str, str]) -> tuple[int | None, int | None, float | None]:
    """Trace, span and sampling priority that headers tell of; None for each that they do not."""
    context = HTTPPropagator.extract(headers)
    return context.trace_id, context.span_id, context.sampling_priority


def header_names() -> frozenset[str]:
    """All headers that may be written as configured, in lower case."""
    full = {"dd_origin": "synthetics", "meta": {"_dd.p.dm": "-1"}}
    contexts = (Context(trace_id=1, span_id=1, sampling_priority=priority, **full) for priority in (1, 2))
    return frozenset(name.lower() for context in contexts for name in headers_of(context))
