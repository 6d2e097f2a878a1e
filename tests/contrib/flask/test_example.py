"""The example sends what the contract says, as an agent that knows nothing of the tracer decodes it."""

from __future__ import annotations

from typing import Any

import pytest

from ddtrace.contrib.flask import integration
from testkit.contracts import TRACER_TAGS
from tests.agent import agent_on_tcp
from tests.served_examples import answers_of_example


@pytest.fixture(scope="module")
def traces() -> dict[str, list[dict[str, Any]]]:
    """What an agent got of three requests, by the resource of each."""
    with agent_on_tcp() as agent:
        answers = answers_of_example("flask", agent.url, "/visit/alice", "/export", "/nowhere")
        assert [answers[0], answers[1], answers[2][0]] == [(200, "alice was here 1 times"), (200, "alice,1\n"), 404]
    return {trace[0]["resource"]: trace for trace in agent.traces}


def test_each_request_is_one_trace(traces: dict[str, list[dict[str, Any]]]) -> None:
    """By its route, of the application's own service."""
    assert list(traces) == ["GET /visit/<visitor>", "GET /export", "GET 404"]
    assert {span["service"] for trace in traces.values() for span in trace} == {"guestbook"}


def test_visit_is_told_from_hook_to_template(traces: dict[str, list[dict[str, Any]]]) -> None:
    """Each span is below the one that it is a part of."""
    trace = traces["GET /visit/<visitor>"]
    names = {span["span_id"]: span["name"] for span in trace}
    assert [(span["name"], names.get(span.get("parent_id"))) for span in trace] == [
        ("flask.request", None),
        ("flask.application", "flask.request"),
        ("flask.preprocess_request", "flask.application"),
        ("__main__.refuse_robots", "flask.preprocess_request"),
        ("flask.dispatch_request", "flask.application"),
        ("__main__.visit", "flask.dispatch_request"),
        ("flask.render_template_string", "__main__.visit"),
        ("flask.process_response", "flask.application"),
        ("flask.do_teardown_request", "flask.application"),
        ("flask.do_teardown_appcontext", "flask.application"),
        ("flask.response", "flask.request"),
    ]
    assert trace[0]["meta"]["visitor"] == "alice"


def test_spans_keep_their_contract(traces: dict[str, list[dict[str, Any]]]) -> None:
    """Type, measure and the declared tags are on the wire."""
    for span in [span for trace in traces.values() for span in trace]:
        contract = integration.contract_of(span["name"])
        assert span.get("type") == contract.span_type
        assert span.get("metrics", {}).get("_dd.measured", 0) == contract.measured
        assert set(contract.tags) <= set(span["meta"])
        declared = {*contract.tags, *contract.optional_tags, *TRACER_TAGS, "visitor"}
        assert {key for key in span["meta"] if not key.startswith("flask.view_args.")} <= declared


def test_trace_of_the_caller_goes_on() -> None:
    """What a caller in another process sends is the parent of the request."""
    with agent_on_tcp() as agent:
        caller = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678", "x-datadog-sampling-priority": "2"}
        answers_of_example("flask", agent.url, "/visit/alice", **caller)
    root = agent.traces[0][0]
    assert (root["trace_id"], root["parent_id"], root["metrics"]["_sampling_priority_v1"]) == (1234, 5678, 2)


def test_the_application_runs_without_an_agent() -> None:
    """With nobody at the agent's address the answers are the same."""
    assert answers_of_example("flask", "http://127.0.0.1:9", "/visit/alice") == [(200, "alice was here 1 times")]
