"""Print, at the end of each run, which checks an integration has switched off, and why."""

from __future__ import annotations

from typing import Any

import pytest

SWITCHED_OFF = pytest.StashKey[set[tuple[str, str, str]]]()
"""Of each check that is left out: the integration, the check's id, and the reason."""

_WORKER_OUTPUT = "testkit_switched_off"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SWITCHED_OFF] = set()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In an xdist worker, which collects the scenarios: tell the controller, which prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_WORKER_OUTPUT] = sorted(session.config.stash[SWITCHED_OFF])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the controller: collect it. A worker that has crashed says nothing."""
    node.config.stash[SWITCHED_OFF].update(map(tuple, getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, ())))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = sorted(config.stash[SWITCHED_OFF])
    if found:
        terminalreporter.section("checks switched off")
    for integration, check, reason in found:
        terminalreporter.line(f"{integration} does without {check}: {reason}")
