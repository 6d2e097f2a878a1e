"""A tracer's settings: its agent, its writer, its partial flush."""

import pytest

from ddtrace import Tracer
from ddtrace.sampler import BasePrioritySampler
from testkit import RecordingWriter


class RatesSampler(BasePrioritySampler):
    """Keeps the rates that it is given."""

    rates = None

    def sample(self, span):
        return True

    def update_rate_by_service_sample_rates(self, rates):
        self.rates = rates


class StoppableWriter(RecordingWriter):
    """Knows whether it was stopped."""

    timeout_s = None

    def stop(self, timeout_s=None):
        self.timeout_s = timeout_s


def test_url_is_the_argument_s():
    """A tracer sends to the agent that it is made for."""
    assert Tracer(url="http://agent:1234").agent_trace_url == "http://agent:1234"


def test_url_is_the_environment_s(monkeypatch):
    """Without an argument the environment names the agent."""
    monkeypatch.setenv("DD_TRACE_AGENT_URL", "http://agent:1234")

    assert Tracer().agent_trace_url == "http://agent:1234"


@pytest.mark.parametrize("url", ["localhost:8126", "ftp://agent:1", "http://", "unix://", "http://agent:port"])
def test_url_that_names_no_agent_is_refused(url):
    """The error shows the URL and what one looks like."""
    with pytest.raises(ValueError, match="expected http://host:port") as refusal:
        Tracer(url=url)

    assert repr(url) in str(refusal.value)


def test_parts_of_the_url_are_merged():
    """What is not given stays as it was."""
    tracer = Tracer(url="http://agent:1234")

    tracer.configure(port=9)
    assert tracer.agent_trace_url == "http://agent:9"

    tracer.configure(hostname="other", https=True)
    assert tracer.agent_trace_url == "https://other:9"

    tracer.configure(uds_path="/run/agent.socket")
    assert tracer.agent_trace_url == "unix:///run/agent.socket"


def test_bad_part_changes_nothing():
    """A refused configuration leaves the tracer with the agent that it had."""
    tracer = Tracer(url="http://agent:1234")

    with pytest.raises(ValueError, match="Invalid file path"):
        tracer.configure(uds_path="")

    assert tracer.agent_trace_url == "http://agent:1234"


def test_writer_without_an_agent_has_no_url(tracer):
    """Only an AgentWriter sends to an agent."""
    assert tracer.agent_trace_url is None


def test_new_writer_takes_over_and_the_old_one_is_stopped(tracer):
    """A replaced writer sends what it has; traces that finish later go to the new one."""
    old, new = StoppableWriter(), RecordingWriter()
    tracer.configure(writer=old)
    span = tracer.start_span("a")

    tracer.configure(writer=new)
    span.finish()

    assert old.timeout_s == tracer.SHUTDOWN_TIMEOUT
    assert (old.traces, new.traces) == ([], [[span]])


def test_shutdown_stops_the_writer_in_time(tracer):
    """The timeout is the argument's, or SHUTDOWN_TIMEOUT."""
    writer = StoppableWriter()
    tracer.configure(writer=writer)

    tracer.shutdown(timeout=0.5)
    assert writer.timeout_s == 0.5

    tracer.shutdown()
    assert writer.timeout_s == tracer.SHUTDOWN_TIMEOUT == 5


def test_configure_without_arguments_changes_nothing(tracer):
    """None leaves a setting alone."""
    before = {name: value for name, value in vars(tracer).items()}

    tracer.configure()

    assert vars(tracer) == before


def test_sampler_gets_the_agent_s_rates(real_tracer, agent):
    """The rates of the agent's answer reach a sampler with priorities, the one configured last."""
    sampler = RatesSampler()
    real_tracer.configure(sampler=sampler)
    agent.answer = b'{"rate_by_service": {"service:shop,env:": 0.5}}'

    real_tracer.trace("a").finish()
    real_tracer.flush()

    assert sampler.rates == {"service:shop,env:": 0.5}


def test_agent_s_rates_decide_on_later_traces(real_tracer, agent):
    """A rate of 0 has the next trace of the service rejected, which the agent is told by its priority."""
    agent.answer = b'{"rate_by_service": {"service:shop,env:": 0}}'

    for _ in range(2):
        real_tracer.trace("a", service="shop").finish()
        real_tracer.flush()

    assert [span["metrics"]["_sampling_priority_v1"] for span in agent.spans] == [1, 0]


def test_long_trace_is_sent_in_parts(tracer):
    """Each full part is sent while the trace goes on, marked with its size; the rest follows at the end."""
    tracer.configure(partial_flush_min_spans=2)

    with tracer.trace("root"):
        for number in range(5):
            tracer.trace(f"child {number}").finish()

    parts = tracer.pop_traces()
    assert [[span.name for span in part] for part in parts] == [
        ["child 0", "child 1"],
        ["child 2", "child 3"],
        ["root", "child 4"],
    ]
    assert [part[0].get_metric("_dd.py.partial_flush") for part in parts] == [2, 2, None]


def test_each_part_bears_the_decision(tracer):
    """An agent may see a part only, so priority and language are on the first span of each."""
    tracer.configure(partial_flush_min_spans=1)

    with tracer.trace("root"), tracer.trace("child"):
        pass

    assert [part[0].get_metric("_sampling_priority_v1") for part in tracer.pop_traces()] == [1, 1]


def test_partial_flush_can_be_switched_off(tracer):
    """Then a trace is sent as a whole, however long."""
    tracer.configure(partial_flush_enabled=False, partial_flush_min_spans=1)

    with tracer.trace("root"):
        for _ in range(600):
            tracer.trace("child").finish()

    assert [len(trace) for trace in tracer.pop_traces()] == [601]


@pytest.mark.parametrize(
    "variables, sizes",
    [
        ({}, [500, 101]),
        ({"DD_TRACE_PARTIAL_FLUSH_MIN_SPANS": "300"}, [300, 300, 1]),
        ({"DD_TRACE_PARTIAL_FLUSH_ENABLED": "false"}, [601]),
    ],
)
def test_partial_flush_is_the_environment_s(monkeypatch, variables, sizes):
    """500 finished spans make a part, unless the environment says otherwise."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    writer = RecordingWriter()
    tracer = Tracer(writer=writer)

    with tracer.trace("root"):
        for _ in range(600):
            tracer.trace("child").finish()

    assert [len(trace) for trace in writer.traces] == sizes


def test_debug_logging_is_the_logger_s_level(tracer, caplog):
    """The tracer's own logger tells."""
    assert not tracer.debug_logging

    with caplog.at_level("DEBUG", logger="ddtrace.tracer"):
        assert tracer.debug_logging
