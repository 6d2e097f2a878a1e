"""Do a piece of work in a forked child of this very process."""

from __future__ import annotations

import os
import pickle
import signal
from typing import Any, Callable

TIMEOUT_S = 30


def in_child(work: Callable[[], Any]) -> tuple[Any, str]:
    """What a function returns in a forked child, which is pickled, and the problem where there is one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Nobody else would end a child whose parent has timed out.
        signal.alarm(TIMEOUT_S)
        try:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(_answer(work), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGALRM:
        return None, f"it did not end within {TIMEOUT_S} s"
    return pickle.loads(answer) if answer else (None, f"the interpreter ended with {status}")


def _answer(work: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return work(), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
