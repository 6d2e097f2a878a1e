"""What the tests of whole programs share: agents, and a way to run a program that sends to one."""

import socket

import pytest

from tests.agent import agent_on_tcp
from tests.programs import run_program


@pytest.fixture
def agent():
    """An agent on TCP."""
    with agent_on_tcp() as agent:
        yield agent


@pytest.fixture
def silent_agent():
    """The URL of a port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def run(agent, tmp_path):
    """Runs a program that sends to the agent, unless told otherwise, and returns what it printed."""

    def run(source, agent_url=agent.url, **settings):
        return run_program(tmp_path, source, agent_url, **settings).printed

    return run
