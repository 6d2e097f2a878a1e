"""Run a program with tracing, and leave it all the rest: its streams, its signals and its exit status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_INTERVAL_S = "0.2"


def run_traced(program: Sequence[str], agent_url: str) -> int:
    """Run the program to its end, its traces going to an agent; return how it ended, negative for a signal."""
    environment = {
        # Soon, so that whoever looks sees them come.
        "DD_TRACE_WRITER_INTERVAL_SECONDS": _INTERVAL_S,
        **os.environ,
        "DD_TRACE_AGENT_URL": agent_url,
    }
    command = [sys.executable, "-m", "ddtrace.commands.ddtrace_run", "--", *program]
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int, frame: Any) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    with _signals_to(forward):
        # A shell may have given it more than the three standard descriptors.
        child = subprocess.Popen(command, env=environment, close_fds=False)
        for number in early:
            child.send_signal(number)
        return child.wait()


def exit_status(ended: int) -> int:
    """What a shell makes of how a program ended."""
    return 128 - ended if ended < 0 else ended


def in_words(ended: int) -> str:
    """How a program ended, for a reader."""
    return f"ended by signal {-ended}, {signal.strsignal(-ended)}" if ended < 0 else f"ended with status {ended}"


@contextmanager
def _signals_to(forward: Callable[[int, Any], None]) -> Iterator[None]:
    """Outlive the program: what is sent here is passed on, and what comes from the terminal it gets itself."""
    wanted = {signal.SIGTERM: forward, signal.SIGHUP: forward, signal.SIGINT: _leave, signal.SIGQUIT: _leave}
    # What is ignored here is ignored by the program, too.
    taken = {number: each for number, each in wanted.items() if signal.getsignal(number) is not signal.SIG_IGN}
    before = {number: signal.signal(number, each) for number, each in taken.items()}
    try:
        yield
    finally:
        for number, each in before.items():
            signal.signal(number, each)


def _leave(number: int, frame: Any) -> None:
    """Not SIG_IGN, which the program would inherit."""
