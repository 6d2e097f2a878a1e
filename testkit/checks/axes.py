"""The checks of all scenarios along an axis: in a thread, in a forked child, under gevent, with an agent in trouble.

Each compares traced runs with traced runs: what tracing changes by itself is for other checks.
"""

from __future__ import annotations

import atexit
import threading
from importlib.util import find_spec
from typing import Any, Callable, ContextManager

from testkit.agents import answering, refusing, silent
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.forked import in_child
from testkit.interpreter import InterpreterError
from testkit.observation import observe
from testkit.patched import nothing_from_the_environment, traced
from testkit.program import Program, facts, run
from testkit.tracer import DummyTracer
from testkit.trial import Trial
from testkit.zygote import Zygote

PROGRAM_ENDS_S = 60.0
"""In which a program must have used the library in all ways, and have ended."""

Facts = dict[str, Any]


@check("AXIS-01", Scope.INTEGRATION)
def threads_are_no_hindrance(trials: list[Trial]) -> None:
    """In a thread other than the first, each scenario comes to the same, with the same spans."""
    _fail_unless_exercised(trials)
    for trial in trials:
        there = _in_thread(lambda trial=trial: _facts_of_run(trial))
        _compare(trial, _facts_of_run(trial), there, "in another thread", lambda work: _in_thread(work))


def _facts_of_run(trial: Trial) -> Facts:
    run = trial.run_traced()
    return {**facts(run.seen, run.tracer.started), "traces": len(run.tracer.recorded.traces)}


def _in_thread(work: Callable[[], Any]) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: B036 (raised again by who waits)
            errors.append(error)

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


@check("AXIS-02", Scope.INTEGRATION)
def forks_are_no_hindrance(trials: list[Trial]) -> None:
    """In a child, forked once the library is traced and was used, each scenario comes to the same, with its spans."""
    fit = _without_cassettes(trials)
    _fail_unless_exercised(fit)
    tracer = DummyTracer()

    def use_all() -> list[Facts]:
        return [_facts_while_traced(trial, tracer) for trial in fit]

    with nothing_from_the_environment(), traced(fit[0].integration, tracer):
        # For the first time, what is used may change what comes of the next use.
        use_all()
        there, here = _in_child(use_all), use_all()
    for trial, one, other in zip(fit, here, there):
        _compare(trial, one, other, "in a forked child", _in_child)


def _facts_while_traced(trial: Trial, tracer: DummyTracer) -> Facts:
    trial.reset()
    seen = observe(trial.scenario, trial.arguments, epilogue=tracer.context_provider.active)
    found = {**facts(seen, tracer.started), "traces": len(tracer.recorded.traces)}
    tracer.started.clear()
    tracer.pop_traces()
    return found


def _in_child(work: Callable[[], Any]) -> Any:
    answer, problem = in_child(work)
    if problem:
        raise CheckFailed(f"in a forked child, {problem}")
    return answer


def _compare(trial: Trial, here: Facts, there: Facts, where: str, take: Callable[[Callable[[], Any]], Any]) -> None:
    """Fail unless both are equal, or the library itself comes to something else there."""
    if here == there or take(lambda: trial.run_untraced().outcome) != trial.baseline.outcome:
        return
    fail_unless_equal(here, there, f"what comes of {trial.scenario.name}", ("as usual", where))


def _fail_unless_exercised(trials: list[Trial]) -> None:
    if not any(trial.called_places for trial in trials):
        raise NotExercised("no scenario that fits calls a target")


def _without_cassettes(trials: list[Trial]) -> list[Trial]:
    """A cassette plays in one interpreter only."""
    return [trial for trial in trials if "cassette" not in trial.scenario.parameters]


# -- programs of their own ---------------------------------------------------------------------------------------------


@check("INV-19", Scope.INTEGRATION)
def gevent_is_no_hindrance(trials: list[Trial]) -> None:
    """Under gevent, patched before or after us, each scenario comes to the same, and nothing is warned of."""
    if find_spec("gevent") is None:
        raise NotExercised("gevent is not installed; pip install gevent")
    fit = [trial for trial in _without_cassettes(trials) if not trial.scenario.is_async]
    _fail_unless_exercised(fit)
    with answering("200 OK") as agent_url:
        expected = _run_program(fit, agent_url, ("patch",), "without gevent")
        for order in (("gevent", "patch"), ("patch", "gevent")):
            where = f"where {' comes before '.join(order)}"
            received = _run_program(fit, agent_url, order, where)
            for trial, one, other in zip(fit, expected, received):
                fail_unless_equal(one, other, f"what comes of {trial.scenario.name}", ("without gevent", where))


AGENTS: dict[str, Callable[[], ContextManager[str]]] = {
    "an agent that refuses": refusing,
    "an agent that answers 500": lambda: answering("500 Internal Server Error"),
    "an agent that never answers": silent,
}


@check("AXIS-03", Scope.INTEGRATION)
def agents_in_trouble_are_no_hindrance(trials: list[Trial]) -> None:
    """Whatever the agent does, each scenario comes to the same, with its spans, and the program ends as it does."""
    fit = _without_cassettes(trials)
    _fail_unless_exercised(fit)
    with answering("200 OK") as agent_url:
        expected = _run_program(fit, agent_url, ("patch",), "with an agent that works")
    for troubled, serve in AGENTS.items():
        with serve() as agent_url:
            received = _run_program(fit, agent_url, ("patch",), f"with {troubled}")
        for trial, one, other in zip(fit, expected, received):
            fail_unless_equal(one, other, f"what comes of {trial.scenario.name}", ("an agent that works", troubled))


def _run_program(trials: list[Trial], agent_url: str, steps: tuple[str, ...], where: str) -> list[Facts]:
    """What comes of each scenario in a program that uses the library in all ways, one after the other, and ends."""
    trials[0].reset()
    uses = tuple((each.scenario.function.__module__, each.scenario.name, each.arguments) for each in trials)
    program = Program(trials[0].integration.package, steps, uses, agent_url)
    try:
        return _interpreter().run(run, program, timeout_s=PROGRAM_ENDS_S, to_the_end=True)
    except InterpreterError as error:
        raise CheckFailed(f"{where}: {error}") from None


_interpreters: list[Zygote] = []


def _interpreter() -> Zygote:
    """A clean interpreter, which the checks of this process share: starting it takes longer than a program does."""
    if not _interpreters or not _interpreters[-1].is_running:
        _interpreters.append(Zygote([run.__module__]))
        atexit.register(_interpreters[-1].close)
    return _interpreters[-1]
