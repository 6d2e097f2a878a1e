"""Let only so many things happen in a second."""

from __future__ import annotations

import threading

from ddtrace.internal import forks

_SECOND_NS = 1_000_000_000


class RateLimiter:
    """A token bucket that holds what one second allows, and is full at first.

    ``rate_limit`` is how many a second are allowed: 0 allows none, a negative number all. The time is the caller's to
    tell, in nanoseconds. Any number of threads may ask. Raises TypeError where the limit is no number, and ValueError
    where it is not finite.
    """

    def __init__(self, rate_limit: float) -> None:
        if isinstance(rate_limit, bool) or not isinstance(rate_limit, (int, float)):
            raise TypeError(f"a rate limit must be a number a second, got {rate_limit!r} ({type(rate_limit).__name__})")
        if not abs(rate_limit) < float("inf"):
            raise ValueError(f"a rate limit must be a finite number a second, got {rate_limit!r}")
        self.rate_limit = rate_limit
        # Not a plain one: a destructor, or a handler of a signal, may start a trace in a thread that has it.
        self._lock = threading.RLock()
        self._is_registered = False
        # Tokens times a second, so that whole limits are counted in whole numbers. A limit below one a second has to
        # save up for more than a second, or it would allow nothing at all.
        self._capacity = max(rate_limit, 1) * _SECOND_NS if rate_limit > 0 else 0
        self._credit = self._capacity
        self._last_ns: int | None = None
        self._window_start_ns = 0
        self._asked = self._allowed = 0
        self._previous_rate: float | None = None

    def is_allowed(self, timestamp_ns: int) -> bool:
        """Whether one more may happen at that time; if so, it counts."""
        if self.rate_limit < 0:
            return True
        if not self._is_registered:
            # Not earlier, since the process's own sampler is made by ``import ddtrace``.
            self._is_registered = True
            forks.register(self._renew_lock)
        with self._lock:
            self._move_on(timestamp_ns)
            is_allowed = self._credit >= _SECOND_NS
            if is_allowed:
                self._credit -= _SECOND_NS
            self._asked += 1
            self._allowed += is_allowed
        return is_allowed

    def _move_on(self, timestamp_ns: int) -> None:
        if self._last_ns is None or timestamp_ns < self._last_ns - _SECOND_NS:
            # The first time; or the clock was set back, and the bucket must not wait until it has caught up. Less than
            # a second back is but a thread that asks later than it looked at the clock.
            self._last_ns = self._window_start_ns = timestamp_ns
        elif timestamp_ns > self._last_ns:
            self._credit = min(self._capacity, self._credit + (timestamp_ns - self._last_ns) * self.rate_limit)
            self._last_ns = timestamp_ns
        windows = (timestamp_ns - self._window_start_ns) // _SECOND_NS
        if windows > 0:
            self._previous_rate = self._allowed / self._asked if windows == 1 else None
            self._asked = self._allowed = 0
            self._window_start_ns += windows * _SECOND_NS

    @property
    def effective_rate(self) -> float:
        """The share that was allowed: the mean of this second's and the one before, or of the one in which any asked.

        Where nobody has asked yet, it is 1, or 0 for a limit of 0.
        """
        with self._lock:
            if not self._asked:
                return 1.0 if self.rate_limit else 0.0
            rate = self._allowed / self._asked
            return rate if self._previous_rate is None else (rate + self._previous_rate) / 2

    def _renew_lock(self) -> None:
        # A thread that the forked child does not have may have held it.
        self._lock = threading.RLock()
