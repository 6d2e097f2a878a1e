"""Measure the interpreter that a program runs in, and send that to a DogStatsD server.

::

    from ddtrace.runtime import RuntimeMetrics

    RuntimeMetrics.enable()

``ddtrace-run`` does so where DD_RUNTIME_METRICS_ENABLED is true. The server is that of DD_DOGSTATSD_URL, or of
DD_AGENT_HOST and DD_DOGSTATSD_PORT; DD_RUNTIME_METRICS_INTERVAL is how many seconds are between two measures, 10
unless set. Measured are ``runtime.python.`` ``cpu.time.sys`` and ``cpu.time.user`` (seconds of the interval),
``cpu.percent`` (of one processor), ``cpu.ctx_switch.voluntary`` and ``cpu.ctx_switch.involuntary`` (of the interval),
``mem.rss`` (bytes), ``thread_count``, and ``gc.count.gen0`` to ``gc.count.gen2``.
"""

from __future__ import annotations

from ddtrace.internal import forks
from ddtrace.internal.dogstatsd import DogStatsd, dogstatsd_url_from_environment
from ddtrace.internal.periodic import PeriodicThread
from ddtrace.internal.runtime_measures import RuntimeMeasures
from ddtrace.settings.option import Option, from_environment
from ddtrace.tracer import Tracer
from ddtrace.tracer import tracer as global_tracer

__all__ = ["RuntimeMetrics"]

INTERVAL_S = Option(
    "interval_s", float, 10.0, "Seconds between two measures.", "DD_RUNTIME_METRICS_INTERVAL", minimum=0.001
)


class RuntimeMetrics:
    """The one switch of a process: on or off."""

    _running: _Running | None = None

    @classmethod
    def enable(
        cls, tracer: Tracer | None = None, dogstatsd_url: str | None = None, flush_interval: float | None = None
    ) -> None:
        """Measure from now on, every ``flush_interval`` seconds; where that is done already, nothing changes.

        ``tracer`` gives its tags to the measures. Raises ValueError for a URL that names no server.
        """
        if cls._running is None:
            server = DogStatsd(dogstatsd_url or dogstatsd_url_from_environment())
            interval_s = flush_interval or from_environment(INTERVAL_S, INTERVAL_S.env)
            cls._running = _Running(RuntimeMeasures(server, (tracer or global_tracer)._tags), interval_s)

    @classmethod
    def disable(cls) -> None:
        """Measure no more."""
        running, cls._running = cls._running, None
        if running is not None:
            running.stop()

    @classmethod
    def is_enabled(cls) -> bool:
        """Whether the process is measured."""
        return cls._running is not None


class _Running:
    """The thread that measures, which a forked child has to begin anew."""

    def __init__(self, measures: RuntimeMeasures, interval_s: float) -> None:
        self._measures = measures
        self._interval_s = interval_s
        self._is_stopped = False
        self._begin()
        forks.register(self._begin)

    def _begin(self) -> None:
        if not self._is_stopped:
            self._thread = PeriodicThread("ddtrace.runtime", self._interval_s, self._measures.send)
            self._thread.start()

    def stop(self) -> None:
        self._is_stopped = True
        self._thread.stop()
