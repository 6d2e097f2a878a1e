"""Serve a guestbook by Flask, and send a trace of each request to a Datadog agent.

    python examples/flask/app.py --port 5000 --agent http://127.0.0.1:8126

Each request is one trace of the service ``guestbook``: ``flask.request`` by its route, and below it the hooks, the view
and the template.
"""

from __future__ import annotations

import argparse

from ddtrace import config, patch, tracer
from ddtrace.writer import AgentWriter

patch(flask=True)

import flask  # noqa: E402 (patching works as well after the import; this order is the usual one)
from werkzeug.serving import make_server  # noqa: E402

PAGE = "{{ visitor }} was here {{ visits }} times"


def make_app() -> flask.Flask:
    """The guestbook, with what it remembers."""
    app = flask.Flask("guestbook")
    visits: dict[str, int] = {}

    @app.before_request
    def refuse_robots() -> None:
        if "robot" in flask.request.headers.get("User-Agent", ""):
            flask.abort(403)

    @app.get("/visit/<visitor>")
    def visit(visitor: str) -> str:
        visits[visitor] = visits.get(visitor, 0) + 1
        tracer.current_root_span().set_tag("visitor", visitor)
        return flask.render_template_string(PAGE, visitor=visitor, visits=visits[visitor])

    @app.get("/export")
    def export() -> flask.Response:
        lines = (f"{visitor},{count}\n" for visitor, count in visits.items())
        return flask.Response(lines, mimetype="text/csv")

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a guestbook, and trace each request.")
    parser.add_argument("--port", type=int, default=5000, help="0 for any that is free")
    parser.add_argument("--requests", type=int, default=0, help="end after so many; default: never")
    parser.add_argument("--agent", default=None, help="the agent's URL; default: DD_TRACE_AGENT_URL, else localhost")
    options = parser.parse_args()

    config.service = "guestbook"
    if options.agent:
        tracer.configure(writer=AgentWriter(options.agent))
    server = make_server("127.0.0.1", options.port, make_app())
    print(f"http://127.0.0.1:{server.port}/visit/you", flush=True)
    if options.requests:
        for _ in range(options.requests):
            server.handle_request()
    else:
        server.serve_forever()
    server.server_close()
    tracer.shutdown()


if __name__ == "__main__":
    main()
