"""The thread that does one thing again and again."""

import sys
import threading

from ddtrace.internal.periodic import PeriodicThread


def test_work_is_done_again_and_again():
    """Each interval has a round."""
    rounds = threading.Semaphore(0)
    thread = PeriodicThread("test", 0.001, rounds.release)

    thread.start()

    assert all(rounds.acquire(timeout=10) for _ in range(3))
    thread.stop()
    thread.join(10)


def test_stop_asks_for_one_last_round():
    """What came since the last round is done, without waiting for the interval."""
    rounds = []
    thread = PeriodicThread("test", 3600, lambda: rounds.append(threading.current_thread().name))
    thread.start()

    thread.stop()
    thread.join(10)

    assert rounds == ["test"]


def test_thread_does_not_hold_up_the_exit():
    """It is a daemon; the interpreter's end is the writer's to arrange."""
    daemons = []
    thread = PeriodicThread("test", 3600, lambda: daemons.append(threading.current_thread().daemon))

    thread.start()
    thread.stop()
    thread.join(10)

    assert daemons == [True]


def test_thread_does_not_wait_for_itself():
    """Work that stops its own thread does not lock up."""
    done = threading.Event()

    def work():
        thread.stop()
        thread.join()
        done.set()

    thread = PeriodicThread("test", 0.001, work)
    thread.start()

    assert done.wait(10)
    thread.join(10)


def test_waking_is_a_round_at_once():
    """The interval is not waited for."""
    rounds = threading.Semaphore(0)
    thread = PeriodicThread("test", 3600, rounds.release)
    thread.start()

    for _ in range(3):
        thread.wake()
        assert rounds.acquire(timeout=10)

    thread.stop()
    thread.join(10)


def test_stop_during_a_round_still_asks_for_the_last():
    """What came while the round was under way is not left behind."""
    is_working, may_end, rounds = threading.Event(), threading.Event(), []

    def work():
        rounds.append(1)
        is_working.set()
        assert may_end.wait(10)

    thread = PeriodicThread("test", 3600, work)
    thread.start()
    thread.wake()
    assert is_working.wait(10)

    thread.stop()
    may_end.set()
    thread.join(10)

    assert len(rounds) == 2


def test_waking_amid_waking():
    """A handler of a signal that wakes the thread, wherever it interrupts this one, does not wait for itself."""
    rounds = threading.Semaphore(0)
    thread = PeriodicThread("test", 3600, rounds.release)

    def wake_again(frame, event, argument):
        sys.setprofile(None)
        thread.wake()
        sys.setprofile(wake_again)

    def wake():
        sys.setprofile(wake_again)
        thread.wake()
        sys.setprofile(None)

    thread.start()
    waker = threading.Thread(target=wake, daemon=True)
    waker.start()
    waker.join(30)

    assert not waker.is_alive()
    assert rounds.acquire(timeout=10)
    thread.stop()
    thread.join(10)
