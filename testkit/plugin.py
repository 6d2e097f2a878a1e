"""What pytest gets from the testkit: the services, the cassettes, the snapshots, the conformance suite and a tracer."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from testkit.secrets import CANARY

pytest_plugins = [
    "testkit.fixtures.plugin",
    "testkit.fixtures.cassette_plugin",
    "testkit.snapshots.plugin",
    "testkit.switched_off",
    "testkit.zygotes",
    "testkit.card.collecting",  # after those that it imports, whose assertions pytest could not rewrite any more
]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``scenarios.py``, wherever it is."""
    # Not on top: a run without scenarios needs none of it, and coverage tools want it imported late.
    from testkit.conformance import FILE_NAME, ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path) if file_path.name == FILE_NAME else None


@pytest.fixture
def word() -> str:
    """What a scenario's user has chosen, a key, an id or a part of a path; one check tries many others."""
    return "pear"


@pytest.fixture
def secret() -> str:
    """What a scenario gives as a password, token or the like; one check looks for it in all that tracing leaves."""
    return CANARY


@pytest.fixture
def tracer() -> Iterator["testkit.tracer.DummyTracer"]:  # noqa: F821 (imported when it is asked for)
    """A tracer of the test's own, whose spans stay with it."""
    from testkit.tracer import DummyTracer

    tracer = DummyTracer()
    yield tracer
    tracer.context_provider.activate(None)


@pytest.fixture
def request_headers() -> dict[str, str]:
    """For each request that a scenario makes, in a copy: none here; checks run the scenario with those of a trace."""
    return {}
