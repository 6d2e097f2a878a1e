"""Decisions as the agent is told of them, by a tracer over a socket."""

import pytest

from ddtrace import config
from ddtrace.constants import MANUAL_DROP_KEY, MANUAL_KEEP_KEY
from ddtrace.context import Context
from ddtrace.sampler import BaseSampler, DatadogSampler, SamplingRule
from testkit import DummyTracer, run_python
from tests.unit.conftest import REPOSITORY

KEYS = ("_sampling_priority_v1", "_dd.p.dm", "_dd.rule_psr", "_dd.limit_psr", "_dd.agent_psr")


@pytest.fixture
def sent(real_tracer, agent):
    """Gives the decisions on the traces that were sent, without the keys that are not there."""

    def sent():
        real_tracer.flush()
        return [decision_on(span) for span in agent.spans if span["name"] == "root"]

    return sent


def decision_on(span):
    found = {**span["meta"], **span["metrics"]}
    return [found.get(key) for key in KEYS]


@pytest.mark.parametrize(
    "arguments, decision",
    [
        ({}, [1, "-0", None, None, None]),
        ({"rules": [SamplingRule(0.5)]}, [2, "-3", 0.5, None, None]),
        ({"rules": [SamplingRule(0.01)]}, [-1, "-3", 0.01, None, None]),
        ({"rules": [SamplingRule(0.5, service="bank")]}, [1, "-0", None, None, None]),
        ({"default_sample_rate": 0.5}, [2, "-3", 0.5, None, None]),
        ({"default_sample_rate": 0.5, "rate_limit": 0}, [-1, "-3", 0.5, 0, None]),
        ({"default_sample_rate": 0.5, "rate_limit": 9}, [2, "-3", 0.5, 1, None]),
        ({"rate_limit": 9}, [1, "-0", None, 1, None]),
        ({"rate_limit": 0}, [-1, "-0", None, 0, None]),
    ],
    ids=str,
)
def test_decision_is_on_the_root_span(real_tracer, sent, arguments, decision):
    """Priority, decision maker and rates reach the agent; what is rejected is sent too, for the agent to drop."""
    real_tracer.configure(sampler=DatadogSampler(**arguments))

    with real_tracer.trace("root", service="shop"), real_tracer.trace("child"):
        pass

    assert sent() == [decision]


def test_child_span_has_no_rates(real_tracer, agent):
    """A trace is decided on once, and says so once."""
    real_tracer.configure(sampler=DatadogSampler(default_sample_rate=1, rate_limit=9))

    with real_tracer.trace("root"), real_tracer.trace("child"):
        pass
    real_tracer.flush()

    child = agent.spans[1]
    assert child["name"] == "child" and "meta" not in child and "metrics" not in child


@pytest.mark.parametrize("rate, priority", [(0.5, 1), (0.01, 0)])
def test_agent_s_rate_is_followed(real_tracer, agent, sent, rate, priority):
    """Once the agent has answered, its rate decides, under the name of the default."""
    agent.answer = b'{"rate_by_service": {"service:shop,env:": %f}}' % rate
    real_tracer.trace("first").finish()
    real_tracer.flush()

    # Trace id 1 is within half of all ids, and not within a hundredth.
    real_tracer.start_span("root", child_of=Context(trace_id=1), service="shop").finish()

    assert sent() == [[priority, "-0", None, None, None]]


@pytest.mark.parametrize("key, priority", [(MANUAL_KEEP_KEY, 2), (MANUAL_DROP_KEY, -1)])
@pytest.mark.parametrize("limit", [None, 9, 0])
def test_manual_decision_takes_the_place_of_a_rule_s(real_tracer, sent, key, priority, limit):
    """Decided by hand, on whichever span, a trace has no rates any more."""
    real_tracer.configure(sampler=DatadogSampler(default_sample_rate=1, rate_limit=limit))

    with real_tracer.trace("root") as root, real_tracer.trace("child") as child:
        root.set_metric("_dd.agent_psr", 1)
        child.set_tag(key)

    assert sent() == [[priority, "-4", None, None, None]]


@pytest.mark.parametrize("priority", [-1, 0, 1, 2])
def test_remote_decision_is_not_made_again(real_tracer, sent, priority):
    """What the caller decided holds here, in its words."""
    real_tracer.configure(sampler=DatadogSampler(default_sample_rate=0.5, rate_limit=0))
    context = Context(1, 2, sampling_priority=priority, meta={"_dd.p.dm": "-1"})

    real_tracer.start_span("root", child_of=context).finish()

    assert sent() == [[priority, "-1", None, None, None]]


def test_decision_is_there_when_the_span_starts(tracer):
    """What is called within the span is told what was decided."""
    tracer.configure(sampler=DatadogSampler(default_sample_rate=1))

    with tracer.trace("root") as root:
        assert (root.context.sampling_priority, root.context._meta["_dd.p.dm"]) == (2, "-3")


def test_rule_sees_the_tags_that_a_root_starts_with(tracer, monkeypatch):
    """env, version and the global tags are there when the rules are asked, and so are the arguments of the span."""
    monkeypatch.setattr(config, "service", "shop")
    monkeypatch.setattr(config, "env", "prod")
    monkeypatch.setattr(config, "version", "1.2")
    monkeypatch.setattr(config, "tags", {"team": "red"})
    tracer.set_tags({"region": "eu"})
    tags = {"env": "prod", "version": "1.*", "team": "red", "region": "e?"}
    rule = SamplingRule(0.5, service="shop", name="root", resource="GET *", tags=tags)
    tracer.configure(sampler=DatadogSampler(rules=[rule]))

    tracer.trace("root", resource="GET /").finish()

    assert tracer.pop()[0].get_metric("_dd.rule_psr") == 0.5


def test_tracer_is_set_by_the_environment(monkeypatch):
    """A tracer that is configured by nobody follows the variables."""
    monkeypatch.setenv("DD_TRACE_SAMPLING_RULES", '[{"sample_rate": 0.01, "service": "SHOP*"}]')
    monkeypatch.setenv("DD_TRACE_SAMPLE_RATE", "0.5")
    tracer = DummyTracer()

    for service in ("shop-web", "bank"):
        tracer.start_span("root", child_of=Context(trace_id=1), service=service).finish()

    assert [span.get_metric("_dd.rule_psr") for span in tracer.pop()] == [0.01, 0.5]


@pytest.mark.parametrize(
    "variable, text",
    [
        ("DD_TRACE_SAMPLE_RATE", "much"),
        ("DD_TRACE_SAMPLING_RULES", "[{}]"),
        ("DD_TRACE_RATE_LIMIT", "much"),
        ("DD_SPAN_SAMPLING_RULES", "[{}]"),
        ("DD_SPAN_SAMPLING_RULES_FILE", "/there/is/no/such/file"),
    ],
)
def test_senseless_variable_does_not_break_the_import(variable, text):
    """``import ddtrace`` makes a tracer, and the application goes on with one line in its log."""
    source = """
import io, sys
sys.stderr = io.StringIO()
import ddtrace
print(sys.stderr.getvalue(), end="")
"""
    printed = run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY, variable: text})

    assert len(printed.splitlines()) == 1
    assert printed.startswith(f"{variable}={text!r} is ignored: ")


def test_sampler_of_the_application_may_have_one_argument(tracer):
    """A sampler written for an earlier release, which knows of no ``allow_false``, still decides."""

    class Sampler(BaseSampler):
        def sample(self, span):
            return span.name == "kept"

    tracer.configure(sampler=Sampler())
    for name in ("kept", "dropped"):
        tracer.trace(name).finish()

    assert [(span.name, span.context.sampling_priority) for span in tracer.pop()] == [("kept", 1)]


def test_rule_that_fails_does_not_reach_the_application(tracer, caplog):
    """Its error is logged; the trace is decided on as if the rule were not there."""

    def fail(name):
        raise RuntimeError("boom")

    tracer.configure(sampler=DatadogSampler(rules=[SamplingRule(0, name=fail)]))

    with tracer.trace("root") as root:
        assert root.context.sampling_priority == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
