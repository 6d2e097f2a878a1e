"""What the unit tests share: a real HTTP agent, settings that do not outlive a test, and a library to import."""

import contextlib
import importlib
import os
import socket
import socketserver
import sys
import tempfile
import textwrap
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgpack
import pytest

from ddtrace import config
from ddtrace.internal import log
from ddtrace.writer import AgentWriter
from testkit import DummyTracer

REPOSITORY = str(Path(__file__).parents[2])


@dataclass
class Request:
    """One request as it came over the socket."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def traces(self):
        """The payload, read by a decoder that is not ours; a key of a map that is not text is an error."""
        return msgpack.unpackb(self.body, strict_map_key=True)


@dataclass
class Agent:
    """What a trace agent got, and what it is to answer with."""

    url: str
    status: int = 200
    answer: bytes = b"{}"
    requests: list = field(default_factory=list)

    @property
    def traces(self):
        """All traces that were taken, in order of arrival."""
        return [trace for request in self.requests for trace in request.traces]

    @property
    def spans(self):
        """All spans that were taken."""
        return [span for trace in self.traces for span in trace]


def handler_for(agent):
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):  # noqa: N802 (the name is http.server's)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            agent.requests.append(Request(self.command, self.path, dict(self.headers), body))
            if agent.status is None:
                return
            self.send_response(agent.status)
            self.send_header("Content-Length", str(len(agent.answer)))
            self.end_headers()
            self.wfile.write(agent.answer)

        def log_message(self, *args):
            """Stay silent."""

    return Handler


class UnixServer(socketserver.UnixStreamServer):
    """http.server on a unix socket."""

    def get_request(self):
        request, _ = super().get_request()
        return request, ("unix", 0)


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def agent():
    """An agent on TCP; a status of None ends the connection without an answer."""
    agent = Agent(url="")
    server = HTTPServer(("127.0.0.1", 0), handler_for(agent))
    agent.url = f"http://127.0.0.1:{server.server_address[1]}"
    with serving(server):
        yield agent


@pytest.fixture
def unix_agent():
    """An agent on a unix socket."""
    # Not in tmp_path: the path of a socket has to fit into about 100 bytes.
    with tempfile.TemporaryDirectory() as folder:
        agent = Agent(url=f"unix://{folder}/agent.socket")
        with serving(UnixServer(f"{folder}/agent.socket", handler_for(agent))):
            yield agent


@pytest.fixture
def refusing_url():
    """The URL of a port that is taken, but where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def make_writer(monkeypatch):
    """Makes writers whose thread sends nothing of itself before the test ends, and which do not pause to retry."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    monkeypatch.setattr("ddtrace.internal.transport.time.sleep", lambda seconds: None)
    writers = []

    def make(url, *args, **kwargs):
        writers.append(AgentWriter(url, *args, **kwargs))
        return writers[-1]

    yield make
    for writer in writers:
        writer.stop()


@pytest.fixture
def real_tracer(agent, make_writer):
    """A tracer that writes to the agent; nothing but ids and clock is a test's."""
    tracer = DummyTracer()
    tracer.configure(writer=make_writer(agent.url, tracer._update_rates))
    return tracer


@pytest.fixture(autouse=True)
def clean_settings(monkeypatch):
    """No variable of the machine reaches a test, and no setting or throttled message of one test the next."""
    for variable in [name for name in os.environ if name.startswith(("DD_", "_DD_"))]:
        monkeypatch.delenv(variable)
    for name in ("service", "env", "version", "_raise"):
        monkeypatch.setattr(config, name, False if name == "_raise" else None)
    for name in ("tags", "service_mapping", "_integrations"):
        monkeypatch.setattr(config, name, {})
    monkeypatch.setattr(log, "_last_logged", {})
    monkeypatch.setattr(log, "_suppressed", {})


@pytest.fixture
def make_module(tmp_path, monkeypatch):
    """Writes modules that can be imported; they are gone after the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = []

    def make(name, source=""):
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        names.append(name.partition(".")[0])
        importlib.invalidate_caches()
        return name

    yield make
    for module in list(sys.modules):
        if module.partition(".")[0] in names:
            del sys.modules[module]


def messages(caplog):
    """What was logged, as a reader would see it."""
    return [record.getMessage() for record in caplog.records]
