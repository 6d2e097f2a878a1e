"""Hooks that wait for imports."""

import pytest

from ddtrace.internal.import_hooks import forget, when_imported


class Hook:
    """Keeps the modules that it is called with, and the value they had at that moment."""

    def __init__(self):
        self.modules = []
        self.values = []

    def __call__(self, module):
        self.modules.append(module)
        self.values.append(getattr(module, "value", None))


@pytest.fixture
def wait_for():
    """``when_imported`` with a new hook, which is forgotten after the test."""
    waiting = []

    def wait_for(name, hook=None):
        hook = hook or Hook()
        waiting.append((name, hook))
        when_imported(name, hook)
        return hook

    yield wait_for
    for name, hook in waiting:
        forget(name, hook)
