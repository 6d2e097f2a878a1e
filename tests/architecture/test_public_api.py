"""The names that programs rely on; the list of them is in ``public_api``."""

from __future__ import annotations

import importlib
import inspect
from importlib.metadata import version
from typing import Any

import pytest

import ddtrace
from ddtrace import Pin, Span, Tracer
from ddtrace.context import Context
from tests.architecture.public_api import ATTRIBUTES, CALLS, CLASSES, SAME, VALUES

OBJECTS = {
    "tracer": ddtrace.tracer,
    "span": Span("span"),
    "context": Context(),
    "pin": Pin(),
    "config": ddtrace.config,
    "http_server": ddtrace.config.http_server,
    "integration": ddtrace.config.flask,
    "http": ddtrace.config.http,
}


def find(path: str) -> Any:
    """What a program gets that imports as much of a path as there are modules, and asks for the rest."""
    hidden, _, name = path.partition(":")
    if name:
        return getattr(importlib.import_module(hidden), name)
    parts = path.split(".")
    found = importlib.import_module(parts[0])
    for number, part in enumerate(parts[1:], start=2):
        if not hasattr(found, part):
            importlib.import_module(".".join(parts[:number]))
        found = getattr(found, part)
    return found


def signature(function: Any) -> str:
    """The arguments of a call that a program may give by their position, and their defaults; ours are keyword-only."""
    shown = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("self", "cls") or parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            continue
        shown.append(str(parameter.replace(annotation=inspect.Parameter.empty)))
    return f"({', '.join(shown)})"


@pytest.mark.parametrize("call", [line for line in CALLS.splitlines() if line])
def test_call_is_that_of_1x(call: str) -> None:
    """Arguments keep their names, order and defaults."""
    path, _, arguments = call.partition("(")

    assert signature(find(path)) == "(" + arguments


@pytest.mark.parametrize("path, base", CLASSES.items())
def test_class_is_what_programs_take_it_for(path: str, base: str) -> None:
    """An error can be caught, and an object used, as in 1.x."""
    assert issubclass(find(path), find(base if "." in base else f"builtins.{base}"))


@pytest.mark.parametrize("path, other", SAME.items())
def test_name_is_in_both_places(path: str, other: str) -> None:
    """And is the same object in both."""
    assert find(path) is find(other)


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_object_has_its_attributes(kind: str) -> None:
    """Each can be read."""
    assert [name for name in ATTRIBUTES[kind].split() if not hasattr(OBJECTS[kind], name)] == []


@pytest.mark.parametrize("owner", VALUES)
def test_names_have_their_values(owner: str) -> None:
    """A changed value would change what is stored, or what is sent."""
    assert {name: getattr(find(owner), name, None) for name in VALUES[owner]} == VALUES[owner]


def test_facade_exports_its_names() -> None:
    """``from ddtrace import *`` gives what it gave."""
    expected = {"patch", "patch_all", "Pin", "Span", "tracer", "Tracer", "config", "DDTraceDeprecationWarning"}

    assert expected <= set(ddtrace.__all__) and all(hasattr(ddtrace, name) for name in ddtrace.__all__)
    assert isinstance(ddtrace.__version__, str)


def test_tracer_is_the_instance() -> None:
    """``ddtrace.tracer`` is the process's tracer, although a submodule has that name."""
    assert isinstance(ddtrace.tracer, Tracer) and Tracer.SHUTDOWN_TIMEOUT == 5


def test_unknown_setting_is_an_integration() -> None:
    """``config.<anything>`` can be set before anybody has heard of the integration."""
    assert isinstance(ddtrace.config.anything, ddtrace.settings.IntegrationConfig)


def test_integration_package_offers_the_functions_patch_and_unpatch() -> None:
    """The submodule ``patch`` does not hide the function ``patch``, whichever is imported first."""
    import ddtrace.contrib.redis
    from ddtrace.contrib.redis.patch import patch, unpatch

    assert callable(patch) and callable(unpatch)
    assert callable(ddtrace.contrib.redis.patch) and callable(ddtrace.contrib.redis.unpatch)


def test_integration_package_tells_the_librarys_version() -> None:
    """``ddtrace.contrib.<name>.get_version()`` is the installed release."""
    from ddtrace.contrib.redis import get_version

    assert get_version() == version("redis")
