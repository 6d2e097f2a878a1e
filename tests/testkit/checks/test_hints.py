"""The check of what tools see of types, tried on integrations that change it in ways the sabotage does not."""

from __future__ import annotations

import sys
import typing
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

import pytest

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching
from testkit.boundary import Place
from testkit.check import CheckFailed, NotExercised
from testkit.checks.functions import as_accessed
from testkit.checks.hints import types_are_seen_alike
from testkit.toy.library import Client
from tests.testkit.toys import integrated, trial_of

LIBRARY = "library_with_files"


@pytest.fixture
def integrated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Integration]:
    """Make an integration, with one change, of a library in a folder of its own."""
    (tmp_path / LIBRARY).mkdir()
    (tmp_path / LIBRARY / "__init__.py").write_text("def call(): ...")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, LIBRARY, raising=False)

    def make(change: Callable[[], Iterator[None]]) -> Integration:
        package = ModuleType("integration_of_files")
        package.integration = Integration(
            package=package.__name__, patch_module=package.__name__, distribution="", modules=(LIBRARY,), versions=()
        )
        package.patching = Patching(package.integration, [], [change])
        monkeypatch.setitem(sys.modules, package.__name__, package)
        return package.integration

    return make


@pytest.mark.parametrize("name", ["py.typed", "__init__.pyi", "__init__.py"])
def test_a_file_in_the_librarys_folder_is_told(
    integrated_files: Callable[..., Integration], tmp_path: Path, name: str
) -> None:
    """Whether it is new or another one, a type checker reads it."""

    def write() -> Iterator[None]:
        (tmp_path / LIBRARY / name).write_text("x: int")
        yield

    integration = integrated_files(write)
    __import__(LIBRARY)

    with pytest.raises(CheckFailed, match=rf"(?s)the files of the library differs.*{name}"):
        types_are_seen_alike([trial_of(integration)])


def test_lost_overloads_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function in another one's place, by another name, has none of its overloads."""

    def open(self: Client, name: str) -> Any: ...

    open.__module__, open.__qualname__ = Client.__module__, Client.open.__qualname__
    typing.overload(open)
    original = Client.open

    def rename() -> Iterator[None]:
        def renamed(self: Client, name: str) -> Any:
            return original(self, name)

        Client.open = renamed
        yield
        Client.open = original

    try:
        with pytest.raises(CheckFailed, match=r"(?s)-.*Client.open.*name.*\+.*Client.open': \('\[\]'"):
            types_are_seen_alike([trial_of(integrated(monkeypatch, changes=(rename,)))])
    finally:
        typing.clear_overloads()


def test_a_library_that_is_not_imported_exercises_nothing(integrated_files: Callable[..., Integration]) -> None:
    """There is nothing to look at."""
    with pytest.raises(NotExercised):
        types_are_seen_alike([trial_of(integrated_files(lambda: iter([None])))])


@pytest.mark.parametrize("kind", [AttributeError, ModuleNotFoundError])
def test_a_descriptor_may_refuse_its_class(kind: type[Exception]) -> None:
    """What cannot be read from a class is seen as the class holds it; what it stands for may not be here."""

    class Refusing:
        def __get__(self, instance: Any, owner: type) -> Any:
            raise kind("not of this class")

    class Owner:
        refusing = Refusing()

    held = vars(Owner)["refusing"]
    assert as_accessed(Place(Owner, "refusing"), held) is held
