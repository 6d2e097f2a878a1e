"""Begin tracing libraries: ``patch`` those named, ``patch_all`` those that are on."""

from __future__ import annotations

from ddtrace.contrib import _registry
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config

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
    is False: then the error is logged and the others are traced. Nothing is patched where it raises.
    """
    integrations = []
    for name in (name for name, is_wanted in modules.items() if is_wanted):
        try:
            integrations.append(_registry.find(name))
        except _registry.UnknownIntegrationError as error:
            if raise_errors:
                raise ModuleNotFoundException(str(error)) from None
            log.error("%s", error)
    for integration in integrations:
        integration.patch()


def patch_all(**patch_modules: bool) -> None:
    """Trace every supported library that is on: by default, by DD_TRACE_<NAME>_ENABLED, or by an argument here."""
    wanted = {integration.name: integration.is_enabled for integration in _registry.declarations()}
    patch(raise_errors=False, **{**wanted, **patch_modules})
