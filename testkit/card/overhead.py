"""What tracing adds to a scenario: untraced and traced runs, turn by turn, so that what else happens meets both.

Times are those of the processor, all threads together: how long a server takes to answer, and what else the machine
has to do, would drown the microseconds of a span.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from typing import Any

from testkit._scenario import Scenario
from testkit.card.record import Overhead
from testkit.case import Case
from testkit.observation import FAILURES, captured_output
from testkit.patched import nothing_from_the_environment, traced
from testkit.tracer import DummyTracer
from testkit.trial import Trial

BUDGET_S = 2.5
"""For all scenarios together, unless their fewest rounds take longer."""

FEWEST_ROUNDS, MOST_ROUNDS = 3, 30
"""Of each scenario, however long or short it takes."""


def measure(case: Case) -> list[Overhead]:
    """What tracing adds to each scenario of a case; spans are recorded and encoded, and sent nowhere."""
    trials = case.trials()
    return [_measure(trial, BUDGET_S / len(trials)) for trial in trials]


def _measure(trial: Trial, budget_s: float) -> Overhead:
    untraced: list[float] = []
    while_traced: list[float] = []
    spans = 0
    ends_s = time.perf_counter() + budget_s
    while len(untraced) < FEWEST_ROUNDS or (len(untraced) < MOST_ROUNDS and time.perf_counter() < ends_s):
        untraced.append(_untraced_us(trial))
        took_us, spans = _traced_us(trial)
        while_traced.append(took_us)
    added = [one - other for one, other in zip(while_traced, untraced)]
    lower, middle, upper = statistics.quantiles(added, n=4, method="inclusive")
    return Overhead(
        scenario=trial.scenario.name,
        rounds=len(untraced),
        untraced_us=statistics.median(untraced),
        traced_us=statistics.median(while_traced),
        added_us=middle,
        added_lower_us=lower,
        added_upper_us=upper,
        spans=spans,
    )


def _untraced_us(trial: Trial) -> float:
    with trial.within_cassette():
        return _warm_us(trial)


def _traced_us(trial: Trial) -> tuple[float, int]:
    """How long a traced run takes, and how many spans it makes."""
    tracer = DummyTracer()
    with trial.within_cassette(), nothing_from_the_environment(), traced(trial.integration, tracer):
        return _warm_us(trial), len(tracer.started) // 2


def _warm_us(trial: Trial) -> float:
    """How long the second of two runs takes: patching a class empties the interpreter's caches of it."""
    trial.reset()
    _timed_us(trial.scenario, trial.arguments)
    trial.reset()
    return _timed_us(trial.scenario, trial.arguments)


def _timed_us(scenario: Scenario, arguments: dict[str, Any]) -> float:
    """The processor's time for the function; making an event loop for it is no part of that."""
    times_ns: list[int] = []

    async def run() -> None:
        times_ns.append(time.process_time_ns())
        with contextlib.suppress(*FAILURES):
            await scenario.function(**arguments)
        times_ns.append(time.process_time_ns())

    with captured_output([]):
        if scenario.is_async:
            # A task that was asked to end, and had nothing more to wait for, says so at the end.
            with contextlib.suppress(asyncio.CancelledError):
                asyncio.run(run())
        else:
            times_ns.append(time.process_time_ns())
            with contextlib.suppress(*FAILURES):
                scenario.function(**arguments)
            times_ns.append(time.process_time_ns())
    return (times_ns[1] - times_ns[0]) / 1000
