"""What the unit tests share: a real HTTP agent, settings that do not outlive a test, and a library to import."""

import importlib
import os
import socket
import subprocess
import sys
import textwrap

import pytest

from ddtrace import config
from ddtrace.internal import log
from ddtrace.internal.native import ENABLED
from ddtrace.internal.periodic import PeriodicThread
from ddtrace.settings.config import OPTIONS
from ddtrace.settings.http import HttpConfig, HttpServerConfig
from ddtrace.writer import AgentWriter
from testkit import DummyTracer
from tests.agent import agent_on_tcp, agent_on_unix_socket
from tests.programs import REPOSITORY

__all__ = ["REPOSITORY", "messages"]


@pytest.fixture
def agent():
    """An agent on TCP."""
    with agent_on_tcp() as agent:
        yield agent


@pytest.fixture
def unix_agent():
    """An agent on a unix socket."""
    with agent_on_unix_socket() as agent:
        yield agent


@pytest.fixture
def ddtrace_run(agent):
    """Runs ``ddtrace-run`` with arguments, its traces sent to the agent, and returns how it ended."""

    def run(*arguments, cwd=None, path=REPOSITORY, **variables):
        return subprocess.run(
            [sys.executable, "-m", "ddtrace.commands.ddtrace_run", *arguments],
            env={**os.environ, "PYTHONPATH": path, "DD_TRACE_AGENT_URL": agent.url, **variables},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def refusing_url():
    """The URL of a port that is taken, but where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def silent_agent():
    """The URL of a port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def make_writer(monkeypatch):
    """Makes writers whose thread sends nothing of itself before the test ends, and which do not pause to retry."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    monkeypatch.setattr(PeriodicThread, "wake", lambda self: None)
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
    """No variable of the machine reaches a test, and no setting or throttled message of one test the next.

    Whether the extension is used is not a test's choice; where it is not, the programs that a test starts go without.
    """
    for variable in [name for name in os.environ if name.startswith(("DD_", "_DD_")) and name != ENABLED.env]:
        monkeypatch.delenv(variable)
    for option in OPTIONS:
        monkeypatch.setattr(config, option.name, option.default)
    for name in ("tags", "service_mapping", "_peer_service_mapping", "_integrations"):
        monkeypatch.setattr(config, name, {})
    monkeypatch.setattr(config, "http", HttpConfig())
    monkeypatch.setattr(config, "http_server", HttpServerConfig())
    monkeypatch.setattr(config, "global_query_string_obfuscation_disabled", False)
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
