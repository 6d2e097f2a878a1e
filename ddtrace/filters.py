"""Let an application change or drop finished traces."""

from __future__ import annotations

import abc
import re

from ddtrace.ext import http
from ddtrace.span import Span

__all__ = ["FilterRequestsOnUrl", "TraceFilter"]


class TraceFilter(abc.ABC):
    """One step of ``tracer.configure(settings={"FILTERS": [...]})``."""

    @abc.abstractmethod
    def process_trace(self, trace: list[Span]) -> list[Span] | None:
        """Return the trace, changed or not, or None to drop it."""


class FilterRequestsOnUrl(TraceFilter):
    """Drop the traces whose root span's URL matches one of the regular expressions, from its start."""

    def __init__(self, regexps: str | list[str]) -> None:
        if isinstance(regexps, str):
            regexps = [regexps]
        self._regexps = [re.compile(regexp) for regexp in regexps]

    def process_trace(self, trace: list[Span]) -> list[Span] | None:
        for span in trace:
            url = span.get_tag(http.URL) if span.parent_id is None else None
            if url is not None and any(regexp.match(url) for regexp in self._regexps):
                return None
        return trace
