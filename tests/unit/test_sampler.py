"""Which traces are kept."""

import pytest

from ddtrace import Span
from ddtrace.sampler import AllSampler, BaseSampler, RateByServiceSampler, RateSampler
from tests.unit.conftest import messages


def root(trace_id=1, service=None, env=None):
    span = Span("root", service=service, trace_id=trace_id)
    if env:
        span.set_tag("env", env)
    return span


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
