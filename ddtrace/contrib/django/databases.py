"""Spans of what a database is asked for, in a request or not: statements, fetches, the ends of transactions."""

from __future__ import annotations

from typing import Any

from ddtrace.constants import COMPONENT
from ddtrace.contrib._database import Database, Facts, subclass
from ddtrace.contrib._tracing import UNTRACED, Call, trace_call
from ddtrace.contrib.django import integration
from ddtrace.contrib.django.descriptions import settings_of_django
from ddtrace.contrib.django.parts import bearer
from ddtrace.ext import sql

ALIAS = "django.db.alias"
VENDOR = "django.db.vendor"


class DjangoDatabases(Database):
    """The connections and cursors of all databases: spans are named after the vendor, with the alias's service."""

    def open(self, name: str, instance: Any) -> Call | Any:
        settings = settings_of_django()
        connection = connection_of(instance)
        # Not every cursor that is made by hand has a connection.
        if not hasattr(connection, "alias") or not settings.get("instrument_databases"):
            return UNTRACED
        service = settings.get("database_service_name")
        if not service:
            service = f"{settings.get('database_service_name_prefix', '')}{connection.alias}db"
        vendor = sql.normalize_vendor(connection.vendor)
        return trace_call(integration, bearer(), f"{vendor}{name.removeprefix(integration.name)}", service)

    def fetching_class(self, base: type) -> type:
        # The class has no fetches: an instance looks up those of the driver's cursor, each time.
        return subclass(base, {"__getattr__": self.look_up})

    def look_up(self, wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        found = wrapped(*args, **kwargs)
        wrapper = self.fetch_wrappers.get(args[0])
        return found if wrapper is None else lambda *args, **kwargs: wrapper(found, instance, args, kwargs)


def connection_of(instance: Any) -> Any:
    """The connection of a cursor; a connection is its own."""
    return getattr(instance, "db", instance)


def facts_of(instance: Any) -> Facts:
    connection = connection_of(instance)
    tags = {ALIAS: connection.alias, VENDOR: connection.vendor, COMPONENT: f"{integration.name}-{connection.alias}"}
    return tags, {}


databases = DjangoDatabases(integration, integration.name, f"{integration.name}.connection", facts_of)
