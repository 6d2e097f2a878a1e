"""Which calls a function takes, found without running it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Iterator

import pytest
import wrapt

from ddtrace.contrib._patching import Target
from testkit.binding import accepted_calls, has_signature
from testkit.boundary import Place, place_of


class Library:
    runs = 0

    def sync(self, a: Any, b: Any = 0, *, c: Any = 0) -> None:
        Library.runs += 1

    def required(self, a: Any, *, c: Any) -> None:
        Library.runs += 1

    async def awaited(self, a: Any, b: Any = 0) -> None:
        Library.runs += 1

    @staticmethod
    def static(a: Any) -> None:
        Library.runs += 1

    @classmethod
    def of_class(cls, a: Any) -> None:
        Library.runs += 1


def answers(attribute: str) -> dict[str, Any]:
    return dict(accepted_calls(Target(__name__, f"Library.{attribute}", lambda wrapped, instance, args, kwargs: None)))


def test_each_kind_of_call_is_tried() -> None:
    """Positional, by keyword, without defaults, and three that are refused; with what the function got of each."""
    assert answers("sync") == {
        "all positional": (("<a>", "<b>"), {}),
        "all by keyword": ((), {"a": "<a>", "b": "<b>", "c": "<c>"}),
        "defaults left out": (("<a>",), {}),
        "nothing": "refused with TypeError",
        "one positional too many": "refused with TypeError",
        "an unknown keyword": "refused with TypeError",
    }


def test_required_keywords_are_given() -> None:
    """A parameter that must be named is named in every call that is to be taken."""
    assert answers("required")["all positional"] == (("<a>",), {"c": "<c>"})


@pytest.mark.parametrize("attribute", ["awaited", "static", "of_class"])
def test_each_kind_of_function_is_tried(attribute: str) -> None:
    """Coroutine functions, static and class methods are called as their callers do."""
    assert answers(attribute)["defaults left out"] == (("<a>",), {})


@pytest.mark.parametrize("attribute", ["sync", "awaited", "static", "of_class"])
def test_the_function_is_not_run(attribute: str) -> None:
    """The library does nothing in the meantime, and is itself again afterwards."""
    before = vars(Library)[attribute], Library.runs

    answers(attribute)

    assert (vars(Library)[attribute], Library.runs) == before


def wrapped_by(wrapper: Any) -> dict[str, Any]:
    """What is taken of `sync` with a wrapper around it."""
    target = Target(__name__, "Library.sync", wrapper)
    place = place_of(target)

    @contextlib.contextmanager
    def patched() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Library, "sync", wrapt.FunctionWrapper(place.raw, wrapper))
            yield

    return dict(accepted_calls(target, patched))


def test_a_correct_wrapper_takes_the_same_calls() -> None:
    """A wrapper that hands all on changes no answer."""
    assert wrapped_by(lambda wrapped, instance, args, kwargs: wrapped(*args, **kwargs)) == answers("sync")


def test_a_wrapper_that_wants_a_positional_is_found() -> None:
    """A wrapper that takes the first argument by position refuses what was accepted."""

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return wrapped(args[0], *args[1:], **kwargs)

    assert wrapped_by(wrapper)["all by keyword"] == "refused with IndexError"


def test_a_wrapper_that_adds_an_argument_is_found() -> None:
    """The answer holds what the function got, not only that it was called."""

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return wrapped(*args, **{**kwargs, "c": "added"})

    assert wrapped_by(wrapper)["defaults left out"] == (("<a>",), {"c": "added"})


def test_a_wrapper_that_does_not_call_is_found() -> None:
    """A call that never reaches the function is told apart from one that was refused."""
    assert wrapped_by(lambda *_: None)["defaults left out"] == "swallowed"


def test_it_leaves_no_event_loop_behind() -> None:
    """Trying a coroutine function does not leave a running loop."""
    answers("awaited")

    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


class InC(list):
    """A class that inherits its methods from one in C."""


@pytest.mark.parametrize(
    "owner, attribute, is_told", [(Library, "sync", True), (InC, "append", False), (contextlib, "suppress", True)]
)
def test_of_a_method_in_c_nobody_knows_which_calls_to_try(owner: Any, attribute: str, is_told: bool) -> None:
    """It cannot be bound to anything but an object of its class."""
    assert has_signature(Place(owner, attribute)) is is_told
