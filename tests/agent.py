"""A trace agent of a few lines, which knows nothing of the tracer: it decodes what it is sent."""

from __future__ import annotations

import contextlib
import socketserver
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Callable, Iterator

import msgpack


@dataclass
class Request:
    """One request as it came over the socket."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def traces(self) -> list[list[dict[str, Any]]]:
        """The payload, read by a decoder that is not ours; a key of a map that is not text is an error."""
        return msgpack.unpackb(self.body, strict_map_key=True)


@dataclass
class Agent:
    """What an agent got, and what it is to answer with; a status of None ends the connection without an answer."""

    url: str
    status: int | None = 200
    answer: bytes = b"{}"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    status_of: dict[str, int] = field(default_factory=dict)
    """What paths are answered with that are not answered with ``status``."""
    on_request: Callable[[], Any] = lambda: None
    """Called with each request, before its answer."""

    @property
    def traces(self) -> list[list[dict[str, Any]]]:
        """All traces that were taken, in order of arrival."""
        return [trace for request in self.requests for trace in request.traces]

    @property
    def spans(self) -> list[dict[str, Any]]:
        """All spans that were taken."""
        return [span for trace in self.traces for span in trace]


@contextlib.contextmanager
def agent_on_tcp() -> Iterator[Agent]:
    """An agent on a free port."""
    agent = Agent(url="")
    server = HTTPServer(("127.0.0.1", 0), _handler_for(agent))
    agent.url = f"http://127.0.0.1:{server.server_address[1]}"
    with _serving(server):
        yield agent


@contextlib.contextmanager
def agent_on_unix_socket() -> Iterator[Agent]:
    """An agent on a unix socket."""
    # In a folder of its own, with a short name: the path of a socket has to fit into about 100 bytes.
    with tempfile.TemporaryDirectory() as folder:
        agent = Agent(url=f"unix://{folder}/agent.socket")
        with _serving(_UnixServer(f"{folder}/agent.socket", _handler_for(agent))):
            yield agent


def _handler_for(agent: Agent) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            agent.connections += 1
            super().setup()

        def do_PUT(self) -> None:  # noqa: N802 (the name is http.server's)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            agent.requests.append(Request(self.command, self.path, dict(self.headers), body))
            agent.on_request()
            status = agent.status_of.get(self.path, agent.status)
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(agent.answer)))
            self.end_headers()
            self.wfile.write(agent.answer)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    return Handler


class _UnixServer(socketserver.UnixStreamServer):
    """http.server on a unix socket."""

    def get_request(self) -> tuple[Any, Any]:
        request, _ = super().get_request()
        return request, ("unix", 0)


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
