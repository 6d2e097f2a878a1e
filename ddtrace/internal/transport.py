"""Bytes to the trace agent and back, over TCP or a unix socket."""

from __future__ import annotations

import encodings.idna  # noqa: F401 (else the first look-up of a host imports it, at a moment when a fork may come)
import http.client
import json
import platform
import random
import re
import socket
import sys
import time
from typing import Any, Callable, NamedTuple
from urllib.parse import urlparse

from ddtrace.internal.agent_url import check_agent_url
from ddtrace.internal.encoding import Payload
from ddtrace.internal.log import get_logger
from ddtrace.settings.config import parse_pairs
from ddtrace.settings.option import Option, from_environment
from ddtrace.version import __version__

log = get_logger(__name__)

REUSE_CONNECTIONS = Option(
    "reuse_connections",
    bool,
    False,
    "Keep the connection to the agent open between two sendings.",
    "DD_TRACE_WRITER_REUSE_CONNECTIONS",
)
LOG_ERROR_PAYLOADS = Option(
    "log_error_payloads",
    bool,
    False,
    "Log, in hexadecimal, each payload that the agent did not take.",
    "_DD_TRACE_WRITER_LOG_ERROR_PAYLOADS",
)

ATTEMPTS = 3

LARGEST_ANSWER = 1 << 20
"""Bytes that are read of what the agent answers; its rates take a few thousand."""

_UNKNOWN_API = (404, 415)
"""What an agent answers whose version does not know the format."""

_CONTAINER = re.compile(r"[0-9a-f]{64}|[0-9a-f]{32}-\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){4}")

FIXED_HEADERS = {
    "Content-Type": "application/msgpack",
    "Datadog-Meta-Lang": "python",
    "Datadog-Meta-Lang-Version": platform.python_version(),
    "Datadog-Meta-Lang-Interpreter": platform.python_implementation(),
    "Datadog-Meta-Tracer-Version": __version__,
    "Datadog-Client-Computed-Top-Level": "yes",
}


class Answer(NamedTuple):
    """What the agent answered, and the sampling rates in it."""

    status: int
    rates: dict[str, float]

    @property
    def is_taken(self) -> bool:
        """Whether the agent took the payload."""
        return self.status < 400

    @property
    def is_unknown_api(self) -> bool:
        """Whether the agent is of a version that does not know the payload's format."""
        return self.status in _UNKNOWN_API


class Transport:
    """Sends payloads to one agent.

    ``url`` is ``http://host:port[/base]``, ``https://...`` or ``unix:///path``; ``timeout_s`` bounds the connection
    and each read. An agent that cannot be reached is tried again ``ATTEMPTS`` times in all, within about
    ``retry_within_s`` seconds.
    """

    def __init__(self, url: str, timeout_s: float, retry_within_s: float) -> None:
        check_agent_url(url)
        self._parts = urlparse(url)
        self._base_path = "" if self._parts.scheme == "unix" else self._parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._retry_within_s = retry_within_s
        self._headers = {**FIXED_HEADERS, **container_headers(), **parse_pairs("_DD_TRACE_WRITER_ADDITIONAL_HEADERS")}
        self._is_reusing = from_environment(REUSE_CONNECTIONS, REUSE_CONNECTIONS.env)
        if not self._is_reusing:
            # Said aloud: a child that is forked meanwhile holds the socket open, and the agent would wait for more.
            self._headers["Connection"] = "close"
        self._is_logging_payloads = from_environment(LOG_ERROR_PAYLOADS, LOG_ERROR_PAYLOADS.env)
        self._open: http.client.HTTPConnection | None = None

    def send(self, payload: Payload) -> Answer:
        """Send traces; raises OSError or http.client.HTTPException where the agent cannot be reached."""
        path = self._base_path + payload.path
        content = payload.content()
        is_taken = False
        try:
            headers = {**self._headers, "X-Datadog-Trace-Count": str(payload.count)}
            status, body = self._put_with_retries(path, headers, content)
            answer = Answer(status, _rates_in(body) if status < 400 else {})
            is_taken = answer.is_taken
            return answer
        finally:
            if self._is_logging_payloads and not is_taken:
                log.error("the payload for %s was %s", path, content.hex())

    def _put_with_retries(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        for pauses_left in range(ATTEMPTS - 1, 0, -1):
            try:
                return self._put(path, headers, content)
            except (OSError, http.client.HTTPException):
                # Each pause is about 1.6 times the one before, and random, so that many processes do not retry at once.
                time.sleep(random.random() * self._retry_within_s / 1.618**pauses_left)
        return self._put(path, headers, content)

    def _put(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        connection, self._open = self._open or self._connect(), None
        is_kept = False
        try:
            connection.request("PUT", path, body=content, headers=headers)
            response = connection.getresponse()
            body = response.read(LARGEST_ANSWER)
            is_kept = self._is_reusing and response.isclosed() and not response.will_close
            return response.status, body
        finally:
            if is_kept:
                self._open = connection
            else:
                connection.close()

    def close(self) -> None:
        """Close the connection that may be kept open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "unix":
            return _UnixConnection(self._parts.path, self._timeout_s)
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname, self._parts.port, timeout=self._timeout_s)
        connection._create_connection = _create_connection
        return connection


def _create_connection(address: tuple[str, int], timeout_s: float, source: Any = None) -> socket.socket:
    try:
        return socket.create_connection(address, timeout_s, source)
    except RuntimeError:
        # At the interpreter's end Python 3.12 lets nobody start a thread, such as gevent's, which looks addresses up.
        monkey = sys.modules.get("gevent.monkey")
        if monkey is None:
            raise
        return _create_blocking_connection(
            *monkey.get_original("socket", ["socket", "getaddrinfo"]), address, timeout_s
        )


def _create_blocking_connection(
    make_socket: Callable[..., socket.socket],
    getaddrinfo: Callable[..., list[Any]],
    address: tuple[str, int],
    timeout_s: float,
) -> socket.socket:
    failure: OSError | None = None
    for family, kind, protocol, _, place in getaddrinfo(*address, 0, socket.SOCK_STREAM):
        connection = make_socket(family, kind, protocol)
        connection.settimeout(timeout_s)
        try:
            connection.connect(place)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure or OSError(f"{address[0]!r} has no address")


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._socket_path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._socket_path)


def _rates_in(body: bytes) -> dict[str, float]:
    # Old agents answer with the text "OK", and some proxies with nothing or a page of theirs; the traces are taken.
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    rates = answer.get("rate_by_service") if isinstance(answer, dict) else None
    return rates if isinstance(rates, dict) else {}


def container_headers(path: str = "/proc/self/cgroup") -> dict[str, str]:
    """The header with the id of the container that this process runs in; none outside of one, or off Linux."""
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                ids = _CONTAINER.findall(line.rpartition("/")[2])
                if ids:
                    return {"Datadog-Container-Id": ids[-1]}
    except OSError:
        log.debug("%s cannot be read; traces bear no container id", path, exc_info=True)
    return {}
