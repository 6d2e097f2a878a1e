"""Begin tracing libraries: ``patch`` those named, ``patch_all`` those that are on."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib import _registry
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config, parse_pairs
from ddtrace.settings.option import parse_bool

__all__ = [
    "IntegrationNotAvailableException",
    "ModuleNotFoundException",
    "PatchException",
    "patch",
    "patch_all",
]

log = get_logger(__name__)

config.declared_options = _registry.options_of


DEFAULT_PREFIX = "ddtrace.contrib"


class PatchException(Exception):
    """A library could not be patched."""


class ModuleNotFoundException(PatchException):
    """There is no integration of that name."""


class IntegrationNotAvailableException(PatchException):
    """A library is not installed; nothing raises this since libraries are patched when they are imported."""


def patch(raise_errors: bool = True, patch_modules_prefix: str = DEFAULT_PREFIX, **patch_modules: bool) -> None:
    """Trace the named libraries, now where they are imported already, else as soon as they are.

    ``patch(redis=True)``. Raises ModuleNotFoundException for a name without an integration, unless ``raise_errors``
    is False: then the error is logged and the others are traced. Nothing is patched where it raises.

    ``patch_modules_prefix`` names a package of integrations of the application's own: there, a module of the library's
    name has a function ``patch()``, which is called once the library is imported.
    """
    integrations = []
    for name in (name for name, is_wanted in patch_modules.items() if is_wanted):
        try:
            integrations.append(_find(name, patch_modules_prefix))
        except _registry.UnknownIntegrationError as error:
            if raise_errors:
                raise ModuleNotFoundException(str(error)) from None
            log.error("%s", error)
    for integration in integrations:
        integration.patch()


def _find(name: str, prefix: str) -> Any:
    if prefix == DEFAULT_PREFIX:
        return _registry.find(name)
    from ddtrace.contrib._foreign import find

    return find(name, prefix)


def patch_all(**patch_modules: bool) -> None:
    """Trace every supported library that is on: by default, by DD_TRACE_<NAME>_ENABLED, or by an argument here."""
    patch(raise_errors=False, **wanted_integrations(**patch_modules))


def wanted_integrations(**modules: bool) -> dict[str, bool]:
    """Whether each integration is on, by default or by DD_TRACE_<NAME>_ENABLED, where no argument says so."""
    return {**{integration.name: integration.is_enabled for integration in _registry.declarations()}, **modules}


def modules_from_environment() -> dict[str, bool]:
    """What DD_PATCH_MODULES names, as in ``redis:true,logging:false``; what is neither is logged and left out."""
    modules = {}
    for name, text in parse_pairs("DD_PATCH_MODULES").items():
        try:
            modules[name] = parse_bool(text)
        except ValueError as error:
            log.warning("DD_PATCH_MODULES: %s: %s; it is left out", name, error)
    return modules
