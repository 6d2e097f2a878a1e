"""What the tests of faults share: agents that work, agents that do not, and programs that send to them."""

import pytest

from ddtrace.writer import AgentWriter
from testkit import DummyTracer
from tests.agent import agent_on_tcp
from tests.faults.agents import FAULTY
from tests.programs import run_program


@pytest.fixture
def agent():
    """An agent that works."""
    with agent_on_tcp() as agent:
        yield agent


@pytest.fixture
def faulty_url(request):
    """The URL of a faulty agent, by its name."""
    with FAULTY[request.param]() as url:
        yield url


@pytest.fixture
def make_tracer(monkeypatch):
    """Makes tracers that send every millisecond, and give an agent a fifth of a second."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "0.001")
    monkeypatch.setenv("DD_TRACE_AGENT_TIMEOUT_SECONDS", "0.2")
    # What another test had logged within the last minute is not this one's affair.
    monkeypatch.setattr("ddtrace.internal.log._last_logged", {})
    monkeypatch.setattr("ddtrace.internal.log._suppressed", {})
    writers = []

    def make(url):
        writers.append(AgentWriter(url))
        tracer = DummyTracer()
        tracer.configure(writer=writers[-1])
        return tracer

    yield make
    for writer in writers:
        writer.stop(1)


@pytest.fixture
def run(tmp_path):
    """Runs a program, and returns how it ended."""

    def run(source, agent_url, **settings):
        return run_program(tmp_path, source, agent_url, **settings)

    return run
