"""The tests of an integration whose library is not installed are skipped, and say what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from ddtrace.contrib._registry import UnknownIntegrationError, find


class Missing(pytest.Directory):
    """The tests of such an integration."""

    reason = ""

    def collect(self) -> Iterator[pytest.Item]:
        """Raise what pytest takes for a skip."""
        pytest.skip(self.reason)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A folder is named after its integration."""
    reason = missing(path.name) if path.parent == Path(__file__).parent else ""
    if not reason:
        return None
    folder = Missing.from_parent(parent, path=path)
    folder.reason = reason
    return folder


def missing(name: str) -> str:
    """Which library of an integration is not installed, and how to install it; empty where all are."""
    try:
        integration = find(name)
    except UnknownIntegrationError:
        return ""
    for library in integration.libraries:
        try:
            version(library.distribution) if library.distribution else ""
        except PackageNotFoundError:
            built = f", which {integration.built_with} must be there for" if integration.built_with else ""
            return f"{library.distribution} is not installed: pip install {library.requirement}{built}"
    return ""
