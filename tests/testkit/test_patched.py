"""A library traced for the length of a block, and no longer."""

from __future__ import annotations

import inspect
from typing import Iterator

import pytest

from ddtrace import Pin, config
from testkit import DummyTracer, traced
from testkit.patched import failures_are_fatal
from testkit.sabotage.correct import integration, patching
from testkit.toy.library import AsyncClient, Client, Server
from tests.testkit.toys import integrated


def own_attributes() -> list[dict]:
    return [dict(vars(owner)) for owner in (Client, AsyncClient)]


def test_calls_are_traced_within_the_block() -> None:
    """The block's tracer gets the spans of the library's calls."""
    with traced(integration) as tracer:
        Client().call("say")

    assert [span.resource for span in tracer.spans] == ["say"]


def test_calls_are_not_traced_after_it() -> None:
    """Once the block is over, the same tracer gets nothing more."""
    with traced(integration) as tracer:
        pass
    Client().call("say")

    assert tracer.started == []


def test_a_given_tracer_is_used() -> None:
    """The block traces with the tracer that it is given."""
    tracer = DummyTracer()

    with traced(integration, tracer) as used:
        Client().call("say")

    assert used is tracer and len(tracer.spans) == 1


def test_an_exception_in_the_block_restores() -> None:
    """The library is as it was, pins included, when the block raises."""
    before = own_attributes()

    with pytest.raises(KeyError), traced(integration):
        assert isinstance(vars(Client)["_datadog_pin"], Pin)
        raise KeyError

    assert own_attributes() == before


def test_an_exception_of_patching_restores(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was patched before patching itself failed is restored."""

    def fail() -> Iterator[None]:
        assert inspect.unwrap(Client.call) is not Client.call
        raise LookupError("cannot patch")
        yield

    before = own_attributes()
    with pytest.raises(LookupError), traced(integrated(monkeypatch, changes=(fail,))):
        pytest.fail("the block is not to be entered")

    assert own_attributes() == before


def test_nothing_stays_active() -> None:
    """A span that was left open in the block is not current after it."""
    with traced(integration) as tracer:
        tracer.trace("left open")

    assert tracer.current_span() is None


def test_our_failures_are_raised_in_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A description that fails is not shielded while a test looks."""

    def fail(*_: object) -> None:
        raise LookupError("cannot describe")

    with traced(integrated(monkeypatch, describe_more=fail)), pytest.raises(LookupError):
        Client().call("say")


@pytest.mark.parametrize("before", [True, False])
def test_fatality_is_restored(monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    """Whether failures are raised is, after a block that raises, what it was."""
    monkeypatch.setitem(vars(config), "_raise", before)

    with pytest.raises(KeyError), failures_are_fatal(not before):
        assert config._raise is not before
        raise KeyError

    assert config._raise is before


def test_pins_are_those_of_the_owners() -> None:
    """While patched, every class with a target bears a pin, and none does afterwards."""
    with traced(integration):
        assert patching.pinned == [Client, AsyncClient, Server]

    assert patching.pinned == []
