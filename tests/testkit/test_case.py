"""A check written down, and what the interpreter that tries it makes of it."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import pytest

from testkit.case import PORTS, Case, Outcome, Use, judge
from testkit.checks import CHECKS
from testkit.snapshots.store import SnapshotStore


def test_services_are_known_by_their_parameters(tmp_path: Path) -> None:
    """A trial knows which of its arguments are URLs of services, for taps to be put in front of them."""
    arguments = {"redis_url": "redis://127.0.0.1/0", "request_headers": {}}
    uses = (Use("headers_of_a_caller", arguments), Use("list_of_parts", {}))
    case = Case("INV-10", "tests.contrib.wsgi.scenarios", tmp_path, uses, SnapshotStore(tmp_path))

    assert [trial.services for trial in case.trials()] == [{"redis_url": 6379}, {}]
    assert PORTS["httpbin_url"] == 80


def test_nobody_keeps_what_a_check_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A record holds its exception, and that its frames: a runner that keeps records is left out, and comes back."""
    noisy = dataclasses.replace(CHECKS["INV-16"], function=lambda trials: logging.getLogger("toys").warning("log"))
    monkeypatch.setitem(CHECKS, "INV-16", noisy)
    handlers = logging.getLogger().handlers[:]

    verdict = judge(Case("INV-16", "tests.contrib.wsgi.scenarios", tmp_path, (), SnapshotStore(tmp_path)))

    assert (verdict.outcome, caplog.records) == (Outcome.PASSED, [])
    assert logging.getLogger().handlers == handlers
