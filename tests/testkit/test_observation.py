"""What is seen of one run of a scenario, and that looking leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import warnings
from typing import Any, Callable

import pytest

from testkit._scenario import Scenario
from testkit.observation import Observation, describe, describe_exception, observe
from testkit.sabotage.correct import integration

mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="unset")


def seen_of(use: Callable[..., Any], **arguments: Any) -> Observation:
    return observe(Scenario(integration, use), arguments)


@pytest.mark.parametrize(
    "one, other",
    [([1], (1,)), (1, True), (1, 1.0), ("a", b"a"), ({1}, frozenset({1})), (int, float), (None, "None")],
    ids=repr,
)
def test_values_of_another_type_differ(one: Any, other: Any) -> None:
    """What compares alike, or prints alike, is told apart by its type, also within a container."""
    assert describe([one]) != describe([other])


def test_an_object_is_described_by_what_it_can_do() -> None:
    """A wrapped result that lost a protocol differs; its content, and its address, do not matter."""

    class Rows:
        def __iter__(self) -> Any:
            return iter(())

    assert describe(Rows()) == describe(Rows())
    assert describe(Rows())[1] == ["__iter__"]


def test_a_value_within_itself_is_described() -> None:
    """Looking into a list that holds itself comes to an end."""
    value: list[Any] = []
    value.append(value)

    assert "..." in repr(describe(value))


def test_a_value_is_returned() -> None:
    """The outcome of a run says that it returned, and what."""
    assert seen_of(lambda n: [n], n=1).outcome == ("returned", ("builtins.list", [("builtins.int", "1")]))


def test_an_exception_is_an_outcome() -> None:
    """A run that raises has the exception itself, and where it came from."""
    error = KeyError("as asked")

    def fail() -> None:
        raise error

    seen = seen_of(fail)

    assert seen.exception is error
    assert seen.outcome == ("raised", describe_exception(error))
    assert [name for _, name in seen.frames][-1] == "fail"


def test_a_cancellation_is_an_outcome() -> None:
    """A scenario may end as a cancelled task does, although that is no Exception."""

    async def cancelled() -> None:
        raise asyncio.CancelledError

    assert isinstance(seen_of(cancelled).exception, asyncio.CancelledError)


def test_an_interrupt_is_none() -> None:
    """An interrupt from the keyboard ends the test, and what was replaced to look is put back."""
    stdout, handlers = sys.stdout, list(logging.getLogger().handlers)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seen_of(interrupted)
    assert (sys.stdout, logging.getLogger().handlers) == (stdout, handlers)


@pytest.mark.parametrize("change", ["args", "cause", "context", "suppressed", "notes"])
def test_an_exceptions_history_counts(change: str) -> None:
    """Exceptions differ by arguments, cause, context, whether that is suppressed, and notes."""
    plain, changed = ValueError("one"), ValueError("two" if change == "args" else "one")
    if change == "cause":
        changed.__cause__ = KeyError()
    if change == "context":
        changed.__context__ = KeyError()
    if change == "suppressed":
        changed.__suppress_context__ = True
    if change == "notes":
        changed.add_note("a note")

    assert describe_exception(plain) != describe_exception(changed)


def test_output_is_collected() -> None:
    """What is printed, logged from WARNING on, and warned is seen."""

    def noisy() -> None:
        print("out")
        print("err", file=sys.stderr)
        logging.getLogger("toy").info("not this")
        logging.getLogger("toy").warning("%s", "log")
        warnings.warn("warn", DeprecationWarning, stacklevel=1)

    assert seen_of(noisy).output == [
        "logged: toy: log",
        "printed: out",
        "printed: err",
        "warned: DeprecationWarning: warn",
    ]


def test_what_the_garbage_warns_of_is_left_out() -> None:
    """A ResourceWarning, which comes at a time that no program chooses, is no output."""
    assert seen_of(lambda: warnings.warn("unclosed", ResourceWarning, stacklevel=1)).output == []


def test_a_run_has_a_context_of_its_own() -> None:
    """What a scenario sets in its context is gone after it."""
    seen_of(lambda: mark.set("by the scenario"))

    assert mark.get() == "unset"


def test_the_epilogue_is_in_the_scenarios_context() -> None:
    """The last call sees what the scenario's next statement would, sync or async."""

    async def set_async() -> None:
        mark.set("async")

    for use, expected in ((lambda: mark.set("sync"), "sync"), (set_async, "async")):
        assert observe(Scenario(integration, use), {}, epilogue=mark.get).epilogue == expected


def test_an_epilogue_follows_a_failure() -> None:
    """The last call is made after an exception, too."""
    assert observe(Scenario(integration, lambda: 1 / 0), {}, epilogue=lambda: "made").epilogue == "made"


def test_no_event_loop_is_left() -> None:
    """The loop that an async scenario ran in is closed."""

    async def running() -> None:
        loops.append(asyncio.get_running_loop())

    loops: list[asyncio.AbstractEventLoop] = []
    seen_of(running)

    assert loops[0].is_closed()


def test_an_ending_is_told_in_words() -> None:
    """A message can say how a run ended: it returned, or raised that exception."""

    def fail() -> None:
        raise KeyError("as asked")

    assert seen_of(lambda: 1).ending == "returned"
    assert seen_of(fail).ending == "raised KeyError('as asked')"
