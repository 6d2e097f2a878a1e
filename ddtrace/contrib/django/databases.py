"""Spans of the statements that are sent to a database, in a request or not."""

from __future__ import annotations

from typing import Any

from ddtrace.constants import COMPONENT
from ddtrace.contrib._database import Database, Facts
from ddtrace.contrib._tracing import UNTRACED, Call, trace_call
from ddtrace.contrib.django import integration
from ddtrace.contrib.django.descriptions import settings_of_django
from ddtrace.contrib.django.parts import bearer
from ddtrace.ext import sql

ALIAS = "django.db.alias"
VENDOR = "django.db.vendor"


class DjangoDatabases(Database):
    """The cursors of all databases: spans are named after the vendor, and have the service of the alias."""

    def open(self, name: str, instance: Any) -> Call | Any:
        settings = settings_of_django()
        # Not every cursor that is made by hand has a connection.
        connection = getattr(instance, "db", None)
        if connection is None or not settings["instrument_databases"]:
            return UNTRACED
        service = settings["database_service_name"]
        if not service:
            service = f"{settings['database_service_name_prefix']}{connection.alias}db"
        return trace_call(integration, bearer(), f"{sql.normalize_vendor(connection.vendor)}.query", service)


def facts_of(cursor: Any) -> Facts:
    alias = cursor.db.alias
    return {ALIAS: alias, VENDOR: cursor.db.vendor, COMPONENT: f"{integration.name}-{alias}"}, {}


databases = DjangoDatabases(integration, "django", "django", facts_of)
