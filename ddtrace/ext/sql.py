"""Tags of SQL queries, and what connections say of their database."""

from __future__ import annotations

import re
import warnings
from urllib.parse import parse_qsl, unquote, urlsplit

from ddtrace.internal.deprecation import DDTraceDeprecationWarning

DB = "sql.db"
QUERY = "sql.query"

_DEPRECATED = {"ROWS": ("sql.rows", "ddtrace.ext.db.ROWCOUNT")}

_DSN_PAIR = re.compile(r"(?<!\w)(\w++)\s*+=\s*+(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\']|\\.)*))")


def __getattr__(name: str) -> str:
    if name not in _DEPRECATED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value, instead = _DEPRECATED[name]
    warnings.warn(f"{__name__}.{name} is deprecated; use {instead}", DDTraceDeprecationWarning, stacklevel=2)
    return value


def normalize_vendor(vendor: str | None) -> str:
    """The name that a database goes by, whatever its driver calls it."""
    if not vendor:
        return "db"
    if "sqlite" in vendor:
        return "sqlite"
    if "postgres" in vendor or vendor == "psycopg2":
        return "postgres"
    return vendor


def parse_pg_dsn(dsn: str | bytes) -> dict[str, str]:
    """The parameters of a connection string of PostgreSQL, ``key=value`` or a URL; the password is among them.

    Raises ValueError for a URL that is none.
    """
    text = dsn.decode("utf-8", errors="replace") if isinstance(dsn, bytes) else dsn
    if text.startswith(("postgres://", "postgresql://")):
        return _parse_pg_url(text)
    return {
        match[1]: re.sub(r"\\(.)", r"\1", match[2] if match[2] is not None else match[3])
        for match in _DSN_PAIR.finditer(text)
    }


def _parse_pg_url(text: str) -> dict[str, str]:
    parts = urlsplit(text)
    userinfo, _, address = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    host, _, port = address.rpartition(":")
    if port and not port.isdigit():
        # No port, but the name of a host, or the end of an IPv6 address.
        host, port = address, ""
    found = {
        "user": user,
        "password": password,
        "host": host.removeprefix("[").removesuffix("]"),
        "port": port,
        "dbname": parts.path.removeprefix("/"),
    }
    return {
        **{name: unquote(value) for name, value in found.items() if value},
        **dict(parse_qsl(parts.query)),
    }
