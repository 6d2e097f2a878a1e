"""A trace agent of a few lines, which knows nothing of the tracer: it decodes what it is sent."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Iterator

import msgpack


@contextlib.contextmanager
def agent() -> Iterator[tuple[str, list[list[dict[str, Any]]]]]:
    """Serve on a free port; gives the URL and the list that received traces are added to."""
    traces: list[list[dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:  # noqa: N802 (the name is http.server's)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            traces.extend(msgpack.unpackb(body, strict_map_key=True))
            answer = b'{"rate_by_service": {"service:,env:": 1.0}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", traces
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
