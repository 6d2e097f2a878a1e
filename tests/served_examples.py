"""Asks the applications in ``examples/`` that are servers."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
TIMEOUT_S = 60


def answers_of_example(name: str, agent_url: str, *paths: str, **headers: str) -> list[tuple[int, str]]:
    """Status and body of each answer of the example, which ends after the last one."""
    app = str(EXAMPLES / name / "app.py")
    command = [sys.executable, app, "--port", "0", "--agent", agent_url, "--requests", str(len(paths))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            url, _, _ = process.stdout.readline().partition("/visit/")
            found = [_answer_of(urllib.request.Request(url + path, headers=headers)) for path in paths]
            assert process.wait(TIMEOUT_S) == 0
        finally:
            process.kill()
    return found


def _answer_of(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
