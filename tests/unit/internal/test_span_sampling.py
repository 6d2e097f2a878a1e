"""Single spans that are kept although their trace is not."""

import json

import pytest

from ddtrace import Span
from ddtrace.context import Context
from ddtrace.internal.processors import STANDARD, standard_processors
from ddtrace.internal.span_sampling import SpanSampler, SpanSamplingRule, rules_from_json, sampler_from_environment
from ddtrace.sampler import DatadogSampler, RateSampler, SamplingRule
from testkit import DummyTracer, run_python
from tests.unit.conftest import REPOSITORY, messages

REJECT_ALL = DatadogSampler(rules=[SamplingRule(0)])


def chunk(*names, priority=-1, service="shop"):
    context = Context(sampling_priority=priority)
    return [
        Span(name, service=service, trace_id=1, span_id=number, context=context) for number, name in enumerate(names, 1)
    ]


def kept(spans):
    return [span.name for span in spans if span.get_metric("_dd.span_sampling.mechanism") == 8]


def set_rules(monkeypatch, rules):
    monkeypatch.setenv("DD_SPAN_SAMPLING_RULES", rules if isinstance(rules, str) else json.dumps(rules))


@pytest.mark.parametrize("priority, is_marked", [(-1, True), (0, True), (1, False), (2, False), (None, False)])
def test_only_rejected_traces_are_looked_at(priority, is_marked):
    """A trace that is kept keeps its spans, and one without a decision is the agent's to judge."""
    spans = SpanSampler([SpanSamplingRule(name="*")])(chunk("a", priority=priority))

    assert kept(spans) == (["a"] if is_marked else [])


def test_marks_are_metrics():
    """The mechanism is 8, the rate is the rule's; without a limit none is told."""
    span = SpanSampler([SpanSamplingRule(name="a")])(chunk("a"))[0]

    assert span.get_metrics() == {"_dd.span_sampling.mechanism": 8, "_dd.span_sampling.rule_rate": 1.0}


def test_limit_is_told():
    """``max_per_second`` is a metric, and spans beyond it have no marks."""
    spans = SpanSampler([SpanSamplingRule(name="*", max_per_second=2)])(chunk("a", "b", "c"))

    assert kept(spans) == ["a", "b"]
    assert [span.get_metric("_dd.span_sampling.max_per_second") for span in spans] == [2, 2, None]


def test_limit_of_none_keeps_none():
    """0 a second is none at all."""
    assert kept(SpanSampler([SpanSamplingRule(name="*", max_per_second=0)])(chunk("a"))) == []


def test_first_rule_that_matches_decides():
    """A later rule does not keep what an earlier one has let go."""
    rules = [SpanSamplingRule(name="a", sample_rate=0), SpanSamplingRule(name="*")]

    assert kept(SpanSampler(rules)(chunk("a", "b"))) == ["b"]


def test_service_and_name_both_have_to_match():
    """A rule with both is for spans with both."""
    rule = SpanSamplingRule(service="SHO?", name="query*")

    assert kept(SpanSampler([rule])(chunk("query.run", "web"))) == ["query.run"]
    assert kept(SpanSampler([rule])(chunk("query.run", service="bank"))) == []


def test_spans_of_one_trace_are_judged_one_by_one():
    """The span's id decides and not the trace's, or all spans of a kind would be kept, or none."""
    spans = SpanSampler([SpanSamplingRule(name="a", sample_rate=0.5)])(chunk(*["a"] * 100))

    assert 30 < len(kept(spans)) < 70


@pytest.mark.parametrize(
    "item, found",
    [
        ({}, "service or a name"),
        ({"sample_rate": 0.5}, "service or a name"),
        ({"name": "[ab]"}, r"'\['"),
        ({"service": "a]"}, r"'\]'"),
        ({"service": "a\\*"}, "has"),
        ({"name": 5}, "globs, got 5"),
        ({"name": None}, "globs, got None"),
        ({"name": "a", "sample_rate": 1.5}, "got 1.5"),
        ({"name": "a", "sample_rate": None}, "None"),
        ({"name": "a", "max_per_second": "5"}, "'5'"),
    ],
    ids=str,
)
def test_senseless_rule_is_a_value_error(item, found):
    """The message shows the rule and what is wrong with it."""
    with pytest.raises(ValueError, match=f"no span sampling rule: .*{found}"):
        rules_from_json(json.dumps([item]))


@pytest.mark.parametrize("text", ["{", "{}", "[5]"])
def test_rules_must_be_a_json_list(text):
    """Anything else is refused."""
    with pytest.raises(ValueError, match="JSON"):
        rules_from_json(text)


def test_rules_from_json_have_defaults():
    """All that match are kept, and any number of them."""
    rules = rules_from_json('[{"name": "a"}, {"service": "s", "name": "n", "sample_rate": 0.5, "max_per_second": 10}]')

    assert rules == [SpanSamplingRule(name="a"), SpanSamplingRule("s", "n", 0.5, 10)]
    assert rules[0] != SpanSamplingRule(name="a", max_per_second=5)


@pytest.mark.parametrize("rules", [None, "", "[]"])
def test_without_rules_there_is_no_processor(monkeypatch, rules):
    """Nobody pays for what nobody asked for."""
    if rules is not None:
        set_rules(monkeypatch, rules)

    assert standard_processors() is STANDARD


def test_without_rules_the_module_is_not_loaded():
    """To make a tracer loads neither it nor json; a rule does."""
    source = """
import sys
before = set(sys.modules)
import ddtrace
print(*sorted({"json", "ddtrace.internal.span_sampling"} & (set(sys.modules) - before)))
"""

    def loaded(**variables):
        return run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY, **variables}).split()

    assert loaded() == []
    assert "ddtrace.internal.span_sampling" in loaded(DD_SPAN_SAMPLING_RULES='[{"name": "a"}]')


@pytest.mark.parametrize("rules", ["{", '[{"name": "[a]"}]', '[{"sample_rate": 1}]', '[{"name": "a"}, 5]'])
def test_senseless_variable_is_one_logged_error(monkeypatch, caplog, rules):
    """The variable is named and ignored; the application starts."""
    set_rules(monkeypatch, rules)

    assert standard_processors() is STANDARD
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "DD_SPAN_SAMPLING_RULES=" in messages(caplog)[0]


def test_rules_come_from_a_file(monkeypatch, tmp_path):
    """DD_SPAN_SAMPLING_RULES_FILE names a file of rules."""
    path = tmp_path / "rules.json"
    path.write_text('[{"name": "a"}]')
    monkeypatch.setenv("DD_SPAN_SAMPLING_RULES_FILE", str(path))

    assert sampler_from_environment().rules == [SpanSamplingRule(name="a")]


@pytest.mark.parametrize("content", [None, b"{", b"\xff"], ids=["missing", "not JSON", "not UTF-8"])
def test_senseless_file_is_one_logged_error(monkeypatch, caplog, tmp_path, content):
    """The variable and the path are named."""
    path = tmp_path / "rules.json"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("DD_SPAN_SAMPLING_RULES_FILE", str(path))

    assert standard_processors() is STANDARD
    assert [f"DD_SPAN_SAMPLING_RULES_FILE={str(path)!r}" in line for line in messages(caplog)] == [True]
    assert caplog.records[0].levelname == "ERROR"


def test_variable_wins_over_file(monkeypatch, caplog):
    """Where both are set the file is not read, which is said."""
    set_rules(monkeypatch, [{"name": "a"}])
    monkeypatch.setenv("DD_SPAN_SAMPLING_RULES_FILE", "/there/is/no/such/file")

    assert sampler_from_environment().rules == [SpanSamplingRule(name="a")]
    assert [(record.levelname, "both" in record.getMessage()) for record in caplog.records] == [("WARNING", True)]


def test_span_of_a_rejected_trace_is_marked_on_the_wire(monkeypatch, agent, make_writer):
    """The trace goes to the agent with its priority, and the span with its marks."""
    set_rules(monkeypatch, [{"name": "pay", "max_per_second": 5}])
    tracer = DummyTracer()
    tracer.configure(writer=make_writer(agent.url), sampler=REJECT_ALL)

    with tracer.trace("root"), tracer.trace("pay"):
        pass
    tracer.flush()

    root, pay = agent.spans
    assert root["metrics"]["_sampling_priority_v1"] == -1
    assert not [key for key in root["metrics"] if key.startswith("_dd.span_sampling")]
    assert pay["metrics"] == {
        "_dd.span_sampling.mechanism": 8,
        "_dd.span_sampling.rule_rate": 1.0,
        "_dd.span_sampling.max_per_second": 5,
    }


def test_filters_see_the_marks(monkeypatch):
    """The application's filters come last, and may look at which spans are kept."""
    seen = []

    class Look:
        def process_trace(self, trace):
            seen.extend(kept(trace))
            return trace

    set_rules(monkeypatch, [{"name": "*"}])
    tracer = DummyTracer()
    tracer.configure(sampler=REJECT_ALL, settings={"FILTERS": [Look()]})

    tracer.trace("a").finish()

    assert seen == ["a"]


def test_trace_that_is_not_sent_keeps_no_span(monkeypatch):
    """What a sampler without priorities rejects stays here as a whole."""
    set_rules(monkeypatch, [{"name": "*"}])
    tracer = DummyTracer()
    tracer.configure(sampler=RateSampler(0))

    tracer.trace("a").finish()

    assert tracer.pop() == []


def test_trace_that_is_not_sent_uses_up_no_limit(monkeypatch):
    """A span that nobody will see does not count."""
    set_rules(monkeypatch, [{"name": "*", "max_per_second": 1}])
    tracer = DummyTracer()
    for sampler in (RateSampler(0), REJECT_ALL):
        tracer.configure(sampler=sampler)
        tracer.trace("a").finish()

    assert kept(tracer.pop()) == ["a"]
