"""Stand-ins between a library and its wrappers, and arguments that cannot be changed."""

from __future__ import annotations

import asyncio
import inspect
import sys
import types
from typing import Any, Callable

import pytest

from ddtrace.contrib._patching import Target
from testkit.boundary import Place, freeze, place_of, stand_ins
from testkit.toy.library import AsyncClient, Client


class Parent:
    def method(self, a: int, *, b: int = 2) -> tuple:
        """A method."""
        return (self, a, b)

    @staticmethod
    def static(a: int) -> int:
        return a

    @classmethod
    def of_class(cls, a: int) -> tuple:
        return (cls, a)

    async def awaited(self, a: int) -> tuple:
        return (self, a)


class Child(Parent):
    pass


Call = tuple[str, tuple, dict]

KINDS = ["method", "static", "of_class", "awaited"]


def noting(calls: list[Call]) -> Callable[..., None]:
    def note(place: Place, args: tuple, kwargs: dict) -> None:
        calls.append((place.attribute, args, kwargs))

    return note


def call(owner: type, attribute: str) -> Any:
    """What a caller gets of one call with the argument 1."""
    result = getattr(owner(), attribute)(1)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


@pytest.mark.parametrize("owner", [Parent, Child])
@pytest.mark.parametrize("attribute", KINDS)
def test_each_kind_of_function_is_stood_in_for(owner: type, attribute: str) -> None:
    """The hook gets the arguments without self or cls, and the function is called with them."""
    calls: list[Call] = []

    with stand_ins([Place(owner, attribute)], noting(calls)):
        result = call(owner, attribute)

    assert calls == [(attribute, (1,), {})]
    assert result == 1 or result[1] == 1


@pytest.mark.parametrize("attribute", KINDS)
def test_the_very_function_is_restored(attribute: str) -> None:
    """After the block, also one that raises, the owner holds the object which it held."""
    before = vars(Parent)[attribute]

    with pytest.raises(KeyError), stand_ins([Place(Parent, attribute)], noting([])):
        assert vars(Parent)[attribute] is not before
        raise KeyError

    assert vars(Parent)[attribute] is before


@pytest.mark.parametrize("attribute", KINDS)
def test_an_inherited_function_is_restored_as_absence(attribute: str) -> None:
    """A class that only inherits has nothing of its own afterwards."""
    with stand_ins([Place(Child, attribute)], noting([])):
        assert attribute in vars(Child)

    assert attribute not in vars(Child)


@pytest.mark.parametrize("attribute", KINDS)
def test_a_stand_in_looks_like_its_function(attribute: str) -> None:
    """Name, signature and coroutine-ness are those of the function."""

    def looks() -> tuple:
        function = getattr(Parent, attribute)
        return function.__name__, str(inspect.signature(function)), inspect.iscoroutinefunction(function)

    before = looks()
    with stand_ins([Place(Parent, attribute)], noting([])):
        assert looks() == before


def test_a_class_method_gets_the_class_it_is_called_on() -> None:
    """The stand-in of a parent's class method hands the child on."""
    with stand_ins([Place(Parent, "of_class")], noting([])):
        assert Child.of_class(1) == (Child, 1)


def test_a_function_of_a_module_is_stood_in_for() -> None:
    """A module's function has no self that could be taken off."""
    module = types.ModuleType("toy")
    module.function = lambda a: a
    calls: list[Call] = []

    with stand_ins([Place(module, "function")], noting(calls)):
        assert module.function(1) == 1

    assert calls == [("function", (1,), {})]


def test_a_hook_may_change_the_arguments() -> None:
    """The function gets what the hook returns."""
    with stand_ins([Place(Parent, "static")], lambda place, args, kwargs: ((7,), kwargs)):
        assert Parent.static(1) == 7


@pytest.mark.parametrize("attribute", KINDS)
def test_a_hook_may_raise(attribute: str) -> None:
    """The caller gets the hook's exception in the place of the function's answer."""

    def refuse(*_: Any) -> None:
        raise LookupError

    with stand_ins([Place(Parent, attribute)], refuse), pytest.raises(LookupError):
        call(Parent, attribute)


@pytest.mark.parametrize("attribute", KINDS)
def test_the_result_of_a_call_is_told(attribute: str) -> None:
    """The second hook gets what the caller gets, once a call."""
    results: list[Any] = []

    with stand_ins([Place(Parent, attribute)], returned=lambda place, result: results.append(result)):
        got = call(Parent, attribute)

    assert len(results) == 1 and results[0] is got


def test_a_generator_function_is_stood_in_for() -> None:
    """It stays one; what is sent, thrown, returned and closed goes to the library's own generator."""
    client = Client()
    generators: list[Any] = []
    with stand_ins([Place(Client, "stream")], returned=lambda place, result: generators.append(result)):
        assert inspect.isgeneratorfunction(Client.stream)
        stream = client.stream("say", 1)
        assert not generators
        assert [next(stream), stream.send("loud")] == [["say", 0], ["say", "loud"]]
        with pytest.raises(StopIteration) as stopped:
            next(stream)
        thrown = client.stream("throw", 2)
        next(thrown)
        with pytest.raises(LookupError):
            thrown.throw(LookupError)

    assert stopped.value.value == 1
    assert [each.__name__ for each in generators] == ["stream", "stream"]
    assert client.closed == ["say", "throw"]


def test_an_asynchronous_generator_function_is_stood_in_for() -> None:
    """It stays one; what is thrown and closed goes to the library's own generator."""
    client = AsyncClient()

    async def use() -> list[Any]:
        whole = [item async for item in client.stream("whole", 2)]
        half_read = client.stream("half", 2)
        await anext(half_read)
        await half_read.aclose()
        thrown = client.stream("throw", 2)
        await anext(thrown)
        with pytest.raises(LookupError):
            await thrown.athrow(LookupError())
        return whole

    with stand_ins([Place(AsyncClient, "stream")]):
        assert inspect.isasyncgenfunction(AsyncClient.stream)
        assert asyncio.run(use()) == [["whole", 0], ["whole", 1]]
    assert client.closed == ["whole", "half", "throw"]


def test_places_are_named_in_full() -> None:
    """A place's name leads to it: module, class, attribute."""
    assert Place(Parent, "method").name == f"{__name__}.Parent.method"
    assert Place(asyncio, "run").name == "asyncio.run"


def test_a_target_has_its_place() -> None:
    """A target leads to the class, or module, that holds its function."""
    assert place_of(Target(__name__, "Child.method", call)) == Place(Child, "method")
    assert place_of(Target("asyncio", "run", call)) == Place(asyncio, "run")


def test_a_targets_module_is_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place is found in a module that no scenario has imported."""
    (tmp_path / "never_imported_toy.py").write_text("def function(): pass\n")
    monkeypatch.syspath_prepend(tmp_path)

    place = place_of(Target("never_imported_toy", "function", call))

    assert place.owner is sys.modules.pop("never_imported_toy")


def test_frozen_values_have_the_same_content() -> None:
    """A frozen dict equals the one it is made of; a list becomes a tuple, also deeper within."""
    assert freeze({"a": [1, {2}], "b": {"c": 3}}) == {"a": (1, frozenset({2})), "b": {"c": 3}}


def test_objects_are_not_frozen() -> None:
    """What is no plain container is handed on itself."""
    value = types.SimpleNamespace()

    assert freeze(value) is value


@pytest.mark.parametrize(
    "change",
    [
        lambda frozen: frozen.update(b=2),
        lambda frozen: frozen.setdefault("b", 2),
        lambda frozen: frozen.pop("a"),
        lambda frozen: frozen.popitem(),
        lambda frozen: frozen.clear(),
        lambda frozen: frozen.__setitem__("b", 2),
        lambda frozen: frozen.__delitem__("a"),
        lambda frozen: frozen.__ior__({"b": 2}),
        lambda frozen: frozen["a"].update(b=2),
    ],
)
def test_a_frozen_dict_refuses_changes(change: Callable[[Any], Any]) -> None:
    """Every way to change a dict, or one within it, raises."""
    with pytest.raises(TypeError, match="about to be changed"):
        change(freeze({"a": {}}))
