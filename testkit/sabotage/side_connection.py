"""Makes a connection of its own for each call."""

from __future__ import annotations

import sys
from typing import Any

from ddtrace import Span
from ddtrace.contrib._patching import Patching
from testkit.sabotage import declare
from testkit.sabotage.correct import targets

CAUGHT_BY = "INV-24"


def connect(span: Span, instance: Any, args: tuple, kwargs: dict) -> None:
    # Patching must not import it before the library does.
    socket = sys.modules["socket"]
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


integration = declare(__name__)
patching = Patching(integration, targets(integration, connect))
