"""Begin tracing libraries: ``patch`` those named, ``patch_all`` those that are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddtrace.contrib import _registry
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config
from ddtrace.settings.option import Option, from_environment

if TYPE_CHECKING:
    from ddtrace.contrib._integration import Integration

__all__ = ["ModuleNotFoundException", "PatchException", "patch", "patch_all"]

log = get_logger(__name__)

config.declared_options = _registry.options_of


class PatchException(Exception):
    """A library could not be patched."""


class ModuleNotFoundException(PatchException):
    """There is no integration of that name."""


def patch(raise_errors: bool = True, **modules: bool) -> None:
    """Trace the named libraries, now where they are imported already, else as soon as they are.

    ``patch(redis=True)``. Raises ModuleNotFoundException for a name without an integration, unless ``raise_errors``
    is False: then the error is logged. Nothing is patched where one of the names is wrong.
    """
    try:
        integrations = [_registry.find(name) for name, is_wanted in modules.items() if is_wanted]
    except _registry.UnknownIntegrationError as error:
        if raise_errors:
            raise ModuleNotFoundException(str(error)) from None
        log.error("%s", error)
        return
    for integration in integrations:
        integration.patch()


def patch_all(**patch_modules: bool) -> None:
    """Trace every supported library that is on: by default, by DD_TRACE_<NAME>_ENABLED, or by an argument here."""
    wanted = {integration.name: is_enabled(integration) for integration in _registry.declarations()}
    patch(raise_errors=False, **{**wanted, **patch_modules})


def is_enabled(integration: Integration) -> bool:
    """Whether ``patch_all`` traces the library: by DD_TRACE_<NAME>_ENABLED, else as declared."""
    variable = f"DD_TRACE_{integration.name}_ENABLED".upper()
    option = Option("enabled", bool, integration.enabled_by_default, "Whether the library is traced.", variable)
    return from_environment(option, variable)
