"""The checks of what becomes of a call: its arguments, its result, its exception, its output."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._tracing import Swallowed
from testkit.boundary import Hook, Place, freeze, handed_on, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.faults import Fault, Planted, calls_of_seams, planted_fault, raise_once, spread
from testkit.frames import ours
from testkit.observation import Observation, describe
from testkit.trial import Trial

MOST_FAULTS_A_SEAM = 8


@check("INV-09", Scope.SCENARIO)
def arguments_are_left_alone(trial: Trial) -> None:
    """The library gets the caller's very arguments, and they are not changed, also where they cannot be changed.

    What a target declares that it replaces is not compared.
    """
    targets = dict(zip(trial.places, trial.patching.targets))
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
        target = targets[place]
        if _identities(*handed_on(target, args, kwargs)) != _identities(*handed_on(target, got_args, got_kwargs)):
            raise CheckFailed(f"{place.name} was called with {args} {kwargs}, the library got {got_args} {got_kwargs}")
    changed_untraced: list[tuple[Place, tuple, dict, Any]] = []
    with stand_ins(trial.places, _noting(changed_untraced)):
        trial.run_untraced()
    fail_unless_equal(_changed(changed_untraced), _changed(given), "what becomes of arguments")
    untraced = trial.baseline.outcome
    with stand_ins(trial.places, _freeze):
        is_frozen_accepted = trial.run_untraced().outcome == untraced
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
    is_ours = ours(integration)
    return tuple(frame for frame in frames if not is_ours(frame[0]))


@check("INV-12", Scope.SCENARIO)
def our_failures_stay_ours(trial: Trial) -> None:
    """Whichever call of the integration to the tracer fails, the outcome is the same, and the failure is counted."""
    expected = trial.traced.seen.outcome
    counted = calls_of_seams(lambda counted: trial.run_traced(are_failures_fatal=False, within=counted))
    if not counted:
        raise NotExercised("the integration does not call the tracer")
    for seam, calls in counted.items():
        for number in spread(calls, MOST_FAULTS_A_SEAM):
            swallowed_before = Swallowed.count
            fault = Fault(number)
            run = trial.run_traced(are_failures_fatal=False, within=partial(planted_fault, seam, fault))
            where = f"call {number} of {seam.name} fails"
            fail_unless_equal(expected, run.seen.outcome, f"the outcome where {where}", ("without a fault", "with it"))
            if fault.is_raised and Swallowed.count == swallowed_before:
                raise CheckFailed(f"where {where}, the failure is not counted as swallowed")


@check("INV-28", Scope.SCENARIO)
def outcome_and_output_are_the_same(trial: Trial) -> None:
    """The value has the same type and content, and nothing more is printed, logged or warned."""
    if volatility := trial.volatility():
        raise CheckFailed(volatility)
    fail_unless_equal(trial.baseline.value, trial.traced.seen.value, "the value")
    fail_unless_equal(trial.baseline.output, trial.traced.seen.output, "what is printed, logged and warned")
