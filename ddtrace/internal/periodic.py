"""A thread that does one thing again and again, and one last time when told to stop."""

from __future__ import annotations

import contextlib
import threading
from typing import Callable


class PeriodicThread:
    """Calls ``work`` every ``interval_s`` seconds from a daemon thread."""

    def __init__(self, name: str, interval_s: float, work: Callable[[], None]) -> None:
        self._interval_s = interval_s
        self._work = work
        # Open while the next round is asked for. Not an event, which has a lock of its own: a handler of a signal, or a
        # destructor, may ask amid another's question.
        self._woken = threading.Lock()
        self._woken.acquire()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; raises RuntimeError where no thread can start, as at the interpreter's end."""
        self._thread.start()

    def wake(self) -> None:
        """Ask for the next round at once."""
        self._open()

    def stop(self) -> None:
        """Ask for a last round and the end; does not wait."""
        self._is_stopping = True
        self._open()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for the end; a thread does not wait for itself."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _open(self) -> None:
        # It may be open already.
        with contextlib.suppress(RuntimeError):
            self._woken.release()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._woken.acquire(timeout=self._interval_s)
            # Asked before the round: what came during the last but one is done in the last.
            is_last = self._is_stopping
            self._work()
