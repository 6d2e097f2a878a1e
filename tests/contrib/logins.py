"""What the drivers of MySQL and MariaDB are given of a fixture's URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit


def login(url: str) -> dict[str, Any]:
    """The arguments of ``connect`` that lead to the database of a URL."""
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
    }
