"""The example sends what the contract says, as an agent that knows nothing of the tracer decodes it."""

from __future__ import annotations

from typing import Any

import pytest

from ddtrace.contrib.django import integration
from testkit.contracts import TRACER_TAGS
from tests.agent import agent_on_tcp
from tests.served_examples import answers_of_example


@pytest.fixture(scope="module")
def traces() -> dict[str, list[dict[str, Any]]]:
    """What an agent got of two requests and of the preparations, by the resource of each trace."""
    with agent_on_tcp() as agent:
        answers = answers_of_example("django", agent.url, "/visit/alice/", "/nowhere/")
        assert [answers[0], answers[1][0]] == [(200, "alice was here 1 times"), 404]
    return {trace[0]["resource"]: trace for trace in agent.traces}


def test_each_request_is_one_trace(traces: dict[str, list[dict[str, Any]]]) -> None:
    """By its route, of the application's own service; the database has a service of its own."""
    assert list(traces) == ["CREATE TABLE visits (visitor TEXT)", "GET visit/<str:visitor>/", "GET 404"]
    services = {(span["name"].partition(".")[0], span["service"]) for trace in traces.values() for span in trace}
    assert services == {("django", "guestbook"), ("sqlite", "defaultdb")}


def test_visit_is_told_from_middleware_to_template(traces: dict[str, list[dict[str, Any]]]) -> None:
    """Each span is below the one that it is a part of."""
    trace = traces["GET visit/<str:visitor>/"]
    names = {span["span_id"]: span["name"] for span in trace}
    assert [(span["name"], names.get(span.get("parent_id"))) for span in trace] == [
        ("django.request", None),
        ("django.middleware", "django.request"),
        ("django.middleware", "django.middleware"),
        ("django.view", "django.middleware"),
        ("sqlite.query", "django.view"),
        ("sqlite.query", "django.view"),
        ("sqlite.query", "django.view"),
        ("sqlite.connection.commit", "django.view"),
        ("django.template.render", "django.view"),
        ("django.middleware", "django.middleware"),
    ]
    assert trace[0]["meta"]["visitor"] == "alice"


def test_spans_keep_their_contract(traces: dict[str, list[dict[str, Any]]]) -> None:
    """Type, measure and the declared tags are on the wire."""
    for span in [span for trace in traces.values() for span in trace]:
        contract = integration.contract_of(span["name"])
        assert (span.get("type") or None) == contract.span_type
        assert span.get("metrics", {}).get("_dd.measured", 0) == contract.measured
        assert set(contract.tags) <= set(span["meta"])
        assert set(span["meta"]) <= {*contract.tags, *contract.optional_tags, *TRACER_TAGS, "visitor"}


def test_trace_of_the_caller_goes_on() -> None:
    """What a caller in another process sends is the parent of the request."""
    with agent_on_tcp() as agent:
        caller = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678", "x-datadog-sampling-priority": "2"}
        answers_of_example("django", agent.url, "/visit/alice/", **caller)
    _, request = agent.traces
    root = request[0]
    assert (root["trace_id"], root["parent_id"], root["metrics"]["_sampling_priority_v1"]) == (1234, 5678, 2)


def test_the_application_runs_without_an_agent() -> None:
    """With nobody at the agent's address the answers are the same."""
    answers = answers_of_example("django", "http://127.0.0.1:9", "/visit/alice/")
    assert answers == [(200, "alice was here 1 times")]
