"""Serve a guestbook by Django, and send a trace of each request to a Datadog agent.

    python examples/django/app.py --port 8000 --agent http://127.0.0.1:8126

Each request is one trace of the service ``guestbook``: ``django.request`` by its route, and below it the middleware,
the view, what the view asks the database for, and the template.
"""

from __future__ import annotations

import argparse
from wsgiref.simple_server import make_server

from ddtrace import config, patch, tracer
from ddtrace.writer import AgentWriter

patch(django=True)

import django  # noqa: E402 (patching works as well after the import; this order is the usual one)
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

PAGE = "{{ visitor }} was here {{ visits }} times"

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not one for the world to see",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
django.setup()


def visit(request: HttpRequest, visitor: str) -> HttpResponse:
    tracer.current_root_span().set_tag("visitor", visitor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO visits VALUES (%s)", [visitor])
        cursor.execute("SELECT COUNT(*) FROM visits WHERE visitor = %s", [visitor])
        (visits,) = cursor.fetchone()
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"visitor": visitor, "visits": visits}, request))


urlpatterns = [path("visit/<str:visitor>/", visit)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a guestbook, and trace each request.")
    parser.add_argument("--port", type=int, default=8000, help="0 for any that is free")
    parser.add_argument("--requests", type=int, default=0, help="end after so many; default: never")
    parser.add_argument("--agent", default=None, help="the agent's URL; default: DD_TRACE_AGENT_URL, else localhost")
    options = parser.parse_args()

    config.service = "guestbook"
    if options.agent:
        tracer.configure(writer=AgentWriter(options.agent))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE visits (visitor TEXT)")
    with make_server("127.0.0.1", options.port, get_wsgi_application()) as server:
        print(f"http://127.0.0.1:{server.server_port}/visit/you/", flush=True)
        if options.requests:
            for _ in range(options.requests):
                server.handle_request()
        else:
            server.serve_forever()
    tracer.shutdown()


if __name__ == "__main__":
    main()
