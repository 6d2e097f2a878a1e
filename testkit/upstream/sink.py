"""An agent that takes all traces and counts their spans."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from testkit.collector import collector


class Sink:
    """What came: ``spans`` by the integration that made them, as their tag ``component`` says."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, traces: list[list[dict[str, Any]]]) -> None:
        """Count the spans."""
        made_by = Counter(span.get("meta", {}).get("component", "") for trace in traces for span in trace)
        with self._lock:
            self.spans.update(made_by)


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink on a free port of this machine, for the time of a with statement."""
    found = Sink()
    with collector(found.take) as found.url:
        yield found
