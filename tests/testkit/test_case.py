"""A check written down, and what the interpreter that tries it makes of it."""

from __future__ import annotations

from pathlib import Path

from testkit.case import PORTS, Case, Use
from testkit.snapshots.store import SnapshotStore


def test_services_are_known_by_their_parameters(tmp_path: Path) -> None:
    """A trial knows which of its arguments are URLs of services, for taps to be put in front of them."""
    arguments = {"redis_url": "redis://127.0.0.1/0", "request_headers": {}}
    uses = (Use("headers_of_a_caller", arguments), Use("list_of_parts", {}))
    case = Case("INV-10", "tests.contrib.wsgi.scenarios", tmp_path, uses, SnapshotStore(tmp_path))

    assert [trial.services for trial in case.trials()] == [{"redis_url": 6379}, {}]
    assert PORTS["httpbin_url"] == 80
