"""What a library holds at two moments, and what unpatching left between them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from testkit.boundary import Place
from testkit.residue import changes, holdings, left_by_unpatching, modules_of, replaced_places
from testkit.sabotage import correct, residue

CLASSES = """
class Parent:
    def method(self): pass
    def other(self): pass

class Child(Parent):
    pass

def function(): pass

number = 1
"""


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A library of one module, with classes, a function and a number."""
    module = ModuleType("toy_with_residue")
    exec(CLASSES, vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def held(library: ModuleType) -> Any:
    return holdings((library.__name__,))


def test_modules_are_found_by_whole_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library has the modules below its name, and not those whose name only begins alike."""
    for name in ("toylib", "toylib.inner", "toylibrary"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))

    assert [module.__name__ for module in modules_of(("toylib",))] == ["toylib", "toylib.inner"]


def test_nothing_changed(library: ModuleType) -> None:
    """Between two equal moments nothing is found."""
    assert changes(held(library), held(library)) == []


def test_what_is_added_is_named(library: ModuleType) -> None:
    """A new attribute of a class, or of a module, is found."""
    before = held(library)
    library.Child.method = library.Parent.method
    library.mark = True

    assert changes(before, held(library)) == [
        "toy_with_residue.Child.method was added",
        "toy_with_residue.mark was added",
    ]


def test_what_is_removed_is_named(library: ModuleType) -> None:
    """A lost attribute is found."""
    before = held(library)
    del library.Parent.method

    assert changes(before, held(library)) == ["toy_with_residue.Parent.method was removed"]


def test_what_is_replaced_is_named(library: ModuleType) -> None:
    """An equal object in the place of the very one is found."""
    library.number = [1]
    before = held(library)
    library.number = [1]

    assert changes(before, held(library)) == ["toy_with_residue.number is another object"]


def test_classes_of_others_are_not_looked_into(library: ModuleType) -> None:
    """A class that the library merely imported is not the library's."""
    library.Place = Place

    assert not [owner for owner, _ in held(library) if owner == "testkit.boundary.Place"]


def test_lazy_objects_stay_lazy(library: ModuleType) -> None:
    """An object that is made when it is asked for its class is not asked."""

    class Lazy:
        @property
        def __class__(self) -> type:
            raise LookupError("made too early")

    library.lazy = Lazy()
    assert ("toy_with_residue", "lazy") in held(library)


def test_replaced_functions_are_found(library: ModuleType) -> None:
    """A replaced method, an overridden one and a function are found, with what was there before."""
    parent, function = library.Parent.method, library.function
    before = held(library)
    replacement = lambda *_: None  # noqa: E731
    library.Parent.method = library.Child.other = library.function = replacement

    found = {place.name: original for place, original, _ in replaced_places(before, held(library))}

    assert found == {
        "toy_with_residue.Parent.method": parent,
        "toy_with_residue.Child.other": library.Parent.other,
        "toy_with_residue.function": function,
    }


def test_replaced_values_are_no_functions(library: ModuleType) -> None:
    """What cannot be called is not compared as a function."""
    before = held(library)
    library.number = 2

    assert replaced_places(before, held(library)) == []


def test_a_correct_integration_leaves_nothing() -> None:
    """In a clean interpreter, patching and unpatching changes nothing."""
    assert left_by_unpatching(correct.integration) == []


def test_a_mark_that_is_left_is_found_again() -> None:
    """A residue is found also where the library of this process bears it already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("testkit.toy.library.is_marked", True, raising=False)

        assert left_by_unpatching(residue.integration) == ["testkit.toy.library.is_marked was added"]
