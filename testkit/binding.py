"""Which calls a function takes: positional, by keyword, with defaults left out, with too little or too much."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from types import SimpleNamespace
from typing import Any, Callable, ContextManager, Iterator

from ddtrace import Pin
from testkit.boundary import Place, handed_on, place_of, stand_ins
from testkit.patched import failures_are_fatal
from testkit.tracer import DummyTracer

Call = tuple[str, tuple, dict[str, Any]]


def accepted_calls(
    target: Any, patched: Callable[[], ContextManager[Any]] = contextlib.nullcontext
) -> list[tuple[str, Any]]:
    """Each kind of call of a patching's target, and what the library's function got of it, or that it was refused.

    The function itself is not run: a stand-in of the same signature takes its place, beneath the wrapper that
    ``patched`` puts around it.
    """
    place = place_of(target)
    signature = _signature_of_caller(place)

    def end(_: Place, args: tuple, kwargs: dict) -> None:
        signature.bind(*args, **kwargs)
        raise _Accepted(*handed_on(target, args, kwargs))

    with stand_ins([place], end), patched(), failures_are_fatal(False):
        return [(label, _try_call(place, args, kwargs)) for label, args, kwargs in _variants(signature)]


def has_signature(place: Place) -> bool:
    """Whether it can be told which calls a function takes."""
    try:
        _signature_of_caller(place)
    except (TypeError, ValueError):
        # A method in C may tell no signature, and binds to nothing but an object of its class.
        return False
    return True


def _signature_of_caller(place: Place) -> inspect.Signature:
    """The signature without ``self`` or ``cls``."""
    raw = place.raw
    bound = raw.__get__(SimpleNamespace(), place.owner) if inspect.isclass(place.owner) else raw
    return inspect.signature(bound)


def _variants(signature: inspect.Signature) -> Iterator[Call]:
    kinds = inspect.Parameter
    named = [p for p in signature.parameters.values() if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    keyword = [p for p in signature.parameters.values() if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    required = [p for p in named if p.default is kinds.empty]
    must_be_named = {
        p.name: f"<{p.name}>" for p in keyword if p.kind is kinds.KEYWORD_ONLY and p.default is kinds.empty
    }
    yield "all positional", tuple(f"<{p.name}>" for p in named), must_be_named
    yield "all by keyword", (), {p.name: f"<{p.name}>" for p in keyword}
    yield "defaults left out", tuple(f"<{p.name}>" for p in required), must_be_named
    yield "nothing", (), {}
    yield "one positional too many", tuple(f"<{p.name}>" for p in named) + ("<more>",), must_be_named
    yield "an unknown keyword", tuple(f"<{p.name}>" for p in required), {**must_be_named, "no_such_name": "<unknown>"}


class _Accepted(Exception):
    """Ends a call as soon as the library's function has got its arguments."""


def _try_call(place: Place, args: tuple, kwargs: dict[str, Any]) -> Any:
    receiver = SimpleNamespace(_datadog_pin=Pin(tracer=DummyTracer()))
    function = place.raw.__get__(receiver, place.owner) if inspect.isclass(place.owner) else place.raw
    try:
        result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            asyncio.run(_wait_for(result))
    except _Accepted as accepted:
        return accepted.args
    except Exception as error:
        return f"refused with {type(error).__name__}"
    return "swallowed"


async def _wait_for(awaitable: Any) -> None:
    await awaitable
