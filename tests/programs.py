"""Programs that tests run: real processes, whose tracer sends to the agent of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
"""Where other interpreters find this repository and, where riot has put them there, the packages it needs."""

TIMEOUT_S = 60

# A process of several threads warns that it forks; that is the application's to decide.
WARNINGS = ("-W", "error", "-W", "ignore:This process:DeprecationWarning")


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, negative for a signal, and what it printed."""

    status: int
    printed: str
    complained: str


def run_program(
    folder: Path, source: str, agent_url: str, status: int = 0, timeout_s: float = TIMEOUT_S, **variables: str
) -> Ended:
    """Run a program from a file of its own; only an explicit flush or the end sends its traces.

    Fails unless it ends with ``status`` within ``timeout_s`` seconds.
    """
    path = folder / "program.py"
    path.write_text(source)
    settings = {
        "PYTHONPATH": REPOSITORY,
        "DD_TRACE_AGENT_URL": agent_url,
        "DD_TRACE_WRITER_INTERVAL_SECONDS": "3600",
        **variables,
    }
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DD_", "_DD_")) or name == "_DD_TRACE_NATIVE_ENABLED"
    }
    running = subprocess.Popen(
        [sys.executable, *WARNINGS, str(path)],
        env={**inherited, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        printed, complained = running.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        printed, complained = running.communicate()
        raise AssertionError(f"the program did not end within {timeout_s} s\n{printed}\n{complained}") from None
    ended = Ended(running.returncode, printed, complained)
    assert ended.status == status, f"the program ended with {ended.status}, not {status}\n{printed}\n{complained}"
    return ended


def spans_by_name(agent: object) -> dict[str, dict]:
    """The spans that an agent got, by name; a name that came twice is an error."""
    spans = {span["name"]: span for span in agent.spans}  # type: ignore[attr-defined]
    assert len(spans) == len(agent.spans), [span["name"] for span in agent.spans]  # type: ignore[attr-defined]
    return spans
