"""A tracer's settings: its agent, its writer, its partial flush."""

import socket
import sys

import pytest

from ddtrace import Tracer, config
from ddtrace.sampler import BasePrioritySampler
from ddtrace.writer import AgentWriter, LogWriter
from testkit import DummyTracer, RecordingWriter
from tests.unit.conftest import messages


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


def test_partial_flush_comes_back_as_it_was():
    """Turned off and on again, it has the number of spans that it had."""
    tracer = DummyTracer()
    tracer.configure(partial_flush_min_spans=2)
    tracer.configure(partial_flush_enabled=False)
    tracer.configure(partial_flush_enabled=True)

    with tracer.trace("root"):
        for name in "ab":
            tracer.trace(name).finish()

        assert [span.name for span in tracer.pop()] == ["a", "b"]


def test_api_version_makes_another_writer():
    """The agent stays the same."""
    tracer = Tracer(url="http://agent:1234")

    tracer.configure(api_version="v0.5")

    assert tracer.agent_trace_url == "http://agent:1234"
    assert tracer._writer.api_version == "v0.5"


def test_refused_settings_change_nothing():
    """An error comes before the first change."""
    tracer = Tracer(url="http://agent:1234")

    with pytest.raises(ValueError, match="v9"):
        tracer.configure(enabled=False, api_version="v9")
    with pytest.raises(TypeError, match="process_trace"):
        tracer.configure(enabled=False, settings={"FILTERS": [object()]})

    assert tracer.enabled


@pytest.mark.parametrize(
    "argument",
    [
        {"priority_sampling": False},
        {"dogstatsd_url": "udp://localhost:8125"},
        {"compute_stats_enabled": True},
        {"appsec_enabled": True},
        {"iast_enabled": True},
    ],
    ids=str,
)
def test_what_this_tracer_does_not_have_is_said(argument, caplog):
    """A program of 1.x runs on, and one line names what it asked for in vain."""
    Tracer().configure(**argument)

    assert [next(iter(argument)) in line for line in messages(caplog)] == [True]


def test_off_is_no_request(caplog):
    """Nobody is told that what he turned off is not there."""
    Tracer().configure(priority_sampling=True, compute_stats_enabled=False, appsec_enabled=False, iast_enabled=False)

    assert messages(caplog) == []


def test_function_as_a_service_writes_to_the_log(monkeypatch):
    """There is no agent beside it, unless the environment names one, or an extension is one."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    assert isinstance(Tracer()._writer, LogWriter)
    assert isinstance(Tracer(url="http://agent:1234")._writer, AgentWriter)


def test_extension_of_a_function_is_an_agent_without_a_thread(monkeypatch, tmp_path):
    """Each trace is sent at once, since the function may be frozen afterwards."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    monkeypatch.setattr(sys.modules["ddtrace.writer"], "_LAMBDA_EXTENSION", str(tmp_path))

    writer = Tracer()._writer

    assert isinstance(writer, AgentWriter) and writer._is_sync


def test_host_is_named_on_local_roots_where_asked_for(monkeypatch):
    """Every span of the host would be too much."""
    monkeypatch.setattr(config, "report_hostname", True)
    tracer = DummyTracer()

    with tracer.trace("root"):
        tracer.trace("child").finish()

    assert [span.get_tag("_dd.hostname") for span in tracer.pop()] == [socket.gethostname(), None]


def test_long_trace_ids_where_asked_for(monkeypatch):
    """The first 32 bits are the time in seconds, the next 32 are zero, and the children have the same id."""
    tracer = DummyTracer()
    assert tracer.trace("short").trace_id < 2**64
    tracer.context_provider.activate(None)
    monkeypatch.setattr(config, "_128_bit_trace_id_enabled", True)

    with tracer.trace("root") as root:
        tracer.trace("child").finish()

    assert root.trace_id >> 96 == root.start_ns // 10**9
    assert (root.trace_id >> 64) & (2**32 - 1) == 0 and root.trace_id & (2**64 - 1)
    first, second = tracer.pop()
    assert second.trace_id == root.trace_id
    assert first.get_tag("_dd.p.tid") == f"{root.trace_id >> 64:016x}" and second.get_tag("_dd.p.tid") is None


@pytest.mark.parametrize("is_whole", [True, False])
def test_logs_have_64_bits_of_a_trace_id_unless_told_otherwise(monkeypatch, is_whole):
    """As a number in text."""
    monkeypatch.setattr(config, "_128_bit_trace_id_enabled", True)
    monkeypatch.setattr(config, "_128_bit_trace_id_logging_enabled", is_whole)
    tracer = DummyTracer()

    with tracer.trace("root") as root:
        ids = tracer.get_log_correlation_context()

    assert ids["trace_id"] == str(root.trace_id if is_whole else root.trace_id & (2**64 - 1))
