"""The settings of the tracer: the one table of options, and the one object ``config``."""

from __future__ import annotations

import os
import re
from copy import deepcopy
from functools import cached_property
from typing import Any, Callable, Iterable

from ddtrace.internal.log import get_logger
from ddtrace.settings.http import HttpConfig, HttpServerConfig
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.settings.option import Option, from_environment, parse_header_tags, parse_pairs

__all__ = ["Config", "config"]

log = get_logger(__name__)

PROPAGATION_STYLES = ("datadog", "tracecontext", "b3multi", "b3 single header", "none")


def parse_styles(text: str) -> tuple[str, ...]:
    """Names of PROPAGATION_STYLES apart by commas, in any case, each once; raises ValueError for none, or another."""
    styles = dict.fromkeys(filter(None, (part.strip().lower() for part in text.split(","))))
    if "b3" in styles:
        # Logged and not warned of: the first request reads this, and a warning may be an error there.
        log.warning("the propagation style 'b3' is deprecated; its name is 'b3multi'")
    names = tuple(dict.fromkeys("b3multi" if style == "b3" else style for style in styles))
    if not names or not set(names) <= set(PROPAGATION_STYLES):
        raise ValueError(f"{text!r} is no list of styles")
    return names


OPTIONS = (
    Option("service", str, None, "The application's service.", env="DD_SERVICE"),
    Option("env", str, None, "The environment it runs in, such as prod.", env="DD_ENV"),
    Option("version", str, None, "The application's version.", env="DD_VERSION"),
    Option(
        "analytics_enabled",
        bool,
        False,
        "Spans are kept for analytics.",
        "DD_TRACE_ANALYTICS_ENABLED",
        other_envs=("DD_ANALYTICS_ENABLED",),
    ),
    Option("logs_injection", bool, False, "Log records carry the ids of their trace.", "DD_LOGS_INJECTION"),
    Option("report_hostname", bool, False, "Traces name the host.", "DD_TRACE_REPORT_HOSTNAME"),
    Option("health_metrics_enabled", bool, False, "The tracer counts its doings.", "DD_TRACE_HEALTH_METRICS_ENABLED"),
    Option("http_tag_query_string", bool, True, "URLs served keep their query.", "DD_HTTP_SERVER_TAG_QUERY_STRING"),
    Option(
        "_http_client_tag_query_string",
        bool,
        True,
        "URLs asked for keep their query.",
        "DD_HTTP_CLIENT_TAG_QUERY_STRING",
    ),
    Option(
        "_128_bit_trace_id_enabled",
        bool,
        False,
        "New traces have ids of 128 bits.",
        "DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED",
    ),
    Option(
        "_128_bit_trace_id_logging_enabled",
        bool,
        False,
        "Log records carry all 128 bits of a trace's id.",
        "DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED",
    ),
    Option(
        "_peer_service_defaults_enabled",
        bool,
        False,
        "Spans of clients name the service that they call.",
        "DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED",
    ),
    Option(
        "_trace_compute_stats",
        bool,
        False,
        "Statistics of spans are computed here and not by the agent.",
        "DD_TRACE_COMPUTE_STATS",
        other_envs=("DD_TRACE_STATS_COMPUTATION_ENABLED",),
    ),
    Option("_client_ip_enabled", bool, False, "Requests name the client's address.", "DD_TRACE_CLIENT_IP_ENABLED"),
    Option("_client_ip_header", str, None, "The one header with the client's address.", "DD_TRACE_CLIENT_IP_HEADER"),
    Option("_startup_logs_enabled", bool, False, "The settings are logged at the start.", "DD_TRACE_STARTUP_LOGS"),
    Option("_debug_mode", bool, False, "The tracer logs what it does.", "DD_TRACE_DEBUG"),
    Option("_raise", bool, False, "Our own errors are raised instead of logged: for tests.", "DD_TESTING_RAISE"),
)
"""What ``config`` has besides one entry an integration."""

PROPAGATION = {
    "parser": parse_styles,
    "expects": f"list of styles out of {', '.join(PROPAGATION_STYLES)}",
}

LAZY_OPTIONS = {
    option.name: option
    for option in (
        Option(
            "_propagation_style",
            tuple,
            ("tracecontext", "datadog"),
            "The header formats of both directions.",
            env="DD_TRACE_PROPAGATION_STYLE",
            **PROPAGATION,
        ),
        Option(
            "_propagation_style_extract",
            tuple,
            None,
            "The header formats that are read; those of both directions unless set.",
            env="DD_TRACE_PROPAGATION_STYLE_EXTRACT",
            **PROPAGATION,
        ),
        Option(
            "_propagation_style_inject",
            tuple,
            None,
            "The header formats that are written; those of both directions unless set.",
            env="DD_TRACE_PROPAGATION_STYLE_INJECT",
            **PROPAGATION,
        ),
        Option(
            "_x_datadog_tags_max_length",
            int,
            512,
            "Longest x-datadog-tags header that is read or written; 0 turns it off.",
            env="DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH",
            minimum=0,
            maximum=512,
        ),
    )
}
"""Settings that are read on first use; to delete one is to have it read anew."""


OBFUSCATION_ENVS = ("DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP", "DD_TRACE_OBFUSCATION_QUERY_STRING_PATTERN")


class Config:
    """Global settings as attributes, and each integration's under its name.

    An attribute that is no global setting is an integration's ``IntegrationConfig``, made on first use with the
    options that the integration declares. ``generation`` grows with each change of a global setting, so that whoever
    derived something from them can tell when to derive it again.
    """

    generation: int

    settings_of_object: Callable[[Any], dict[str, Any]] | None = None
    """What finds the settings that an object bears; handed in, since pins know of settings and not the reverse."""

    def __init__(self, declared_options: Callable[[str], tuple[Option, ...]] | None = None) -> None:
        state = self.__dict__
        state["generation"] = 0
        state["declared_options"] = declared_options
        state["_integrations"] = {}
        for option in OPTIONS:
            state[option.name] = from_environment(option, option.env)
        tags = parse_pairs("DD_TAGS")
        state["service"] = state["service"] or tags.pop("service", None)
        state["env"] = state["env"] or tags.pop("env", None)
        state["version"] = state["version"] or tags.pop("version", None)
        for name in ("service", "env", "version"):
            tags.pop(name, None)
        state["tags"] = tags
        state["service_mapping"] = parse_pairs("DD_SERVICE_MAPPING")
        state["_peer_service_mapping"] = parse_pairs("DD_TRACE_PEER_SERVICE_MAPPING")
        state["http"] = HttpConfig(parse_header_tags("DD_TRACE_HEADER_TAGS"))
        state["http_server"] = HttpServerConfig()
        state["global_query_string_obfuscation_disabled"] = obfuscation_text() == ""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, IntegrationConfig):
            self._integrations[name] = value
            return
        self.__dict__[name] = value
        self.__dict__["generation"] += 1

    def __getattr__(self, name: str) -> Any:
        option = LAZY_OPTIONS.get(name)
        if option is not None:
            return self._read(option)
        if name.startswith("_"):
            raise AttributeError(f"config has no attribute {name!r}")
        return self.integration(name)

    def _read(self, option: Option) -> Any:
        if option.default is None:
            option = option._replace(default=self._propagation_style)
        # Not through __setattr__: the setting has had this value all along, and nothing is to be derived again.
        value = self.__dict__[option.name] = from_environment(option, option.env)
        return value

    @cached_property
    def _obfuscation_query_string_pattern(self) -> re.Pattern[str] | None:
        """What is hidden in the queries of URLs; None where nothing is, or where the user's pattern is not valid."""
        from ddtrace.settings.obfuscation import compile_pattern

        return compile_pattern(obfuscation_text())

    @property
    def _x_datadog_tags_enabled(self) -> bool:
        return self._x_datadog_tags_max_length > 0

    def integration(self, name: str) -> IntegrationConfig:
        """The settings of one integration."""
        settings = self._integrations.get(name)
        if settings is None:
            settings = self._integrations[name] = IntegrationConfig(self, name)
            for option in self.declared_options(name) if self.declared_options is not None else ():
                settings[option.name] = from_environment(option, option.env_for(name))
        return settings

    def reread(self, name: str) -> IntegrationConfig:
        """Forget one integration's settings and read its environment variables anew."""
        self._integrations.pop(name, None)
        return self.integration(name)

    def _add(self, name: str, settings: dict[str, Any], merge: bool = True) -> None:
        """Register defaults of an integration; what the user set already wins unless ``merge`` is False."""
        existing = self.integration(name)
        settings = deepcopy(settings)
        if merge:
            fill(existing, settings)
        else:
            existing.update(settings)

    def get_from(self, obj: Any) -> dict[str, Any]:
        """The settings of one object, to be read or changed; an empty dictionary where nothing is pinned to it."""
        return {} if self.settings_of_object is None else self.settings_of_object(obj)

    def trace_headers(self, whitelist: str | Iterable[str]) -> HttpConfig:
        """Make one or several headers tags, with every integration."""
        return self.http.trace_headers(whitelist)

    def header_is_traced(self, header_name: str) -> bool:
        """Whether a header becomes a tag, with every integration."""
        return self.http.header_is_traced(header_name)

    def _header_tag_name(self, header_name: str) -> str | None:
        return self.http._header_tag_name(header_name)

    def _get_service(self, default: str | None = None) -> str | None:
        return self.service or default

    def __repr__(self) -> str:
        return f"Config(service={self.service!r}, env={self.env!r}, version={self.version!r})"


def obfuscation_text() -> str | None:
    """The user's pattern of what is hidden in queries: empty turns hiding off, None leaves it to ours."""
    return next(filter(lambda text: text is not None, map(os.environ.get, OBFUSCATION_ENVS)), None)


def fill(settings: dict[str, Any], defaults: dict[str, Any]) -> None:
    """Add what is missing; dictionaries that both have are filled, too."""
    for key, value in defaults.items():
        own = settings.get(key)
        if own is None:
            settings[key] = value
        elif isinstance(own, dict) and isinstance(value, dict):
            fill(own, value)


config = Config()
