"""The settings of one integration: ``config.<name>``."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any, Iterable

from ddtrace.settings.hooks import Hooks
from ddtrace.settings.http import HttpConfig
from ddtrace.settings.option import Option, from_environment

if TYPE_CHECKING:
    from ddtrace.settings.config import Config

__all__ = ["IntegrationConfig"]


class IntegrationConfig(dict):
    """Settings by key or by attribute; a setting that was never made is an AttributeError or KeyError.

    ``service`` comes from DD_<NAME>_SERVICE (or DD_<NAME>_SERVICE_NAME) and is None where that is not set;
    ``analytics_enabled`` and ``analytics_sample_rate`` come from DD_TRACE_<NAME>_ANALYTICS_ENABLED and
    DD_TRACE_<NAME>_ANALYTICS_SAMPLE_RATE. All else is given here as for a dictionary, or set later.

    No settings are ``integration_name``, ``global_config`` (those of all integrations), ``hooks`` (functions of the
    application) and ``http`` (which headers become tags).
    """

    integration_name: str
    global_config: Config
    hooks: Hooks
    http: HttpConfig

    def __init__(self, global_config: Config, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__.update(integration_name=name, global_config=global_config, hooks=Hooks(), http=HttpConfig())
        prefix = f"DD_{name}".upper()
        service = os.environ.get(f"{prefix}_SERVICE") or os.environ.get(f"{prefix}_SERVICE_NAME")
        self.setdefault("service", service)
        self.setdefault("service_name", service)
        for option in _analytics_options(name.upper()):
            self.setdefault(option.name, from_environment(option, option.env))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # copy and pickle ask for these of an object that has not even a name yet.
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            known = ", ".join(sorted(self))
            raise AttributeError(f"config.{self.integration_name} has no setting {name!r}; it has {known}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            self.__dict__[name] = value
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"config.{self.integration_name} has no setting {name!r}") from None

    # -- queries and headers ------------------------------------------------------------------------------------------

    @property
    def trace_query_string(self) -> bool | None:
        """Whether queries become the tag ``http.query.string``: as set here, else as for all integrations."""
        for own in (self.get("trace_query_string"), self.http.trace_query_string):
            if own is not None:
                return own
        return self.global_config.http.trace_query_string

    @property
    def http_tag_query_string(self) -> bool:
        """Whether the tag ``http.url`` keeps its query: as set here, else by DD_HTTP_SERVER_TAG_QUERY_STRING."""
        for name in ("http_tag_query_string", "default_http_tag_query_string"):
            own = self.get(name)
            if own is not None:
                return own
        return self.global_config.http_tag_query_string

    @property
    def is_header_tracing_configured(self) -> bool:
        """Whether any header becomes a tag."""
        return self.http.is_header_tracing_configured or self.global_config.http.is_header_tracing_configured

    def header_is_traced(self, header_name: str) -> bool:
        """Whether a header becomes a tag, here or with all integrations."""
        return self._header_tag_name(header_name) is not None

    def _header_tag_name(self, header_name: str) -> str | None:
        tag = self.http._header_tag_name(header_name)
        return self.global_config._header_tag_name(header_name) if tag is None else tag

    # -- analytics ----------------------------------------------------------------------------------------------------

    def get_analytics_sample_rate(self, use_global_config: bool = False) -> float | bool | None:
        """The share of spans that is kept for analytics; None where that is off.

        The switch of all integrations counts only with ``use_global_config``, and where this one's is not set.
        """
        is_enabled = self.get("analytics_enabled")
        if is_enabled is None and use_global_config:
            is_enabled = self.global_config.analytics_enabled
        if not is_enabled:
            return None
        rate = self.get("analytics_sample_rate")
        return True if rate is None else rate

    # -- copies -------------------------------------------------------------------------------------------------------

    def __deepcopy__(self, memo: dict[int, Any]) -> IntegrationConfig:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(
            integration_name=self.integration_name,
            # Of a copy of all settings, that copy; the settings of one integration alone stay with the original.
            global_config=memo.get(id(self.global_config), self.global_config),
            hooks=copy.deepcopy(self.hooks, memo),
            http=copy.deepcopy(self.http, memo),
        )
        twin.update(copy.deepcopy(dict(self), memo))
        return twin

    def __repr__(self) -> str:
        return f"IntegrationConfig({self.integration_name!r}, {super().__repr__()})"


def _analytics_options(name: str) -> Iterable[Option]:
    for setting, kind, default, doc in (
        ("analytics_enabled", bool, None, "The integration's spans are kept for analytics."),
        ("analytics_sample_rate", float, 1.0, "The share of them that is kept."),
    ):
        ending = f"{name}_{setting.upper()}"
        yield Option(setting, kind, default, doc, f"DD_TRACE_{ending}", other_envs=(f"DD_{ending}",))
