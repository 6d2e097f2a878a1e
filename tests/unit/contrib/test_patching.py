"""Wrapping a library, and putting all back exactly as it was."""

import importlib
import inspect

import pytest
import wrapt

from ddtrace import Pin, config
from ddtrace.contrib._patching import Target
from ddtrace.contrib._tracing import Swallowed
from tests.unit.contrib.conftest import LIBRARY

# From wrapt 2 on, a function wrapper is no ObjectProxy any more, but shares its base with it.
PROXY = getattr(wrapt, "BaseObjectProxy", wrapt.ObjectProxy)


def mark(wrapped, instance, args, kwargs):
    """A wrapper that lets see that it ran."""
    return ["wrapped", *wrapped(*args, **kwargs)]


def targets(*paths):
    return [Target("toylib", path, mark) for path in paths]


def test_wrapper_is_called_in_the_place_of_the_function(library, make_patching):
    """It gets the function, its instance and its arguments, and its result is the caller's."""
    calls = []

    def wrapper(wrapped, instance, args, kwargs):
        calls.append((instance, args, kwargs))
        return wrapped(*args, **kwargs)

    make_patching([Target("toylib", "Base.run", wrapper)]).patch()
    base = library.Base()

    assert base.run(value=5) == ["run", 5]
    assert calls == [(base, (), {"value": 5})]


@pytest.mark.parametrize(
    "path, call",
    [
        ("Base.run", lambda library: library.Base().run(1)),
        ("Base.static", lambda library: library.Base.static(1)),
        ("Base.make", lambda library: library.Child.make(1)),
        ("Child.run", lambda library: library.Child().run(1)),
        ("function", lambda library: library.function(1)),
    ],
)
def test_each_kind_of_function_is_wrapped_and_restored(library, make_patching, path, call):
    """Methods, static and class methods, inherited ones and functions do the same again after unpatching."""
    patching = make_patching(targets(path))
    before = call(library)

    patching.patch()
    assert call(library) == ["wrapped", *before]

    patching.unpatch()
    assert call(library) == before


@pytest.mark.parametrize("name", ["run", "static", "make"])
def test_restored_entry_is_the_very_object(library, make_patching, name):
    """The function, staticmethod or classmethod object of the class is back, not an equal one."""
    before = vars(library.Base)[name]
    patching = make_patching(targets(f"Base.{name}"))

    patching.patch()
    assert vars(library.Base)[name] is not before
    patching.unpatch()

    assert vars(library.Base)[name] is before


@pytest.mark.parametrize("name", ["run", "static", "make"])
def test_inherited_function_is_restored_as_inherited(library, make_patching, name):
    """Unpatching removes our copy from a class which only inherited the function."""
    patching = make_patching(targets(f"Child.{name}"))

    patching.patch()
    assert name in vars(library.Child)
    assert name in vars(library.Base) and not isinstance(vars(library.Base)[name], PROXY)
    patching.unpatch()

    assert name not in vars(library.Child)


def test_library_is_left_as_it_was(library, make_patching):
    """After unpatching module and classes hold what they held, in the same order, and no pin."""
    owners = (library, library.Base, library.Child)
    before = [list(vars(owner).items()) for owner in owners]
    patching = make_patching(targets("Base.run", "Child.run", "Base.make", "function"))

    patching.patch()
    patching.unpatch()

    assert [list(vars(owner).items()) for owner in owners] == before


def test_wrapped_function_shows_the_face_of_the_original(library, make_patching):
    """Name, doc and signature are the library's; the original is within reach."""
    original = library.Base.run

    make_patching(targets("Base.run")).patch()

    wrapped = vars(library.Base)["run"]
    assert isinstance(wrapped, PROXY) and wrapped.__wrapped__ is original
    assert (wrapped.__name__, wrapped.__doc__) == ("run", "Run.")
    assert inspect.signature(library.Base.run) == inspect.signature(original)


def test_second_patch_does_nothing(library, make_patching):
    """A function is wrapped once, however often and by however many patchings of the integration."""
    first, second = make_patching(targets("Base.run")), make_patching(targets("Base.run"))

    first.patch()
    first.patch()
    second.patch()

    assert library.Base().run(1) == ["wrapped", "run", 1]


def test_library_can_be_patched_again(library, make_patching):
    """Patch and unpatch may take turns."""
    patching = make_patching(targets("Base.run"))

    for _ in range(3):
        patching.patch()
        assert library.Base().run(1) == ["wrapped", "run", 1]
        patching.unpatch()
        assert library.Base().run(1) == ["run", 1]


def test_unpatch_without_patch_does_nothing(library, make_patching):
    """There is nothing to restore."""
    before = dict(vars(library.Base))

    make_patching(targets("Base.run")).unpatch()

    assert dict(vars(library.Base)) == before


def test_module_is_wrapped_when_it_is_imported(make_module, make_patching):
    """Patching comes first, the import later."""
    make_module("toylib", LIBRARY)
    make_patching(targets("function")).patch()

    library = importlib.import_module("toylib")

    assert library.function(1) == ["wrapped", "function", 1]


def test_module_that_is_imported_after_unpatch_is_left_alone(make_module, make_patching):
    """Who no longer traces no longer waits."""
    make_module("toylib", LIBRARY)
    patching = make_patching(targets("function"))

    patching.patch()
    patching.unpatch()

    assert importlib.import_module("toylib").function(1) == ["function", 1]


def test_reloaded_module_is_wrapped_again(library, make_patching):
    """A reload puts the library's functions in the place of ours; they are wrapped once more."""
    make_patching(targets("function", "Base.run")).patch()

    importlib.reload(library)

    assert library.function(1) == ["wrapped", "function", 1]
    assert library.Base().run(1) == ["wrapped", "run", 1]


def test_function_from_before_a_reload_does_not_come_back(library, make_patching):
    """Unpatching restores what the reloaded module held, not what it held before."""
    patching = make_patching(targets("function"))
    patching.patch()
    importlib.reload(library)
    reloaded = library.function.__wrapped__

    patching.unpatch()

    assert library.function is reloaded


@pytest.mark.parametrize("path", ["Base.gone", "Gone.run", "gone"])
def test_missing_target_is_passed_over(library, make_patching, path):
    """A release without the function costs its spans, not the import; the other targets are wrapped."""
    before = Swallowed.count

    make_patching(targets(path, "function")).patch()

    assert Swallowed.count == before + 1
    assert library.function(1) == ["wrapped", "function", 1]


def test_missing_target_is_fatal_in_tests(library, make_patching, monkeypatch):
    """Where our errors are raised, a target that is gone is seen."""
    monkeypatch.setattr(config, "_raise", True)

    with pytest.raises(AttributeError, match="gone"):
        make_patching(targets("Base.gone")).patch()


def test_changes_are_undone_in_opposite_order(library, make_patching):
    """A change is done by patch, up to its yield, and undone by unpatch, the last one first."""
    order = []

    def change(name):
        def generator():
            order.append(f"do {name}")
            yield
            order.append(f"undo {name}")

        return generator

    patching = make_patching(changes=[change("a"), change("b")])

    patching.patch()
    assert order == ["do a", "do b"]

    patching.unpatch()
    assert order == ["do a", "do b", "undo b", "undo a"]


def test_change_is_done_anew_each_time(library, make_patching):
    """Patching again runs the generator function again."""
    order = []

    def change():
        order.append("do")
        yield
        order.append("undo")

    patching = make_patching(changes=[change])

    for _ in range(2):
        patching.patch()
        patching.unpatch()

    assert order == ["do", "undo"] * 2


def test_change_that_cannot_be_undone_does_not_keep_the_rest(library, make_patching):
    """All else is restored, and the failure counts as ours."""

    def change():
        yield
        raise RuntimeError("undo")

    patching = make_patching(targets("function"), changes=[change])
    patching.patch()
    before = Swallowed.count

    patching.unpatch()

    assert library.function(1) == ["function", 1]
    assert not patching.is_patched
    assert Swallowed.count == before + 1


def test_owner_bears_a_pin_while_patched(library, make_patching):
    """So ``Pin.override`` works on class and module; a class that inherits a pin needs none."""
    patching = make_patching(targets("Base.run", "Child.run", "function"))

    patching.patch()
    assert patching.pinned == [library.Base, library]
    assert Pin.get_from(library.Base) is not None
    assert "_datadog_pin" not in vars(library.Child)

    patching.unpatch()
    assert patching.pinned == []
    assert Pin.get_from(library.Base) is None and Pin.get_from(library) is None


def test_pin_of_the_application_stays(library, make_patching):
    """A pin that was on the class before is neither replaced nor removed."""
    Pin.override(library.Base, service="own")
    patching = make_patching(targets("Base.run"))

    patching.patch()
    patching.unpatch()

    assert Pin.get_from(library.Base).service == "own"
