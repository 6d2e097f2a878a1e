"""The checks of patching and unpatching: once, twice, in any order, and without a residue."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

from testkit import import_orders
from testkit.boundary import Place, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.residue import left_by_unpatching
from testkit.tracer import DummyTracer
from testkit.trial import Trial


@check("INV-13", Scope.SCENARIO)
def patched_twice_is_patched_once(trial: Trial) -> None:
    """Patching again, also by a second instance of the patching, neither makes more spans nor wraps deeper."""
    once = trial.traced
    if not trial.called_places:
        raise NotExercised("no target is called")
    depths: list[dict[str, int]] = []

    @contextlib.contextmanager
    def patched_again() -> Iterator[None]:
        depths.append({place.name: _depth(place.raw) for place in trial.places})
        first = trial.patching
        second = type(first)(first.integration, first.targets)
        try:
            first.patch()
            second.patch()
            depths.append({place.name: _depth(place.raw) for place in trial.places})
            yield
        finally:
            second.unpatch()

    again = trial.run_traced(within=patched_again)
    fail_unless_equal(depths[0], depths[1], "the number of wrappers", ("patched once", "patched again"))
    fail_unless_equal(len(once.spans), len(again.spans), "the number of spans", ("patched once", "patched again"))


def _depth(function: Any) -> int:
    depth = 0
    # Not by type: which class is the base of all of wrapt's wrappers depends on its version.
    while hasattr(function, "__wrapped__"):
        depth += 1
        function = function.__wrapped__
    return depth


@check("INV-14", Scope.INTEGRATION)
def unpatching_leaves_nothing(trials: list[Trial]) -> None:
    """After unpatching every attribute of the library is what it was, and objects made while traced are silent."""
    left = left_by_unpatching(trials[0].integration)
    if left:
        raise CheckFailed("unpatching leaves a residue:\n" + "\n".join(left))
    silenced = sum(_is_silenced_midway(trial) for trial in trials)
    if not silenced:
        raise NotExercised("no scenario goes on to call a target after its first traced call")


def _is_silenced_midway(trial: Trial) -> bool:
    """Unpatch within the first traced call: whatever comes after it must not make spans."""
    calls: list[int] = []
    tracer = DummyTracer()

    def unpatch_once(place: Place, args: tuple, kwargs: dict) -> None:
        calls.append(len(tracer.started))
        if len(calls) == 1:
            trial.patching.unpatch()

    with stand_ins(trial.places, unpatch_once):
        trial.run_traced(tracer)
    if len(calls) > 1 and len(tracer.started) > calls[0]:
        names = [span.name for span in tracer.started[calls[0] :]]
        raise CheckFailed(f"{trial.scenario.name} makes spans after unpatching: {', '.join(names)}")
    return len(calls) > 1


@check("INV-15", Scope.INTEGRATION)
def order_of_imports_does_not_matter(trials: list[Trial]) -> None:
    """Patched before or after the import, the library is traced; unpatched, it is not; patching imports no library."""
    trial = next((trial for trial in trials if trial.traced.spans), None)
    if trial is None:
        raise NotExercised("no scenario makes a span")
    wrong = import_orders.prove(trial, expected_spans=len(trial.traced.tracer.started))
    if wrong:
        raise CheckFailed("\n".join(wrong))
