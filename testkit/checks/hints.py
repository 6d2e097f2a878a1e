"""The check of what tools that look at types see.

A type checker reads files: the library's and its stubs. What patching could change of its view are these files, and
what tools at run time read in their place: annotations, type hints, overloads. Hints of methods are in INV-03.
"""

from __future__ import annotations

import inspect
import typing
from pathlib import Path
from typing import Any, Iterator

from testkit.check import NotExercised, Scope, check, fail_unless_equal
from testkit.checks.functions import as_accessed
from testkit.checks.objects import verdict
from testkit.patched import traced
from testkit.residue import Holdings, holdings, modules_of
from testkit.trial import Trial

TYPED_FILES = ("*.py", "*.pyi", "py.typed")


@check("INV-25", Scope.INTEGRATION)
def types_are_seen_alike(trials: list[Trial]) -> None:
    """Modules, classes and functions have their annotations and overloads, and the library's files stay as they are."""
    integration = trials[0].integration
    before = holdings(integration.modules)
    if not before:
        raise NotExercised("the library has no module that is imported")
    files, hints = _files(integration.modules), _hints(integration.modules, before)
    with traced(integration):
        fail_unless_equal(files, _files(integration.modules), "the files of the library")
        found = _hints(integration.modules, holdings(integration.modules))
    # What is there that was not, or is there no more, is another check's.
    fail_unless_equal(hints, {name: found.get(name, hints[name]) for name in hints}, "what is seen of types")


def _hints(modules: tuple[str, ...], held: Holdings) -> dict[str, Any]:
    owners = [*modules_of(modules), *{id(place.owner): place.owner for place, _ in held.values()}.values()]
    seen = {_name(owner): (verdict(typing.get_type_hints, owner), _parameters(owner)) for owner in owners}
    functions = (
        (f"{owner}.{name}", as_accessed(place, value))
        for (owner, name), (place, value) in held.items()
        if inspect.isroutine(value)
    )
    return seen | {name: (_overloads(function), _parameters(function)) for name, function in functions}


def _name(owner: Any) -> str:
    return owner.__name__ if inspect.ismodule(owner) else f"{owner.__module__}.{owner.__qualname__}"


def _parameters(typed: Any) -> str:
    return f"{getattr(typed, '__orig_bases__', ())} {getattr(typed, '__type_params__', ())}"


def _overloads(function: Any) -> Any:
    return verdict(lambda: [str(inspect.signature(overload)) for overload in typing.get_overloads(function)])


def _files(modules: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Size and time of each file that a type checker reads."""
    facts = {str(file): file.stat() for file in _typed_files(modules)}
    return {name: (fact.st_size, fact.st_mtime_ns) for name, fact in facts.items()}


def _typed_files(modules: tuple[str, ...]) -> Iterator[Path]:
    for module in modules_of(modules):
        for folder in getattr(module, "__path__", ()):
            for pattern in TYPED_FILES:
                yield from Path(folder).glob(pattern)
        if file := getattr(module, "__file__", None):
            yield from Path(file).parent.glob(f"{Path(file).stem}.py*")
