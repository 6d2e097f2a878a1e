"""Be called at the end of the process, also of one of multiprocessing, which up to Python 3.12 ends without atexit."""

from __future__ import annotations

import atexit
import sys
import threading
from typing import Callable

LAST = -(2**31)
"""The priority of what is to come after all that the application asked for."""


def at_exit(callback: Callable[[], None]) -> Callable[[], None]:
    """Call a function at the process's end, and return what undoes it."""
    atexit.register(callback)
    if not is_child_of_multiprocessing():
        return lambda: atexit.unregister(callback)
    finalize = sys.modules["multiprocessing.util"].Finalize(None, _call_after_threads, (callback,), exitpriority=LAST)

    def undo() -> None:
        atexit.unregister(callback)
        finalize.cancel()

    return undo


def is_child_of_multiprocessing() -> bool:
    """Whether multiprocessing has started this process."""
    # Not by an import: who has not loaded it is no child of it.
    process = sys.modules.get("multiprocessing.process")
    return process is not None and "multiprocessing.util" in sys.modules and process.parent_process() is not None


def _call_after_threads(callback: Callable[[], None]) -> None:
    # Such a child runs its finalizers first and waits for its threads then, so only a thread can come after these.
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    if not others:
        callback()
        return

    def wait_and_call() -> None:
        for thread in others:
            thread.join()
        callback()

    threading.Thread(target=wait_and_call, name="ddtrace.exit", daemon=False).start()
