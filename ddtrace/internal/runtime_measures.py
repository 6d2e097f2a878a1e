"""What can be measured of a running interpreter, and sent as gauges."""

from __future__ import annotations

import gc
import logging
import os
import platform
import resource
import sys
import threading
import time
from typing import Any, Mapping

from ddtrace.internal.dogstatsd import DogStatsd
from ddtrace.internal.log import get_logger, throttled
from ddtrace.settings.config import config
from ddtrace.version import __version__

log = get_logger(__name__)

PREFIX = "runtime.python."

# Linux counts in KiB what macOS counts in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class RuntimeMeasures:
    """Measures the process each time that it is asked to; what grows is measured since the last time.

    ``tags`` are put on each measure, beside service, environment, version and interpreter.
    """

    def __init__(self, server: DogStatsd, tags: Mapping[str, Any]) -> None:
        self.server = server
        self._own_tags = tags
        self._last_s = time.monotonic()
        self._last = resource.getrusage(resource.RUSAGE_SELF)

    def send(self) -> None:
        """Measure and send; a server that cannot be reached is one logged line a minute."""
        try:
            self.server.send(self.gauges(), self.tags())
        except OSError as error:
            message = "runtime metrics could not be sent to %s: %s"
            throttled(log, logging.WARNING, message, self.server.url, error)

    def gauges(self) -> dict[str, float]:
        """The measures by their names."""
        now_s, now = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        before, elapsed_s = self._last, now_s - self._last_s
        self._last, self._last_s = now, now_s
        system_s, user_s = now.ru_stime - before.ru_stime, now.ru_utime - before.ru_utime
        found = {
            "cpu.time.sys": system_s,
            "cpu.time.user": user_s,
            "cpu.percent": 100 * (system_s + user_s) / elapsed_s if elapsed_s else 0.0,
            "cpu.ctx_switch.voluntary": now.ru_nvcsw - before.ru_nvcsw,
            "cpu.ctx_switch.involuntary": now.ru_nivcsw - before.ru_nivcsw,
            "mem.rss": _resident_bytes(now),
            "thread_count": threading.active_count(),
            **{f"gc.count.gen{generation}": count for generation, count in enumerate(gc.get_count())},
        }
        return {PREFIX + name: value for name, value in found.items()}

    def tags(self) -> list[str]:
        """What tells this process from others."""
        known = {"service": config.service, "env": config.env, "version": config.version, **self._own_tags}
        interpreter = {
            "lang": "python",
            "lang_interpreter": platform.python_implementation(),
            "lang_version": platform.python_version(),
            "tracer_version": __version__,
        }
        return [f"{key}:{value}" for key, value in {**known, **interpreter}.items() if value]


def _resident_bytes(usage: Any) -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as facts:
            return int(facts.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        # Off Linux, the most that it ever was.
        return usage.ru_maxrss * _RSS_UNIT
