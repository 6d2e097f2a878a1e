"""One call of each library that integrations trace; a library is imported when its call is made, after patching."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any
from wsgiref.util import setup_testing_defaults

from benchmarks.contestants.contestant import AbsentError, Contestant

PROJECT = {
    "ALLOWED_HOSTS": ["*"],
    # Those of a new project that need no database.
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "ROOT_URLCONF": "benchmarks.contestants.shop",
    "SECRET_KEY": "of no use",
}
"""Django's settings."""


def redis_get(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    client = imported("redis").Redis.from_url(url_of("redis", around))
    client.set("colour", "blue")
    return lambda: client.get("colour")


def flask_request(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    app = imported("flask").Flask("shop")
    app.add_url_rule("/basket", "basket", lambda: "empty")
    if contestant is not None:
        app = contestant.integrate_app(app)
    client = app.test_client()

    def request() -> bytes:
        # A server's span ends with the response.
        with client.get("/basket") as response:
            return response.data

    return request


def django_request(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    settings = imported("django.conf").settings
    settings.configure(**PROJECT)
    if contestant is not None:
        contestant.integrate_project(settings)
    app = imported("django.core.wsgi").get_wsgi_application()
    request: dict[str, Any] = {"PATH_INFO": "/basket"}
    setup_testing_defaults(request)

    def serve() -> bytes:
        response = app(request.copy(), lambda status, headers: None)
        answer = b"".join(response)
        # A server's span ends with the response.
        response.close()
        return answer

    return serve


def sqlite3_execute(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    cursor = imported("sqlite3").connect(":memory:").cursor()
    return lambda: cursor.execute("SELECT 1").fetchone()


def psycopg_execute(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    cursor = imported("psycopg").connect(url_of("postgres", around), autocommit=True).cursor()
    return lambda: cursor.execute("SELECT 1").fetchone()


def requests_get(around: Any, contestant: Contestant | None) -> Callable[[], Any]:
    session = imported("requests").Session()
    url = f"{around.agent_url}/"
    return lambda: session.get(url).content


def url_of(service: str, around: Any) -> str:
    """Where a service is; raises AbsentError where there is none."""
    url = around.service_urls[service]
    if url is None:
        raise AbsentError(f"no {service} here")
    return url


def imported(name: str) -> ModuleType:
    """The library; raises AbsentError where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise AbsentError(f"{name.partition('.')[0]} is not installed") from None


CALLS: dict[str, Callable[[Any, Contestant | None], Callable[[], Any]]] = {
    "redis": redis_get,
    "flask": flask_request,
    "django": django_request,
    "sqlite3": sqlite3_execute,
    "psycopg": psycopg_execute,
    "requests": requests_get,
}
"""Each makes a call, and that is measured; without a contestant nothing traces it."""
