"""Releases of a library that an integration was not tested with."""

import importlib

import pytest

from ddtrace.contrib._integration import Library
from ddtrace.contrib._patching import Target, is_supported
from tests.unit.conftest import messages
from tests.unit.contrib.conftest import LIBRARY


def mark(wrapped, instance, args, kwargs):
    return ["wrapped", *wrapped(*args, **kwargs)]


@pytest.fixture
def integration(declare):
    return declare(distribution="toylib", versions=("~=2.1.0", "~=3.0", "latest"))


@pytest.mark.parametrize("version", ["2.1", "2.1.0", "2.1.7", "2.9", "3.0", "3.99.1", "3.1rc1"])
def test_release_within_the_tested_majors_is_supported(install, library, integration, caplog, version):
    """From the oldest release to the last of the newest major."""
    install(version)

    assert is_supported(integration.libraries[0])
    assert messages(caplog) == []


@pytest.mark.parametrize("version", ["1.0", "2.0.9", "4.0", "10.0", "unknown"])
def test_release_outside_of_them_is_not(install, library, integration, caplog, version):
    """One logged line names library, release and what is tested."""
    install(version)

    assert not is_supported(integration.libraries[0])
    assert messages(caplog) == [f"toylib {version} is not traced: the integration is tested with 2.1.0 to 3.x"]


def test_library_without_metadata_is_supported(library, integration):
    """Nothing is known against a module that was put on the path by hand."""
    assert is_supported(integration.libraries[0])


@pytest.mark.parametrize("fields", [{"distribution": ""}, {"versions": ("latest",)}])
def test_integration_without_bounds_supports_all(install, library, declare, fields):
    """A module of the standard library has no release, and ``latest`` is no bound."""
    install("99.0")

    assert is_supported(declare(**{"distribution": "toylib", "versions": ("~=2.1.0",), **fields}).libraries[0])


@pytest.mark.parametrize("version", ["1.0", "4.0"], ids=["too old", "untested major"])
@pytest.mark.parametrize("is_imported_first", [True, False])
def test_unsupported_library_is_left_alone(
    make_module, install, integration, make_patching, caplog, version, is_imported_first
):
    """No function is wrapped, no change made, no pin put, and one line says so, of however many modules."""
    changes = []
    for name in ("toylib.__init__", "toylib.part"):
        make_module(name, LIBRARY)
    install(version)
    targets = [Target(module, "function", mark) for module in ("toylib", "toylib.part")]
    patching = make_patching(targets, [lambda: iter([changes.append("done")])], integration)
    if is_imported_first:
        importlib.import_module("toylib.part")

    patching.patch()
    patching.patch()
    part, library = importlib.import_module("toylib.part"), importlib.import_module("toylib")

    assert part.function(1) == library.function(1) == ["function", 1]
    assert (changes, patching.pinned, patching.is_tracing) == ([], [], False)
    assert len(messages(caplog)) == 1 and f"toylib {version} is not traced" in messages(caplog)[0]


def test_supported_library_is_traced(make_module, install, integration, make_patching):
    """The same library in a tested release is wrapped."""
    make_module("toylib", LIBRARY)
    install("3.2")

    make_patching([Target("toylib", "function", mark)], integration=integration).patch()

    assert importlib.import_module("toylib").function(1) == ["wrapped", "function", 1]


def test_one_library_is_left_alone_and_the_other_traced(make_module, install, declare, make_patching, caplog):
    """Each of an integration's libraries is judged by its own release."""
    make_module("toylib", LIBRARY)
    make_module("oldlib", LIBRARY)
    install("1.0")
    old = Library(distribution="toylib", modules=("oldlib",), versions=("~=2.0",))
    integration = declare(modules=("toylib", "oldlib"), also=(old,))

    make_patching([Target(name, "function", mark) for name in ("toylib", "oldlib")], integration=integration).patch()

    assert importlib.import_module("toylib").function(1) == ["wrapped", "function", 1]
    assert importlib.import_module("oldlib").function(1) == ["function", 1]
    assert messages(caplog) == ["toylib 1.0 is not traced: the integration is tested with 2.0 to 2.x"]
