"""The checks of the axes, tried on integrations that are wrong in a way the sabotages are not."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from testkit.agents import silent
from testkit.check import CheckFailed, NotExercised
from testkit.checks import axes
from testkit.checks.axes import (
    agents_in_trouble_are_no_hindrance,
    forks_are_no_hindrance,
    gevent_is_no_hindrance,
    threads_are_no_hindrance,
)
from testkit.sabotage import correct, dependent_on_agent
from testkit.toy import uses
from testkit.toy.library import Client
from tests.testkit.toys import integrated, trial_of

PROCESS = os.getpid()


def idle() -> None:
    """A use of the library that calls no target."""
    Client()


@pytest.mark.parametrize(
    "check",
    [threads_are_no_hindrance, forks_are_no_hindrance, agents_in_trouble_are_no_hindrance, gevent_is_no_hindrance],
)
def test_a_scenario_without_calls_exercises_nothing(check: Any) -> None:
    """Where no target is called there is nothing to compare, and the check says so."""
    with pytest.raises(NotExercised):
        check([trial_of(correct.integration, idle)])


def test_gevent_is_for_what_is_not_asynchronous() -> None:
    """The loop of asyncio is none of gevent's."""
    with pytest.raises(NotExercised):
        gevent_is_no_hindrance([trial_of(correct.integration, uses.two_async_calls)])


def test_a_library_may_be_another_in_a_thread() -> None:
    """What is so without tracing, too, is no fault."""

    def use() -> Any:
        return Client().call("say", threading.current_thread() is threading.main_thread())

    threads_are_no_hindrance([trial_of(correct.integration, use)])


def test_a_library_may_be_another_in_a_child() -> None:
    """What is so without tracing, too, is no fault."""
    forks_are_no_hindrance([trial_of(correct.integration, lambda: Client().call("say", os.getpid() == PROCESS))])


def test_a_child_that_does_not_survive_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that ends the child is told, with its status."""

    def call(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        if os.getpid() != PROCESS:
            os._exit(7)
        return wrapped(*args, **kwargs)

    with pytest.raises(CheckFailed, match="in a forked child, the interpreter ended with 7"):
        forks_are_no_hindrance([trial_of(integrated(monkeypatch, wrapper=call))])


def test_who_waits_for_the_agent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper that waits for an agent which never answers is told, with the place where it waits."""
    monkeypatch.setattr(axes, "AGENTS", {"an agent that never answers": silent})
    monkeypatch.setattr(axes, "PROGRAM_ENDS_S", 3.0)

    with pytest.raises(CheckFailed, match="(?s)with an agent that never answers: .* did not end in time.*flush_queue"):
        agents_in_trouble_are_no_hindrance([trial_of(dependent_on_agent.integration)])
