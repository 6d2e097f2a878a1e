"""Decide which traces are kept.

The root span is judged once, when it starts; the verdict travels in the context.
"""

from __future__ import annotations

import abc
import os
from typing import Any, Sequence

from ddtrace.constants import (
    AUTO_KEEP,
    AUTO_REJECT,
    DECISION_MAKER_KEY,
    ENV_KEY,
    LARGEST_ID,
    SAMPLING_LIMIT_DECISION,
    SAMPLING_PRIORITY_KEY,
    SAMPLING_RULE_DECISION,
    USER_KEEP,
    USER_REJECT,
)
from ddtrace.internal.log import get_logger
from ddtrace.internal.rate_limiter import RateLimiter
from ddtrace.sampling_rule import KNUTH_FACTOR, SamplingRule, rules_from_json
from ddtrace.settings.option import Option
from ddtrace.span import Span

__all__ = [
    "AllSampler",
    "BasePrioritySampler",
    "BaseSampler",
    "DatadogSampler",
    "RateByServiceSampler",
    "RateSampler",
    "SamplingRule",
]

log = get_logger(__name__)

DEFAULT_DECISION = "-0"
RULE_DECISION = "-3"


RULES = Option(
    "rules",
    list,
    (),
    "Which traces are kept; the first rule that matches decides.",
    "DD_TRACE_SAMPLING_RULES",
    parser=rules_from_json,
    expects="JSON list of objects with a sample_rate and optionally service, name, resource and tags",
)
SAMPLE_RATE = Option(
    "sample_rate",
    float,
    None,
    "Share of traces kept where no rule matches.",
    "DD_TRACE_SAMPLE_RATE",
    minimum=0,
    maximum=1,
)
RATE_LIMIT = Option(
    "rate_limit", int, 100, "Traces a second that are kept; a negative number is no limit.", "DD_TRACE_RATE_LIMIT"
)


class BaseSampler(abc.ABC):
    """Judges root spans."""

    @abc.abstractmethod
    def sample(self, span: Span, allow_false: bool = True) -> bool:
        """Whether the span's trace is kept; True in any case unless ``allow_false``, so that priorities alone tell."""


class BasePrioritySampler(BaseSampler):
    """A sampler that follows the rates an agent answers with."""

    @abc.abstractmethod
    def update_rate_by_service_sample_rates(self, rates: dict[str, float]) -> None:
        """Take over the agent's rates, keyed ``service:<service>,env:<env>``."""


class AllSampler(BaseSampler):
    """Keeps every trace."""

    def sample(self, span: Span, allow_false: bool = True) -> bool:
        return True


class RateSampler(BaseSampler):
    """Keeps a share of traces, chosen by trace id, so that all services choose the same ones.

    ``sample_rate`` is between 0 and 1; above 1 counts as 1, below 0 raises ValueError.
    """

    def __init__(self, sample_rate: float = 1.0) -> None:
        # Asked this way round, the question refuses NaN too, which would keep nothing.
        if not sample_rate >= 0:
            raise ValueError(f"a sample rate must not be negative, got {sample_rate!r}")
        self.sample_rate = min(float(sample_rate), 1.0)
        self._threshold = int(self.sample_rate * LARGEST_ID)

    def sample(self, span: Span, allow_false: bool = True) -> bool:
        return (span.trace_id * KNUTH_FACTOR) & LARGEST_ID <= self._threshold or not allow_false


class RateByServiceSampler(BasePrioritySampler):
    """Follows the agent: one rate a service and environment, a default for all others."""

    _default_key = "service:,env:"

    def __init__(self, sample_rate: float = 1.0) -> None:
        self._default = RateSampler(sample_rate)
        self._by_service: dict[str, RateSampler] = {}

    def set_sample_rate(self, sample_rate: float, service: str = "", env: str = "") -> None:
        """Set the rate of one service, or the default's where neither service nor env is named."""
        self._set(f"service:{service},env:{env}", RateSampler(sample_rate))

    def _set(self, key: str, sampler: RateSampler) -> None:
        if key == self._default_key:
            self._default = sampler
        else:
            self._by_service[key] = sampler

    def sample(self, span: Span, allow_false: bool = True) -> bool:
        sampler = self._default
        if self._by_service:
            key = f"service:{span.service or ''},env:{span._meta.get(ENV_KEY, '')}"
            sampler = self._by_service.get(key, sampler)
        # What RateSampler.sample does, without a call, and without arithmetic where all is kept: each trace comes here.
        keep = sampler.sample_rate == 1 or (span.trace_id * KNUTH_FACTOR) & LARGEST_ID <= sampler._threshold
        trace = span._trace
        trace.metrics[SAMPLING_PRIORITY_KEY] = AUTO_KEEP if keep else AUTO_REJECT
        trace.meta[DECISION_MAKER_KEY] = DEFAULT_DECISION
        return keep or not allow_false

    def update_rate_by_service_sample_rates(self, rates: dict[str, float]) -> None:
        samplers = {}
        for key, rate in rates.items():
            try:
                samplers[key] = RateSampler(rate)
            except (TypeError, ValueError):
                log.error("the agent answered with the sample rate %r for %r; it is ignored", rate, key)
        self._default = samplers.pop(self._default_key, RateSampler(1.0))
        self._by_service = samplers


class DatadogSampler(RateByServiceSampler):
    """Follows rules; where none matches, the agent.

    The first of the ``rules`` to match decides; ``default_sample_rate`` is a last rule that matches everything. What
    is None comes from DD_TRACE_SAMPLING_RULES, DD_TRACE_SAMPLE_RATE and DD_TRACE_RATE_LIMIT.

    ``rate_limit`` is how many traces are kept in a second: 100 unless set, 0 for none, ``NO_RATE_LIMIT`` for any
    number. A limit of 100 is for what a rule keeps, since an agent limits its own rates by itself. Any other limit is
    the user's word, and is for every trace, also for those which the agent would have kept. What is beyond the limit
    has the priority USER_REJECT, and keeps the decision maker and the rate of whoever had kept it.

    On the root span, ``_dd.rule_psr`` is the rate of the rule. ``_dd.limit_psr`` is the share that the limiter allows;
    it is on each trace that the limiter rejects and, under a limit other than 100, on every trace that is judged.

    Raises TypeError, ValueError or KeyError for rules, rates and limits that are none, be they arguments or from the
    environment; unless ``is_strict``, a variable that is not valid is ignored, with one logged error.
    """

    NO_RATE_LIMIT = -1
    DEFAULT_RATE_LIMIT = RATE_LIMIT.default

    def __init__(
        self,
        rules: Sequence[SamplingRule] | None = None,
        default_sample_rate: float | None = None,
        rate_limit: int | None = None,
        *,
        is_strict: bool = True,
    ) -> None:
        super().__init__()
        if rules is None:
            rules = _from_environment(RULES, is_strict)
        if default_sample_rate is None:
            default_sample_rate = _from_environment(SAMPLE_RATE, is_strict)
        if rate_limit is None:
            rate_limit = _from_environment(RATE_LIMIT, is_strict)
        self.rules = list(rules)
        for rule in self.rules:
            if not isinstance(rule, SamplingRule):
                raise TypeError(f"a rule must be a SamplingRule, got {rule!r} ({type(rule).__name__})")
        self.default_sample_rate = default_sample_rate
        if default_sample_rate is not None:
            self.rules.append(SamplingRule(default_sample_rate))
        self.limiter = RateLimiter(rate_limit)
        self._limits_every_trace = rate_limit != self.DEFAULT_RATE_LIMIT

    def sample(self, span: Span, allow_false: bool = True) -> bool:
        if not self.rules and not self._limits_every_trace:
            # Named and not super(), which costs a good part of what it calls.
            return RateByServiceSampler.sample(self, span, allow_false)
        return self._judge(span) or not allow_false

    def _judge(self, span: Span) -> bool:
        trace = span._trace
        for rule in self.rules:
            if rule.matches(span):
                is_kept = rule.sample(span)
                trace.metrics[SAMPLING_PRIORITY_KEY] = USER_KEEP if is_kept else USER_REJECT
                trace.meta[DECISION_MAKER_KEY] = RULE_DECISION
                span._metrics[SAMPLING_RULE_DECISION] = rule.sample_rate
                is_limited = True
                break
        else:
            is_kept = RateByServiceSampler.sample(self, span)
            is_limited = self._limits_every_trace
        is_beyond = is_kept and is_limited and not self.limiter.is_allowed(span.start_ns)
        if is_beyond:
            trace.metrics[SAMPLING_PRIORITY_KEY] = USER_REJECT
        if is_beyond or self._limits_every_trace:
            span._metrics[SAMPLING_LIMIT_DECISION] = self.limiter.effective_rate
        return is_kept and not is_beyond


def _from_environment(option: Option, is_strict: bool) -> Any:
    text = os.environ.get(option.env, "")
    if not text.strip():
        return option.default
    try:
        return option.parse(text)
    except (KeyError, ValueError) as error:
        if is_strict:
            raise
        log.error("%s=%r is ignored: %s; expected: %s", option.env, text, error.args[0], option.expected)
        return option.default
