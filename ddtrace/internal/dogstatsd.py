"""Measures to a DogStatsD server: lines of text in datagrams, over UDP or a unix socket."""

from __future__ import annotations

import os
import socket
from typing import Iterable, Mapping

from ddtrace.internal.log import get_logger

log = get_logger(__name__)

DEFAULT_HOST = "localhost"
DEFAULT_PORT = 8125
UNIX_SOCKET = "/var/run/datadog/dsd.socket"

LARGEST_DATAGRAM = 1400
"""Bytes that travel unbroken in most networks."""


class DogStatsd:
    """Sends gauges to one server, which does not answer: one that is not there goes unnoticed.

    ``url`` is ``udp://host:port`` or ``unix:///path``; raises ValueError for another.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._family, self._address = _address_in(url)

    def send(self, gauges: Mapping[str, float], tags: Iterable[str]) -> None:
        """Send each gauge by its name, with tags such as ``service:shop``; raises OSError where nothing can be sent."""
        ending = f"|g|#{','.join(tags)}\n"
        lines = [f"{name}:{value:g}{ending}".encode() for name, value in gauges.items()]
        with socket.socket(self._family, socket.SOCK_DGRAM) as connection:
            connection.setblocking(False)
            for datagram in _packed(lines):
                connection.sendto(datagram, self._address)


def dogstatsd_url_from_environment() -> str:
    """The URL that the environment names, else the agent's unix socket where there is one, else localhost.

    A variable which names no server is reported in one logged line and passed over.
    """
    url = os.environ.get("DD_DOGSTATSD_URL")
    if url:
        try:
            _address_in(url)
        except ValueError as error:
            log.warning("DD_DOGSTATSD_URL: %s; it is not used", error)
        else:
            return url
    host = os.environ.get("DD_AGENT_HOST") or os.environ.get("DD_DOGSTATSD_HOST")
    port = os.environ.get("DD_DOGSTATSD_PORT", "")
    if port and not port.isdecimal():
        log.warning("DD_DOGSTATSD_PORT=%r is not a valid int; the default %d is used", port, DEFAULT_PORT)
        port = ""
    if not host and not port and os.path.exists(UNIX_SOCKET):
        return f"unix://{UNIX_SOCKET}"
    return f"udp://{host or DEFAULT_HOST}:{port or DEFAULT_PORT}"


def _address_in(url: str) -> tuple[int, str | tuple[str, int]]:
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "unix" and rest:
        return socket.AF_UNIX, rest
    host, _, port = rest.rpartition(":")
    if separator and scheme == "udp" and host and port.isdecimal() and int(port) < 2**16:
        bare = host.strip("[]")
        return (socket.AF_INET6 if ":" in bare else socket.AF_INET), (bare, int(port))
    raise ValueError(f"{url!r} names no DogStatsD server; expected udp://host:port or unix:///path")


def _packed(lines: list[bytes]) -> Iterable[bytes]:
    """The lines, as many in a datagram as fit."""
    datagram = b""
    for line in lines:
        if datagram and len(datagram) + len(line) > LARGEST_DATAGRAM:
            yield datagram
            datagram = b""
        datagram += line
    if datagram:
        yield datagram
