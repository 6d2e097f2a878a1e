"""A trace agent that hands on whatever it is sent, for the time of a with statement."""

from __future__ import annotations

import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import msgpack

LARGEST_PAYLOAD_BYTES = 50_000_000
"""As the official agent has it."""

_ROW = (
    *("service", "name", "resource", "trace_id", "span_id", "parent_id"),
    *("start", "duration", "error", "meta", "metrics", "type"),
)


class MalformedPayload(ValueError):
    """A payload that is not what its path promises."""


Take = Callable[[list[list[dict[str, Any]]]], None]


def decode(path: str, payload: bytes) -> list[list[dict[str, Any]]]:
    """The traces of a payload, each a list of span maps; the path says the version of the agent's API.

    Of an application's tags nothing is expected: not even that they are text. Raises MalformedPayload.
    """
    try:
        content = msgpack.unpackb(payload, strict_map_key=False, unicode_errors="replace")
        traces = _from_rows(*content) if path.endswith("/v0.5/traces") else content
        if all(isinstance(span, dict) for trace in traces for span in trace):
            return traces
        problem = "a span is no map"
    except (ValueError, TypeError, LookupError, AttributeError, msgpack.UnpackException) as error:
        problem = f"{type(error).__name__}: {error}"
    raise MalformedPayload(f"PUT {path} of {len(payload)} bytes: expected traces in msgpack, but {problem}")


def _from_rows(strings: list[str], traces: list[list[list[Any]]]) -> list[list[dict[str, Any]]]:
    return [[_from_row(row, strings) for row in rows] for rows in traces]


def _from_row(row: list[Any], strings: list[str]) -> dict[str, Any]:
    span = dict(zip(_ROW, row, strict=True))
    texts = {key: strings[span[key]] for key in ("service", "name", "resource", "type")}
    meta = {strings[key]: strings[value] for key, value in span["meta"].items()}
    return {**span, **texts, "meta": meta, "metrics": {strings[key]: value for key, value in span["metrics"].items()}}


@contextmanager
def collector(take: Take) -> Iterator[str]:
    """The URL of an agent on a free port of this machine, which calls a function with the traces of each payload.

    The function is called by many threads. A malformed payload is answered with 400, which the tracer reports.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:  # noqa: N802 (the name is http.server's)
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST_PAYLOAD_BYTES:
                self.close_connection = True
                self._answer(413, f"expected a Content-Length of at most {LARGEST_PAYLOAD_BYTES}, found {length!r}")
                return
            payload = self.rfile.read(int(length))
            try:
                take(decode(self.path, payload))
            except MalformedPayload as error:
                self._answer(400, str(error))
            else:
                self._answer(200, "{}")

        do_POST = do_PUT  # noqa: N815 (the name is http.server's)

        def _answer(self, status: int, text: str) -> None:
            answer = text.encode(errors="backslashreplace")
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    with serving(Handler) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The free port of this machine on which a handler answers; only this machine can reach it."""
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    # A connection that somebody leaves open is none of ours to wait for.
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who went before the answer came, such as a program that was killed, is not told of."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
