"""One process that repeats one work when it is asked to."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from typing import Any

from benchmarks.contestants.contestant import AbsentError
from benchmarks.environments import CONTESTANTS
from benchmarks.figures import Repeat

ANSWER_S = 120
"""Seconds that a process may take for one answer; the slowest needs about three."""

STDERR_LINES = 15


class WorkFailedError(Exception):
    """A process did not do its work; the message holds the end of what it printed."""


class Worker:
    """A contestant's process. It is ready when this is made: raises AbsentError or WorkFailedError."""

    def __init__(
        self, python: str, contestant: str, work: str, options: dict[str, Any], variables: dict[str, str]
    ) -> None:
        self.what = f"{contestant}: {work} {options['arguments']}"
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [python, "-P", str(CONTESTANTS / "worker.py"), contestant, work, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=variables,
        )
        try:
            first = self._answer()
        except BaseException:
            self.close()
            raise
        if "absent" in first:
            self.close()
            raise AbsentError(first["absent"])
        self.version: str = first["ready"]["version"]

    def repeat(self) -> Repeat:
        """Let it do its work once more."""
        try:
            self._process.stdin.write(b"once\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure("ended") from None
        answer = self._answer()
        return Repeat(answer["figures"], tuple(answer["spins_ns"]))

    def close(self) -> None:
        """End the process; at once, since what it still has to send matters to nobody."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        # An answer is one short line, which arrives whole.
        readable, _, _ = select.select([self._process.stdout], [], [], ANSWER_S)
        if not readable:
            raise self._failure(f"did not answer within {ANSWER_S} s")
        line = os.read(self._process.stdout.fileno(), 1 << 16)
        if not line:
            self._process.wait()
            raise self._failure(f"exited with {self._process.returncode}")
        return json.loads(line)

    def _failure(self, what_happened: str) -> WorkFailedError:
        self._errors.seek(0)
        printed = self._errors.read().decode(errors="replace").splitlines()[-STDERR_LINES:]
        return WorkFailedError("\n".join([f"{self.what} {what_happened}", *printed]))
