"""A program that uses a library as users have it traced: in an interpreter of its own, by the tracer that is there.

What the program needs is imported when it runs, and not before: gevent wants to be first.
"""

from __future__ import annotations

import collections
import gc
import importlib
import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    from ddtrace import Span
    from testkit.observation import Observation

INTERVAL_S = 0.02
"""Between two sendings, so that some come while the library is used."""

PATIENCE_S = 3600
"""The time that an agent is given to answer; whoever waits for one that never does is still there when all is over."""

EXIT_TIMEOUT_S = 0.2
"""The time that the end of the program may wait for the agent."""


@dataclass(frozen=True)
class Program:
    """What a program does: ``steps`` in this order, of "gevent" and "patch", and then the uses of the library.

    A use is the module and the name of a scenario, or of a function, with its arguments; ``package`` declares the
    integration.
    """

    package: str
    steps: tuple[str, ...]
    uses: tuple[tuple[str, str, dict[str, Any]], ...]
    agent_url: str


def run(program: Program) -> list[dict[str, Any]]:
    """What comes of each use."""
    os.environ.update(
        DD_TRACE_ENABLED="true",
        DD_TRACE_AGENT_TIMEOUT_SECONDS=str(PATIENCE_S),
        DD_TRACE_WRITER_INTERVAL_SECONDS=str(INTERVAL_S),
    )
    for step in program.steps:
        {"gevent": _patch_by_gevent, "patch": _patch}[step](program)
    return _use_all(program)


def _patch_by_gevent(program: Program) -> None:
    import greenlet
    from gevent import monkey

    if _crashes_on_garbage(greenlet.__version__):
        gc.disable()
    # Given where it comes too late for what is imported already.
    warnings.simplefilter("error", monkey.MonkeyPatchWarning)
    monkey.patch_all()


def _crashes_on_garbage(greenlet_version: str) -> bool:
    """Whether programs, untraced ones as well, crash or hang when garbage is collected as greenlets switch.

    Python 3.11 has such a greenlet beside httpbin, which wants no newer one there.
    """
    return int(greenlet_version.partition(".")[0]) < 3


def _patch(program: Program) -> None:
    importlib.import_module(program.package).integration.patch()


def _use_all(program: Program) -> list[dict[str, Any]]:
    from ddtrace import tracer
    from ddtrace.writer import AgentWriter
    from testkit._scenario import Scenario
    from testkit.observation import observe

    started: list[Span] = []
    tracer.on_start_span(started.append)
    tracer.configure(writer=AgentWriter(program.agent_url, exit_timeout_s=EXIT_TIMEOUT_S))
    results = []
    for module, name, arguments in program.uses:
        found = getattr(importlib.import_module(module), name)
        scenario = found if isinstance(found, Scenario) else Scenario(None, found)
        seen = observe(scenario, arguments, epilogue=tracer.context_provider.active)
        results.append(facts(seen, started))
        started.clear()
    return results


def facts(seen: Observation, started: Iterable[Span]) -> dict[str, Any]:
    """What a traced use comes to: the outcome, whether anything is still active, and the shape of its spans."""
    names = {span.span_id: span.name for span in started}
    spans = [
        {
            "name": span.name,
            "parent": names.get(span.parent_id),
            "error": span.error,
            "is finished": span.finished,
            "tags": sorted(span.get_tags()),
        }
        for span in started
    ]
    return {
        "outcome": seen.outcome,
        "is nothing active": seen.epilogue is None,
        "spans": dict(collections.Counter(map(repr, spans))),
    }
