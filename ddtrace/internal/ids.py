"""Random ids of traces and spans."""

from __future__ import annotations

import os
import random
from functools import cached_property, partial
from typing import Callable

from ddtrace.internal import forks
from ddtrace.internal.native import compiled, know


class RandomIds:
    """64-bit ids, never the same in a parent and its forked child."""

    def __init__(self) -> None:
        self._random = random.Random(0)

    @cached_property
    def next_id(self) -> Callable[[], int]:
        """Draws an id, at the cost of one C function; good for ever."""
        # Neither the seed nor the fork hook may come with an import, so they come with the first to ask. Two threads
        # which are both the first seed the same source, one after the other.
        self._seed()
        forks.register(self._seed)
        # randrange, for all its checks, costs six times a bare getrandbits. The id 0, which means none, would come up
        # once in 2**64.
        return compiled(partial(self._random.getrandbits, 64), "RandomIds.next_id")

    def _seed(self) -> None:
        self._random.seed(os.urandom(16))
        know(seed=os.urandom(32))
