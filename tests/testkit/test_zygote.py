"""Work in forked children of a clean interpreter."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest

from testkit.fixtures.identity import start_time
from testkit.fixtures.service import wait_until
from testkit.interpreter import InterpreterError
from testkit.zygote import Zygote, in_child


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """One that has imported nothing in particular."""
    zygote = Zygote(["colorsys"])
    yield zygote
    zygote.close()


def has_imported(name: str) -> bool:
    return name in sys.modules


def leave_a_mark() -> int:
    sys.testkit_mark = True  # type: ignore[attr-defined]
    return os.getpid()


def has_mark() -> bool:
    return hasattr(sys, "testkit_mark")


def fail(reason: str) -> None:
    raise LookupError(reason)


def die(number: int) -> None:
    print("the last words", flush=True)
    os.kill(os.getpid(), number)


def hang_in_two_threads() -> None:
    threading.Thread(target=wait_in_the_other_thread, daemon=True).start()
    wait_in_the_first_thread()


def wait_in_the_first_thread() -> None:
    signal.pause()


def wait_in_the_other_thread() -> None:
    threading.Event().wait()


def leave_a_process() -> int:
    child = os.fork()
    if child == 0:
        signal.pause()
    return child


def leave() -> None:
    os._exit(0)


def work_in_another_child() -> tuple[int, int, bool]:
    return os.getpid(), in_child(leave_a_mark, (), timeout_s=10), has_mark()


def fail_in_another_child() -> None:
    in_child(fail, ("not today",), timeout_s=10)


def test_the_answer_comes_back(zygote: Zygote) -> None:
    """Arguments and answer go through a pickle."""
    assert zygote.run(max, 3, 5) == 5


def test_children_have_what_was_imported(zygote: Zygote) -> None:
    """The modules are there, and no others."""
    assert zygote.run(has_imported, "colorsys")
    assert not zygote.run(has_imported, "wave")


def test_children_do_not_meet(zygote: Zygote) -> None:
    """What one does to its process, no other sees."""
    first = zygote.run(leave_a_mark)

    assert not zygote.run(has_mark)
    assert zygote.run(os.getpid) not in (first, os.getpid())


def test_an_exception_is_told_with_its_stack(zygote: Zygote) -> None:
    """The caller reads where it was raised."""
    with pytest.raises(InterpreterError, match=r"(?s)fail raised:.*in fail\n.*LookupError: as asked"):
        zygote.run(fail, "as asked")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_crash_is_told_with_what_was_printed(zygote: Zygote, number: signal.Signals) -> None:
    """A child that dies takes neither the caller nor the zygote with it."""
    with pytest.raises(InterpreterError, match=rf"(?s)was ended by {number.name}\n.*the last words"):
        zygote.run(die, number)

    assert zygote.run(max, 1, 2) == 2


def test_a_crash_shows_where_it_was(zygote: Zygote) -> None:
    """A fault of the interpreter is told with its Python stack."""
    with pytest.raises(InterpreterError, match="in die"):
        zygote.run(die, signal.SIGSEGV)


def test_a_hang_is_ended_and_shows_all_stacks(zygote: Zygote) -> None:
    """After its time each thread's place is told."""
    with pytest.raises(InterpreterError) as caught:
        zygote.run(hang_in_two_threads, timeout_s=0.5)

    assert "did not end in time; its stacks:" in str(caught.value)
    assert "in wait_in_the_first_thread" in str(caught.value)
    assert "in wait_in_the_other_thread" in str(caught.value)


def test_a_child_without_an_answer_is_an_error(zygote: Zygote) -> None:
    """To leave quietly is not to pass."""
    with pytest.raises(InterpreterError, match="leave ended without an answer"):
        zygote.run(leave)


def test_nothing_is_left_of_a_child(zygote: Zygote) -> None:
    """A process that the work has started ends with it."""
    left = zygote.run(leave_a_process)

    wait_until(lambda: not start_time(left), 5, "waiting for the end of what a child has started")


def test_a_child_may_have_children_of_its_own(zygote: Zygote) -> None:
    """Work in a fork of a child is done elsewhere, and leaves nothing in that child."""
    child, other, is_marked = zygote.run(work_in_another_child)
    assert child != other
    assert not is_marked


def test_what_such_a_child_raises_is_told(zygote: Zygote) -> None:
    """The one that asked for it gets the same error as of a zygote."""
    with pytest.raises(InterpreterError, match="LookupError: not today"):
        zygote.run(fail_in_another_child)


def test_a_module_that_cannot_be_imported_is_an_error() -> None:
    """The error shows what the import said."""
    with pytest.raises(InterpreterError, match=r"(?s)while importing no_such_module.*ModuleNotFoundError"):
        Zygote(["no_such_module"])


def test_a_zygote_that_is_killed_is_an_error() -> None:
    """Nobody waits for the answer of the dead."""
    zygote = Zygote([])
    begun = time.monotonic()

    with pytest.raises(InterpreterError, match="ended with status -9"):
        zygote.run(kill_the_parent)

    assert time.monotonic() - begun < 60


def kill_the_parent() -> None:
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    # So that no answer is there before the zygote is gone.
    wait_until(lambda: os.getppid() != parent, 5, "waiting for the end of the zygote")


def tell_at_the_end(path: str) -> str:
    def tell(who: str) -> None:
        with open(path, "a") as file:
            file.write(f"{who} ")

    def tell_once_the_first_thread_is_done() -> None:
        threading.main_thread().join()
        tell("thread")

    atexit.register(tell, "atexit")
    threading.Thread(target=tell_once_the_first_thread_is_done).start()
    return "answer"


def test_a_child_may_end_as_a_program_does(zygote: Zygote, tmp_path: Path) -> None:
    """It waits for its threads and calls what is registered; else it is gone with its answer."""
    ended, gone = tmp_path / "ended", tmp_path / "gone"

    assert zygote.run(tell_at_the_end, str(ended), to_the_end=True) == "answer"
    assert zygote.run(tell_at_the_end, str(gone)) == "answer"

    assert ended.read_text() == "thread atexit "
    assert not gone.exists()


def answer_and_end_with(status: int) -> str:
    atexit.register(os._exit, status)
    return "answer"


def test_a_program_that_ends_with_another_status_is_told(zygote: Zygote) -> None:
    """The answer does not make up for it."""
    with pytest.raises(InterpreterError, match="answer_and_end_with ended with status 3"):
        zygote.run(answer_and_end_with, 3, to_the_end=True)


def answer_and_hang() -> str:
    atexit.register(signal.pause)
    return "answer"


def test_a_program_that_does_not_end_is_told(zygote: Zygote) -> None:
    """The answer does not make up for that either, and there is the stack."""
    with pytest.raises(InterpreterError, match="(?s)answer_and_hang did not end in time.*Timeout"):
        zygote.run(answer_and_hang, timeout_s=0.5, to_the_end=True)
