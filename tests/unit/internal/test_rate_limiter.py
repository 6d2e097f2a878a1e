"""How many a second are allowed; the time is the test's own."""

import threading

import pytest

from ddtrace.internal.rate_limiter import RateLimiter
from testkit import run_python
from tests.unit.conftest import REPOSITORY

SECOND_NS = 1_000_000_000
NOON_NS = 1_600_000_000 * SECOND_NS


def allowed(limiter, times, at_s=0.0):
    """How many of that many requests are allowed at a time, in seconds after noon."""
    return sum(limiter.is_allowed(NOON_NS + int(at_s * SECOND_NS)) for _ in range(times))


def test_bucket_is_full_at_first():
    """The limit is allowed at once, and not one more."""
    assert allowed(RateLimiter(3), 10) == 3


def test_bucket_fills_as_time_goes_by():
    """A tenth of a second gives back a tenth of the limit."""
    limiter = RateLimiter(20)
    allowed(limiter, 20)

    assert allowed(limiter, 10, at_s=0.1) == 2
    assert allowed(limiter, 10, at_s=0.1) == 0


def test_bucket_holds_no_more_than_a_second_gives():
    """A long silence is not saved up."""
    limiter = RateLimiter(3)
    allowed(limiter, 3)

    assert allowed(limiter, 10, at_s=3600) == 3


def test_small_steps_add_up_exactly():
    """A hundred steps of a thousandth give what one of a tenth gives."""
    limiter = RateLimiter(10)
    allowed(limiter, 10)

    assert [allowed(limiter, 1, at_s=step / 1000) for step in range(1, 101)] == [0] * 99 + [1]


@pytest.mark.parametrize("limit, count", [(0, 0), (-1, 1000), (-0.5, 1000)])
def test_limits_at_the_ends(limit, count):
    """0 allows none, a negative limit all."""
    assert allowed(RateLimiter(limit), 1000) == count


def test_limit_below_one_saves_up():
    """Half a request a second is one in two seconds."""
    limiter = RateLimiter(0.5)

    assert [allowed(limiter, 5, at_s=second) for second in range(5)] == [1, 0, 1, 0, 1]


def test_late_request_takes_nothing_back():
    """A thread that asks later than it looked at the clock neither fills the bucket nor resets it."""
    limiter = RateLimiter(10)
    allowed(limiter, 10, at_s=0.5)

    assert [allowed(limiter, 1, at_s=0.4), allowed(limiter, 1, at_s=0.5)] == [0, 0]


def test_clock_may_be_set_back():
    """An hour back does not stop the bucket from filling for an hour."""
    limiter = RateLimiter(10)
    allowed(limiter, 10, at_s=3600)

    assert allowed(limiter, 10, at_s=0) == 0
    assert allowed(limiter, 10, at_s=1) == 10


def test_effective_rate_is_the_share_of_this_second():
    """In the first second, what was allowed of what asked."""
    limiter = RateLimiter(3)
    allowed(limiter, 4)

    assert limiter.effective_rate == 0.75


def test_effective_rate_remembers_the_second_before():
    """Then it is the mean of this second's share and of the one before."""
    limiter = RateLimiter(2)
    allowed(limiter, 4)
    allowed(limiter, 1, at_s=1)

    assert limiter.effective_rate == (0.5 + 1) / 2


def test_effective_rate_forgets_what_is_longer_ago():
    """A second in which nobody asked has no share to be averaged."""
    limiter = RateLimiter(2)
    allowed(limiter, 4)
    allowed(limiter, 1, at_s=2)

    assert limiter.effective_rate == 1


def test_seconds_are_counted_from_the_first_request():
    """A late request in one second does not put off the next."""
    limiter = RateLimiter(1)
    for count, at_s in ((2, 0), (1, 1.9), (4, 2.1)):
        allowed(limiter, count, at_s)

    assert limiter.effective_rate == (1 + 0) / 2


@pytest.mark.parametrize("limit, rate", [(5, 1), (0, 0), (-1, 1)])
def test_effective_rate_before_anybody_asks(limit, rate):
    """Nothing was refused; under a limit of 0 all will be."""
    assert RateLimiter(limit).effective_rate == rate


def test_threads_share_the_limit():
    """Any number of threads get the limit together, and all are counted."""
    limiter = RateLimiter(100)
    start, counts = threading.Barrier(8), []

    def ask():
        start.wait()
        counts.append(allowed(limiter, 100))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 100
    assert limiter.effective_rate == 100 / 800


def test_lock_held_during_a_fork_is_free_in_the_child():
    """A thread that the child does not have cannot keep it waiting."""
    source = """
import os
from ddtrace.internal.rate_limiter import RateLimiter
limiter = RateLimiter(10)
limiter.is_allowed(1)
limiter._lock.acquire()
pid = os.fork()
if not pid:
    os._exit(0 if limiter.is_allowed(2) else 1)
assert os.waitpid(pid, 0)[1] == 0
"""
    run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY})


@pytest.mark.parametrize("limit", ["5", None, True])
def test_limit_must_be_a_number(limit):
    """Anything else is named."""
    with pytest.raises(TypeError, match=repr(limit)):
        RateLimiter(limit)


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), float("-inf")])
def test_limit_must_be_finite(limit):
    """It goes to the agent as a metric, which takes no other numbers."""
    with pytest.raises(ValueError, match=repr(limit)):
        RateLimiter(limit)
