"""Say which share is kept of the spans of a certain kind."""

from __future__ import annotations

import logging
import re
from typing import Any

from ddtrace.constants import LARGEST_ID
from ddtrace.internal.log import get_logger, throttled
from ddtrace.span import Span

__all__ = ["SamplingRule"]

log = get_logger(__name__)

KNUTH_FACTOR = 1111111111111111111


class _NoRule:
    def __repr__(self) -> str:
        return "NO_RULE"


class SamplingRule:
    """Keeps a share of the traces whose root span it matches.

    ``sample_rate`` is from 0 to 1, else ValueError is raised. The span's ``service``, ``name`` and ``resource`` and
    the values of its ``tags`` each have to match a pattern, unless there is none (``NO_RULE``). A pattern is one of:

    - a text, which the value equals, or in which ``*`` stands for any text and ``?`` for any character: such a glob
      takes no notice of letter case
    - a compiled regular expression, which matches from the value's start on
    - a callable that is given the value; if it fails, that is logged and counts as no match
    - anything else, such as None for a span without a service, which the value equals

    To a glob and to a regular expression a missing service is an empty text. A missing tag matches nothing; a number
    is matched as a text by a text. A root span is judged when it starts: by the tags it has then, which are
    ``env``, ``version`` and those of ``tracer.set_tags`` and DD_TAGS.
    """

    NO_RULE = _NoRule()

    def __init__(
        self,
        sample_rate: float,
        service: Any = NO_RULE,
        name: Any = NO_RULE,
        resource: Any = NO_RULE,
        tags: Any = NO_RULE,
    ) -> None:
        if tags is not self.NO_RULE and not isinstance(tags, dict):
            raise TypeError(f"the tags of a sampling rule must be a dict of patterns, got {tags!r}")
        self.sample_rate = _checked_share(sample_rate)
        self.service = service
        self.name = name
        self.resource = resource
        self.tags = tags
        fields = (("service", service), ("name", name), ("resource", resource))
        self._fields = [(field, _compiled(pattern)) for field, pattern in fields if pattern is not self.NO_RULE]
        self._tags = [] if tags is self.NO_RULE else [(key, _compiled(pattern)) for key, pattern in tags.items()]

    def matches(self, span: Span) -> bool:
        """Whether the span is of the rule's kind."""
        for field, pattern in self._fields:
            if not self._is_match(pattern, getattr(span, field)):
                return False
        for key, pattern in self._tags:
            value = span._meta.get(key, span._metrics.get(key))
            if value is None or not self._is_match(pattern, value):
                return False
        return True

    def _is_match(self, pattern: Any, value: Any) -> bool:
        try:
            if isinstance(pattern, str):
                return _text(value) == pattern
            if isinstance(pattern, re.Pattern):
                return pattern.match(_text(value)) is not None
            return bool(pattern(value)) if callable(pattern) else bool(pattern == value)
        except Exception as error:
            throttled(log, logging.WARNING, "%r could not be matched by %r, so it is not: %r", value, self, error)
            return False

    def sample(self, span: Span) -> bool:
        """Whether the span's trace is among those that are kept."""
        return self._is_kept(span.trace_id)

    def _is_kept(self, number: int) -> bool:
        rate = self.sample_rate
        return rate == 1 or (rate > 0 and (number * KNUTH_FACTOR) & LARGEST_ID <= rate * LARGEST_ID)

    def _facts(self) -> dict[str, Any]:
        patterns = {name: getattr(self, name) for name in ("service", "name", "resource", "tags")}
        given = {name: pattern for name, pattern in patterns.items() if pattern is not self.NO_RULE}
        return {"sample_rate": self.sample_rate, **given}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._facts() == other._facts()

    # Its patterns may be a dict.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._facts().items())})"


def _checked_share(sample_rate: float) -> float:
    """The rate as a float; raises ValueError unless it is from 0 to 1."""
    # Asked this way round, the question refuses NaN too; and no int is too large for it.
    if not 0 <= (float(sample_rate) if isinstance(sample_rate, str) else sample_rate) <= 1:
        raise ValueError(f"a sample rate must be from 0 to 1, got {sample_rate!r}")
    return float(sample_rate)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _compiled(pattern: Any) -> Any:
    is_glob = isinstance(pattern, str) and ("*" in pattern or "?" in pattern)
    return compiled_glob(pattern) if is_glob else pattern


def compiled_glob(glob: str) -> re.Pattern[str]:
    """A regular expression that matches the same texts as a whole, in any letter case.

    Its time grows with the length of the text times that of the glob, and no worse.
    """
    first, *others = [re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", glob)]
    last = f".*{others.pop()}" if others else ""
    # A part has a fixed length, so where it fits first leaves the most to the others. The atomic group holds on to
    # that place: there is no other combination to be tried.
    between = "".join(f"(?>.*?{part})" for part in others)
    return re.compile(rf"{first}{between}{last}\Z", re.IGNORECASE | re.DOTALL)


def rules_from_json(text: str) -> list[SamplingRule]:
    """The rules of a JSON list such as ``[{"sample_rate": 0.5, "service": "shop-*"}]``.

    Besides these keys there are ``name``, ``resource`` and ``tags``. Raises ValueError where it is no such list, and
    KeyError where a rule has no ``sample_rate``.
    """
    rules = []
    for item in objects_from_json(text, ("sample_rate", "service", "name", "resource", "tags")):
        if "sample_rate" not in item:
            raise KeyError(f"a sampling rule must have a sample_rate, got {item!r}")
        try:
            rules.append(SamplingRule(**item))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{item!r} is no sampling rule: {error}") from error
    return rules


def objects_from_json(text: str, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """The objects of a JSON list, with these keys only; another is named in one logged line and left out.

    Raises ValueError where it is no JSON or no list of objects.
    """
    import json

    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{text!r} is not JSON: {error}") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f"{text!r} is not a JSON list of objects")
    for item in items:
        unknown = item.keys() - set(keys)
        if unknown:
            log.warning("%r has keys that no rule has, which are left out: %s", item, ", ".join(sorted(unknown)))
    return [{key: item[key] for key in keys if key in item} for item in items]
