"""Who is told of a fork; that it happens is proved in real processes elsewhere."""

import gc

import pytest

from ddtrace.internal import forks
from testkit import run_python
from tests.unit.conftest import REPOSITORY


class Listener:
    calls = 0

    def hear(self):
        self.calls += 1


@pytest.fixture(autouse=True)
def own_registrations(monkeypatch):
    monkeypatch.setattr(forks, "_in_child", [])
    monkeypatch.setattr(forks, "generation", forks.generation)
    monkeypatch.setattr(forks, "_is_hooked", True)


def fork():
    """What the operating system does in the one thread of a child; the lock was taken before."""
    forks.held_off.acquire()
    forks._after_in_child()


def test_each_registered_method_is_called_in_a_child():
    """The generation grows with each fork, and everybody hears of each."""
    first, second = Listener(), Listener()
    forks.register(first.hear)
    forks.register(second.hear)
    generation = forks.generation

    fork()
    fork()

    assert (first.calls, second.calls) == (2, 2)
    assert forks.generation == generation + 2


def test_registration_does_not_keep_an_object_alive():
    """Who is gone is neither called nor remembered."""
    listener = Listener()
    forks.register(listener.hear)
    del listener
    gc.collect()

    fork()

    assert forks._in_child == []


def test_system_hook_is_installed_once(monkeypatch):
    """Any number of registrations need one hook of the operating system."""
    installed = []
    monkeypatch.setattr(forks, "_is_hooked", False)
    monkeypatch.setattr(forks.os, "register_at_fork", lambda **hooks: installed.append(hooks))
    listener = Listener()

    forks.register(listener.hear)
    forks.register(listener.hear)

    (hooks,) = installed
    assert hooks["after_in_child"] is forks._after_in_child


def test_fork_waits_for_an_import_of_ours():
    """While another thread holds forks off, a fork does not begin; then it does, and both processes can hold again."""
    source = """
import os, threading
from ddtrace.internal import forks
class Listener:
    def hear(self): pass
listener = Listener()
forks.register(listener.hear)
is_held, is_forking, order = threading.Event(), threading.Event(), []
# The hook that is registered last is the first to be called, before the fork waits.
os.register_at_fork(before=is_forking.set)
def hold():
    with forks.held_off:
        is_held.set()
        is_forking.wait()
        order.append("let go")
thread = threading.Thread(target=hold)
thread.start()
is_held.wait()
pid = os.fork()
order.append("forked")
taken = []
def take():
    with forks.held_off:
        taken.append(True)
taker = threading.Thread(target=take)
taker.start()
taker.join(10)
assert taken == [True]
if not pid:
    os._exit(0 if order == ["let go", "forked"] else 1)
assert os.waitpid(pid, 0)[1] == 0
thread.join()
assert order == ["let go", "forked"]
"""
    ignored = ("-W", "error", "-W", "ignore:This process:DeprecationWarning")
    run_python(*ignored, "-c", source, env={"PYTHONPATH": REPOSITORY})
