"""Send finished traces before SIGTERM ends the process.

With no handler of the program's own, the traces are sent and then the process ends by the signal, as it would have. A
handler that was there before is called once they are sent. One that is installed later stands alone: the normal exit
that it leads to sends them, too. A program that ignores SIGTERM goes on to ignore it.

Only the main thread may install a handler; a program that finishes its first traces in others is heard from with the
first that finishes in the main thread.

A process of multiprocessing keeps the default action. Its parent ends it by SIGTERM and then waits for it without an
end, and Python may miss the moment: a signal that arrives just before the main thread blocks in a system call is
handled only after that call, which in an idle worker of a pool is never.

Python calls a handler between any two instructions of the main thread, which may hold whatever lock. So the handler
takes none and waits for none without an end: other threads do the work.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from types import FrameType
from typing import Any, Callable, Protocol

from ddtrace.internal.exits import is_child_of_multiprocessing
from ddtrace.internal.log import get_logger

log = get_logger(__name__)


class Flushing(Protocol):
    """A writer, as a signal knows it."""

    exit_timeout_s: float

    def flush_queue(self) -> None:
        """Send what was taken."""

    def is_held_here(self) -> bool:
        """Whether this thread is in the midst of something that a flush in another has to wait for."""


_writers: list[Flushing] = []
_previous: Any = signal.SIG_DFL
_is_installed = False
_flushing_in = 0
"""The process whose traces are being sent before it ends; a child forked meanwhile has a number of its own."""


def is_main_thread() -> bool:
    """Whether this thread is the one that may install handlers."""
    return threading.current_thread() is threading.main_thread()


def flush_on_sigterm(writer: Flushing) -> Callable[[], None] | None:
    """Have a writer flushed on SIGTERM, and return what undoes it; None where the main thread has to ask again."""
    if not is_main_thread():
        return None
    if not is_child_of_multiprocessing() and (_is_installed or _install()):
        _writers.append(writer)
    return lambda: _forget(writer)


def _install() -> bool:
    global _is_installed, _previous
    handler = signal.getsignal(signal.SIGTERM)
    # None stands for a handler that was not installed by Python, and could not be called.
    if handler is None or handler is signal.SIG_IGN:
        return False
    try:
        signal.signal(signal.SIGTERM, _on_sigterm)
    except ValueError:
        log.debug("handlers cannot be installed here; traces are not flushed on SIGTERM", exc_info=True)
        return False
    _previous = handler
    _is_installed = True
    return True


def _forget(writer: Flushing) -> None:
    global _is_installed
    if writer in _writers:
        _writers.remove(writer)
    is_ours = signal.getsignal(signal.SIGTERM) is _on_sigterm
    if not _writers and _is_installed and is_ours and is_main_thread():
        signal.signal(signal.SIGTERM, _previous)
        _is_installed = False


def _on_sigterm(signum: int, frame: FrameType | None) -> None:
    global _flushing_in
    if callable(_previous):
        if _writers:
            _flush_while_waiting()
        _previous(signum, frame)
    elif not _writers or _flushing_in == os.getpid():
        # Nothing to send, or it was sent, or somebody does not want to wait for it.
        _flushing_in = 0
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)
    else:
        _flushing_in = os.getpid()
        try:
            # Not by threading, whose locks may be held as well.
            _thread.start_new_thread(_flush_then_signal_again, (signum,))
        except RuntimeError:
            # The interpreter is ending, and sends the traces on its way.
            log.debug("no thread can start any more to flush on SIGTERM", exc_info=True)
            _on_sigterm(signum, frame)


def _flush_while_waiting() -> None:
    """Flush, and return when that is done or has taken too long; the program's own handler is next."""
    try:
        is_done = _begin_to_flush()
        # A flush that waits for what this thread holds would not end before this does.
        if not any(writer.is_held_here() for writer in _writers):
            is_done.acquire(True, _timeout_s())
    except Exception:
        # With gevent, a handler may run where nobody can wait.
        log.debug("traces may not have been sent before the program's handler of SIGTERM", exc_info=True)


def _flush_then_signal_again(signum: int) -> None:
    pid = os.getpid()
    try:
        _begin_to_flush().acquire(True, _timeout_s())
    finally:
        # The main thread alone can give the signal its default action back; it is there in its handler again.
        if _flushing_in == pid:
            os.kill(pid, signum)


def _begin_to_flush() -> Any:
    """Flush in a thread; returns a lock that opens when it is done."""
    is_done = _thread.allocate_lock()
    is_done.acquire()
    _thread.start_new_thread(_flush, (list(_writers), is_done))
    return is_done


def _flush(writers: list[Flushing], is_done: Any) -> None:
    try:
        for writer in writers:
            writer.flush_queue()
    except Exception:
        log.debug("traces were not flushed on SIGTERM", exc_info=True)
    finally:
        is_done.release()


def _timeout_s() -> float:
    return max((writer.exit_timeout_s for writer in list(_writers)), default=0)
