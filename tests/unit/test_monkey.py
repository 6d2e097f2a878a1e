"""``patch`` and ``patch_all``."""

import importlib

import pytest

from ddtrace import _monkey, config, patch, patch_all
from ddtrace._monkey import ModuleNotFoundException, PatchException
from ddtrace.contrib import _foreign, _registry
from ddtrace.internal import import_hooks
from testkit import run_python
from tests.unit.conftest import REPOSITORY, messages


class StubIntegration:
    """Knows how often it was patched."""

    def __init__(self, name, is_enabled=True):
        self.name = name
        self.is_enabled = is_enabled
        self.patched = 0

    def patch(self):
        self.patched += 1


@pytest.fixture
def integrations(monkeypatch):
    """Three integrations, of which ``off`` is off by default."""
    stubs = {"blue": StubIntegration("blue"), "red": StubIntegration("red"), "off": StubIntegration("off", False)}

    def find(name):
        if name not in stubs:
            raise _registry.UnknownIntegrationError(f"there is no integration {name!r}; did you mean blue?")
        return stubs[name]

    monkeypatch.setattr(_monkey._registry, "find", find)
    monkeypatch.setattr(_monkey._registry, "declarations", lambda: list(stubs.values()))
    monkeypatch.setattr(_monkey._registry, "names", lambda: tuple(stubs))
    return stubs


def patched(integrations):
    return [name for name, integration in integrations.items() if integration.patched]


def test_patch_traces_what_is_named(integrations):
    """True traces, False does not, and what is not named is left alone."""
    patch(blue=True, red=False)

    assert patched(integrations) == ["blue"]


def test_unknown_name_is_an_error():
    """It names the nearest ones."""
    with pytest.raises(ModuleNotFoundException, match="no integration 'reddis'; did you mean redis"):
        patch(reddis=True)

    assert issubclass(ModuleNotFoundException, PatchException)


def test_error_patches_nothing(integrations):
    """Where one name is wrong, no library is half-way traced."""
    with pytest.raises(ModuleNotFoundException):
        patch(blue=True, blau=True)

    assert patched(integrations) == []


def test_unknown_name_that_is_not_wanted_is_no_error(integrations):
    """A library that shall not be traced need not be supported."""
    patch(blau=False)

    assert patched(integrations) == []


def test_unknown_name_can_be_logged_instead(integrations, caplog):
    """With ``raise_errors=False`` one line names it, and the others are traced."""
    patch(raise_errors=False, blau=True, blue=True)

    assert patched(integrations) == ["blue"]
    assert ["'blau'; did you mean blue" in line for line in messages(caplog)] == [True]


def test_patch_all_traces_what_is_on(integrations):
    """Integrations that are off by default, or by the environment, are left out."""
    patch_all()

    assert patched(integrations) == ["blue", "red"]


def test_arguments_of_patch_all_go_first(integrations):
    """They switch on and off whatever the default."""
    patch_all(red=False, off=True)

    assert patched(integrations) == ["blue", "off"]


def test_mistyped_argument_of_patch_all_costs_itself_only(integrations, caplog):
    """All else is traced."""
    patch_all(blau=True)

    assert patched(integrations) == ["blue", "red"]
    assert len(messages(caplog)) == 1


@pytest.mark.parametrize("order", ["patch first", "import first"])
def test_library_is_traced_whichever_comes_first(order):
    """``patch`` before or after the import makes no difference."""
    steps = ["ddtrace.patch(redis=True)", "import redis"]
    if order == "import first":
        steps.reverse()
    source = "\n".join(
        [
            "import ddtrace",
            *steps,
            "import redis",
            "assert hasattr(redis.Redis.execute_command, '__wrapped__')",
            "ddtrace.patch(redis=True)",
            "assert not hasattr(redis.Redis.execute_command.__wrapped__, '__wrapped__')",
        ]
    )
    importlib.import_module("redis")

    run_python("-c", source, env={"PYTHONPATH": REPOSITORY})


def test_environment_switches_patch_all():
    """DD_TRACE_<NAME>_ENABLED=false leaves a library alone."""
    source = (
        "import ddtrace; ddtrace.patch_all(); import redis; print(hasattr(redis.Redis.get, '__wrapped__'), end=' ')"
    )
    source += "; print(hasattr(redis.Redis.execute_command, '__wrapped__'))"

    for value, is_wrapped in (("true", "True"), ("false", "False")):
        env = {"PYTHONPATH": REPOSITORY, "DD_TRACE_REDIS_ENABLED": value}
        assert run_python("-c", source, env=env).split()[1] == is_wrapped


def test_modules_of_the_environment(monkeypatch, caplog):
    """DD_PATCH_MODULES names integrations; what says neither yes nor no is told and left out."""
    monkeypatch.setenv("DD_PATCH_MODULES", "redis:true,logging:0,flask:maybe")

    assert _monkey.modules_from_environment() == {"redis": True, "logging": False}
    assert messages(caplog) == [
        "DD_PATCH_MODULES: flask: 'maybe' is none of 1, true, 0, false; it is left out",
    ]


def test_argument_decides_what_is_wanted(integrations):
    """What is on by itself is wanted, unless an argument says otherwise."""
    assert _monkey.wanted_integrations(red=False, off=True) == {"blue": True, "red": False, "off": True}


# -- integrations of the application's own ----------------------------------------------------------------------------

OWN_INTEGRATION = """
    calls = []

    def patch():
        import sys
        calls.append("toylib" in sys.modules)
"""


@pytest.fixture
def own_package(make_module, monkeypatch):
    """A package with an integration of ``toylib``."""
    monkeypatch.setattr(_foreign, "_known", set())
    make_module("toylib", "colour = 'blue'")
    make_module("toycontrib.__init__")
    make_module("toycontrib.toylib", OWN_INTEGRATION)
    yield "toycontrib"
    import_hooks._hooks.pop("toylib", None)


@pytest.mark.parametrize("order", ["patch first", "import first"])
def test_application_s_own_integration_patches_an_imported_library(own_package, order):
    """Once, and not before the library is there."""
    if order == "import first":
        importlib.import_module("toylib")
    patch(patch_modules_prefix=own_package, toylib=True)
    patch(patch_modules_prefix=own_package, toylib=True)
    importlib.import_module("toylib")

    assert importlib.import_module("toycontrib.toylib").calls == [True]


@pytest.mark.parametrize("prefix, name", [("toycontrib", "other"), ("nowhere", "toylib")])
def test_application_s_own_integration_has_to_be_there(own_package, prefix, name):
    """The error names the module that is looked for."""
    with pytest.raises(ModuleNotFoundException, match=f"no module '{prefix}.{name}', whose function patch"):
        patch(patch_modules_prefix=prefix, **{name: True})


def test_failing_integration_costs_no_import(own_package, make_module, caplog):
    """It is logged; in tests it is fatal."""
    make_module("toycontrib.toylib", "def patch(): raise RuntimeError('boom')")
    patch(patch_modules_prefix=own_package, toylib=True)

    assert importlib.import_module("toylib").colour == "blue"
    assert messages(caplog) == ["toycontrib.toylib.patch() failed; toylib is not traced"]


def test_failing_integration_is_fatal_in_tests(own_package, make_module, monkeypatch):
    """Where config._raise says so."""
    monkeypatch.setattr(config, "_raise", True)
    make_module("toycontrib.toylib", "def patch(): raise RuntimeError('boom')")
    patch(patch_modules_prefix=own_package, toylib=True)

    with pytest.raises(RuntimeError, match="boom"):
        importlib.import_module("toylib")


def test_integration_without_its_library_is_no_error():
    """A name that 1.x programs catch is there."""
    assert issubclass(_monkey.IntegrationNotAvailableException, PatchException)
