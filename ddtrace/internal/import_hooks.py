"""Call back when a module is imported.

The finder is in ``sys.meta_path`` only while somebody waits. It finds nothing itself: it lets the other finders find
the module and puts itself before the loader for the one moment of execution, so that the module, its spec and its
loader are to everybody, the module's own code included, what they would have been.
"""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, Sequence

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

Hook = Callable[[ModuleType], None]

_hooks: dict[str, list[Hook]] = {}

_executing: set[str] = set()
"""Modules which we found and whose code is running: their hooks come when it has run."""


def when_imported(name: str, hook: Hook) -> None:
    """Call ``hook(module)`` now if the module is imported already, and after each time that it is executed."""
    _hooks.setdefault(name, []).append(hook)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    module = sys.modules.get(name)
    if module is not None and name not in _executing:
        hook(module)


def forget(name: str, hook: Hook) -> None:
    """Undo ``when_imported``."""
    hooks = _hooks.get(name, [])
    if hook in hooks:
        hooks.remove(hook)
    if not hooks:
        _hooks.pop(name, None)
    if not _hooks and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


class _Finder:
    def __init__(self) -> None:
        self._searching = threading.local()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _hooks or getattr(self._searching, "name", None) == fullname:
            return None
        self._searching.name = fullname
        try:
            spec = _found_by_others(fullname, path, target)
        finally:
            self._searching.name = None
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _NotifyingLoader(spec.loader)
        return spec


def _found_by_others(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = None if find_spec is None or finder is _finder else find_spec(name, path, target)
        if spec is not None:
            return spec
    return None


class _NotifyingLoader:
    """Stands before a module's loader until the module is executed, then leaves and calls the hooks."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        _executing.add(module.__name__)
        try:
            self._loader.exec_module(module)
        finally:
            _executing.discard(module.__name__)
        for hook in list(_hooks.get(module.__name__, ())):
            hook(module)


_finder = _Finder()
