"""The example sends what the contract says, as an agent that knows nothing of the tracer decodes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddtrace.contrib.redis import integration
from testkit import run_python
from tests.agent import agent_on_tcp

APP = str(Path(__file__).parents[3] / "examples" / "redis" / "app.py")


@pytest.fixture
def traces(redis_url: str) -> list[list[dict]]:
    """What an agent got of a run with two visits by one visitor."""
    with agent_on_tcp() as agent:
        run_python(APP, "--redis", redis_url, "--agent", agent.url, "alice", "alice")
    return agent.traces


def test_each_visit_is_one_trace(traces: list[list[dict]]) -> None:
    """Two visits are two traces of three spans, and the Redis spans are children of the visit's."""
    shapes = [[(span["name"], span["service"]) for span in trace] for trace in traces]
    assert shapes == [[("visit", "guestbook"), ("redis.command", "redis"), ("redis.command", "redis")]] * 2
    for visit, *commands in traces:
        assert {span["parent_id"] for span in commands} == {visit["span_id"]}
        assert {span["trace_id"] for span in commands} == {visit["trace_id"]}


def test_redis_spans_keep_their_contract(traces: list[list[dict]]) -> None:
    """Type, kind, measure and the declared tags are on the wire."""
    contract = integration.contracts["redis.command"]
    for span in [span for trace in traces for span in trace if span["name"] == "redis.command"]:
        assert span["type"] == contract.span_type
        assert span["meta"]["span.kind"] == contract.kind
        assert span["metrics"]["_dd.measured"] == 1
        assert set(contract.tags) <= set(span["meta"])
        assert "error" not in span


def test_resources_are_the_commands(traces: list[list[dict]]) -> None:
    """A command's resource is its text, a pipeline's its commands, one a line."""
    _, increment, pipeline = traces[0]
    assert increment["resource"] == "INCRBY visits:alice 1"
    assert pipeline["resource"] == "LPUSH latest alice\nLTRIM latest 0 2\nLRANGE latest 0 -1"


def test_the_application_runs_without_an_agent(redis_url: str) -> None:
    """With nobody at the agent's address the output is the same, and nothing is raised."""
    printed = run_python(APP, "--redis", redis_url, "--agent", "http://127.0.0.1:9", "alice")
    assert printed == "alice: visit 1; lately here: alice\n"
