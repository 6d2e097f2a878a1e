"""What a library holds at one moment, by identity, so that two moments can be compared."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from types import ModuleType
from typing import Any, Iterator

from ddtrace.contrib._integration import Integration
from testkit.boundary import Place
from testkit.interpreter import run_for_json, same_path
from testkit.patched import traced

Holdings = dict[tuple[str, str], tuple[Place, Any]]
"""Each attribute's place and value, by the owner's and the attribute's name."""

_IMPORT_SYSTEM = {"__builtins__", "__cached__", "__loader__", "__spec__"}
_CLASS_MACHINERY = {"__dict__", "__weakref__", "_abc_impl", "__annotations_cache__"}


def modules_of(names: tuple[str, ...]) -> list[ModuleType]:
    """The imported modules of a library: those of the given names and all below them."""
    return [
        module
        for name, module in sorted(sys.modules.items())
        if module is not None and any(name == top or name.startswith(top + ".") for top in names)
    ]


def holdings(names: tuple[str, ...]) -> Holdings:
    """All attributes of a library's modules, and of the classes that these define."""
    found: Holdings = {}
    modules = modules_of(names)
    own = {module.__name__ for module in modules}
    for module in modules:
        found.update(_attributes(module, _IMPORT_SYSTEM))
        for value in list(vars(module).values()):
            # Not isinstance, which asks an object for its class: one that is made when it is needed would be made.
            if issubclass(type(value), type) and value.__module__ in own:
                found.update(_attributes(value, _CLASS_MACHINERY))
    return found


def _attributes(owner: Any, excluded: set[str]) -> Iterator[tuple[tuple[str, str], tuple[Place, Any]]]:
    name = owner.__name__ if inspect.ismodule(owner) else f"{owner.__module__}.{owner.__qualname__}"
    for attribute, value in list(vars(owner).items()):
        if attribute not in excluded:
            yield (name, attribute), (Place(owner, attribute), value)


def changes(before: Holdings, after: Holdings) -> list[str]:
    """Each attribute that was added, removed or replaced, by name."""
    added = [f"{owner}.{name} was added" for owner, name in after if (owner, name) not in before]
    removed = [f"{owner}.{name} was removed" for owner, name in before if (owner, name) not in after]
    replaced = [
        f"{'.'.join(key)} is another object"
        for key, (_, value) in before.items()
        if key in after and after[key][1] is not value
    ]
    return sorted(added + removed + replaced)


def replaced_places(before: Holdings, after: Holdings) -> list[tuple[Place, Any, Any]]:
    """Each place that existed before or is inherited, with what it held and what it holds now."""
    found = []
    for key, (place, value) in after.items():
        if key in before:
            original = before[key][1]
        else:
            original = _inherited(place)
        if original is not value and callable(getattr(value, "__func__", value)) and original is not None:
            found.append((place, original, value))
    return found


def _inherited(place: Place) -> Any:
    if not inspect.isclass(place.owner):
        return None
    for base in place.owner.__mro__[1:]:
        if place.attribute in vars(base):
            return vars(base)[place.attribute]
    return None


def left_by_unpatching(integration: Integration) -> list[str]:
    """What an integration leaves of itself in its library, and in ``sys.modules``, in words.

    A clean interpreter answers: in this one, an earlier unpatching may have left it already, and then patching once
    more would change nothing.
    """
    return run_for_json("-m", __name__, integration.package, env=same_path())


# -- within the clean interpreter --------------------------------------------------------------------------------------


def main(declaration: str) -> list[str]:
    """Patch and unpatch a library that nobody has patched before."""
    integration = importlib.import_module(declaration).integration
    targets = integration.load_patching().targets
    for name in (*integration.modules, *(target.module for target in targets)):
        importlib.import_module(name)
    before = holdings(integration.modules)
    with traced(integration):
        modules_patched = set(sys.modules)
    moved = {f"sys.modules[{name!r}] was changed" for name in modules_patched ^ set(sys.modules)}
    return changes(before, holdings(integration.modules)) + sorted(moved)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
