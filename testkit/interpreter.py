"""Run code in a clean Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

TIMEOUT_S = 60


class InterpreterError(AssertionError):
    """The code did not end well; the message holds what it printed."""


def run_python(*argv: str, env: dict[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> str:
    """Run this Python with arguments and return what it printed.

    ``env`` is added to the environment. Raises InterpreterError when it does not exit with 0 within ``timeout_s``.
    """
    try:
        run = subprocess.run(
            [sys.executable, *argv],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        printed = "\n".join(part.decode(errors="replace") for part in (error.stdout, error.stderr) if part)
        raise InterpreterError(f"python {' '.join(argv)[:200]} did not end within {timeout_s} s\n{printed}") from None
    if run.returncode != 0:
        raise InterpreterError(
            f"python {' '.join(argv)[:200]} exited with {run.returncode}\n{run.stdout}\n{run.stderr}"
        )
    return run.stdout


def same_path() -> dict[str, str]:
    """An environment in which another Python finds the modules that this one does."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def run_for_json(*argv: str, env: dict[str, str] | None = None, timeout_s: float = TIMEOUT_S) -> Any:
    """Run this Python and read the last line that it printed as JSON."""
    printed = run_python(*argv, env=env, timeout_s=timeout_s)
    try:
        return json.loads(printed.splitlines()[-1])
    except (IndexError, ValueError):
        raise InterpreterError(f"python {' '.join(argv)[:200]} ended without a line of JSON\n{printed}") from None
