"""What an integration says of itself, and what derives from it."""

import dataclasses
import importlib
import sys

import pytest

from ddtrace import config
from ddtrace.contrib._integration import Integration, Library, SpanContract, Surface, release_numbers
from testkit import run_python
from tests.unit.conftest import REPOSITORY, messages
from tests.unit.contrib.conftest import LIBRARY

INTEGRATION = """
from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching, Target

integration = Integration(
    package=__name__, patch_module=__name__, distribution="", modules=("toylib",), versions=()
)
patching = Patching(integration, [Target("toylib", "function", lambda wrapped, instance, args, kwargs: "wrapped")])
"""


@pytest.fixture
def integration(make_module):
    """An integration of the library, as a module of its own."""
    make_module("toylib", LIBRARY)
    integration = importlib.import_module(make_module("toy", INTEGRATION)).integration
    yield integration
    integration.unpatch()


def test_name_is_the_folder_s():
    """The last part of the declaring package names the integration, and its service unless it has another."""
    declared = {"package": "ddtrace.contrib.colours", "distribution": "c", "modules": ("c",), "versions": ()}

    assert Integration(**declared).name == "colours"
    assert Integration(**declared).service == "colours"
    assert Integration(**declared, default_service="paints").service == "paints"
    assert Integration(**declared, default_service=None).service is None


def test_declaration_is_frozen(declare):
    """Nobody changes it behind the others' backs."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        declare().versions = ("1.0",)


def test_defaults(declare):
    """An integration is on, of a called service, and touches public names, unless it says otherwise."""
    integration = declare()

    assert integration.enabled_by_default and not integration.internal_service
    assert integration.surface is Surface.PUBLIC


def test_contracts_are_found_by_name(declare):
    """Each span contract is the declared one."""
    contract = SpanContract(name="toy.call", kind="client")

    assert declare(spans=(contract,)).contracts == {"toy.call": contract}


def test_contract_may_be_that_of_a_family_of_names(declare):
    """A name's own goes first, then that of all with its end, then that of all names."""
    own, family, others = (SpanContract(name=name) for name in ("toy.connection.open", "*.connection.open", "*"))
    contract_of = declare(spans=(own, family, others)).contract_of

    assert contract_of("toy.connection.open") is own
    assert contract_of("doll.connection.open") is family
    assert contract_of("doll.connection.close") is contract_of("open") is others
    assert declare(spans=(own, family)).contract_of("connection.open") is None


def test_constant_tags_follow_from_the_contract(declare):
    """Component is the integration, span kind the contract's where it has one."""
    spans = (SpanContract(name="a", kind="client"), SpanContract(name="b"))

    assert declare(spans=spans).constant_tags == {
        "a": {"component": "toy", "span.kind": "client"},
        "b": {"component": "toy"},
    }


def test_settings_may_have_another_name(declare):
    """It names the component and, unless another is declared, the service."""
    integration = declare(config_name="plaything")

    assert (integration.name, integration.settings_name, integration.service) == ("toy", "plaything", "plaything")
    assert integration.constant_tags["toy.plain"] == {"component": "plaything"}


def test_an_integration_may_have_several_libraries(declare):
    """Each has its own modules, releases and extras; the first has what the others have not."""
    second = Library(distribution="toy2-client", modules=("toy2",), versions=("latest",))
    integration = declare(
        distribution="toy-client", modules=("toylib", "toy2"), versions=("~=1.0",), extras=("fast",), also=(second,)
    )

    first = integration.libraries[0]
    assert integration.libraries == (first, second)
    assert (first.modules, first.requirement, first.tested_releases) == (("toylib",), "toy-client[fast]", [(1, 0)])
    assert (second.requirement, second.tested_releases) == ("toy2-client", [])


def test_each_library_tells_its_version(declare, install, library):
    """By the name of the module that programs import; one that is not installed has none."""
    second = Library(distribution="no-such-thing", modules=("toy2",), versions=())
    install("3.1")

    integration = declare(distribution="toylib", modules=("toylib", "toy2"), also=(second,))

    assert integration.get_versions() == {"toylib": "3.1", "toy2": ""}


def test_tested_releases_are_in_order(declare):
    """Lowest first; ``latest`` has no number."""
    integration = declare(versions=("~=10.0", "~=2.1.0", "latest", "~=9.9"))

    assert integration.libraries[0].tested_releases == [(2, 1, 0), (9, 9), (10, 0)]


@pytest.mark.parametrize(
    "version, numbers",
    [
        ("~=5.0.1", (5, 0, 1)),
        ("5.0.1rc1", (5, 0, 1)),
        ("==5", (5,)),
        ("v3.2", (3, 2)),
        ("latest", ()),
        ("", ()),
        ("1!2.0", (1,)),
    ],
)
def test_leading_numbers_of_a_version(version, numbers):
    """Specifiers, pre-releases and prefixes do not hide them."""
    assert release_numbers(version) == numbers


@pytest.mark.parametrize("is_imported_first", [True, False])
def test_patch_traces_now_or_on_import(integration, is_imported_first):
    """A library that is imported already is wrapped at once, another one when it is."""
    if is_imported_first:
        importlib.import_module("toylib")

    integration.patch()
    integration.patch()

    assert importlib.import_module("toylib").function(1) == "wrapped"


def test_unpatch_restores_and_waits_no_longer(integration):
    """Whether or not the library is imported."""
    integration.patch()
    library = importlib.import_module("toylib")
    integration.unpatch()
    assert library.function(1) == ["function", 1]

    del sys.modules["toylib"]
    assert importlib.import_module("toylib").function(1) == ["function", 1]


def test_unpatch_before_the_import_ends_the_waiting(integration):
    """The library is not wrapped when it comes."""
    integration.patch()

    integration.unpatch()

    assert importlib.import_module("toylib").function(1) == ["function", 1]


def test_failing_integration_does_not_fail_the_import(make_module, declare, caplog):
    """One that cannot even be loaded costs a line of the log, not the application's import."""
    make_module("toylib", LIBRARY)
    make_module("broken", "raise RuntimeError('broken')")
    integration = declare(patch_module="broken")
    integration.patch()

    library = importlib.import_module("toylib")
    integration.stop_waiting()

    assert library.function(1) == ["function", 1]
    assert messages(caplog) == ["toy could not be patched; it is not traced"]


def test_failing_integration_is_fatal_in_tests(make_module, declare, monkeypatch):
    """Where our errors are raised, so is this one."""
    monkeypatch.setattr(config, "_raise", True)
    make_module("toylib", LIBRARY)
    make_module("broken", "raise RuntimeError('broken')")
    integration = declare(patch_module="broken")
    integration.patch()

    with pytest.raises(RuntimeError, match="broken"):
        importlib.import_module("toylib")
    integration.stop_waiting()


@pytest.mark.parametrize(
    "is_default, value, is_enabled",
    [(True, None, True), (False, None, False), (True, "false", False), (False, "1", True), (True, "maybe", False)],
)
def test_environment_switches_an_integration(declare, monkeypatch, is_default, value, is_enabled):
    """DD_TRACE_<NAME>_ENABLED goes before the declared default; one that says neither counts as false."""
    if value is not None:
        monkeypatch.setenv("DD_TRACE_TOY_ENABLED", value)

    assert declare(enabled_by_default=is_default).is_enabled is is_enabled


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_setting_of_config_switches_an_integration(declare, monkeypatch, is_asked_for):
    """One that is for the user to ask for follows the global setting, as it is now; its own variable goes before."""
    integration = declare(enabled_by="logs_injection")
    monkeypatch.setattr(config, "logs_injection", is_asked_for)
    assert integration.is_enabled is is_asked_for

    monkeypatch.setenv("DD_TRACE_TOY_ENABLED", str(not is_asked_for))
    assert integration.is_enabled is not is_asked_for


def test_integration_tells_whether_it_traces(integration):
    """From the import of a library that was asked for, until it is unpatched."""
    facts = [integration.is_tracing]
    integration.patch()
    facts.append(integration.is_tracing)
    importlib.import_module("toylib")
    facts.append(integration.is_tracing)
    integration.unpatch()
    facts.append(integration.is_tracing)

    assert facts == [False, False, True, False]


@pytest.mark.parametrize(
    "imports",
    [
        "import ddtrace.contrib.redis",
        "import ddtrace.contrib.redis, ddtrace.contrib.redis.patch",
        "from ddtrace.contrib.redis.patch import patch",
        "from ddtrace.contrib.redis import patch, unpatch; import ddtrace.contrib.redis.patch",
    ],
)
def test_patch_is_a_function_and_a_module(imports):
    """Both spellings work whatever is imported first, and neither hides the other."""
    source = f"""
{imports}
import sys, types
import ddtrace.contrib.redis as package
assert callable(package.patch) and callable(package.unpatch)
from ddtrace.contrib.redis.patch import patch, unpatch
assert callable(patch) and callable(unpatch)
assert callable(package.patch) and not isinstance(package.patch, types.ModuleType)
assert isinstance(sys.modules["ddtrace.contrib.redis.patch"], types.ModuleType)
"""
    run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY})


def test_exported_name_loads_its_module_when_it_is_used(make_module):
    """A package may have names from a module below it, which its declaration does not import."""
    declaration = INTEGRATION.replace("versions=()", 'versions=(), exports=("more.answer",)')
    package = make_module("toypackage.__init__", declaration.replace("patch_module=__name__, ", ""))
    make_module("toypackage.more", "answer = 42")
    package = importlib.import_module("toypackage")
    assert "toypackage.more" not in sys.modules

    assert package.answer == 42
    with pytest.raises(AttributeError, match="'toypackage' has no attribute 'question'"):
        package.question
