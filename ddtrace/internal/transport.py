"""Bytes to the trace agent and back, over TCP or a unix socket."""

from __future__ import annotations

import encodings.idna  # noqa: F401 (else the first look-up of a host imports it, at a moment when a fork may come)
import http.client
import json
import platform
import random
import socket
import time
from urllib.parse import urlparse

from ddtrace.internal.agent_url import check_agent_url
from ddtrace.internal.encoding import payload_v04
from ddtrace.version import __version__

ATTEMPTS = 3
TRACES_PATH = "/v0.4/traces"

FIXED_HEADERS = {
    "Content-Type": "application/msgpack",
    "Datadog-Meta-Lang": "python",
    "Datadog-Meta-Lang-Version": platform.python_version(),
    "Datadog-Meta-Lang-Interpreter": platform.python_implementation(),
    "Datadog-Meta-Tracer-Version": __version__,
    "Datadog-Client-Computed-Top-Level": "yes",
}


class RefusedError(Exception):
    """The agent answered, but did not take the traces."""


class Transport:
    """Sends encoded traces to one agent.

    ``url`` is ``http://host:port[/base]``, ``https://...`` or ``unix:///path``; ``timeout_s`` bounds the connection
    and each read. An agent that cannot be reached is tried again ``ATTEMPTS`` times in all, within about
    ``retry_within_s`` seconds.
    """

    def __init__(self, url: str, timeout_s: float, retry_within_s: float) -> None:
        check_agent_url(url)
        self._parts = urlparse(url)
        self._path = ("" if self._parts.scheme == "unix" else self._parts.path.rstrip("/")) + TRACES_PATH
        self._timeout_s = timeout_s
        self._retry_within_s = retry_within_s

    def send(self, traces: list[bytes]) -> dict[str, float]:
        """Send traces and return the sampling rates that the agent answers with.

        Raises OSError or http.client.HTTPException where the agent cannot be reached, RefusedError where it answers
        that it did not take them.
        """
        headers = {**FIXED_HEADERS, "X-Datadog-Trace-Count": str(len(traces))}
        status, body = self._put_with_retries(headers, payload_v04(traces))
        if status >= 400:
            raise RefusedError(f"it answered {status}")
        return _rates_in(body)

    def _put_with_retries(self, headers: dict[str, str], payload: bytes) -> tuple[int, bytes]:
        for pauses_left in range(ATTEMPTS - 1, 0, -1):
            try:
                return self._put(headers, payload)
            except (OSError, http.client.HTTPException):
                # Each pause is about 1.6 times the one before, and random, so that many processes do not retry at once.
                time.sleep(random.random() * self._retry_within_s / 1.618**pauses_left)
        return self._put(headers, payload)

    def _put(self, headers: dict[str, str], payload: bytes) -> tuple[int, bytes]:
        connection = self._connect()
        try:
            connection.request("PUT", self._path, body=payload, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "unix":
            return _UnixConnection(self._parts.path, self._timeout_s)
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        return kind(self._parts.hostname, self._parts.port, timeout=self._timeout_s)


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
