"""A clean Python that has imported what a piece of work needs, and forks a child for each.

The child begins where a fresh interpreter would be after those imports, in milliseconds; whatever the work does to its
process, up to a crash, ends with it. Each child is the leader of a process group, of which nothing is left behind.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, Callable, Sequence

from testkit.interpreter import InterpreterError, same_path

TIMEOUT_S = 120.0
"""For one piece of work, unless it is given another."""

_GRACE_S = 10.0
"""For a child to say where it hangs, and for the zygote to say so."""

_ANSWERED, _RAISED, _ENDED = "answered", "raised", "ended"


class Zygote:
    """A running interpreter which has imported ``modules``; ``close`` ends it.

    Raises InterpreterError, with what was printed, when they cannot be imported.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._connection, theirs = Pipe()
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env={**os.environ, **same_path()},
            )
        finally:
            theirs.close()
        self._receive(TIMEOUT_S, f"importing {', '.join(modules)}")

    def prepare(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function in the interpreter itself, so that all further children have what it has loaded.

        Raises InterpreterError when it raises; then the interpreter has ended.
        """
        self._connection.send((function, args, None, False))
        self._receive(TIMEOUT_S, _name(function))

    def run(
        self, function: Callable[..., Any], *args: Any, timeout_s: float = TIMEOUT_S, to_the_end: bool = False
    ) -> Any:
        """What a function of some module returns in a child; arguments and answer are pickled.

        The child is gone at once then or, if ``to_the_end``, ends as a program does: it waits for its threads, and
        calls what is registered with atexit. Raises InterpreterError when the function raises, when its interpreter
        ends without an answer or with another status than 0, and when all takes longer than ``timeout_s``: with the
        stacks of all its threads then.
        """
        doing = _name(function)
        self._connection.send((function, args, timeout_s, to_the_end))
        kind, content = _ENDED, None
        while True:
            message = self._receive(timeout_s + _GRACE_S, doing)
            if message[0] == _ENDED:
                break
            kind, content = message
        return _outcome(doing, kind, content, *message[1:])

    @property
    def is_running(self) -> bool:
        """Whether it takes work."""
        return not self._connection.closed

    def close(self) -> None:
        """End it; a second time does nothing."""
        self._connection.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _receive(self, timeout_s: float, doing: str) -> tuple[Any, ...]:
        try:
            if self._connection.poll(timeout_s):
                return self._connection.recv()
            reason = f"gave no answer within {timeout_s:g} s"
        except (EOFError, OSError):
            reason = f"ended with status {self._process.wait()}"
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace")
        self.close()
        raise InterpreterError(f"the interpreter {reason} while {doing}\n{printed}".rstrip())


def in_child(function: Callable[..., Any], args: tuple, timeout_s: float) -> Any:
    """What a function returns in a child of this very interpreter; raises InterpreterError as ``Zygote.run`` does.

    It ends the time limit that this one may have itself.
    """
    # Its thread is not in the child, which would wait for that when it sets a limit of its own.
    faulthandler.cancel_dump_traceback_later()
    receiving, sending = Pipe(duplex=False)
    with receiving, tempfile.TemporaryFile() as output:
        with sending:
            child = _fork(sending, function, args, timeout_s, output)
        kind, content = _ENDED, None
        with contextlib.suppress(EOFError):
            kind, content = receiving.recv()
        status, printed = _wait_for(child, output)
    return _outcome(_name(function), kind, content, status, printed)


def _outcome(doing: str, kind: str, content: Any, status: int, printed: str) -> Any:
    if kind == _ANSWERED and not status:
        return content
    ending = f"raised:{os.linesep}{content}" if kind == _RAISED else _in_words(status, printed)
    raise InterpreterError(f"{doing} {ending}\n{printed}".rstrip())


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


# -- within the zygote -------------------------------------------------------------------------------------------------


def main(connection: Connection, modules: Sequence[str]) -> None:
    """Fork a child for each piece of work, until nobody is at the other end of the connection."""
    for name in modules:
        importlib.import_module(name)
    connection.send((_ENDED,))
    while True:
        try:
            function, args, timeout_s, to_the_end = connection.recv()
        except EOFError:
            return
        if timeout_s is None:
            function(*args)
            connection.send((_ENDED,))
            continue
        with tempfile.TemporaryFile() as output:
            child = _fork(connection, function, args, timeout_s, output, to_the_end)
            if child == 0:
                # It has done its work, and ends as a program does.
                return
            status, printed = _wait_for(child, output)
        connection.send((_ENDED, status, printed))


def _fork(
    connection: Connection,
    function: Callable[..., Any],
    args: tuple,
    timeout_s: float,
    output: BinaryIO,
    to_the_end: bool = False,
) -> int:
    child = os.fork()
    if child == 0:
        _work(connection, function, args, timeout_s, output, to_the_end)
    return child


def _wait_for(child: int, output: BinaryIO) -> tuple[int, str]:
    """The status of a child that has ended, and what it printed."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _end_group(child)
    output.seek(0)
    return status, output.read().decode(errors="replace")


def _work(
    connection: Connection,
    function: Callable[..., Any],
    args: tuple,
    timeout_s: float,
    output: BinaryIO,
    to_the_end: bool,
) -> None:
    os.setpgid(0, 0)
    os.dup2(output.fileno(), sys.stdout.fileno())
    os.dup2(output.fileno(), sys.stderr.fileno())
    # Not in the way of a check that counts file descriptors: they are those of standard output and error.
    faulthandler.enable()
    faulthandler.dump_traceback_later(timeout_s, exit=True)
    try:
        try:
            answer = (_ANSWERED, function(*args))
        except (Exception, KeyboardInterrupt, SystemExit):
            answer = (_RAISED, traceback.format_exc())
        connection.send(answer)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if not to_the_end:
            # Without the zygote's own end: its handlers at exit are not the child's.
            os._exit(0)


def _end_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        # Nothing is left of it.
        pass


def _in_words(status: int, printed: str) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    if not status:
        return "ended without an answer"
    # What faulthandler begins with, which exits with 1 then.
    return "did not end in time; its stacks:" if "Timeout (" in printed else f"ended with status {status}"


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), sys.argv[2:])
