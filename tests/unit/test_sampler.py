"""Which traces are kept."""

import pytest

from ddtrace import Span, Tracer
from ddtrace.context import Context
from ddtrace.sampler import (
    AllSampler,
    BaseSampler,
    DatadogSampler,
    RateByServiceSampler,
    RateSampler,
    SamplingRule,
)
from tests.unit.conftest import messages

VARIABLES = ("DD_TRACE_SAMPLING_RULES", "DD_TRACE_SAMPLE_RATE", "DD_TRACE_RATE_LIMIT")


def root(trace_id=1, service=None, env=None):
    span = Span("root", service=service, trace_id=trace_id)
    if env:
        span.set_tag("env", env)
    return span


def type_name(value):
    return type(value).__name__


def share_kept(sampler, traces=2_000):
    # Ids evenly over all 64 bits; the sampler's factor spreads them like random ones.
    step = 2**64 // traces
    return sum(sampler.sample(root(1 + number * step)) for number in range(traces)) / traces


def test_all_sampler_keeps_all():
    """No trace is judged away."""
    assert share_kept(AllSampler(), traces=10) == 1


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_rate_is_the_share_that_is_kept(rate):
    """Of many traces about the rate is kept."""
    assert share_kept(RateSampler(rate)) == pytest.approx(rate, abs=0.03)


@pytest.mark.parametrize("rate, share", [(0, 0), (1, 1), (1.5, 1)])
def test_rate_at_the_ends(rate, share):
    """0 keeps none; 1, and anything above, keeps all."""
    sampler = RateSampler(rate)

    assert share_kept(sampler, traces=100) == share
    assert sampler.sample_rate == share


def test_verdict_follows_from_the_trace_id():
    """Two services with the same rate choose the same traces: id * 1111111111111111111 mod 2**64 decides."""
    assert RateSampler(0.5).sample(root(trace_id=1))
    assert not RateSampler(0.5).sample(root(trace_id=10))
    assert not RateSampler(0.06).sample(root(trace_id=1))


def test_only_the_low_64_bits_count():
    """A 128-bit trace id is judged by what all services see of it."""
    sampler = RateSampler(0.5)

    verdicts = [sampler.sample(root(trace_id)) for trace_id in range(1, 50)]

    assert [sampler.sample(root((7 << 64) | trace_id)) for trace_id in range(1, 50)] == verdicts


@pytest.mark.parametrize("rate", [-0.1, float("nan")])
def test_rate_must_be_a_share(rate):
    """A negative rate, or none at all, is refused with what was found."""
    with pytest.raises(ValueError, match=str(rate)):
        RateSampler(rate)


def test_default_rate_holds_for_all_services():
    """Until the agent answers, every service has the default."""
    assert RateByServiceSampler().sample(root(service="shop"))
    assert not RateByServiceSampler(0).sample(root(service="shop"))


def test_agent_rates_are_by_service_and_env():
    """A rate holds for its service in its environment; all others have the default."""
    sampler = RateByServiceSampler()

    sampler.update_rate_by_service_sample_rates({"service:shop,env:prod": 0.0, "service:,env:": 1.0})

    assert not sampler.sample(root(service="shop", env="prod"))
    assert sampler.sample(root(service="shop", env="test"))
    assert sampler.sample(root(service="shop"))
    assert sampler.sample(root(env="prod"))


def test_agent_can_change_the_default():
    """The key without service and env is the default's."""
    sampler = RateByServiceSampler()

    sampler.update_rate_by_service_sample_rates({"service:,env:": 0.0})

    assert not sampler.sample(root(service="any"))


def test_new_rates_take_the_place_of_the_old():
    """A service that the agent names no longer has the default again."""
    sampler = RateByServiceSampler()
    sampler.update_rate_by_service_sample_rates({"service:shop,env:": 0.0})

    sampler.update_rate_by_service_sample_rates({"service:,env:": 1.0})

    assert sampler.sample(root(service="shop"))


@pytest.mark.parametrize("rate", [-1, "much", None, [1]])
def test_senseless_agent_rate_is_ignored(caplog, rate):
    """One logged line names rate and key; the other rates are taken over."""
    sampler = RateByServiceSampler()

    sampler.update_rate_by_service_sample_rates({"service:shop,env:": rate, "service:bank,env:": 0.0})

    assert sampler.sample(root(service="shop"))
    assert not sampler.sample(root(service="bank"))
    assert [repr(rate) in line and "service:shop,env:" in line for line in messages(caplog)] == [True]


def test_set_sample_rate_names_service_and_env():
    """By hand, a rate is set for one service, or as the default."""
    sampler = RateByServiceSampler()

    sampler.set_sample_rate(0, service="shop", env="prod")
    assert not sampler.sample(root(service="shop", env="prod"))
    assert sampler.sample(root(service="bank"))

    sampler.set_sample_rate(0)
    assert not sampler.sample(root(service="bank"))


@pytest.mark.parametrize("rate, priority", [(0, 0), (1, 1)])
def test_verdict_is_a_priority(rate, priority):
    """What a priority sampler says travels in the context, marked as decided by default."""
    span = root()

    RateByServiceSampler(rate).sample(span)

    assert span.context.sampling_priority == priority
    assert span.context._meta["_dd.p.dm"] == "-0"


def test_base_is_abstract():
    """A sampler without sample() cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        BaseSampler()


@pytest.mark.parametrize(
    "sampler", [RateSampler(0), RateByServiceSampler(0), DatadogSampler(default_sample_rate=0)], ids=type_name
)
def test_allow_false(sampler):
    """Where False is not allowed, True is returned, and the priority alone says no."""
    span = root()

    assert sampler.sample(span, allow_false=False) is True
    assert sampler.sample(span) is False
    assert (span.context.sampling_priority or 0) <= 0


def test_decision_of_ours_names_us():
    """A decision maker that came without a decision is not the one who made it."""
    span = Span("root", context=Context(meta={"_dd.p.dm": "-4"}))

    RateByServiceSampler().sample(span)

    assert span.context._meta["_dd.p.dm"] == "-0"


def judged(sampler, **fields):
    """What a sampler says of a root span: the priority, the decision maker and the rates."""
    span = Span("root", **{"trace_id": 1, "start": 1.0, **fields})
    sampler.sample(span)
    return span.context.sampling_priority, span.context._meta["_dd.p.dm"], span.get_metrics()


def test_datadog_sampler_follows_the_agent_without_rules():
    """Agent rates decide, by default as they would alone; no rate is told."""
    sampler = DatadogSampler()
    assert judged(sampler, service="shop") == (1, "-0", {})

    sampler.update_rate_by_service_sample_rates({"service:shop,env:": 0.0})
    assert judged(sampler, service="shop") == (0, "-0", {})
    assert judged(sampler, service="bank") == (1, "-0", {})


def test_agent_decides_where_no_rule_matches():
    """Rules are for what they match."""
    sampler = DatadogSampler(rules=[SamplingRule(1, service="bank")])
    sampler.update_rate_by_service_sample_rates({"service:,env:": 0.0})

    assert judged(sampler, service="shop") == (0, "-0", {})
    assert judged(sampler, service="bank") == (2, "-3", {"_dd.rule_psr": 1})


def test_first_rule_that_matches_decides():
    """A rule tells its rate, and that it decided, also of what it drops."""
    sampler = DatadogSampler(rules=[SamplingRule(0, service="sh*"), SamplingRule(1, name="root")])

    assert judged(sampler, service="shop") == (-1, "-3", {"_dd.rule_psr": 0})
    assert judged(sampler, service="bank") == (2, "-3", {"_dd.rule_psr": 1})


def test_default_rate_is_the_last_rule():
    """It matches what no other rule does, and is public like them."""
    sampler = DatadogSampler(rules=[SamplingRule(1, service="shop")], default_sample_rate=0.01)

    assert judged(sampler, service="shop") == (2, "-3", {"_dd.rule_psr": 1})
    assert judged(sampler, service="bank") == (-1, "-3", {"_dd.rule_psr": 0.01})
    assert sampler.rules == [SamplingRule(1, service="shop"), SamplingRule(0.01)]
    assert sampler.default_sample_rate == 0.01


def test_rule_added_later_counts():
    """The list of rules is the application's to change."""
    sampler = DatadogSampler()

    sampler.rules.append(SamplingRule(0))

    assert judged(sampler) == (-1, "-3", {"_dd.rule_psr": 0})


def test_default_limit_is_for_what_rules_keep():
    """Of more than a hundred at once the rest is rejected, and says how many were allowed; the others say nothing."""
    sampler = DatadogSampler(default_sample_rate=1)

    decisions = [judged(sampler) for _ in range(125)]

    assert decisions[:100] == [(2, "-3", {"_dd.rule_psr": 1})] * 100
    assert decisions[124] == (-1, "-3", {"_dd.rule_psr": 1, "_dd.limit_psr": 0.8})
    assert sampler.limiter.rate_limit == DatadogSampler.DEFAULT_RATE_LIMIT == 100


def test_default_limit_is_not_for_the_agent_s_rates():
    """An agent sees to its own limit, be there rules for other traces or not."""
    sampler = DatadogSampler(rules=[SamplingRule(1, service="bank")])

    assert [judged(sampler, service="shop") for _ in range(200)] == [(1, "-0", {})] * 200


def test_limit_of_the_user_is_for_every_trace():
    """What the agent would have kept counts too; each decision tells the share that is allowed."""
    sampler = DatadogSampler(rate_limit=1)

    assert judged(sampler) == (1, "-0", {"_dd.limit_psr": 1})
    assert judged(sampler) == (-1, "-0", {"_dd.limit_psr": 0.5})


def test_what_is_dropped_does_not_use_up_the_limit():
    """The limiter is not asked for what a rule drops; under a limit of the user its share is told nevertheless."""
    sampler = DatadogSampler(rules=[SamplingRule(0, service="shop"), SamplingRule(1)], rate_limit=1)

    assert judged(sampler, service="shop") == (-1, "-3", {"_dd.rule_psr": 0, "_dd.limit_psr": 1})
    assert judged(sampler, service="bank") == (2, "-3", {"_dd.rule_psr": 1, "_dd.limit_psr": 1})


def test_without_limit_any_number_is_kept():
    """NO_RATE_LIMIT is a limit of the user that limits nothing."""
    sampler = DatadogSampler(default_sample_rate=1, rate_limit=DatadogSampler.NO_RATE_LIMIT)

    assert [judged(sampler) for _ in range(200)] == [(2, "-3", {"_dd.rule_psr": 1, "_dd.limit_psr": 1})] * 200


def test_limit_is_one_of_time():
    """A second later as many are kept again; the time is that of the spans."""
    sampler = DatadogSampler(default_sample_rate=1, rate_limit=1)

    assert [judged(sampler, start=start)[0] for start in (1.0, 1.5, 2.0, 2.5, 3.0)] == [2, -1, 2, -1, 2]


def test_environment_sets_the_sampler(monkeypatch):
    """Each argument has a variable."""
    monkeypatch.setenv("DD_TRACE_SAMPLING_RULES", '[{"sample_rate": 0.5, "service": "shop"}]')
    monkeypatch.setenv("DD_TRACE_SAMPLE_RATE", "0.25")
    monkeypatch.setenv("DD_TRACE_RATE_LIMIT", "7")

    sampler = DatadogSampler()

    assert sampler.rules == [SamplingRule(0.5, service="shop"), SamplingRule(0.25)]
    assert (sampler.default_sample_rate, sampler.limiter.rate_limit) == (0.25, 7)


def test_arguments_win_over_the_environment(monkeypatch):
    """A variable is not even read where its argument is given."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "senseless")

    sampler = DatadogSampler(rules=[], default_sample_rate=1, rate_limit=100)

    assert (sampler.rules, sampler.limiter.rate_limit) == ([SamplingRule(1)], 100)


def test_empty_variables_are_not_set(monkeypatch):
    """Where a deployment clears a variable, it has no value."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, " ")

    sampler = DatadogSampler()

    assert (sampler.rules, sampler.default_sample_rate, sampler.limiter.rate_limit) == ([], None, 100)


@pytest.mark.parametrize(
    "arguments, error, found",
    [
        ({"rules": [{"sample_rate": 1}]}, TypeError, "SamplingRule, got {'sample_rate': 1}"),
        ({"rules": "all"}, TypeError, "SamplingRule, got 'a'"),
        ({"default_sample_rate": 1.5}, ValueError, "got 1.5"),
        ({"default_sample_rate": "much"}, ValueError, "much"),
        ({"rate_limit": "7"}, TypeError, "got '7'"),
    ],
    ids=str,
)
def test_senseless_argument_is_an_error(arguments, error, found):
    """Who makes a sampler learns at once what is wrong with it."""
    with pytest.raises(error, match=found):
        DatadogSampler(**arguments)


SENSELESS = [
    ("DD_TRACE_SAMPLING_RULES", "{", ValueError),
    ("DD_TRACE_SAMPLING_RULES", '[{"service": "shop"}]', KeyError),
    ("DD_TRACE_SAMPLING_RULES", '[{"sample_rate": "much"}]', ValueError),
    ("DD_TRACE_SAMPLE_RATE", "much", ValueError),
    ("DD_TRACE_SAMPLE_RATE", "1.5", ValueError),
    ("DD_TRACE_SAMPLE_RATE", "nan", ValueError),
    ("DD_TRACE_RATE_LIMIT", "much", ValueError),
]


@pytest.mark.parametrize("variable, text, error", SENSELESS)
def test_senseless_variable_is_an_error(monkeypatch, variable, text, error):
    """A sampler made by hand is as strict with the environment as with its arguments."""
    monkeypatch.setenv(variable, text)

    with pytest.raises(error):
        DatadogSampler()


@pytest.mark.parametrize("variable, text, error", SENSELESS)
def test_senseless_variable_does_not_stop_a_tracer(monkeypatch, caplog, variable, text, error):
    """One logged error names variable and value; the setting is ignored, and the application starts."""
    monkeypatch.setenv(variable, text)

    sampler = Tracer()._sampler

    assert (sampler.rules, sampler.default_sample_rate, sampler.limiter.rate_limit) == ([], None, 100)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert f"{variable}={text!r} is ignored" in messages(caplog)[0]


def test_one_senseless_variable_leaves_the_others(monkeypatch):
    """Only what is not valid is ignored."""
    monkeypatch.setenv("DD_TRACE_SAMPLING_RULES", "{")
    monkeypatch.setenv("DD_TRACE_SAMPLE_RATE", "0.5")

    assert DatadogSampler(is_strict=False).rules == [SamplingRule(0.5)]
