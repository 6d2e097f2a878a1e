"""The checks of the process around a scenario: memory, threads, files, forks, and the depth of the stack."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import contextvars
import functools
import gc
import inspect
import os
import signal
import threading
from pathlib import Path
from typing import Any, Callable

from testkit.boundary import Place, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.fixtures.service import wait_until
from testkit.frames import ours
from testkit.observation import Observation, type_name
from testkit.patched import traced
from testkit.tracer import DummyTracer
from testkit.trial import Trial

RUNS = 200
"""Of all scenarios together, in the check for what is kept."""

WARMING_RUNS = 3
"""Of each scenario first: what is kept once is a cache."""

MOST_FRAMES = 3
"""Of ours between two frames of others."""

CYCLES = 1000
"""Of patching and unpatching."""

CANCELLED_RUNS = 40
"""At most, without tracing, to find one that ended like the traced one."""

LOCKED_S = 10.0
"""After which a thread that still waits is taken for locked out."""

CHILD_ENDS_S = 20
"""In which a forked child must have left the call that it was forked within."""

ENDING_S = 1.0
"""In which what a scenario has started must have ended."""

_DESCRIPTORS = Path("/proc/self/fd")


@check("INV-16", Scope.INTEGRATION)
def nothing_is_kept(trials: list[Trial]) -> None:
    """However often the scenarios run, there are as many objects of the library's types, and of ours, as before."""
    tracer = DummyTracer()

    def run(trial: Trial) -> None:
        trial.run_traced(tracer)
        tracer.pop_traces()
        tracer.started.clear()

    growth = _growth(trials, run)
    # The library may keep some itself; that is asked only where there is something to explain.
    untraced = _growth(trials, lambda trial: trial.run_untraced()) if growth else {}
    kept = {name: count for name, count in growth.items() if count > untraced.get(name, 0)}
    if kept:
        listed = ", ".join(f"{count} of {name}" for name, count in sorted(kept.items()))
        raise CheckFailed(f"{RUNS} runs leave objects behind which untraced ones do not: {listed}")


def _growth(trials: list[Trial], run: Callable[[Trial], Any]) -> dict[str, int]:
    """How many more objects there are of each type of the library, or of ours, after many runs."""
    for trial in trials * WARMING_RUNS:
        run(trial)
    modules = (*trials[0].integration.modules, "ddtrace")
    before = _census(modules)
    for number in range(RUNS):
        run(trials[number % len(trials)])
    after = _census(modules)
    return {name: after[name] - before[name] for name in after if after[name] > before[name]}


def _census(modules: tuple[str, ...]) -> collections.Counter[str]:
    gc.collect()
    kinds = (type(each) for each in gc.get_objects())
    tops = tuple(f"{name}." for name in modules)
    return collections.Counter(type_name(kind) for kind in kinds if f"{kind.__module__}.".startswith(tops))


@check("INV-17", Scope.SCENARIO)
def nothing_is_left_running(trial: Trial) -> None:
    """A scenario leaves no more threads, and no more open files, than without tracing."""
    # What the first run opens for good is the library's, or ours.
    trial.run_untraced()
    trial.run_traced()
    untraced, while_traced = _left_open(trial.run_untraced), _left_open(trial.run_traced)
    # Fewer than before is no fault: an earlier run's have been collected meanwhile.
    more = {what: count for what, count in while_traced.items() if count > max(0, untraced[what])}
    if more:
        raise CheckFailed(f"there are more of these after a traced run: {more}, untraced: {untraced}")


def _left_open(run: Callable[[], Any]) -> dict[str, int]:
    before = _open_now()
    run()
    gc.collect()
    with contextlib.suppress(TimeoutError):
        # A thread that has done its work takes a moment to end.
        wait_until(lambda: all(count <= before[what] for what, count in _open_now().items()), ENDING_S, "")
    return {what: count - before[what] for what, count in _open_now().items()}


def _open_now() -> dict[str, int]:
    return {
        "threads": threading.active_count(),
        # Elsewhere than on Linux there is no such list.
        "files": len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.exists() else 0,
    }


@check("INV-18", Scope.SCENARIO)
def forks_are_told_apart(trial: Trial) -> None:
    """A child that is forked within a traced call reports nothing of its parent's, who notices nothing of it."""
    places = trial.called_places
    if not places:
        raise NotExercised("no target is called")
    tracer = DummyTracer()
    statuses: list[int] = []

    def fork_once(place: Place, args: tuple, kwargs: dict) -> None:
        if not statuses:
            statuses.append(-1)
            child = os.fork()
            if child == 0:
                signal.alarm(CHILD_ENDS_S)
                raise _InChild
            statuses[0] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def end_child(place: Place, error: BaseException) -> None:
        # It has left the wrapper, and must not go on as its parent: it has the parent's connections.
        if isinstance(error, _InChild):
            os._exit(len(tracer.recorded.traces))

    begun_by = os.getpid()
    try:
        with stand_ins(places, fork_once):
            run = trial.run_traced(tracer, within=lambda: stand_ins(places, raised=end_child))
    finally:
        if os.getpid() != begun_by:
            # A wrapper that swallows everything has let it pass; there must not be two of us.
            os._exit(1)
    if statuses[0]:
        raise CheckFailed(f"a child that is forked within a call reports {statuses[0]} traces of its parent's")
    fail_unless_equal(trial.traced.seen.outcome, run.seen.outcome, "the outcome", ("without a fork", "with it"))
    fail_unless_equal(len(trial.traced.spans), len(run.spans), "the number of spans", ("without a fork", "with it"))


class _InChild(BaseException):
    """Takes a forked child out of the wrapper."""


@check("INV-20", Scope.INTEGRATION)
def stacks_stay_flat(trials: list[Trial]) -> None:
    """Few frames of ours are between the caller and the library, also after it was patched again and again."""
    calling = [trial for trial in trials if trial.called_places]
    if not calling:
        raise NotExercised("no target is called")
    deepest = [_most_frames_of_ours(trial) for trial in calling]
    for trial, frames in zip(calling, deepest):
        if frames > MOST_FRAMES:
            where = f"{trial.scenario.name}: {frames} frames of ours are between two of others"
            raise CheckFailed(f"{where}; at most {MOST_FRAMES} may be")
    for _ in range(CYCLES):
        with traced(calling[0].integration):
            pass
    again = _most_frames_of_ours(calling[0])
    fail_unless_equal(deepest[0], again, "the depth", ("at first", f"patched {CYCLES} times more"))


def _most_frames_of_ours(trial: Trial) -> int:
    """The longest run of our frames on the stack at any call of the library in a traced run."""
    is_ours = ours(trial.integration)
    deepest = [0]

    def measure(place: Place, args: tuple, kwargs: dict) -> None:
        run = 0
        frame = inspect.currentframe()
        while frame is not None:
            run = run + 1 if is_ours(frame.f_code.co_filename) else 0
            deepest[0] = max(deepest[0], run)
            frame = frame.f_back

    with stand_ins(trial.places, measure):
        trial.run_traced()
    return deepest[0]


@check("INV-21", Scope.SCENARIO)
def contexts_do_not_leak(trial: Trial) -> None:
    """What was begun within a traced call, and outlives it, is no part of it any more once the call is over."""
    tracer = DummyTracer()
    contexts: list[tuple[str, contextvars.Context]] = []

    def copy(place: Place, args: tuple, kwargs: dict) -> None:
        contexts.append((place.name, contextvars.copy_context()))

    with stand_ins(trial.places, copy):
        trial.run_traced(tracer)
    if not tracer.started:
        raise NotExercised("the scenario makes no span")
    for name, context in contexts:
        active = context.run(tracer.context_provider.active)
        if active is not None:
            raise CheckFailed(f"for work that was begun within {name}, this is current for ever: {active!r}")


@check("INV-26", Scope.SCENARIO)
def cancellation_is_kept(trial: Trial) -> None:
    """A task that is cancelled within a call ends as without tracing, and its spans are finished."""
    if not trial.scenario.is_async:
        raise NotExercised("the scenario is not asynchronous")
    if not trial.called_places:
        raise NotExercised("no target is called")
    for place in trial.called_places:
        with stand_ins([place], _cancel_once()):
            run = trial.run_traced()
        what = f"where the task is cancelled within {place.name}"
        _fail_unless_seen_untraced(trial, place, run.seen, what)
        unfinished = [span.name for span in run.tracer.started if not span.finished]
        # Those that are never finished anyway are another check's.
        if unfinished and all(span.finished for span in trial.traced.tracer.started):
            raise CheckFailed(f"spans are never finished {what}: {', '.join(unfinished)}")


def _fail_unless_seen_untraced(trial: Trial, place: Place, seen: Observation, what: str) -> None:
    """Raise CheckFailed if a cancelled run ended as none does without tracing.

    Which await meets the cancellation depends on how soon a server answers, so that there may be several ends.
    """
    for _ in range(CANCELLED_RUNS):
        with stand_ins([place], _cancel_once()):
            untraced = trial.run_untraced()
        if (untraced.outcome, untraced.output) == (seen.outcome, seen.output):
            return
    fail_unless_equal(untraced.outcome, seen.outcome, f"the outcome {what}")
    fail_unless_equal(untraced.output, seen.output, f"what is printed, logged and warned {what}")


def _cancel_once() -> Callable[..., None]:
    cancelled: list[Any] = []

    def cancel(place: Place, args: tuple, kwargs: dict) -> None:
        task = asyncio.current_task()
        if not cancelled and task is not None:
            cancelled.append(task.cancel())

    return cancel


@check("INV-27", Scope.SCENARIO)
def no_lock_is_held(trial: Trial) -> None:
    """While one thread is within a traced call, another one can do the same."""
    if not trial.called_places:
        raise NotExercised("no target is called")
    if "cassette" in trial.scenario.parameters:
        raise NotExercised("its answers are on a cassette, which plays them once a run")
    locked_out: list[str] = []
    threads: list[threading.Thread] = []

    def run_elsewhere(place: Place, args: tuple, kwargs: dict) -> None:
        if not threads:
            threads.append(threading.Thread(target=_run_quietly, args=(trial,), daemon=True))
            threads[0].start()
            threads[0].join(LOCKED_S)
            if threads[0].is_alive():
                locked_out.append(place.name)

    with stand_ins(trial.places, run_elsewhere):
        trial.run_traced()
    if locked_out:
        raise CheckFailed(f"a second thread does not get through while one is within {locked_out[0]}")


def _run_quietly(trial: Trial) -> None:
    function = functools.partial(trial.scenario.function, **trial.arguments)
    # That it ends is what this check is about, and not how: the scenario may be one that fails.
    with contextlib.suppress(Exception):
        asyncio.run(function()) if trial.scenario.is_async else function()
