"""Random ids of traces and spans."""

from __future__ import annotations

import os
import random
from functools import partial
from typing import Callable

from ddtrace.internal import forks


class RandomIds:
    """64-bit ids, never the same in a parent and its forked child.

    ``next_id`` is an attribute and not a method, so that a call costs one C function; it seeds itself with the first
    id, since neither the seed nor the fork hook may come with an import.
    """

    def __init__(self) -> None:
        self.next_id: Callable[[], int] = self._first

    def _first(self) -> int:
        forks.register(self._seed)
        self._seed()
        return self.next_id()

    def _seed(self) -> None:
        # randrange, for all its checks, costs six times a bare getrandbits. The id 0, which means none, would come up
        # once in 2**64.
        self.next_id = partial(random.Random(os.urandom(16)).getrandbits, 64)
