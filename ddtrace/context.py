"""What of a trace crosses a boundary: its ids, its sampling priority, its origin and its propagated tags."""

from __future__ import annotations

import binascii
from typing import Any

from ddtrace.constants import ORIGIN_KEY, SAMPLING_PRIORITY_KEY, USER_ID_KEY

__all__ = ["Context"]


class Context:
    """A place in a trace, local or remote, that a span can be the child of.

    The spans of one process in one trace share the dictionaries of their contexts, so that a decision made once is
    seen by all of them.
    """

    __slots__ = ("trace_id", "span_id", "_meta", "_metrics")

    def __init__(
        self,
        trace_id: int | None = None,
        span_id: int | None = None,
        dd_origin: str | None = None,
        sampling_priority: float | None = None,
        meta: dict[str, str] | None = None,
        metrics: dict[str, float] | None = None,
        lock: object = None,
    ) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self._meta = {} if meta is None else meta
        self._metrics = {} if metrics is None else metrics
        if dd_origin is not None:
            self.dd_origin = dd_origin
        if sampling_priority is not None:
            self.sampling_priority = sampling_priority

    @property
    def sampling_priority(self) -> float | None:
        """Whether the trace is kept: one of USER_REJECT, AUTO_REJECT, AUTO_KEEP and USER_KEEP, or undecided."""
        return self._metrics.get(SAMPLING_PRIORITY_KEY)

    @sampling_priority.setter
    def sampling_priority(self, value: float | None) -> None:
        if value is None:
            self._metrics.pop(SAMPLING_PRIORITY_KEY, None)
        else:
            self._metrics[SAMPLING_PRIORITY_KEY] = value

    @property
    def dd_origin(self) -> str | None:
        """The product that the trace began in; only printable ASCII, since it travels in a header."""
        return self._meta.get(ORIGIN_KEY)

    @dd_origin.setter
    def dd_origin(self, value: str | None) -> None:
        if value is not None and value.isascii() and value.isprintable():
            self._meta[ORIGIN_KEY] = value
        else:
            self._meta.pop(ORIGIN_KEY, None)

    @property
    def dd_user_id(self) -> str | None:
        """The user on whose behalf the trace runs; kept in base64."""
        encoded = self._meta.get(USER_ID_KEY)
        return None if encoded is None else binascii.a2b_base64(encoded).decode()

    @dd_user_id.setter
    def dd_user_id(self, value: str | None) -> None:
        if value is None:
            self._meta.pop(USER_ID_KEY, None)
        else:
            self._meta[USER_ID_KEY] = binascii.b2a_base64(value.encode(), newline=False).decode()

    def __getstate__(self) -> tuple[Any, ...]:
        return self.trace_id, self.span_id, self._meta, self._metrics

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.trace_id, self.span_id, self._meta, self._metrics = state

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Context):
            return NotImplemented
        return self.__getstate__() == other.__getstate__()

    # Its state changes while it is shared, so no hash of it could hold.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return (
            f"Context(trace_id={self.trace_id}, span_id={self.span_id}, _meta={self._meta}, _metrics={self._metrics})"
        )
