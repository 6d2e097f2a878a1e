"""Where the trace agent is."""

from __future__ import annotations

import os

from ddtrace.internal.log import get_logger
from ddtrace.settings.option import Option, from_environment

log = get_logger(__name__)

DEFAULT_HOST = "localhost"
DEFAULT_PORT = 8126
UNIX_SOCKET = "/var/run/datadog/apm.socket"

_SCHEMES = ("http", "https", "unix")


def agent_url_from_environment() -> str:
    """The URL that the environment names, else the agent's unix socket where there is one, else localhost.

    A variable which names no agent is reported in one logged line and passed over.
    """
    url = os.environ.get("DD_TRACE_AGENT_URL")
    if url:
        try:
            check_agent_url(url)
        except ValueError as error:
            log.warning("DD_TRACE_AGENT_URL: %s; it is not used", error)
        else:
            return url
    host = os.environ.get("DD_AGENT_HOST") or os.environ.get("DD_TRACE_AGENT_HOSTNAME")
    port = _first_port("DD_AGENT_PORT", "DD_TRACE_AGENT_PORT")
    if host is None and port is None and os.path.exists(UNIX_SOCKET):
        return f"unix://{UNIX_SOCKET}"
    return http_url(host or DEFAULT_HOST, port or DEFAULT_PORT)


def _first_port(*variables: str) -> int | None:
    for variable in variables:
        port = from_environment(Option(variable, int, None, "The agent's TCP port."), variable)
        if port is not None:
            return port
    return None


def http_url(host: str, port: int, https: bool = False) -> str:
    """The URL of an agent on TCP; an IPv6 address gets its brackets."""
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"{'https' if https else 'http'}://{host}:{port}"


def merged_agent_url(url: str, hostname: str | None, port: int | None, uds_path: str | None, https: bool | None) -> str:
    """The URL with the given parts in the place of its own; raises ValueError where that names no agent."""
    if uds_path is not None:
        merged = f"unix://{uds_path}"
    else:
        scheme, _, rest = url.partition("://")
        own_host, own_port = (None, None) if scheme == "unix" else _host_and_port(rest.partition("/")[0])
        is_https = scheme == "https" if https is None else https
        merged = http_url(hostname or own_host or DEFAULT_HOST, port or own_port or DEFAULT_PORT, is_https)
    check_agent_url(merged)
    return merged


def _host_and_port(authority: str) -> tuple[str, int | None]:
    host, separator, port = authority.rpartition(":")
    if separator and port.isdecimal():
        return host, int(port)
    return authority, None


def check_agent_url(url: str) -> None:
    """Raise ValueError, saying what was found and expected, unless the URL can name an agent."""
    scheme, separator, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    expected = "expected http://host:port, https://host:port or unix:///path"
    if not separator or scheme not in _SCHEMES:
        raise ValueError(f"Unsupported protocol {scheme!r} in the agent URL {url!r}; {expected}")
    if scheme == "unix" and not path:
        raise ValueError(f"Invalid file path in the agent URL {url!r}; {expected}")
    if scheme == "unix":
        return
    address = authority.rpartition("@")[2]
    if not address.partition(":")[0]:
        raise ValueError(f"Invalid hostname in the agent URL {url!r}; {expected}")
    # Looked for behind the bracket, since an IPv6 address has colons of its own.
    port = address.rpartition("]")[2].partition(":")[2]
    if port and not (port.isdecimal() and int(port) < 2**16):
        raise ValueError(f"Invalid port {port!r} in the agent URL {url!r}; {expected}")
