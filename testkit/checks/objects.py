"""The checks of a library's classes, of what its functions return, and of what may be done with either."""

from __future__ import annotations

import abc
import contextlib
import copy
import functools
import inspect
import pickle
import pydoc
import typing
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator
from unittest import mock

from testkit.boundary import Place, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.checks.functions import as_accessed
from testkit.faults import failing_once
from testkit.observation import PROTOCOLS, type_name
from testkit.patched import traced
from testkit.residue import Holdings, holdings, replaced_places
from testkit.trial import Trial

MORE_PROTOCOLS = ("__bool__", "__eq__", "__hash__", "__contains__", "__setitem__", "__send__")

MOST_OBJECTS = 50
"""Looked at in one scenario: what a library returns again and again is of few types."""


@dataclass
class Returned:
    """What a library's functions returned to their callers in one run, with the names of the functions."""

    objects: list[tuple[str, Any]] = field(default_factory=list)

    def collect(self, place: Place, result: Any) -> None:
        """To be called with each result."""
        if len(self.objects) < MOST_OBJECTS:
            self.objects.append((place.name, result))

    def facts(self, fact: Callable[[Any], Any]) -> list[tuple[str, Any]]:
        """Something that is true of each."""
        return [(name, fact(value)) for name, value in self.objects]


def returned_objects(trial: Trial) -> tuple[Returned, Returned]:
    """What callers get, untraced and traced; raises NotExercised where that is nothing."""
    untraced, while_traced = Returned(), Returned()
    with stand_ins(trial.places, returned=untraced.collect):
        trial.run_untraced()
    if not untraced.objects:
        raise NotExercised("no target returns anything")
    trial.run_traced(within=lambda: stand_ins(trial.places, returned=while_traced.collect))
    return untraced, while_traced


def replacing_places(trial: Trial) -> set[str]:
    """The names of the functions in whose arguments the integration declares to replace something."""
    return {place.name for place, target in zip(trial.places, trial.patching.targets) if target.replaces}


def classes_of(trial: Trial) -> dict[str, type]:
    """The classes that the library's modules define or hold, by the names under which they do."""
    found = {f"{owner}.{name}": value for (owner, name), (_, value) in holdings(trial.integration.modules).items()}
    return {name: value for name, value in found.items() if inspect.isclass(value)}


@check("INV-01", Scope.INTEGRATION)
def classes_are_kept(trials: list[Trial]) -> None:
    """Each class of the library is a class, with the same bases, and what it was an instance of, it still is."""
    classes = classes_of(trials[0])
    if not classes:
        raise NotExercised("the library has no class")
    before = {name: _bases(value) for name, value in classes.items()}
    with traced(trials[0].integration):
        found = holdings(trials[0].integration.modules)
        after = {f"{owner}.{name}": _bases(found[owner, name][1]) for owner, name in found}
    fail_unless_equal(before, {name: after.get(name) for name in before}, "the classes and their bases")
    for trial in trials:
        with contextlib.suppress(NotExercised):
            untraced, while_traced = returned_objects(trial)
            is_what = functools.partial(_instance_of, kinds=list(classes.values()))
            what = f"{trial.scenario.name}: what is an instance of what"
            fail_unless_equal(untraced.facts(is_what), while_traced.facts(is_what), what)


def _instance_of(value: Any, kinds: list[type]) -> list[str]:
    # A protocol class may refuse the question.
    return _names(kind for kind in kinds if verdict(isinstance, value, kind, tells=bool) is True)


def _bases(value: Any) -> Any:
    # A proxy of a class says that it is one, and is not where it counts.
    if not issubclass(type(value), type):
        return f"no class but a {type_name(type(value))}"
    # Some abstract base classes ask each class of a subclass check for what a proxy does not have.
    is_strange = issubclass(value, type("Strange", (abc.ABC,), {}))
    return [type_name(base) for base in value.__mro__], is_strange


def _names(kinds: Iterator[type]) -> list[str]:
    return sorted({type_name(kind) for kind in kinds})


@check("INV-02", Scope.SCENARIO)
def types_are_kept(trial: Trial) -> None:
    """What the library returns is of the very type that it is without tracing; C code accepts no other.

    But for a target that declares to replace the class which it makes: there, a subclass of the same name will do.
    """
    extended = replacing_places(trial)
    untraced, while_traced = returned_objects(trial)
    fail_unless_equal(
        untraced.facts(lambda value: type_name(type(value))),
        while_traced.facts(lambda value: type_name(type(value))),
        "the types of what is returned",
    )
    for (name, one), (_, other) in zip(untraced.objects, while_traced.objects):
        if name in extended and isinstance(other, type(one)):
            continue
        # A class that a scenario makes for itself is another one in each run.
        if type(one) is not type(other) and "<locals>" not in type(one).__qualname__:
            raise CheckFailed(f"{name} returns a {type_name(type(other))} which is another class of that name")


@check("INV-03", Scope.INTEGRATION)
def classes_can_be_used(trials: list[Trial]) -> None:
    """A class can be subclassed, subscripted, joined by ``|`` and asked for its type hints as without tracing."""
    classes = {name: value for name, value in classes_of(trials[0]).items() if _is_own(value, trials[0])}
    if not classes:
        raise NotExercised("the library defines no class")
    methods = {name: _annotated_methods(value) for name, value in classes.items()}
    # Twice: typing keeps what a name stands for, also for where it could not be told before.
    before, before = ({name: _uses(value, methods[name]) for name, value in classes.items()} for _ in range(2))
    with traced(trials[0].integration):
        found = classes_of(trials[0])
        # A class that is none any more is another check's.
        after = {name: _uses(found[name], methods[name]) if name in found else before[name] for name in classes}
    fail_unless_equal(before, after, "what can be done with the classes")


def _is_own(value: type, trial: Trial) -> bool:
    return any(f"{value.__module__}.".startswith(f"{name}.") for name in trial.integration.modules)


def _annotated_methods(kind: type) -> list[str]:
    return [name for name, value in sorted(vars(kind).items()) if _annotations_of(value)]


def _annotations_of(value: Any) -> Any:
    try:
        return getattr(value, "__annotations__", None)
    except Exception:
        # It may stand for a module that is not here, as those of six do.
        return None


def _uses(kind: type, methods: list[str]) -> dict[str, Any]:
    return {
        "subclass": verdict(type, "Sub", (kind,), {}, tells=inspect.isclass),
        "subscript": verdict(lambda: kind[int], tells=str),
        "union": verdict(lambda: kind | None, tells=str),
        "type hints": {name: verdict(typing.get_type_hints, getattr(kind, name, None)) for name in methods},
    }


def verdict(function: Callable[..., Any], *args: Any, tells: Callable[[Any], Any] = repr) -> Any:
    """What comes of a call, in words: what ``tells`` says of the result, or the type of the exception."""
    try:
        return tells(function(*args))
    except Exception as error:
        return f"raises {type_name(type(error))}"


@check("INV-06", Scope.SCENARIO)
def protocols_are_kept(trial: Trial) -> None:
    """What is returned can be awaited, entered, iterated ... as without tracing; an exit is told of its error."""
    untraced, while_traced = returned_objects(trial)
    fail_unless_equal(untraced.facts(_protocols), while_traced.facts(_protocols), "the protocols of what is returned")
    kinds = {type(value) for _, value in untraced.objects}
    exits = [Place(kind, name) for kind in kinds for name in ("__exit__", "__aexit__") if _is_plain(kind, name)]
    for place in [None, *trial.called_places] if exits else []:
        told, told_traced = _what_exits_are_told(trial, exits, place)
        where = f" where {place.name} fails" if place else ""
        fail_unless_equal(told, told_traced, f"what the end of a block is told{where}")


def _protocols(value: Any) -> list[str]:
    return [name for name in (*PROTOCOLS, *MORE_PROTOCOLS) if getattr(type(value), name, None) is not None]


def _is_plain(kind: type, name: str) -> bool:
    return inspect.isfunction(vars(kind).get(name))


def _what_exits_are_told(trial: Trial, exits: list[Place], failing: Place | None) -> tuple[list[Any], list[Any]]:
    """The arguments of each ``__exit__`` in an untraced and in a traced run, in which a place fails if one is given."""

    def collecting(told: list[Any], run: Callable[[], Any]) -> list[Any]:
        def note(place: Place, args: tuple, kwargs: dict) -> None:
            told.append((place.name, [None if arg is None else type_name(type(arg)) for arg in args], _message(args)))

        with stand_ins(exits, note), failing_once(failing):
            run()
        return told

    return collecting([], trial.run_untraced), collecting([], trial.run_traced)


def _message(args: tuple) -> str | None:
    return str(args[1]) if len(args) > 1 and args[1] is not None else None


@check("INV-22", Scope.INTEGRATION)
def values_can_be_copied(trials: list[Trial]) -> None:
    """Pickling, copying, comparing, hashing and listing go as without tracing: of functions, classes and results.

    But for pickling what a target returns that declares to replace an argument: a function which goes in wrapped comes
    out wrapped, and is found by no name.
    """
    integration = trials[0].integration
    before = holdings(integration.modules)
    with traced(integration):
        replaced = _replaced_functions(before, holdings(integration.modules))
        while_traced = [_copies(as_accessed(place, replacement)) for place, _, replacement in replaced]
    untraced = [_copies(as_accessed(place, original)) for place, original, _ in replaced]
    for (place, _, _), one, other in zip(replaced, untraced, while_traced):
        fail_unless_equal(one, other, f"what can be done with {place.name}")
    objects = 0
    for trial in trials:
        with contextlib.suppress(NotExercised):
            one, other = returned_objects(trial)
            objects += len(one.objects)
            what = f"{trial.scenario.name}: what can be done with results"
            wrapping = replacing_places(trial)
            fail_unless_equal(_copies_of_results(one, wrapping), _copies_of_results(other, wrapping), what)
    if not replaced and not objects:
        raise NotExercised("the integration replaces no function")


def _replaced_functions(before: Holdings, after: Holdings) -> list[tuple[Place, Any, Any]]:
    # A class in the place of a class is another check's.
    return [found for found in replaced_places(before, after) if not inspect.isclass(found[1])]


def _copies(value: Any) -> dict[str, Any]:
    def kind(result: Any) -> str:
        return type_name(type(result))

    return {
        "pickled": verdict(lambda: pickle.loads(pickle.dumps(value)), tells=_is_same_kind_as(value)),
        "copied": verdict(copy.copy, value, tells=_is_same_kind_as(value)),
        "copied deeply": verdict(copy.deepcopy, value, tells=_is_same_kind_as(value)),
        "shown": verdict(repr, value, tells=kind),
        "equal to itself": verdict(lambda: value == value, tells=bool),
        "hashed": verdict(hash, value, tells=kind),
        "listed": verdict(dir, value, tells=lambda names: [name for name in names if not name.startswith("_")]),
    }


def _copies_of_results(returned: Returned, wrapping: set[str]) -> list[tuple[str, dict[str, Any]]]:
    facts = []
    for name, value in returned.objects:
        copies = _copies(value)
        if name in wrapping and inspect.isfunction(value):
            del copies["pickled"]
        facts.append((name, copies))
    return facts


def _is_same_kind_as(value: Any) -> Callable[[Any], bool]:
    return lambda other: type(other) is type(value)


@check("INV-23", Scope.INTEGRATION)
def tools_see_the_function(trials: list[Trial]) -> None:
    """Mocks with a specification, the source, the help and the names of a replaced function are its own."""
    integration = trials[0].integration
    before = holdings(integration.modules)
    with traced(integration):
        replaced = _replaced_functions(before, holdings(integration.modules))
        while_traced = [_seen_by_tools(place, replacement) for place, _, replacement in replaced]
    if not replaced:
        raise NotExercised("the integration replaces no function")
    for (place, original, _), found in zip(replaced, while_traced):
        fail_unless_equal(_seen_by_tools(place, original), found, f"what tools see of {place.name}")


def _seen_by_tools(place: Place, raw: Any) -> dict[str, Any]:
    function = as_accessed(place, raw)
    names = ("__module__", "__name__", "__qualname__", "__doc__")
    return {
        # What stands in the signature is another check's.
        "autospec": verdict(mock.create_autospec, function, tells=callable),
        "help": verdict(pydoc.render_doc, function, tells=bool),
        "source": verdict(inspect.getsource, function),
        **{name: repr(getattr(function, name, None)) for name in names},
    }
