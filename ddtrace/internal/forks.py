"""Tell a process from the one it was forked from.

``generation`` counts the forks between the first process and this one. The operating system's hook is installed with
the first registration, never on import.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Callable

generation = 0

held_off = threading.RLock()
"""A fork waits while another thread has this; to be held around an import that does not come with ``import ddtrace``.

A child inherits the lock of a module that another thread was importing, and nobody is there to open it.
"""

_in_child: list[weakref.WeakMethod] = []
_is_hooked = False


def register(callback: Callable[[], None]) -> None:
    """Call a bound method in each forked child, for as long as its object lives."""
    global _is_hooked
    _in_child.append(weakref.WeakMethod(callback))
    if not _is_hooked:
        _is_hooked = True
        os.register_at_fork(before=held_off.acquire, after_in_parent=held_off.release, after_in_child=_after_in_child)


def _after_in_child() -> None:
    global generation
    held_off.release()
    generation += 1
    for reference in list(_in_child):
        callback = reference()
        if callback is None:
            _in_child.remove(reference)
        else:
            callback()
