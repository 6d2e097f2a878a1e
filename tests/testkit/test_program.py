"""A program of its own that uses a library."""

from __future__ import annotations

import gc

import greenlet

from testkit.agents import answering
from testkit.observation import describe
from testkit.program import Program, run
from testkit.zygote import Zygote


def is_collecting_garbage() -> bool:
    return gc.isenabled()


def test_garbage_is_left_to_lie_where_greenlet_would_crash_on_it() -> None:
    """And nowhere else, for there the collector is a part of what is tried."""
    zygote = Zygote([run.__module__])
    with answering("200 OK") as agent_url:
        uses = ((__name__, is_collecting_garbage.__name__, {}),)
        (result,) = zygote.run(run, Program("ddtrace.contrib.sqlite3", ("gevent", "patch"), uses, agent_url))
    zygote.close()
    is_collecting = not greenlet.__version__.startswith("2.")
    assert result["outcome"] == ("returned", describe(is_collecting))
