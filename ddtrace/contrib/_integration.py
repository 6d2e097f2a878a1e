"""What an integration says of itself, once; all else is derived from it.

Patching, the test matrix, services, conformance checks, docs and the scaffold read these records. They are frozen data
and need the standard library only, so that reading a declaration loads neither the tracer nor the traced library.
"""

from __future__ import annotations

import enum
import importlib
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, Callable

from ddtrace.constants import COMPONENT, SPAN_KIND
from ddtrace.internal.import_hooks import forget, when_imported
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import config
from ddtrace.settings.option import Option, from_environment

__all__ = ["Integration", "Option", "SpanContract", "Surface"]


log = get_logger(__name__)

ANY_NAME = "*"
"""The name in the contract of spans that are named after functions of the application."""


LONGEST_RESOURCE = 5_000
LONGEST_TAG = 25_000
"""Characters; the agent keeps no more."""


class Surface(enum.Enum):
    """How much of the library an integration touches, which decides how many releases are tested."""

    PUBLIC = "public"
    """Documented names only: the oldest supported release, the last of each recent major, and the newest."""

    INTERNALS = "internals"
    """Names the library calls private: every minor of the past two years."""


@dataclass(frozen=True, kw_only=True)
class SpanContract:
    """The declared shape of one span, by its name.

    ``tags`` and ``metrics`` are on every such span, the optional ones on some; no other may appear, apart from those
    that the tracer itself sets. ``kind`` is the value of the ``span.kind`` tag. A key that ends in ``.*`` stands for
    all that begin so; the name ``*.query`` for every name with another first word, and the name ``*`` for every name,
    that has no contract of its own. ``only_with`` names the option, a bool, without which there is no such span.
    ``has_free_resource`` says that the resource shows what the application gives, such as a key or a path, so that
    there are as many resources as there are of those. No tag is longer than ``longest_tag`` characters, and no
    resource, which has a limit besides. ``component`` begins the tag of that name, where it is not the integration's
    for all of these spans.
    """

    name: str
    span_type: str | None = None
    kind: str | None = None
    measured: bool = False
    tags: tuple[str, ...] = ()
    optional_tags: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    optional_metrics: tuple[str, ...] = ()
    only_with: str = ""
    has_free_resource: bool = False
    longest_tag: int = LONGEST_TAG
    component: str = ""


@dataclass(frozen=True, kw_only=True)
class Library:
    """One distribution that an integration traces: the modules it brings, and its tested releases.

    ``extras`` are what its tests install with it, as in ``pip install distribution[extra]``. ``oldest_python`` has the
    oldest Python for those of the ``versions`` that are not for all of them: ``(("~=6.0.0", "3.12"),)``.
    """

    distribution: str
    modules: tuple[str, ...]
    versions: tuple[str, ...]
    extras: tuple[str, ...] = ()
    oldest_python: tuple[tuple[str, str], ...] = ()

    @cached_property
    def requirement(self) -> str:
        """What pip is asked for: the distribution, with its extras."""
        return f"{self.distribution}[{','.join(self.extras)}]" if self.extras else self.distribution

    @cached_property
    def tested_releases(self) -> list[tuple[int, ...]]:
        """The numbers in ``versions``, lowest first; ``latest`` has none."""
        return sorted(filter(None, map(release_numbers, self.versions)))

    def get_version(self) -> str:
        """The installed release; empty for the standard library's, or where it was put on the path by hand."""
        # Metadata is slow to import, and wanted only once the library is imported.
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(self.distribution) if self.distribution else ""
        except PackageNotFoundError:
            return ""


@dataclass(frozen=True, kw_only=True)
class Integration:
    """The declaration of one integration.

    ``package`` is the ``__name__`` of the declaring package, whose last part names the integration. ``modules`` are the
    imports that trigger patching, ``versions`` the tested releases of ``distribution`` as specifiers, oldest supported
    first, and ``services`` the keys of ``testkit.fixtures`` that its tests need. ``extras`` and ``oldest_python`` are
    that distribution's, and ``also`` has further ones. It is for ``pythons`` alone, where those are named, else for all
    that the project supports. ``built_with`` is a program without
    which pip cannot build the distribution, where it comes without a wheel. ``internal_service`` says that the
    spans belong to the application's own service (a web framework), not to a service it calls (a database).
    ``default_service`` is the service of its spans where nobody sets one, by default the integration's name; None
    leaves them the service of the span above, else the application's. ``enabled_by`` names the attribute of ``config``
    that says whether ``patch_all`` traces the library, where that is for the user to ask for; else
    ``enabled_by_default`` does. ``switched_off`` maps a check's id to the reason why this integration does not have to
    pass it. ``exports`` are further names of the package, each as the place below it where it is defined, such as
    ``tasks.ensure_future``: the module loads with the first use of a name. A library of the standard library has no
    ``distribution`` and no ``versions``.
    """

    package: str
    distribution: str
    modules: tuple[str, ...]
    versions: tuple[str, ...]
    built_with: str = ""
    surface: Surface = Surface.PUBLIC
    pythons: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    default_service: str | None = ""
    internal_service: bool = False
    enabled_by_default: bool = True
    enabled_by: str = ""
    options: tuple[Option, ...] = ()
    spans: tuple[SpanContract, ...] = ()
    switched_off: tuple[tuple[str, str], ...] = ()
    patch_module: str = ""
    exports: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    oldest_python: tuple[tuple[str, str], ...] = ()
    also: tuple[Library, ...] = ()
    config_name: str = ""

    def __post_init__(self) -> None:
        package = sys.modules.get(self.package)
        if package is not None and type(package) is ModuleType and not self.patch_module:
            package.__class__ = _IntegrationPackage

    @cached_property
    def name(self) -> str:
        """The integration's name, as in ``patch(<name>=True)`` and ``config.<name>``."""
        return self.package.rpartition(".")[2]

    @cached_property
    def settings_name(self) -> str:
        """The name of its settings, as in ``config.<name>`` and ``DD_<NAME>_SERVICE``; its spans' component."""
        return self.config_name or self.name

    @cached_property
    def service(self) -> str | None:
        """The service of its spans where nobody sets one; None for that of the span above, or the application's."""
        return self.settings_name if self.default_service == "" else self.default_service

    @cached_property
    def libraries(self) -> tuple[Library, ...]:
        """All distributions that it traces, the one in its own fields first."""
        others = {module for library in self.also for module in library.modules}
        own = Library(
            distribution=self.distribution,
            modules=tuple(module for module in self.modules if module not in others),
            versions=self.versions,
            extras=self.extras,
            oldest_python=self.oldest_python,
        )
        return (own, *self.also)

    @cached_property
    def contracts(self) -> dict[str, SpanContract]:
        """The span contracts by span name."""
        return {contract.name: contract for contract in self.spans}

    def contract_of(self, name: str) -> SpanContract | None:
        """The contract of the spans of a name, if it is declared."""
        family = f"{ANY_NAME}.{name.partition('.')[2]}"
        return self.contracts.get(name) or self.contracts.get(family) or self.contracts.get(ANY_NAME)

    @cached_property
    def constant_tags(self) -> dict[str, dict[str, str]]:
        """By span name, the tags that are the same on each such span."""
        tags = {contract.name: {COMPONENT: self.settings_name} for contract in self.spans}
        for contract in self.spans:
            if contract.kind is not None:
                tags[contract.name][SPAN_KIND] = contract.kind
        return tags

    @property
    def is_enabled(self) -> bool:
        """Whether ``patch_all`` traces the library: by DD_TRACE_<NAME>_ENABLED, else as declared."""
        variable = f"DD_TRACE_{self.name}_ENABLED".upper()
        default = bool(getattr(config, self.enabled_by)) if self.enabled_by else self.enabled_by_default
        option = Option("enabled", bool, default, "Whether the library is traced.", variable)
        return from_environment(option, variable)

    @property
    def is_tracing(self) -> bool:
        """Whether the library is imported and traced."""
        module = sys.modules.get(self._patch_module)
        return module is not None and module.patching.is_tracing

    def patch(self) -> None:
        """Trace the library: now if it is imported already, else as soon as it is; a second call does nothing."""
        self.stop_waiting()
        for module in self.modules:
            when_imported(module, self._patch_imported)

    def unpatch(self) -> None:
        """End tracing the library, and wait for it no longer."""
        self.stop_waiting()
        if self._patch_module in sys.modules:
            self.load_patching().unpatch()

    def stop_waiting(self) -> None:
        """Leave a library that is not imported yet alone when it is."""
        for module in self.modules:
            forget(module, self._patch_imported)

    def get_version(self) -> str:
        """The installed release of the library; empty for one of the standard library, or put on the path by hand."""
        return self.libraries[0].get_version()

    def get_versions(self) -> dict[str, str]:
        """The installed release of each of its libraries, by the name of the module that programs import."""
        return {library.modules[0]: library.get_version() for library in self.libraries}

    def load_patching(self) -> Any:
        """Import the module with the targets and return its ``patching``."""
        return importlib.import_module(self._patch_module).patching

    @cached_property
    def _patch_module(self) -> str:
        return self.patch_module or f"{self.package}.patch"

    def _patch_imported(self, module: ModuleType) -> None:
        # This runs within the application's own import statement, which must not fail for our sake.
        try:
            self.load_patching().patch()
        except Exception:
            if config._raise:
                raise
            log.exception("%s could not be patched; it is not traced", self.name)


def release_numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version or specifier: ``~=5.0.1`` and ``5.0.1rc1`` give (5, 0, 1)."""
    match = re.match(r"[^\d]*(\d+(?:\.\d+)*)", version)
    return tuple(map(int, match[1].split("."))) if match else ()


class _IntegrationPackage(ModuleType):
    """A declaring package whose ``patch`` is always the function.

    Importing the submodule ``patch`` makes the import system bind that module to the package's attribute of the same
    name, which would hide the function. A property on the class wins over the instance's namespace, and its setter
    lets that one binding go by.
    """

    @property
    def patch(self) -> Callable[[], None]:
        return self.integration.patch

    @patch.setter
    def patch(self, module: ModuleType) -> None:
        pass

    @property
    def unpatch(self) -> Callable[[], None]:
        return self.integration.unpatch

    @property
    def get_version(self) -> Callable[[], str]:
        return self.integration.get_version

    @property
    def get_versions(self) -> Callable[[], dict[str, str]]:
        return self.integration.get_versions

    def __getattr__(self, name: str) -> Any:
        # Before the declaration is made there is none to ask.
        declaration = vars(self).get("integration")
        for path in declaration.exports if declaration is not None else ():
            module, _, exported = path.rpartition(".")
            if exported == name:
                return getattr(importlib.import_module(f"{self.__name__}.{module}"), name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
