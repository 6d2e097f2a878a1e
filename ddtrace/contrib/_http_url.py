"""The parts of a URL put together: as a client asks for it, and as a server is asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ddtrace.contrib._integration import LONGEST_RESOURCE

LONGEST_PATH = LONGEST_RESOURCE
"""Characters of a path that are shown."""

_USUAL_PORTS = {"http": "80", "https": "443"}
_SAFE = "/!$&'()*+,;=:@%"


def authority_of(scheme: str, host: str, port: Any) -> str:
    """Host and port, where that is not the usual one; an address of IPv6 in brackets."""
    shown_host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{shown_host}:{port}" if port and str(port) != _USUAL_PORTS.get(scheme) else shown_host


def url_of_request(scheme: str, authority: str, path: str, encoding: str = "utf-8") -> str:
    """The URL that a server is asked for, without its query; ``encoding`` is what the path was decoded by."""
    path = path[:LONGEST_PATH]
    if not (path.isascii() and path.replace("/", "").isalnum()):
        path = quote(path, _SAFE, encoding, "replace")
    return f"{scheme}://{authority}{path}"


def resource_of_request(method: str, path: str) -> str:
    """``METHOD /path``."""
    return f"{method} {path[:LONGEST_PATH]}".strip()[:LONGEST_RESOURCE]
