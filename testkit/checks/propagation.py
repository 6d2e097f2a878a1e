"""The check of traces that go on from process to process: headers that are read, and headers that are written."""

from __future__ import annotations

import dataclasses

from ddtrace import Span
from ddtrace.context import Context
from ddtrace.contrib._integration import Option
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.contracts import spans_of
from testkit.distributed import (
    INBOUND,
    OUTBOUND,
    STYLES,
    has_kind,
    header_names,
    headers_of,
    styles,
    switch_of,
    switched,
    told_by,
)
from testkit.http_requests import NotHTTP, Request
from testkit.spans import SpanContainer
from testkit.tracer import DummyTracer
from testkit.trial import Trial
from testkit.wire import HEADERS, Wire, tapped

CALLER = Context(trace_id=0xC0FFEE, span_id=0xCAFE, sampling_priority=2)
"""Of the process that the headers come from."""

BY_CONFIG_AND_VARIABLE = (False, True)
"""The two ways to switch it off."""


@check("WORK-04", Scope.INTEGRATION)
def context_propagates(trials: list[Trial]) -> None:
    """Headers that come in are gone on with, those that go out tell of the client's span; both can be switched off."""
    integration = trials[0].integration
    reads, writes = switch_of(integration, INBOUND), switch_of(integration, OUTBOUND)
    if reads is None and writes is None:
        raise NotExercised("the integration declares no distributed tracing")
    if reads is not None:
        _check_inbound([trial for trial in trials if HEADERS in trial.scenario.parameters], reads)
    if writes is not None:
        _check_outbound(trials, writes)


# -- inbound -----------------------------------------------------------------------------------------------------------


def _check_inbound(trials: list[Trial], switch: Option) -> None:
    served = [trial for trial in trials if _spans_of_requests(trial)]
    if not served:
        raise CheckFailed(
            f"{switch.name} is declared, and no scenario has requests with headers served; give one the parameter "
            f"{HEADERS}, and each of its requests a copy of these headers"
        )
    for trial in served:
        for style in STYLES:
            with styles(style), switched(trial.integration, switch, is_on=True):
                _fail_unless_gone_on_with(trial, f"with the headers of {style}")
        for by_variable in BY_CONFIG_AND_VARIABLE:
            with switched(trial.integration, switch, False, by_variable):
                _fail_if_gone_on_with(trial, _where_off(trial, switch, by_variable))


def _where_off(trial: Trial, switch: Option, by_variable: bool) -> str:
    name = trial.integration.name
    return f"where {f'{switch.env_for(name)} is false' if by_variable else f'config.{name}.{switch.name} is False'}"


def _fail_unless_gone_on_with(trial: Trial, where: str) -> None:
    """Each request's span is in the trace that its headers tell of."""
    expected = CALLER.trace_id, CALLER.span_id, CALLER.sampling_priority
    for root in _spans_of_requests(trial):
        begun = root.trace_id, root.parent_id, root.context.sampling_priority
        what = f"{trial.scenario.name}: trace, parent and priority of the span {root.name!r} {where}"
        fail_unless_equal(expected, begun, what, ("expected", "received"))


def _fail_if_gone_on_with(trial: Trial, where: str) -> None:
    for root in _spans_of_requests(trial):
        if root.trace_id == CALLER.trace_id or root.parent_id == CALLER.span_id:
            raise CheckFailed(f"{trial.scenario.name}: {root.name!r} goes on with the trace of its headers {where}")


def _spans_of_requests(trial: Trial) -> list[Span]:
    """The spans of the requests that are served in a run, each with the headers of a caller."""
    called = dataclasses.replace(trial, arguments={**trial.arguments, HEADERS: headers_of(CALLER)})
    roots = SpanContainer(called.run_traced().tracer.started).roots
    return [span for span in roots if has_kind(span, INBOUND)]


# -- outbound ----------------------------------------------------------------------------------------------------------


def _check_outbound(trials: list[Trial], switch: Option) -> None:
    looked_at = 0
    unreadable = ""
    for trial in trials:
        with tapped(trial) as wire:
            try:
                looked_at += _check_requests(wire, switch) if wire.taps else 0
            except NotHTTP as reason:
                unreadable = f"{trial.scenario.name}: {reason}"
    if unreadable and not looked_at:
        raise NotExercised(f"headers are looked for in requests over HTTP only; {unreadable}")
    if not looked_at:
        raise CheckFailed(
            f"{switch.name} is declared, and no scenario sends requests to a service whose bytes are seen; let one "
            "take httpbin_url, or the URL of another service"
        )


def _check_requests(wire: Wire, switch: Option) -> int:
    """Each request has the ids of a client's span in headers of each format, and none where they are switched off."""
    trial = wire.trial
    with styles(*STYLES), switched(trial.integration, switch, is_on=True):
        names = header_names()
        requests, spans = _requests_of_a_caller(wire)
    clients = {
        (span.trace_id, span.span_id, span.context.sampling_priority): span.name
        for span in spans_of(trial.integration, spans)
        if has_kind(span, OUTBOUND)
    }
    for request in requests:
        for style in STYLES:
            with styles(style):
                told = told_by(request.named(names))
            if told not in clients:
                raise CheckFailed(
                    f"{trial.scenario.name}: the headers of {style} in {request.line!r} tell of (trace, span, "
                    f"priority) {told}; the client's spans are {clients}"
                )
    untraced = [request.named(names) for request in wire.run(Trial.run_untraced).requests]
    for by_variable in BY_CONFIG_AND_VARIABLE:
        with styles(*STYLES), switched(trial.integration, switch, False, by_variable):
            found = [request.named(names) for request in _requests_of_a_caller(wire)[0]]
        where = _where_off(trial, switch, by_variable)
        what = f"{trial.scenario.name}: what of the headers of a trace is in requests {where}"
        fail_unless_equal(untraced, found, what)
    return len(requests)


def _requests_of_a_caller(wire: Wire) -> tuple[list[Request], list[Span]]:
    """The requests of a run within a span of the program's own, and the spans that were started in it."""
    tracer = DummyTracer()
    sent = wire.run(lambda trial: trial.run_traced(tracer, within=lambda: tracer.trace("caller")))
    return sent.requests, tracer.started
