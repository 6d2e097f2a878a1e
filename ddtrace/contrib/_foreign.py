"""Integrations that an application brings itself: a package with a module a library, each with ``patch()``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ddtrace.contrib._registry import UnknownIntegrationError
from ddtrace.internal.import_hooks import when_imported
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config

log = get_logger(__name__)

_known: set[str] = set()
"""The modules whose ``patch()`` was, or will be, called."""


class ForeignIntegration:
    """One module of such a package; ``name`` is the library's, ``module`` the one with ``patch()``."""

    def __init__(self, name: str, module: str) -> None:
        self.name = name
        self.module = module

    def patch(self) -> None:
        """Patch the library now if it is imported already, else as soon as it is; a second call does nothing."""
        if self.module not in _known:
            _known.add(self.module)
            when_imported(self.name, self._patch_imported)

    def _patch_imported(self, library: ModuleType) -> None:
        # This runs within the application's own import statement, which must not fail for our sake.
        try:
            import_module(self.module).patch()
        except Exception:
            if config._raise:
                raise
            log.exception("%s.patch() failed; %s is not traced", self.module, self.name)


def find(name: str, prefix: str) -> ForeignIntegration:
    """The integration ``<prefix>.<name>``; raises UnknownIntegrationError where there is no such module."""
    module = f"{prefix}.{name}"
    try:
        is_there = find_spec(module) is not None
    except ImportError:
        is_there = False
    if not is_there:
        raise UnknownIntegrationError(f"there is no module {module!r}, whose function patch() would trace {name}")
    return ForeignIntegration(name, module)
