"""Prove integrations: that their spans are right, and that nobody else can tell they are there.

The names below are all that the author of a test needs; each is loaded on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "CheckFailed": "testkit.check",
    "CountingIds": "testkit.tracer",
    "DummyTracer": "testkit.tracer",
    "RecordingWriter": "testkit.writer",
    "Scenario": "testkit._scenario",
    "SpanContainer": "testkit.spans",
    "TickingClock": "testkit.tracer",
    "run_python": "testkit.interpreter",
    "scenario": "testkit._scenario",
    "traced": "testkit.patched",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(importlib.import_module(home), name)
