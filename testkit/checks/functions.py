"""The checks of what a replaced function looks like from outside: its signature, its kind."""

from __future__ import annotations

import inspect
from typing import Any, Callable

from testkit.binding import accepted_calls, has_signature
from testkit.boundary import Place
from testkit.check import NotExercised, Scope, check, fail_unless_equal
from testkit.patched import traced
from testkit.residue import holdings, replaced_places
from testkit.trial import Trial


def _compare_replaced(trial: Trial, fact: Callable[[Any], Any], what: str) -> None:
    """Fail unless a fact of every function that the integration replaces is the same while traced."""
    names = trial.integration.modules
    before = holdings(names)
    with traced(trial.integration):
        replaced = replaced_places(before, holdings(names))
        while_traced = [fact(as_accessed(place, replacement)) for place, _, replacement in replaced]
    if not replaced:
        raise NotExercised("the integration replaces no function")
    for (place, original, _), found in zip(replaced, while_traced):
        fail_unless_equal(fact(as_accessed(place, original)), found, f"{what} of {place.name}")


def as_accessed(place: Place, raw: Any) -> Any:
    """What a caller gets who reads the attribute from its class or module."""
    if not hasattr(raw, "__get__") or not inspect.isclass(place.owner):
        return raw
    try:
        return raw.__get__(None, place.owner)
    except Exception:
        # A descriptor may be for some classes only, and refuse all others, or stand for a module that is not here.
        return raw


@check("INV-04", Scope.INTEGRATION)
def signatures_are_kept(trials: list[Trial]) -> None:
    """Every replaced function has its signature, and takes exactly the calls that it took."""
    _compare_replaced(trials[0], _signature, "the signature")
    # Of a function in C that tells no signature nobody knows which calls to try.
    for target, place in zip(trials[0].patching.targets, trials[0].places):
        if has_signature(place):
            untraced = accepted_calls(target)
            taken = accepted_calls(target, lambda: traced(trials[0].integration))
            fail_unless_equal(untraced, taken, f"which calls {place.name} takes")


def _signature(function: Any) -> str:
    # Not every callable has a signature, and having none is a fact as well.
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError) as error:
        return type(error).__name__


@check("INV-05", Scope.INTEGRATION)
def kinds_of_functions_are_kept(trials: list[Trial]) -> None:
    """A coroutine function stays one, and so does a generator function, sync or async."""
    _compare_replaced(trials[0], _kinds, "the kind")


def _kinds(function: Any) -> dict[str, bool]:
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    return {kind.__name__: kind(function) for kind in kinds}
