"""An agent that takes all traces and counts their spans."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgpack


class Sink:
    """What came: ``spans`` by the integration that made them, as their tag ``component`` says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, payload: bytes) -> None:
        """Count the spans of a payload in the agent's format v0.4."""
        # Of an application's tags nothing is expected: not even that they are text.
        traces = msgpack.unpackb(payload, strict_map_key=False, unicode_errors="replace")
        made_by = Counter(span.get("meta", {}).get("component", "") for trace in traces for span in trace)
        with self._lock:
            self.spans.update(made_by)


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink on a free port of this machine, for the time of a with statement."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:  # noqa: N802 (the name is http.server's)
            found.take(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"{}"
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # A connection that the suite leaves open is none of ours to wait for.
    server.daemon_threads = True
    server.block_on_close = False
    found = Sink(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
