"""What is active where work is submitted is active where it is done."""

from __future__ import annotations

import contextvars
import gc
import sys
import threading
import types
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Iterator

import pytest

from ddtrace import Pin, patch
from ddtrace.context import Context
from ddtrace.contrib._tracing import Swallowed
from ddtrace.contrib.futures import integration
from testkit import DummyTracer, run_python, traced
from testkit._scenario import Scenario
from testkit.interpreter import same_path
from testkit.observation import observe
from testkit.patched import failures_are_fatal
from tests.contrib.futures import scenarios

SCENARIOS = [value for value in vars(scenarios).values() if isinstance(value, Scenario)]


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all thread pools."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A pool of one thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


def test_patched_by_name() -> None:
    """``patch(futures=True)`` patches the pools, which are imported already."""
    patch(futures=True)
    try:
        assert integration.load_patching().is_patched
    finally:
        integration.unpatch()


@pytest.mark.parametrize("order", ["patch, library", "library, patch", "from library, patch"])
def test_order_of_imports_does_not_matter(order: str) -> None:
    """Patched before or after the import, also of a name taken early, work belongs to its submitter's trace."""
    steps = {
        "patch": "import ddtrace; ddtrace.patch(futures=True)",
        "library": "import concurrent.futures.thread",
        "from library": "from concurrent.futures import ThreadPoolExecutor",
    }
    source = "\n".join(
        [
            *(steps[step] for step in order.split(", ")),
            "from concurrent.futures import ThreadPoolExecutor",
            "from ddtrace import tracer",
            "with tracer.trace('work') as span, ThreadPoolExecutor() as pool:",
            "    assert pool.submit(tracer.current_span).result() is span",
            "tracer.shutdown(0)",
        ]
    )
    run_python("-c", source, env=same_path())


def test_span_of_the_submitter_is_active_in_the_worker(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """A span that the function starts is a child of the submitter's, in the same local trace."""
    with tracer.trace("work", service="web") as work:
        pool.submit(lambda: tracer.trace("part").finish()).result()

    part = tracer.spans.find("part")
    assert (part.trace_id, part.parent_id, part.service) == (work.trace_id, work.span_id, "web")
    assert len(tracer.recorded.traces) == 1


def test_each_call_of_map_has_the_span(tracer: DummyTracer) -> None:
    """``map`` submits, and so each of its calls belongs to the trace."""
    with tracer.trace("work") as work, ThreadPoolExecutor(max_workers=4) as pool:
        spans = list(pool.map(lambda _: tracer.current_span(), range(20)))

    assert spans == [work] * 20


def test_remote_context_is_active_in_the_worker(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """What came by headers is handed over like a span."""
    context = Context(trace_id=1, span_id=2)
    tracer.context_provider.activate(context)

    assert pool.submit(tracer.current_trace_context).result() is context


def test_finished_span_is_handed_over_as_its_context(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """Work that begins after its submitter's span has finished belongs to that trace all the same."""
    release = threading.Event()
    pool.submit(release.wait)
    with tracer.trace("work") as work:
        late = pool.submit(lambda: tracer.trace("late").finish())
    release.set()
    late.result()

    span = tracer.spans.find("late")
    assert (span.trace_id, span.parent_id) == (work.trace_id, work.span_id)


def test_worker_gets_back_what_was_active_there(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """After the function the thread's own span is active again, whatever the function left."""
    own = pool.submit(lambda: tracer.trace("own")).result()
    with tracer.trace("work"):
        pool.submit(lambda: tracer.trace("left open")).result()

    assert pool.submit(tracer.current_span).result() is own


def test_next_work_does_not_see_the_span(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """A thread that worked for a trace works for none afterwards, also where the function raised."""
    with tracer.trace("work"):
        assert isinstance(pool.submit(int, "no number").exception(), ValueError)

    assert pool.submit(tracer.current_trace_context).result() is None


def test_other_context_variables_stay_behind(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """An application's own variables are what they are without tracing."""
    variable = contextvars.ContextVar("variable", default="default")
    variable.set("submitter's")
    with tracer.trace("work"):
        assert pool.submit(variable.get).result() == "default"


def test_disabled_tracer_hands_nothing_over(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """The pool gets the very function that it was given."""
    received = []
    with tracer.trace("work"):
        tracer.enabled = False
        pool.submit(lambda: received.append(tracer.context_provider.active())).result()

    assert received == [None]


def test_pool_without_a_pin_gets_the_function_itself(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """Who removes the pin wants nothing traced."""
    Pin.get_from(ThreadPoolExecutor).remove_from(ThreadPoolExecutor)

    with tracer.trace("work"):
        assert pool.submit(tracer.current_span).result() is None


def test_pin_of_a_pool_chooses_the_tracer(tracer: DummyTracer, pool: ThreadPoolExecutor) -> None:
    """A pool with a pin of its own asks that pin's tracer."""
    disabled = DummyTracer()
    disabled.enabled = False
    Pin.override(pool, tracer=disabled)
    with tracer.trace("work"):
        assert pool.submit(tracer.current_span).result() is None


@pytest.mark.parametrize("function", [int, lambda text: int(text)], ids=["returns", "raises"])
def test_nothing_of_ours_holds_the_span_afterwards(
    tracer: DummyTracer, pool: ThreadPoolExecutor, function: type, request: pytest.FixtureRequest
) -> None:
    """Once the work is done its span can go, although the future and its exception are kept."""
    span = tracer.start_span("work")
    tracer.context_provider.activate(span)
    future = pool.submit(function, "no number")
    assert isinstance(future.exception(), ValueError)
    tracer.context_provider.activate(None)
    # The thread lets go of a piece of work when it takes the next.
    pool.submit(int).result()
    tracer.started.clear()
    kept = weakref.ref(span)
    del span
    gc.collect()

    assert kept() is None


def test_executor_of_other_interpreters_gets_the_function_itself(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool that only inherits from the thread pool, and pickles what it is given, is left alone."""

    class InterpreterPoolExecutor(ThreadPoolExecutor):
        """What Python 3.14 has in that module."""

    module = types.SimpleNamespace(InterpreterPoolExecutor=InterpreterPoolExecutor)
    monkeypatch.setitem(sys.modules, "concurrent.futures.interpreter", module)
    with tracer.trace("work"), InterpreterPoolExecutor() as pool:
        assert pool.submit(tracer.current_span).result() is None


def test_process_pool_is_left_alone(tracer: DummyTracer) -> None:
    """What goes to another process is pickled as it was given."""
    with tracer.trace("work"), ProcessPoolExecutor(max_workers=1, mp_context=_spawn()) as pool:
        assert pool.submit(int, "1").result() == 1


def _spawn():
    import multiprocessing

    return multiprocessing.get_context("spawn")


@pytest.mark.parametrize("failing", ["active", "activate"])
def test_provider_that_fails_changes_nothing(
    tracer: DummyTracer, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Our own failure is counted, and the function runs with its result untouched."""

    def fail(*args: object) -> None:
        raise RuntimeError("planted")

    span = tracer.trace("work")
    with failures_are_fatal(False):
        swallowed = Swallowed.count
        monkeypatch.setattr(tracer.context_provider, failing, fail)
        assert pool.submit(int, "1").result() == 1
        assert Swallowed.count > swallowed
        monkeypatch.undo()
    span.finish()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_scenario_ends_alike_within_a_span(tracer: DummyTracer, scenario: Scenario) -> None:
    """The checks have nothing active when they run a scenario; with a span to hand over its outcome is the same."""
    integration.unpatch()
    untraced = observe(scenario, {})
    integration.load_patching().patch()
    Pin.override(ThreadPoolExecutor, tracer=tracer)
    with tracer.trace("work"):
        seen = observe(scenario, {})

    assert seen.outcome == untraced.outcome
    assert seen.output == untraced.output
