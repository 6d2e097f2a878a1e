"""Visit the guestbook of examples/flask by requests, and send a trace of each visit to a Datadog agent.

    python examples/requests/app.py --guestbook http://127.0.0.1:5000 --agent http://127.0.0.1:8126 alice bob

Each visit is one trace of two processes: ``visit`` of the service ``visitor``, below it ``requests.request``, and below
that the request as the guestbook has it.
"""

from __future__ import annotations

import argparse

from ddtrace import config, patch, tracer
from ddtrace.writer import AgentWriter

patch(requests=True)

import requests  # noqa: E402 (patching works as well after the import; this order is the usual one)


def visit(session: requests.Session, guestbook: str, visitor: str) -> str:
    """Visit the guestbook, and return what it answers."""
    with tracer.trace("visit", service="visitor", resource="visit"):
        response = session.get(f"{guestbook}/visit/{visitor}", timeout=10)
        response.raise_for_status()
        return response.text


def main() -> None:
    parser = argparse.ArgumentParser(description="Visit a guestbook, and trace each visit.")
    parser.add_argument("visitors", nargs="+")
    parser.add_argument("--guestbook", default="http://127.0.0.1:5000")
    parser.add_argument("--agent", default=None, help="the agent's URL; default: DD_TRACE_AGENT_URL, else localhost")
    options = parser.parse_args()

    config.requests["service"] = "guestbook-client"
    if options.agent:
        tracer.configure(writer=AgentWriter(options.agent))
    with requests.Session() as session:
        for visitor in options.visitors:
            print(visit(session, options.guestbook.rstrip("/"), visitor))
    tracer.shutdown()


if __name__ == "__main__":
    main()
