"""Applications of ASGI 2, which take the scope alone, and give what is then called with receive and send."""

from __future__ import annotations

import inspect
from typing import Any, Callable

Application = Callable[..., Any]


def as_single_callable(app: Application) -> Application:
    """An application as ASGI 3 has it, which is called once; one that is so already is returned as it is."""
    if not is_double_callable(app):
        return app

    def call_twice(scope: Any, receive: Any, send: Any) -> Any:
        return app(scope)(receive, send)

    return call_twice


def is_double_callable(app: Application) -> bool:
    """Whether an application takes the scope, and neither receive nor send with it."""
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        return False
    return _takes(signature, 1) and not _takes(signature, 3)


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
