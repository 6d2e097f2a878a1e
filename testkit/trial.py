"""One scenario on trial: its baseline run, its traced run, and runs under special conditions."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, ContextManager, Mapping

from ddtrace import Span
from ddtrace.contrib._integration import Integration
from testkit._scenario import Scenario
from testkit.boundary import Place, place_of, stand_ins
from testkit.check import differences
from testkit.observation import Observation, observe
from testkit.patched import failures_are_fatal, nothing_from_the_environment, override_pins, traced
from testkit.tracer import DummyTracer


@dataclass(frozen=True)
class TracedRun:
    """What a traced run left: what the caller saw, and what the tracer recorded."""

    seen: Observation
    tracer: DummyTracer

    @property
    def spans(self) -> list[Span]:
        """The finished spans of finished traces."""
        return [span for trace in self.tracer.recorded.traces for span in trace]


@dataclass(frozen=True)
class Trial:
    """One scenario with the values of its parameters.

    ``reset`` empties the services before each run, ``compare_snapshot(traces)`` raises unless they equal those stored,
    and ``path`` is the file that holds the scenario. ``within_cassette`` makes a block around each run, entered before
    the library is patched. ``services`` names the arguments that are URLs of services, each with the port where its URL
    has none; ``service_url`` is that of the service which the check itself needs.
    """

    scenario: Scenario
    arguments: dict[str, Any]
    reset: Callable[[], None]
    compare_snapshot: Callable[[list[list[Span]]], None]
    path: Path
    within_cassette: Callable[[], ContextManager[Any]] = contextlib.nullcontext
    services: Mapping[str, int | None] = field(default_factory=dict)
    service_url: str = ""

    @property
    def integration(self) -> Integration:
        """The integration whose library the scenario uses."""
        return self.scenario.integration

    @property
    def patching(self) -> Any:
        """The integration's ``Patching``."""
        return self.integration.load_patching()

    @functools.cached_property
    def places(self) -> list[Place]:
        """The targets of the integration."""
        return [place_of(target) for target in self.patching.targets]

    @functools.cached_property
    def called_places(self) -> list[Place]:
        """The targets that the scenario calls, directly or through the library, in the order of their first calls."""
        called: dict[Place, None] = {}
        with stand_ins(self.places, lambda place, args, kwargs: called.setdefault(place)):
            self.run_untraced()
        return list(called)

    @functools.cached_property
    def baseline(self) -> Observation:
        """The run without tracing."""
        return self.run_untraced()

    @functools.cached_property
    def traced(self) -> TracedRun:
        """The run with tracing."""
        return self.run_traced()

    def takes(self, parameter: str) -> bool:
        """Whether the scenario has a parameter of that name."""
        return parameter in self.scenario.parameters

    def given(self, **arguments: Any) -> Trial:
        """The same scenario on trial with other values of some parameters."""
        return dataclasses.replace(self, arguments={**self.arguments, **arguments})

    def volatility(self) -> str:
        """What differs between two untraced runs, with advice; empty where they are equal, as they should be."""
        first, second = self.run_untraced(), self.run_untraced()
        for what, one, other in (
            ("the outcome", first.outcome, second.outcome),
            ("what is printed, logged and warned", first.output, second.output),
        ):
            if one != other:
                return (
                    f"two untraced runs of {self.scenario.name} differ already, so that it cannot be compared with a "
                    f"traced one: {differences(what, one, other, ('first run', 'second run'))}\n"
                    "Pin what depends on time, chance or addresses: seed it, sort it, or return what is true of it "
                    "instead of the thing itself"
                )
        return ""

    def run_untraced(self) -> Observation:
        """Run the scenario as it is."""
        self.reset()
        with self.within_cassette():
            return observe(self.scenario, self.arguments)

    def run_traced(
        self,
        tracer: DummyTracer | None = None,
        are_failures_fatal: bool = True,
        within: Callable[[], ContextManager[Any]] = contextlib.nullcontext,
        pins: dict[str, Any] | None = None,
    ) -> TracedRun:
        """Run the scenario with the library patched and its pins at a tracer of its own.

        ``within`` makes a block around the run, entered once the library is patched; ``pins`` are settings for
        ``Pin.override``.
        """
        self.reset()
        with (
            self.within_cassette(),
            nothing_from_the_environment(),
            traced(self.integration, tracer) as tracer,
            failures_are_fatal(are_failures_fatal),
        ):
            if pins:
                override_pins(self.patching, **pins)
            with within():
                seen = observe(self.scenario, self.arguments, epilogue=tracer.context_provider.active)
        return TracedRun(seen, tracer)
