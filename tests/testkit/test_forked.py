"""Work in a forked child of this very process."""

from __future__ import annotations

import os
import signal

import pytest

from testkit import forked
from testkit.forked import in_child


def test_the_answer_comes_from_another_process() -> None:
    """What the function returns is returned, with no problem."""
    (pid, values), problem = in_child(lambda: (os.getpid(), ("a", 1)))

    assert pid != os.getpid()
    assert (values, problem) == (("a", 1), "")


def test_a_failure_is_told() -> None:
    """An exception is a problem, by its type and text."""
    assert in_child(lambda: {}["key"]) == (None, "KeyError: 'key'")


def test_a_sudden_end_is_told() -> None:
    """A child that is killed is a problem."""
    assert in_child(lambda: os.kill(os.getpid(), signal.SIGKILL)) == (None, "the interpreter ended with -9")


def test_a_hang_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that does not come back is ended."""
    monkeypatch.setattr(forked, "TIMEOUT_S", 1)

    assert in_child(signal.pause) == (None, "it did not end within 1 s")
