"""Put the compiled version in front of a function of the hot path, where there is one.

The function in Python is the reference: it is used where the extension is not, and it is given all that is in any way
unusual. ``_DD_TRACE_NATIVE_ENABLED=false`` leaves the extension aside.
"""

from __future__ import annotations

import sys
from typing import Any, Callable, TypeVar

from ddtrace.settings.option import Option, from_environment

F = TypeVar("F", bound=Callable[..., Any])

ENABLED = Option("native_enabled", bool, True, "Whether the compiled extension is used.", "_DD_TRACE_NATIVE_ENABLED")


def _load() -> Any:
    # An extension that relies on the interpreter's lock would bring it back, and for the whole application.
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    if not has_lock or not from_environment(ENABLED, ENABLED.env):
        return None
    try:
        from ddtrace.internal import _native
    except ImportError:
        return None
    return _native


_extension = _load()

IS_IN_USE = _extension is not None
"""Whether the extension is in use."""


def compiled(function: F, name: str = "") -> F:
    """The function with its compiled version in front of it, which is found by the function's qualified name."""
    return function if _extension is None else _extension.shortcut(function, name or function.__qualname__)


def know(**known: Any) -> None:
    """Tell the compiled versions which classes and constants they work with; until then the functions do it all."""
    if _extension is not None:
        _extension.know(**known)
