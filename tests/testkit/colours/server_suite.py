"""A suite that asks a server: COLOURS_SERVER is its URL, its host and its port."""

import os
import socket


def test_server_is_there():
    url, host, port = os.environ["COLOURS_SERVER"].split()
    assert url == f"http://{host}:{port}"
    socket.create_connection((host, int(port)), timeout=5).close()
