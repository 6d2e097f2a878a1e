"""Decide which traces are kept.

The root span is judged once, when it starts; the verdict travels in the context.
"""

from __future__ import annotations

import abc

from ddtrace.constants import AUTO_KEEP, AUTO_REJECT, ENV_KEY, SAMPLING_PRIORITY_KEY
from ddtrace.internal.log import get_logger
from ddtrace.span import Span

__all__ = [
    "AllSampler",
    "BasePrioritySampler",
    "BaseSampler",
    "RateByServiceSampler",
    "RateSampler",
]

log = get_logger(__name__)

_KNUTH_FACTOR = 1111111111111111111
_LARGEST_ID = 2**64 - 1

DECISION_MAKER_KEY = "_dd.p.dm"
DEFAULT_DECISION = "-0"


class BaseSampler(abc.ABC):
    """Judges root spans."""

    @abc.abstractmethod
    def sample(self, span: Span) -> bool:
        """Whether the span's trace is kept."""


class BasePrioritySampler(BaseSampler):
    """A sampler that follows the rates an agent answers with."""

    @abc.abstractmethod
    def update_rate_by_service_sample_rates(self, rates: dict[str, float]) -> None:
        """Take over the agent's rates, keyed ``service:<service>,env:<env>``."""


class AllSampler(BaseSampler):
    """Keeps every trace."""

    def sample(self, span: Span) -> bool:
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
        self._threshold = self.sample_rate * _LARGEST_ID

    def sample(self, span: Span) -> bool:
        return (span.trace_id * _KNUTH_FACTOR) & _LARGEST_ID <= self._threshold


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

    def sample(self, span: Span) -> bool:
        sampler = self._default
        if self._by_service:
            key = f"service:{span.service or ''},env:{span._meta.get(ENV_KEY, '')}"
            sampler = self._by_service.get(key, sampler)
        keep = sampler.sample(span)
        trace = span._trace
        trace.metrics[SAMPLING_PRIORITY_KEY] = AUTO_KEEP if keep else AUTO_REJECT
        trace.meta.setdefault(DECISION_MAKER_KEY, DEFAULT_DECISION)
        return keep

    def update_rate_by_service_sample_rates(self, rates: dict[str, float]) -> None:
        samplers = {}
        for key, rate in rates.items():
            try:
                samplers[key] = RateSampler(rate)
            except (TypeError, ValueError):
                log.error("the agent answered with the sample rate %r for %r; it is ignored", rate, key)
        self._default = samplers.pop(self._default_key, RateSampler(1.0))
        self._by_service = samplers
