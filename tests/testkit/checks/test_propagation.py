"""The check of headers between processes, tried on integrations that are wrong in a way the sabotages are not."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import pytest

from ddtrace import Pin, config
from ddtrace.contrib._integration import Option, SpanContract
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._tracing import trace_call
from ddtrace.contrib.trace_utils import activate_distributed_headers
from ddtrace.propagation.http import HTTPPropagator
from testkit.check import CheckFailed, NotExercised
from testkit.checks.propagation import context_propagates
from testkit.distributed import INBOUND, OUTBOUND, switch_of
from testkit.sabotage import LIBRARY, correct, deaf_server, late_headers
from testkit.sabotage.correct import describe_request, send_target
from testkit.toy import uses
from testkit.toy.service import serving
from testkit.trial import Trial
from tests.testkit.checks.test_wire import on_trial
from tests.testkit.toys import integrated, trial_of


@pytest.fixture
def requests_trial() -> Iterator[Any]:
    """Makes a trial of the requests that the toy library sends, of an integration."""
    with serving() as url:

        def make(integration: Any) -> Trial:
            trial = on_trial(integration, uses.two_requests, url)
            trial.arguments["request_headers"] = {}
            return trial

        yield make


def served_trial(integration: Any) -> Trial:
    """Of the requests that the toy library answers."""
    return trial_of(integration, uses.served, request_headers={})


def patched_by(monkeypatch: pytest.MonkeyPatch, module: Any, *targets: Target) -> Any:
    """A sabotage's integration with other targets."""
    monkeypatch.setattr(module, "patching", Patching(module.integration, targets))
    return module.integration


def test_both_ways_are_looked_at(requests_trial: Any) -> None:
    """The correct integration reads and writes headers."""
    trials = [requests_trial(correct.integration), served_trial(correct.integration)]

    context_propagates(trials)


def test_statements_to_a_database_have_no_headers() -> None:
    """An integration of a server that sends them has its requests looked at, and no more."""
    server = SpanContract(name="toy.request", kind="server")
    statement = SpanContract(name="toy.query", kind="client", span_type="sql")
    option = Option("distributed_tracing", bool, True, "Whether headers are read.")
    integration = dataclasses.replace(correct.integration, spans=(server, statement), options=(option,))

    assert switch_of(integration, INBOUND) is option
    assert switch_of(integration, OUTBOUND) is None


def test_an_integration_without_headers_exercises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What declares no distributed tracing has none to look at."""
    with pytest.raises(NotExercised, match="declares no distributed tracing"):
        context_propagates([trial_of(integrated(monkeypatch))])


def test_declared_headers_must_be_read_in_some_scenario() -> None:
    """Otherwise the check says which parameter to add."""
    with pytest.raises(CheckFailed, match="give one the parameter request_headers"):
        context_propagates([trial_of(deaf_server.integration)])


def test_declared_headers_must_be_written_in_some_scenario() -> None:
    """Otherwise the check says which service to use."""
    with pytest.raises(CheckFailed, match="let one take httpbin_url"):
        context_propagates([trial_of(late_headers.integration)])


@pytest.mark.parametrize("setting", ["config.deaf_server.distributed_tracing", "DD_DEAF_SERVER_DISTRIBUTED_TRACING"])
def test_reading_must_be_possible_to_switch_off(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """By the configuration, and by the environment."""

    def handle(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        is_listening = setting.startswith("config") or "DD_DEAF_SERVER_DISTRIBUTED_TRACING" in os.environ
        is_on = is_listening or correct.is_distributed(deaf_server.integration)
        tracer = Pin.lookup(instance).tracer
        activate_distributed_headers(tracer, request_headers=args[1], override=is_on)
        with trace_call(deaf_server.integration, instance, "toy.serve") as call:
            call.describe(describe_request, args[0])
            result = wrapped(*args, **kwargs)
        tracer.context_provider.activate(None)
        return result

    always_listening = patched_by(monkeypatch, deaf_server, Target(LIBRARY, "Server.handle", handle))

    with pytest.raises(CheckFailed, match=f"goes on with the trace of its headers where {setting}"):
        context_propagates([served_trial(always_listening)])


def test_writing_must_be_possible_to_switch_off(monkeypatch: pytest.MonkeyPatch, requests_trial: Any) -> None:
    """Headers that are written anyway are told."""

    def write(span: Any, integration: Any, headers: dict) -> None:
        HTTPPropagator.inject(span.context, headers)

    always_writing = patched_by(monkeypatch, late_headers, send_target(late_headers.integration, write))

    with pytest.raises(CheckFailed, match="requests where config.late_headers.distributed_tracing is False differs"):
        context_propagates([requests_trial(always_writing)])


def test_each_format_must_be_written(monkeypatch: pytest.MonkeyPatch, requests_trial: Any) -> None:
    """Headers made by hand, of one format only, are told by the first that is missing."""

    def write(span: Any, integration: Any, headers: dict) -> None:
        for name in ("trace", "parent"):
            headers[f"x-datadog-{name}-id"] = str(span.trace_id if name == "trace" else span.span_id)
        headers["x-datadog-sampling-priority"] = "1"

    by_hand = patched_by(monkeypatch, late_headers, send_target(late_headers.integration, write))

    with pytest.raises(CheckFailed, match="the headers of tracecontext in 'GET /one HTTP/1.0'"):
        context_propagates([requests_trial(by_hand)])


def test_settings_are_restored(requests_trial: Any) -> None:
    """The check leaves the configuration as it was."""
    before = (dict(config.integration("correct")), config._propagation_style_inject, dict(os.environ))

    context_propagates([requests_trial(correct.integration), served_trial(correct.integration)])

    assert (dict(config.integration("correct")), config._propagation_style_inject, dict(os.environ)) == before
