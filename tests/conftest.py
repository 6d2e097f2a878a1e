"""What holds for every test."""

from __future__ import annotations

import signal
from typing import Iterator

import pytest

from ddtrace import config


def pytest_configure() -> None:
    # Started in the background of a shell, the suite is told to ignore it, and so would be all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def fatality_of_our_failures_is_restored() -> Iterator[None]:
    """A test that leaves it changed breaks others, which fail far away from it."""
    before = config._raise
    yield
    assert config._raise is before, "this test leaves failures of ours fatal, or no longer so"
