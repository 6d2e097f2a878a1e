"""The spans of connections and cursors that are traced by hand: settings come with each, not by a declaration."""

from __future__ import annotations

import functools
from typing import Any, Mapping

from ddtrace.constants import COMPONENT, SPAN_KIND
from ddtrace.contrib._database import Database, Facts, count_rows
from ddtrace.contrib._database_spans import database_spans
from ddtrace.contrib._tracing import UNTRACED, Call, begin_call, ext_service, swallow
from ddtrace.ext import SpanKind, sql
from ddtrace.pin import Pin
from ddtrace.settings.config import config
from ddtrace.span import Span

DEFAULT_SERVICE = "db"
DEFAULT_PREFIX = "sql"

config._add("dbapi2", {"_dbapi_span_name_prefix": DEFAULT_PREFIX, "trace_fetch_methods": None})


def vendor_of(connection: Any) -> str:
    """What a connection's database is called, by the package that its class is from."""
    return sql.normalize_vendor(type(connection).__module__.partition(".")[0])


def database_of(cfg: Mapping[str, Any], vendor: str = "", is_async: bool = False) -> HandTraced:
    """The wrappers for settings; ``vendor`` is wanted for connections only."""
    component = getattr(cfg, "integration_name", DEFAULT_SERVICE)
    return _database(cfg.get("_dbapi_span_name_prefix") or DEFAULT_PREFIX, component, vendor, is_async)


class HandTraced(Database):
    """The wrappers of proxies, each of which bears a pin and holds its settings."""

    def __init__(self, prefix: str, component: str, vendor: str, is_async: bool) -> None:
        connection = f"{vendor}.connection"
        super().__init__(None, prefix, connection, _no_facts, is_async=is_async)
        self.contracts = {contract.name: contract for contract in database_spans(prefix, (connection,))}
        self.tags = {COMPONENT: component, SPAN_KIND: SpanKind.CLIENT}

    def open(self, name: str, instance: Any) -> Call | Any:
        try:
            # Not what the proxy stands for: that may have a pin of its own, or be traced itself.
            pin: Pin | None = getattr(instance, "_self__datadog_pin", None)
            if pin is None or not pin.enabled():
                return UNTRACED
            service = ext_service(pin, instance._self_config, DEFAULT_SERVICE)
            return begin_call(pin, self.contracts[name], service, self.tags)
        except Exception as error:
            swallow("start a span", error)
            return UNTRACED

    def note_result(self, span: Span, cursor: Any) -> None:
        count_rows(span, cursor)
        cursor._self_resource = span.resource

    def describe_fetch(self, span: Span, cursor: Any, args: tuple, kwargs: Mapping[str, Any]) -> None:
        span.resource = cursor._self_resource or span.name


_database = functools.lru_cache(maxsize=None)(HandTraced)


def _no_facts(instance: Any) -> Facts:
    return {}, {}
