"""The operators that change what becomes of one target of an integration, whatever its wrapper does.

Each is a function of a ``Patching`` and the number of a target, which a mutant calls at the end of its module.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddtrace.contrib._patching import Patching, Target, Wrapper
from testkit.boundary import place_of
from testkit.mutation.mutant import Mutant

Change = Callable[[Patching, int], None]

OPERATORS: dict[str, Change] = {}
"""The operators by what they do."""

_NOT_OF_GENERATORS = {"called twice", "exception swallowed"}
"""A generator that nobody takes a step of has done nothing yet, and the call that makes it cannot fail."""


def operator(function: Change) -> Change:
    """Declare a function as an operator, named for what it does."""
    OPERATORS[function.__name__.replace("_", " ")] = function
    return function


def target_mutants(module: str, path: Path, patching: Patching) -> list[Mutant]:
    """All mutants of the targets of a patching, which a module holds as ``patching``."""
    original = path.read_text()
    found = []
    for number, target in enumerate(patching.targets):
        for name, change in OPERATORS.items():
            if _can_notice(name, target):
                call = f"{change.__name__}(patching, {number})  # {target.module}.{target.path}"
                source = f"{original}\nfrom {__name__} import {change.__name__}\n\n{call}\n"
                line, scope = _line_of(target, original), f"{target.module}.{target.path}"
                found.append(
                    Mutant(
                        f"{module}:{name}:{number}",
                        name,
                        module,
                        path,
                        line,
                        scope,
                        f"{scope}: {name}",
                        original,
                        source,
                    )
                )
    return found


def _can_notice(name: str, target: Target) -> bool:
    """Whether a caller of the target could tell."""
    function = inspect.unwrap(getattr(place_of(target).raw, "__func__", place_of(target).raw))
    if name in _NOT_OF_GENERATORS:
        return not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function))
    if name == "argument dropped":
        return _may_take_arguments(function)
    return True


def _may_take_arguments(function: Callable[..., Any]) -> bool:
    """Whether there is one besides ``self``; not every function that is written in C says so."""
    try:
        return len(inspect.signature(function).parameters) > 1
    except ValueError:
        return True


def _line_of(target: Target, source: str) -> int:
    """The line that says where the target is; the last one where none does."""
    lines = source.splitlines()
    naming = [number for number, line in enumerate(lines, 1) if f'"{target.path}"' in line and target.module in line]
    return naming[0] if naming else len(lines)


def orphaned(start: Callable[..., Any]) -> Callable[..., Any]:
    """A function that starts a call, whose span is then the child of none that exists."""

    def started(*args: Any, **kwargs: Any) -> Any:
        call = start(*args, **kwargs)
        if call.span is not None:
            call.span.parent_id = call.span.span_id + 1
        return call

    return started


# -- within a mutant ---------------------------------------------------------------------------------------------------


@operator
def not_wrapped(patching: Patching, number: int) -> None:
    """The target is left out."""
    patching.targets = patching.targets[:number] + patching.targets[number + 1 :]


@operator
def wrapped_again(patching: Patching, number: int) -> None:
    """Patching a second time wraps the target's wrapper."""
    chosen = patching.targets[number]

    class Forgetful(Patching):
        def _wrap(self, target: Target) -> None:
            self._target = target
            super()._wrap(target)

        def _is_wrapped(self, function: Any) -> bool:
            return self._target != chosen and super()._is_wrapped(function)

    patching.__class__ = Forgetful


@operator
def not_unwrapped(patching: Patching, number: int) -> None:
    """Unpatching leaves the target's wrapper where it is."""
    path = patching.targets[number].path
    module = patching.targets[number].module

    class Sticky(Patching):
        def unpatch(self) -> None:
            self._undo = [undo for undo in self._undo if not _is_of(undo.args, module, path)]
            super().unpatch()

    patching.__class__ = Sticky


def _is_of(args: tuple, module: str, path: str) -> bool:
    """Whether the arguments of an undoing are those of a function's: its owner, its name, and what it was."""
    owner, _, name = path.rpartition(".")
    # Not by its own names: the module may have the class from another one.
    bearer = functools.reduce(getattr, filter(None, owner.split(".")), sys.modules[module])
    return len(args) == 3 and args[0] is bearer and args[1] == name


@operator
def result_replaced(patching: Patching, number: int) -> None:
    """The caller gets another object."""

    def changed(wrapper: Wrapper) -> Wrapper:
        def wrap(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            wrapper(wrapped, instance, args, kwargs)
            return _Other()

        async def wrap_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            await wrapper(wrapped, instance, args, kwargs)
            return _Other()

        return wrap_async if inspect.iscoroutinefunction(wrapper) else wrap

    _exchange(patching, number, changed)


class _Other:
    """What no library returns."""


@operator
def exception_swallowed(patching: Patching, number: int) -> None:
    """The caller gets None where the library raises."""

    def changed(wrapper: Wrapper) -> Wrapper:
        def wrap(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            try:
                return wrapper(wrapped, instance, args, kwargs)
            except Exception:
                return None

        async def wrap_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            try:
                return await wrapper(wrapped, instance, args, kwargs)
            except Exception:
                return None

        return wrap_async if inspect.iscoroutinefunction(wrapper) else wrap

    _exchange(patching, number, changed)


@operator
def called_twice(patching: Patching, number: int) -> None:
    """The library's function is called twice."""

    def changed(wrapper: Wrapper) -> Wrapper:
        def wrap(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            def twice(*args: Any, **kwargs: Any) -> Any:
                wrapped(*args, **kwargs)
                return wrapped(*args, **kwargs)

            async def twice_async(*args: Any, **kwargs: Any) -> Any:
                await wrapped(*args, **kwargs)
                return await wrapped(*args, **kwargs)

            return wrapper(twice_async if inspect.iscoroutinefunction(wrapper) else twice, instance, args, kwargs)

        return wrap

    _exchange(patching, number, changed)


@operator
def argument_dropped(patching: Patching, number: int) -> None:
    """The library's function is called without the last of its arguments."""

    def changed(wrapper: Wrapper) -> Wrapper:
        def wrap(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            def without_last(*args: Any, **kwargs: Any) -> Any:
                return wrapped(*args, **dict(list(kwargs.items())[:-1])) if kwargs else wrapped(*args[:-1])

            return wrapper(without_last, instance, args, kwargs)

        return wrap

    _exchange(patching, number, changed)


def _exchange(patching: Patching, number: int, changed: Callable[[Wrapper], Wrapper]) -> None:
    targets = list(patching.targets)
    targets[number] = targets[number]._replace(wrapper=changed(targets[number].wrapper))
    patching.targets = tuple(targets)
