"""Functions of the application that an integration calls."""

import copy

import pytest

from ddtrace.settings import Hooks
from tests.unit.conftest import messages


@pytest.fixture
def hooks():
    return Hooks()


def test_function_is_called_at_its_moment(hooks):
    """With what the integration has to say, and only then."""
    calls = []
    hooks.register("request", lambda *args, **kwargs: calls.append((args, kwargs)))

    hooks.emit("request", 1, status=200)
    hooks.emit("response", 2)

    assert calls == [((1,), {"status": 200})]


@pytest.mark.parametrize("name", ["on", "register"])
def test_function_can_be_decorated(hooks, name):
    """The function stays what it is."""
    calls = []

    @getattr(hooks, name)("request")
    def note(value):
        calls.append(value)

    hooks.emit("request", 1)
    note(2)

    assert calls == [1, 2]


def test_functions_are_called_in_their_order_and_once(hooks):
    """As they were registered; a second time makes no difference."""
    calls = []

    def first():
        calls.append("first")

    hooks.on("request", first)
    hooks.on("request", lambda: calls.append("second"))
    hooks.on("request", first)
    hooks.emit("request")

    assert calls == ["first", "second"]


def test_function_is_called_no_longer(hooks):
    """After ``deregister``; of a function that is not registered it does nothing."""
    calls = []
    hooks.register("request", calls.append)

    hooks.deregister("request", calls.append)
    hooks.deregister("request", calls.append)
    hooks.deregister("response", calls.append)
    hooks.emit("request", 1)

    assert calls == []


def test_failing_function_is_logged(hooks, caplog):
    """It costs neither the request nor the other functions."""
    calls = []

    def fail(value):
        raise RuntimeError("boom")

    hooks.on("request", fail)
    hooks.on("request", calls.append)
    hooks.emit("request", 1)

    assert calls == [1]
    assert ["of the hook 'request' failed" in line for line in messages(caplog)] == [True]


def test_function_may_deregister_itself(hooks):
    """The others are called nonetheless."""
    calls = []

    def once():
        hooks.deregister("request", once)
        calls.append("once")

    hooks.on("request", once)
    hooks.on("request", lambda: calls.append("always"))
    hooks.emit("request")
    hooks.emit("request")

    assert calls == ["once", "always", "always"]


def test_copy_calls_the_same_objects(hooks):
    """A bound method works on its own object, and not on a copy of it."""
    calls = []
    hooks.on("request", calls.append)

    copy.deepcopy(hooks).emit("request", 1)

    assert calls == [1]
