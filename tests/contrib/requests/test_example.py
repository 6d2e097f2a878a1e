"""The example and that of flask, two processes, send one trace, as an agent of a few lines decodes it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

from ddtrace.contrib.requests import integration
from testkit import run_python
from testkit.contracts import TRACER_TAGS
from tests.agent import agent_on_tcp

EXAMPLES = Path(__file__).parents[3] / "examples"

TIMEOUT_S = 60

NOBODY = "http://127.0.0.1:9"


@contextlib.contextmanager
def guestbook(agent_url: str, requests: int) -> Iterator[str]:
    """The URL of a guestbook in a process of its own, which ends after so many requests."""
    command = [sys.executable, str(EXAMPLES / "flask" / "app.py"), "--port", "0", "--agent", agent_url]
    command += ["--requests", str(requests)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process.stdout.readline().strip().removesuffix("/visit/you")
            assert process.wait(TIMEOUT_S) == 0
        finally:
            process.kill()


def visit(agent_url: str, guestbook_url: str, *visitors: str) -> str:
    """What the example prints."""
    app = str(EXAMPLES / "requests" / "app.py")
    return run_python(app, "--agent", agent_url, "--guestbook", guestbook_url, *visitors)


@pytest.fixture(scope="module")
def spans() -> list[dict[str, Any]]:
    """What an agent got of two visits from both processes."""
    with agent_on_tcp() as agent:
        with guestbook(agent.url, 2) as url:
            assert visit(agent.url, url, "alice", "bob") == "alice was here 1 times\nbob was here 1 times\n"
    return agent.spans


def test_two_processes_make_one_trace(spans: list[dict[str, Any]]) -> None:
    """The guestbook's request is below the visitor's; each visit is a trace of its own."""
    visits = {span["trace_id"]: span for span in spans if span["name"] == "visit"}
    sent = {span["trace_id"]: span for span in spans if span["name"] == "requests.request"}
    served = {span["trace_id"]: span for span in spans if span["name"] == "flask.request"}
    assert len(visits) == 2
    assert set(visits) == set(sent) == set(served) == {span["trace_id"] for span in spans}
    for trace_id in visits:
        assert sent[trace_id]["parent_id"] == visits[trace_id]["span_id"]
        assert served[trace_id]["parent_id"] == sent[trace_id]["span_id"]
        assert served[trace_id]["resource"] == "GET /visit/<visitor>"


def test_services_are_those_of_the_processes(spans: list[dict[str, Any]]) -> None:
    """Each process says its own, and of the other only that it calls one."""
    services = {span["name"]: span["service"] for span in spans}
    names = ("visit", "requests.request", "flask.request")
    assert [services[name] for name in names] == ["visitor", "guestbook-client", "guestbook"]


def test_the_sampling_decision_is_the_first_process_s(spans: list[dict[str, Any]]) -> None:
    """The second one takes it over, with what it says of its maker."""
    sent, served = (
        [span for span in spans if span["name"] == name and "_sampling_priority_v1" in span["metrics"]]
        for name in ("visit", "flask.request")
    )
    assert len(sent) == len(served) == 2
    assert {(span["metrics"]["_sampling_priority_v1"], span["meta"]["_dd.p.dm"]) for span in sent + served} == {
        (1, "-0")
    }


def test_spans_keep_their_contract(spans: list[dict[str, Any]]) -> None:
    """Type, kind, measure and the declared tags are on the wire."""
    contract = integration.contracts["requests.request"]
    for span in [span for span in spans if span["name"] == contract.name]:
        assert (span["type"], span["meta"]["span.kind"]) == (contract.span_type, contract.kind)
        assert span["metrics"]["_dd.measured"] == 1
        assert set(contract.tags) <= set(span["meta"]) <= {*contract.tags, *contract.optional_tags, *TRACER_TAGS}


def test_the_application_runs_without_an_agent() -> None:
    """With nobody at the agent's address the output is the same, and nothing is raised."""
    with guestbook(NOBODY, 1) as url:
        assert visit(NOBODY, url, "alice") == "alice was here 1 times\n"
