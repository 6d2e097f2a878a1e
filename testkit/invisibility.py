"""The checks INV: neither library nor application can tell that an integration is there. One function a check."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from typing import Any, Callable, Iterator

import wrapt

import ddtrace
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import Swallowed
from testkit import import_orders
from testkit.binding import accepted_calls
from testkit.boundary import Hook, Place, freeze, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.faults import Planted, calls_of_seams, planted_fault, raise_once, spread
from testkit.observation import Observation, describe
from testkit.patched import traced
from testkit.residue import holdings, left_by_unpatching, replaced_places
from testkit.tracer import DummyTracer
from testkit.trial import Trial

MOST_FAULTS_A_SEAM = 8


def _compare_replaced(trial: Trial, fact: Callable[[Any], Any], what: str) -> None:
    """Fail unless a fact of every function that the integration replaces is the same while traced."""
    names = trial.integration.modules
    before = holdings(names)
    with traced(trial.integration):
        replaced = replaced_places(before, holdings(names))
        while_traced = [fact(_as_accessed(place, replacement)) for place, _, replacement in replaced]
    if not replaced:
        raise NotExercised("the integration replaces no function")
    for (place, original, _), found in zip(replaced, while_traced):
        fail_unless_equal(fact(_as_accessed(place, original)), found, f"{what} of {place.name}")


def _as_accessed(place: Place, raw: Any) -> Any:
    return raw.__get__(None, place.owner) if hasattr(raw, "__get__") and inspect.isclass(place.owner) else raw


def _signature(function: Any) -> str:
    # Not every callable has a signature, and having none is a fact as well.
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError) as error:
        return type(error).__name__


@check("INV-04", Scope.INTEGRATION)
def signatures_are_kept(trials: list[Trial]) -> None:
    """Every replaced function has its signature, and takes exactly the calls that it took."""
    _compare_replaced(trials[0], _signature, "the signature")
    for place in trials[0].places:
        taken = accepted_calls(place, lambda: traced(trials[0].integration))
        fail_unless_equal(accepted_calls(place), taken, f"which calls {place.name} takes")


def _kinds(function: Any) -> dict[str, bool]:
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    return {kind.__name__: kind(function) for kind in kinds}


@check("INV-05", Scope.INTEGRATION)
def kinds_of_functions_are_kept(trials: list[Trial]) -> None:
    """A coroutine function stays one, and so does a generator function, sync or async."""
    _compare_replaced(trials[0], _kinds, "the kind")


@check("INV-09", Scope.SCENARIO)
def arguments_are_left_alone(trial: Trial) -> None:
    """The library gets the caller's very arguments, and they are not changed, also where they cannot be changed."""
    given: list[tuple[Place, tuple, dict, Any]] = []
    received: list[tuple[Place, tuple, dict, Any]] = []
    # Above the wrappers is what the caller gave, beneath them what the library got.
    with stand_ins(trial.places, _noting(received)):
        trial.run_traced(within=lambda: stand_ins(trial.places, _noting(given)))
    if not given:
        raise NotExercised("no target is called")
    if len(given) != len(received):
        raise CheckFailed(f"the caller made {len(given)} calls, the library got {len(received)}")
    for (place, args, kwargs, _), (_, got_args, got_kwargs, _) in zip(given, received):
        if _identities(args, kwargs) != _identities(got_args, got_kwargs):
            raise CheckFailed(f"{place.name} was called with {args} {kwargs}, the library got {got_args} {got_kwargs}")
    changed_untraced: list[tuple[Place, tuple, dict, Any]] = []
    with stand_ins(trial.places, _noting(changed_untraced)):
        trial.run_untraced()
    fail_unless_equal(_changed(changed_untraced), _changed(given), "what becomes of arguments")
    with stand_ins(trial.places, _freeze):
        is_frozen_accepted = trial.run_untraced().outcome == trial.baseline.outcome
    if is_frozen_accepted:
        frozen = trial.run_traced(within=lambda: stand_ins(trial.places, _freeze)).seen
        fail_unless_equal(
            trial.traced.seen.outcome, frozen.outcome, "the outcome", ("with their own arguments", "with frozen ones")
        )


def _noting(transcript: list[tuple[Place, tuple, dict, Any]]) -> Hook:
    def note(place: Place, args: tuple, kwargs: dict) -> None:
        transcript.append((place, args, kwargs, describe([args, kwargs])))

    return note


def _identities(args: tuple, kwargs: dict[str, Any]) -> tuple[list[int], dict[str, int]]:
    return [id(arg) for arg in args], {key: id(value) for key, value in kwargs.items()}


def _changed(transcript: list[tuple[Place, tuple, dict, Any]]) -> list[tuple[str, Any, Any]]:
    """Each call after which an argument was another than before."""
    now = [(place.name, before, describe([args, kwargs])) for place, args, kwargs, before in transcript]
    return [(name, before, after) for name, before, after in now if before != after]


def _freeze(place: Place, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    return tuple(map(freeze, args)), {key: freeze(value) for key, value in kwargs.items()}


@check("INV-11", Scope.SCENARIO)
def exceptions_are_untouched(trial: Trial) -> None:
    """An exception of the library reaches the caller as the same object, with the same history and stack."""
    fail_unless_equal(trial.baseline.failure, trial.traced.seen.failure, "the exception")
    fail_unless_equal(
        trial.baseline.frames,
        _without_ours(trial.integration, trial.traced.seen.frames),
        "the stack, our own frames aside",
    )
    for place in trial.called_places:
        untraced, reached_untraced = _with_planted(place, trial.run_untraced)
        traced_run, reached = _with_planted(place, lambda: trial.run_traced().seen)
        what = f"what the caller sees of an exception in {place.name}"
        fail_unless_equal(untraced.failure, traced_run.failure, what)
        fail_unless_equal(
            untraced.frames,
            _without_ours(trial.integration, traced_run.frames),
            f"the stack of an exception in {place.name}",
        )
        fail_unless_equal(
            untraced.exception is reached_untraced, traced_run.exception is reached, f"{what}: the very object"
        )
    if not trial.called_places:
        raise NotExercised("no target is called")


def _with_planted(place: Place, run: Callable[[], Observation]) -> tuple[Observation, Planted]:
    """A run in which a target's first call raises, and the exception where that call was made."""
    planted = Planted(f"planted in {place.name}")
    planted.__cause__ = ValueError("its cause")
    planted.add_note("its note")
    raised: list[Planted] = []
    with stand_ins([place], raise_once(planted, lambda: raised.append(planted))):
        seen = run()
    if not raised:
        raise CheckFailed(f"{place.name} is not called any more while traced; the run {seen.ending}")
    return seen, raised[0]


def _without_ours(integration: Integration, frames: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    packages = (ddtrace, wrapt, sys.modules[integration.package])
    folders = tuple(f"{folder}{os.sep}" for package in packages for folder in getattr(package, "__path__", ()))
    # The wrappers of a small integration may be in a module of their own, beside the program that uses the library.
    wrappers = [inspect.unwrap(target.wrapper) for target in integration.load_patching().targets]
    files = {wrapper.__code__.co_filename for wrapper in wrappers if inspect.isfunction(wrapper)}
    return tuple(frame for frame in frames if not frame[0].startswith(folders) and frame[0] not in files)


@check("INV-12", Scope.SCENARIO)
def our_failures_stay_ours(trial: Trial) -> None:
    """Whichever call of the integration to the tracer fails, the outcome is the same, and the failure is counted."""
    expected = trial.traced.seen.outcome
    counted = calls_of_seams(lambda: trial.run_traced(are_failures_fatal=False))
    if not counted:
        raise NotExercised("the integration does not call the tracer")
    for seam, calls in counted.items():
        for number in spread(calls, MOST_FAULTS_A_SEAM):
            swallowed_before = Swallowed.count
            with planted_fault(seam, number) as fault:
                run = trial.run_traced(are_failures_fatal=False)
            where = f"call {number} of {seam.name} fails"
            fail_unless_equal(expected, run.seen.outcome, f"the outcome where {where}", ("without a fault", "with it"))
            if fault.is_raised and Swallowed.count == swallowed_before:
                raise CheckFailed(f"where {where}, the failure is not counted as swallowed")


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


@check("INV-28", Scope.SCENARIO)
def outcome_and_output_are_the_same(trial: Trial) -> None:
    """The value has the same type and content, and nothing more is printed, logged or warned."""
    if volatility := trial.volatility():
        raise CheckFailed(volatility)
    fail_unless_equal(trial.baseline.value, trial.traced.seen.value, "the value")
    fail_unless_equal(trial.baseline.output, trial.traced.seen.output, "what is printed, logged and warned")
