"""SIGTERM, in real processes and with a real agent."""

import signal

import pytest

from ddtrace.internal import signals
from tests.programs import run_program, spans_by_name

SIGTERM = -signal.SIGTERM

PROGRAM = """
import os, signal, sys, threading
from ddtrace import tracer

def terminate():
    os.kill(os.getpid(), signal.SIGTERM)
"""

WAIT_FOR_THE_END = "while True: signal.pause()"


@pytest.fixture
def run(agent, tmp_path):
    """Runs a program that sends to the agent, and can terminate itself."""

    def run(source, status=0, **variables):
        variables.setdefault("agent_url", agent.url)
        return run_program(tmp_path, PROGRAM + source, status=status, **variables).printed

    return run


def test_default_action_comes_after_the_traces(agent, run):
    """Without a handler of its own the program's traces are sent, and it ends by the signal."""
    run(f"tracer.trace('a').finish()\nterminate()\n{WAIT_FOR_THE_END}", status=SIGTERM)

    assert set(spans_by_name(agent)) == {"a"}


def test_open_span_is_lost(agent, run):
    """What was finished of a trace whose root is open is not complete, and nothing is made up for it."""
    run(f"tracer.trace('done').finish()\ntracer.trace('open')\nterminate()\n{WAIT_FOR_THE_END}", status=SIGTERM)

    assert set(spans_by_name(agent)) == {"done"}


def test_earlier_handler_is_called_once_the_traces_are_sent(agent, run):
    """A handler that ends the process on the spot loses nothing, and gets its arguments."""
    run(
        """
def end(signum, frame):
    assert signum == signal.SIGTERM and frame.f_code.co_name == "terminate", frame
    os._exit(3)
signal.signal(signal.SIGTERM, end)
tracer.trace("a").finish()
terminate()
""",
        status=3,
    )

    assert set(spans_by_name(agent)) == {"a"}


def test_earlier_handler_is_called_for_each_signal(agent, run):
    """A program that handles the signal and goes on is traced as before."""
    printed = run("""
signal.signal(signal.SIGTERM, lambda *_: print("terminated"))
for name in "ab":
    tracer.trace(name).finish()
    terminate()
    assert tracer._writer.counts.buffered == 0
tracer.trace("c").finish()
""")

    assert printed.split() == ["terminated"] * 2
    assert set(spans_by_name(agent)) == {"a", "b", "c"}


def test_exception_of_the_earlier_handler_is_its_own(agent, run):
    """What it raises comes out where the program was interrupted."""
    run("""
class Terminated(Exception): pass
def end(signum, frame): raise Terminated
signal.signal(signal.SIGTERM, end)
tracer.trace("a").finish()
try:
    terminate()
except Terminated as error:
    assert error.__context__ is None
else:
    sys.exit("it was not raised")
""")

    assert set(spans_by_name(agent)) == {"a"}


def test_later_handler_stands_alone(agent, run):
    """A handler that was installed after the first trace is not touched; its normal exit sends the traces."""
    run(
        """
tracer.trace("a").finish()
def end(*_): sys.exit(3)
signal.signal(signal.SIGTERM, end)
tracer.trace("b").finish()
assert signal.getsignal(signal.SIGTERM) is end
terminate()
""",
        status=3,
    )

    assert set(spans_by_name(agent)) == {"a", "b"}


def test_later_handler_may_call_ours(agent, run):
    """A program that chains, and a second tracer that begins after it, do not call one another without end."""
    run(
        f"""
from ddtrace import Tracer
tracer.trace("a").finish()
ours = signal.signal(signal.SIGTERM, lambda *arguments: ours(*arguments))
Tracer().trace("b").finish()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
    )

    assert set(spans_by_name(agent)) == {"a", "b"}


def test_ignored_signal_stays_ignored(agent, run):
    """A program that does not want to be terminated is not."""
    run("""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tracer.trace("a").finish()
terminate()
assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
""")

    assert set(spans_by_name(agent)) == {"a"}


LOCKS = ["tracer._writer._lock", "tracer._writer._sending", "tracer._aggregator._lock", "threading._active_limbo_lock"]


@pytest.mark.parametrize("lock", LOCKS)
def test_signal_while_a_lock_is_held(agent, run, lock):
    """Interrupted with a lock in its hand, the main thread goes on and lets it go; then the traces are sent."""
    run(
        f"""
tracer.trace("a").finish()
with {lock}:
    terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
    )

    assert set(spans_by_name(agent)) == {"a"}


@pytest.mark.parametrize("lock", LOCKS[:3])
def test_earlier_handler_while_a_lock_is_held(agent, run, lock):
    """It is called at once where a flush could not end before it, and may trace and flush itself."""
    printed = run(
        f"""
def note(*_):
    print("terminated")
    tracer.trace("b").finish()
    tracer.flush()
signal.signal(signal.SIGTERM, note)
tracer.SHUTDOWN_TIMEOUT = 3600
tracer.configure(hostname="127.0.0.1")
tracer.trace("a").finish()
with {lock}:
    terminate()
    print("goes on")
""",
    )

    assert printed.splitlines() == ["terminated", "goes on"]
    assert set(spans_by_name(agent)) == {"a", "b"}


def test_agent_that_does_not_answer_is_waited_for_no_longer_than_at_exit(run, silent_agent):
    """The process ends although its traces cannot be sent."""
    run(
        f"""
tracer.SHUTDOWN_TIMEOUT = 0.1
tracer.configure(hostname="127.0.0.1")
tracer.trace("a").finish()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
        agent_url=silent_agent,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )


def test_second_signal_is_not_made_to_wait(run, silent_agent):
    """Who asks twice does not want to wait for the traces."""
    run(
        f"""
tracer.SHUTDOWN_TIMEOUT = 3600
tracer.configure(hostname="127.0.0.1")
tracer.trace("a").finish()
terminate()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
        agent_url=silent_agent,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )


def test_import_installs_nothing(run):
    """The handler comes with the first finished trace, and goes with ``shutdown``."""
    run("""
handlers = [signal.getsignal(signal.SIGTERM)]
span = tracer.trace("a")
handlers.append(signal.getsignal(signal.SIGTERM))
span.finish()
handlers.append(signal.getsignal(signal.SIGTERM))
tracer.shutdown()
handlers.append(signal.getsignal(signal.SIGTERM))
assert [handler is signal.SIG_DFL for handler in handlers] == [True, True, False, True], handlers
""")


def test_shutdown_leaves_a_later_handler(run):
    """What the program installed meanwhile is not replaced."""
    run("""
tracer.trace("a").finish()
later = lambda *_: None
signal.signal(signal.SIGTERM, later)
tracer.shutdown()
assert signal.getsignal(signal.SIGTERM) is later
""")


def test_shutdown_puts_an_earlier_handler_back(run):
    """The program's own handler is there again."""
    run("""
earlier = lambda *_: None
signal.signal(signal.SIGTERM, earlier)
tracer.trace("a").finish()
assert signal.getsignal(signal.SIGTERM) is not earlier
tracer.shutdown()
assert signal.getsignal(signal.SIGTERM) is earlier
""")


def test_shutdown_in_another_thread_leaves_the_default_action(run):
    """A thread cannot take the handler away; without traces to send it does what would have happened."""
    run(
        f"""
tracer.trace("a").finish()
thread = threading.Thread(target=tracer.shutdown)
thread.start()
thread.join()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
    )


def test_each_tracer_s_traces_are_sent(agent, run):
    """One signal ends them all."""
    run(
        f"""
from ddtrace import Tracer
tracer.trace("a").finish()
other = Tracer()
other.trace("b").finish()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
    )

    assert set(spans_by_name(agent)) == {"a", "b"}


def test_first_trace_in_another_thread(agent, run):
    """No handler can be installed there; the next trace of the main thread installs it, for the traces of all."""
    run(
        f"""
def work():
    tracer.trace("thread").finish()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
thread = threading.Thread(target=work)
thread.start()
thread.join()
tracer.trace("main").finish()
terminate()
{WAIT_FOR_THE_END}
""",
        status=SIGTERM,
    )

    assert set(spans_by_name(agent)) == {"thread", "main"}


@pytest.mark.parametrize("traces", [0, 1])
def test_forked_child_is_terminated_for_itself(agent, run, traces):
    """A child sends its own traces and ends by the signal; the parent's are the parent's to send."""
    run(f"""
tracer.trace("parent").finish()
reader, writer = os.pipe()
pid = os.fork()
if not pid:
    for _ in range({traces}):
        tracer.trace("child").finish()
    os.write(writer, b"ready")
    {WAIT_FOR_THE_END}
os.read(reader, 5)
os.kill(pid, signal.SIGTERM)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM
""")

    assert set(spans_by_name(agent)) == {"parent", "child"} if traces else {"parent"}


def test_child_forked_while_its_parent_flushes(agent, run, silent_agent):
    """A child inherits that its parent is about to end; its own end comes after its own traces."""
    run(
        f"""
tracer.SHUTDOWN_TIMEOUT = 3600
tracer.configure(hostname="127.0.0.1")
tracer.trace("parent").finish()
terminate()
pid = os.fork()
if not pid:
    tracer.configure(hostname="127.0.0.1", port={agent.url.rpartition(":")[2]})
    tracer.trace("child").finish()
    terminate()
    {WAIT_FOR_THE_END}
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM
os._exit(0)
""",
        agent_url=silent_agent,
        DD_TRACE_AGENT_TIMEOUT_SECONDS="3600",
    )

    assert set(spans_by_name(agent)) == {"child"}


class Writer:
    """A writer that has nothing to send."""

    exit_timeout_s = 1


@pytest.mark.parametrize(
    "name, answer",
    [("getsignal", lambda signum: None), ("signal", lambda signum, handler: (_ for _ in ()).throw(ValueError))],
    ids=["handler of C", "another interpreter"],
)
def test_where_no_handler_can_be_installed(monkeypatch, name, answer):
    """A handler that Python cannot call is left alone, and an interpreter that may have none goes without."""
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patched:
        patched.setattr(signals.signal, name, answer)
        undo = signals.flush_on_sigterm(Writer())
        undo()

    assert signal.getsignal(signal.SIGTERM) is before
    assert signals._writers == []
