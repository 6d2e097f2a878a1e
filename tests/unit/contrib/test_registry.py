"""Finding integrations."""

import zipfile

import pytest

from ddtrace.contrib import _registry
from ddtrace.contrib._integration import Integration
from testkit import run_python
from tests.unit.conftest import REPOSITORY

ENTRY_POINT = """
[ddtrace.integrations]
colours = paint_shop:integration
"""


@pytest.fixture(autouse=True)
def fresh_registry():
    """What was found is remembered for the process, and not for the next test."""
    functions = (_registry.names, _registry._folders, _registry._entry_points)
    for function in functions:
        function.cache_clear()
    yield
    for function in functions:
        function.cache_clear()


@pytest.fixture
def other_distribution(make_module, tmp_path):
    """A distribution which brings the integration ``colours``."""
    make_module(
        "paint_shop",
        """
        from ddtrace.contrib._integration import Integration, Option

        integration = Integration(
            package="colours",
            distribution="",
            modules=("colours",),
            versions=(),
            options=(Option("dry", bool, True, ""),),
        )
        """,
    )
    folder = tmp_path / "paint_shop-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: paint-shop\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(ENTRY_POINT)


def test_folder_is_an_integration():
    """Each folder of contrib with targets is found by its name; private modules are none."""
    assert "redis" in _registry.names()
    assert not [name for name in _registry.names() if name.startswith("_")]
    assert _registry.find("redis").name == "redis"


def test_names_are_sorted():
    """All declarations come by name."""
    assert list(_registry.names()) == sorted(_registry.names())
    assert [declaration.name for declaration in _registry.declarations()] == list(_registry.names())


def test_every_declaration_is_found_under_its_own_name():
    """The name of a folder and the name that the declaration derives are one."""
    for name in _registry.names():
        assert isinstance(_registry.find(name), Integration)
        assert _registry.find(name).name == name


def test_other_distribution_brings_an_integration(other_distribution):
    """An entry point of the group ``ddtrace.integrations`` is found like a folder."""
    assert "colours" in _registry.names()
    assert _registry.find("colours").modules == ("colours",)
    assert [option.name for option in _registry.options_of("colours")] == ["dry"]


def test_options_are_found_by_the_name_of_the_settings():
    """Those of ``sqlite3`` are ``config.sqlite``; a name of nobody's has none."""
    assert _registry.options_of("sqlite") == _registry.find("sqlite3").options
    assert _registry.options_of("no_such_integration") == ()


@pytest.mark.parametrize("name", _registry.APPLIED_BY_HAND)
def test_what_is_applied_by_hand_has_settings_and_no_name_for_patch(name):
    """There is nothing to patch, yet each option is there to be read."""
    assert "distributed_tracing" in [option.name for option in _registry.options_of(name)]
    assert name not in _registry.names()


def test_entry_point_bears_the_integrations_name(other_distribution, make_module):
    """Its settings go by the name of its package, and ``patch`` by that of the entry point: they must be one."""
    source = "from ddtrace.contrib._integration import Integration\n"
    source += "integration = Integration(package='paint', distribution='', modules=('paint',), versions=())"
    make_module("paint_shop", source)

    with pytest.raises(_registry.UnknownIntegrationError, match="'colours' is of an integration that is named 'paint'"):
        _registry.find("colours")


def test_distribution_in_a_zip_file_brings_an_integration(tmp_path, monkeypatch):
    """What a distribution announces is found wherever Python finds metadata."""
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("paint_shop-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: paint-shop\nVersion: 1.0\n")
        archive.writestr("paint_shop-1.0.dist-info/entry_points.txt", ENTRY_POINT)
    monkeypatch.syspath_prepend(str(path))

    assert "colours" in _registry.names()


def test_metadata_are_not_loaded_where_nobody_brings_an_integration():
    """Reading them takes some forty modules, which a program that is traced would begin with."""
    source = "import sys, ddtrace; ddtrace.patch_all(); print('importlib.metadata' in sys.modules)"

    assert run_python("-c", source, env={"PYTHONPATH": REPOSITORY}) == "False\n"


def test_integration_that_cannot_be_loaded_is_left_out(other_distribution, make_module, caplog):
    """One broken distribution is logged, and takes no other integration from the application."""
    make_module("paint_shop", "raise RuntimeError('out of paint')")

    assert [declaration.name for declaration in _registry.declarations()] == sorted(_registry._folders())
    assert [record.getMessage() for record in caplog.records] == [
        "the integration colours cannot be loaded; it is left out"
    ]


@pytest.mark.parametrize("name, nearest", [("reddis", "redis"), ("Redis", "redis"), ("redi", "redis")])
def test_unknown_name_shows_the_nearest(name, nearest):
    """The error names what was asked for and what may have been meant."""
    with pytest.raises(_registry.UnknownIntegrationError, match=f"'{name}'; did you mean .*{nearest}"):
        _registry.find(name)


def test_name_near_nothing_shows_all():
    """Where nothing is near, the known ones are listed."""
    with pytest.raises(_registry.UnknownIntegrationError, match="'zzzzzz'; known are .*redis"):
        _registry.find("zzzzzz")


@pytest.mark.parametrize("name", ["..redis", "redis.patch", "_registry", "", "trace_utils"])
def test_name_is_no_path(name):
    """Nothing but an integration is ever imported."""
    with pytest.raises(_registry.UnknownIntegrationError):
        _registry.find(name)


def test_options_of_an_unknown_name_are_none():
    """``config.<anything>`` works, without options."""
    assert _registry.options_of("zzzzzz") == ()
