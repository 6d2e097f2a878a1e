"""Keep single spans of traces that are rejected.

A span that a rule keeps is marked, and the agent then keeps it although it drops its trace. A trace that is not sent
at all, because a sampler without priorities rejected it, has no spans left to be kept. The module is loaded where
DD_SPAN_SAMPLING_RULES or DD_SPAN_SAMPLING_RULES_FILE is set, and nowhere else.
"""

from __future__ import annotations

import os
from typing import Any

from ddtrace.constants import (
    _SINGLE_SPAN_SAMPLING_MAX_PER_SEC,
    _SINGLE_SPAN_SAMPLING_MAX_PER_SEC_NO_LIMIT,
    _SINGLE_SPAN_SAMPLING_MECHANISM,
    _SINGLE_SPAN_SAMPLING_RATE,
    SAMPLING_PRIORITY_KEY,
)
from ddtrace.internal.log import get_logger
from ddtrace.internal.rate_limiter import RateLimiter
from ddtrace.sampling_rule import SamplingRule, objects_from_json
from ddtrace.span import Span

log = get_logger(__name__)

RULES_VARIABLE = "DD_SPAN_SAMPLING_RULES"
FILE_VARIABLE = "DD_SPAN_SAMPLING_RULES_FILE"

_BY_SPAN_RULE = 8
_NOT_IN_A_GLOB = "[]\\"


class SpanSamplingRule(SamplingRule):
    """Keeps a share of the spans that it matches, at most ``max_per_second``; a negative number is no limit.

    ``service`` and ``name`` are texts or globs, as in a ``SamplingRule``. Raises ValueError for a pattern or a rate
    that is none, and where there is neither service nor name.
    """

    def __init__(
        self,
        service: Any = SamplingRule.NO_RULE,
        name: Any = SamplingRule.NO_RULE,
        sample_rate: float = 1.0,
        max_per_second: float = _SINGLE_SPAN_SAMPLING_MAX_PER_SEC_NO_LIMIT,
    ) -> None:
        super().__init__(sample_rate, service, name)
        if service is self.NO_RULE and name is self.NO_RULE:
            raise ValueError("a span sampling rule must have a service or a name")
        for pattern in (service, name):
            if pattern is not self.NO_RULE:
                _check_glob(pattern)
        self.limiter = RateLimiter(max_per_second)

    def sample(self, span: Span) -> bool:
        """Whether this very span is kept; spans of one trace are judged one by one."""
        return self._is_kept(span.span_id) and self.limiter.is_allowed(span._trace.clock())

    def mark(self, span: Span) -> None:
        """Tell the agent that the span is kept, and why."""
        span._metrics[_SINGLE_SPAN_SAMPLING_MECHANISM] = _BY_SPAN_RULE
        span._metrics[_SINGLE_SPAN_SAMPLING_RATE] = self.sample_rate
        if self.limiter.rate_limit >= 0:
            span._metrics[_SINGLE_SPAN_SAMPLING_MAX_PER_SEC] = self.limiter.rate_limit

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "max_per_second": self.limiter.rate_limit}


def _check_glob(pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise ValueError(f"service and name must be globs, got {pattern!r}")
    for character in _NOT_IN_A_GLOB:
        if character in pattern:
            raise ValueError(f"a glob knows * and ? only, but {pattern!r} has {character!r}")


class SpanSampler:
    """The processor: the first rule that matches a span decides on it."""

    def __init__(self, rules: list[SpanSamplingRule]) -> None:
        self.rules = rules

    def __call__(self, spans: list[Span]) -> list[Span]:
        priority = spans[0]._trace.metrics.get(SAMPLING_PRIORITY_KEY)
        if priority is None or priority > 0:
            return spans
        for span in spans:
            for rule in self.rules:
                if rule.matches(span):
                    if rule.sample(span):
                        rule.mark(span)
                    break
        return spans

    def __repr__(self) -> str:
        return f"SpanSampler({self.rules!r})"


def rules_from_json(text: str) -> list[SpanSamplingRule]:
    """The rules of a JSON list such as ``[{"service": "shop-*", "name": "pay", "sample_rate": 0.5}]``.

    Besides these keys there is ``max_per_second``. Raises ValueError where it is no such list.
    """
    rules = []
    for item in objects_from_json(text, ("service", "name", "sample_rate", "max_per_second")):
        try:
            rules.append(SpanSamplingRule(**item))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{item!r} is no span sampling rule: {error}") from error
    return rules


def sampler_from_environment() -> SpanSampler | None:
    """What DD_SPAN_SAMPLING_RULES or else the file DD_SPAN_SAMPLING_RULES_FILE asks for; None where that is no rule.

    What is not valid is named in one logged error and ignored.
    """
    text, path = os.environ.get(RULES_VARIABLE, ""), os.environ.get(FILE_VARIABLE, "")
    if text and path:
        log.warning("%s and %s are both set; the file is not read", RULES_VARIABLE, FILE_VARIABLE)
    variable, value = (RULES_VARIABLE, text) if text else (FILE_VARIABLE, path)
    try:
        rules = rules_from_json(text or _text_of(path))
    except (OSError, ValueError) as error:
        log.error("%s=%r is ignored: %s", variable, value, error)
        return None
    return SpanSampler(rules) if rules else None


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
