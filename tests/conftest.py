"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    # Started in the background of a shell, the suite is told to ignore it, and so would be all that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
