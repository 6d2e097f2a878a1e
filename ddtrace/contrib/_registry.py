"""Find integrations: by folder, and those of other distributions by the entry-point group ``ddtrace.integrations``."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from typing import TYPE_CHECKING

from ddtrace.internal.log import get_logger

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ddtrace.contrib._integration import Integration
    from ddtrace.settings.option import Option

log = get_logger(__name__)

ENTRY_POINT_GROUP = "ddtrace.integrations"

APPLIED_BY_HAND = ("asgi", "wsgi")
"""Those that a program puts around an application of its own: they patch nothing, and are no names for ``patch``."""

_PACKAGE = __name__.rpartition(".")[0]


class UnknownIntegrationError(LookupError):
    """No integration bears that name."""


@functools.lru_cache(maxsize=None)
def names() -> tuple[str, ...]:
    """The names of all integrations."""
    return tuple(sorted({*_folders(), *_entry_points()}))


def find(name: str) -> Integration:
    """The declaration of one integration; raises UnknownIntegrationError, which names the nearest."""
    if name in _folders():
        return importlib.import_module(f"{_PACKAGE}.{name}").integration
    if name in _entry_points():
        return _announced(name, _entry_points()[name].load())
    raise UnknownIntegrationError(f"there is no integration {name!r}; {_nearest(name)}")


def _announced(name: str, integration: Integration) -> Integration:
    """The same, unless settings such as DD_TRACE_<NAME>_ENABLED would go by another name."""
    if integration.name != name:
        raise UnknownIntegrationError(
            f"the entry point {name!r} is of an integration that is named {integration.name!r}, after the last part of "
            f"its package {integration.package}; give both the same name"
        )
    return integration


def declarations() -> list[Integration]:
    """All declarations, by name; one of another distribution that cannot be loaded is logged and left out."""
    found = []
    for name in names():
        try:
            found.append(find(name))
        except Exception:
            if name in _folders():
                raise
            log.exception("the integration %s cannot be loaded; it is left out", name)
    return found


def options_of(config_name: str) -> tuple[Option, ...]:
    """The options that an integration declares, by the name of its settings; none for a name of no integration."""
    if config_name in names():
        return find(config_name).options
    if config_name in APPLIED_BY_HAND:
        return importlib.import_module(f"{_PACKAGE}.{config_name}").integration.options
    # Few have settings of another name, and only their declarations know.
    return next((each.options for each in declarations() if each.settings_name == config_name), ())


@functools.lru_cache(maxsize=None)
def _folders() -> frozenset[str]:
    folder = os.path.dirname(__file__)
    return frozenset(
        entry.name
        for entry in os.scandir(folder)
        if not entry.name.startswith("_") and os.path.exists(os.path.join(entry.path, "patch.py"))
    )


@functools.lru_cache(maxsize=None)
def _entry_points() -> dict[str, EntryPoint]:
    if not any(map(_may_have_entry_points, sys.path)):
        return {}
    # It loads some forty modules, which a program that is traced from its start would all have before its first line.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _may_have_entry_points(folder: str) -> bool:
    """Whether the metadata of some distribution in a folder names our group."""
    try:
        entries = list(os.scandir(folder or os.curdir))
    except FileNotFoundError:
        return False
    except OSError:
        # A zip file, for one; whoever is asked next knows how to read it.
        return True
    return any(
        _names_our_group(os.path.join(entry.path, "entry_points.txt"))
        for entry in entries
        if entry.name.endswith((".dist-info", ".egg-info", "EGG-INFO"))
    )


def _names_our_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return ENTRY_POINT_GROUP.encode() in file.read()
    except OSError:
        # Most have no entry points at all.
        return False


def _nearest(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, names(), n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"known are {', '.join(names())}"
