"""How programs use Django: routes, middleware, errors, templates, caches, databases, sync and async."""

import asyncio
from base64 import b64encode
from urllib.parse import quote

from asgiref.sync import ThreadSensitiveContext
from django.core.cache import caches
from django.db import connection
from django.template.loader import render_to_string
from django.test import AsyncClient, Client
from django.test.utils import override_settings

from ddtrace.contrib.django import integration
from testkit import scenario
from testkit.snapshots import OneOf
from tests.contrib.django import project

REDACT = {"http.useragent": OneOf("shopper")}


def described(answer):
    """Status, names of headers and body of one answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, sorted(answer.headers), body


def ask(path, method="get", headers=None, **options):
    client = Client(headers={"User-Agent": "shopper", **(headers or {})}, raise_request_exception=False)
    return described(getattr(client, method)(path, **options))


async def ask_async(path, method="get", headers=None, **options):
    # Of middleware and views that are not asynchronous Django makes threads, and how soon these end nobody knows: where
    # a scenario is not about them it has none, or not in its first request.
    client = AsyncClient(raise_request_exception=False)
    headers = {"User-Agent": "shopper", **(headers or {})}
    # As servers do: without it, all requests of the process share one thread, which a forked child does not have.
    async with ThreadSensitiveContext():
        return described(await getattr(client, method)(path, headers=headers, **options))


# -- routes ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def routes():
    return (
        ask("/basket/1/?colour=blue"),
        ask("/year/1999/"),
        ask("/stock/pear/", "post"),
        ask("/owner/Ada/", "head"),
    )


@scenario(integration)
def whatever_strangers_ask_for(word):
    word = quote(word, safe="")
    return ask(f"/owner/{word}/?colour={word}"), ask(f"/nothing/{word}/?{word}"), ask(f"/owner/{word}")


@scenario(integration)
def credentials(secret):
    query = f"token={secret}&api_key={secret}&user=Ada"
    basic = b64encode(f"Ada:{secret}".encode()).decode()
    return [
        ask(
            f"/log-in/?{query}",
            "post",
            {"Authorization": authorization, "Cookie": f"session={secret}", "X-Api-Key": secret},
            data={"password": secret},
        )
        for authorization in (f"Basic {basic}", f"Bearer {secret}")
    ]


@scenario(integration)
def headers_of_a_caller(request_headers):
    return ask("/basket/1/", headers=request_headers)


@scenario(integration)
async def headers_of_a_caller_async(request_headers):
    with with_middleware():
        return await ask_async("/later/Ada/", headers=request_headers)


@scenario(integration)
def no_such_route():
    return ask("/nothing/1/"), ask("/basket/1")


@scenario(integration)
def class_based_views():
    return ask("/class/1/"), ask("/class/2/", "put"), ask("/class/3/", "put"), ask("/class/1/", "patch")


@scenario(integration)
def stream():
    return ask("/stream/")


@scenario(integration)
def async_view_of_a_sync_client():
    return ask("/later/Ada/")


@scenario(integration)
async def async_client():
    with with_middleware():
        return [await ask_async(path) for path in ("/later/Ada/", "/class/later/1/", "/basket/1/")]


@scenario(integration)
async def async_requests_at_once():
    has_begun = asyncio.Event()

    async def ask_meanwhile():
        await has_begun.wait()
        return await ask_async("/later/Bob/")

    with with_middleware():
        meanwhile = asyncio.create_task(ask_meanwhile())
        project.MEANWHILE.set((has_begun, meanwhile))
        try:
            first = await ask_async("/while/")
        finally:
            # Where something fails, the view is not reached.
            has_begun.set()
            second = await meanwhile
        return first, second


@scenario(integration)
def every_method_of_a_view():
    methods = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
    return [ask("/methods/", method) for method in methods]


# -- middleware --------------------------------------------------------------------------------------------------------


def with_middleware(*names):
    return override_settings(MIDDLEWARE=[f"{project.__name__}.{name}" for name in names])


@scenario(integration)
def middleware():
    with with_middleware("sign_answers", "Hooks"):
        return ask("/basket/1/"), ask("/fail/"), ask("/template/"), ask("/nothing/")


@scenario(integration)
async def middleware_async():
    with with_middleware("sign_answers", "Hooks", "LaterMiddleware"):
        return await ask_async("/basket/1/"), await ask_async("/fail/later/"), await ask_async("/template/")


@scenario(integration)
def middleware_that_answers():
    with with_middleware("Hooks", "Closed"):
        return ask("/basket/1/")


@scenario(integration)
def middleware_that_fails():
    with with_middleware("Hooks", "Broken"):
        return ask("/basket/1/")


@scenario(integration)
def middleware_that_is_not_used():
    with with_middleware("sign_answers", "NotToday"):
        return ask("/basket/1/")


@scenario(integration)
def middleware_of_django():
    names = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")
    before = [f"django.contrib.{name}" for name in names]
    with override_settings(MIDDLEWARE=[*before, *project.MIDDLEWARE]):
        return ask("/basket/1/"), ask("/visitor/")


# -- templates ---------------------------------------------------------------------------------------------------------


@scenario(integration)
def templates():
    return [ask(path) for path in ("/template/", "/template/named/", "/template/text/", "/template/broken/")]


@scenario(integration)
async def templates_async():
    with with_middleware():
        return [await ask_async(path) for path in ("/later/Ada/", "/template/", "/template/broken/")]


@scenario(integration)
def template_outside_of_a_request():
    return render_to_string("basket.html", {"things": ["apple"]})


# -- caches and databases ----------------------------------------------------------------------------------------------


@scenario(integration)
def cache():
    cache = caches["default"]
    cache.clear()
    return (
        (cache.get("pear"), cache.get("pear", "none"), cache.set("pear", 1), cache.get("pear")),
        (cache.add("plum", 2), cache.add("plum", 3), cache.incr("plum"), cache.decr("plum", delta=2)),
        (cache.set_many({"fig": 4, "lime": 5}), cache.get_many(["fig", "none"]), cache.get_many(iter(["lime"]))),
        (cache.delete("plum"), cache.delete_many(["fig", "lime"]), cache.get_or_set("kiwi", 6)),
    )


@scenario(integration)
def cache_that_refuses(word):
    caches["default"].set(f"key-{word}", 1)
    caches["default"].delete(f"key-{word}")
    return caches["default"].incr("no such key")


@scenario(integration)
def cached_view():
    caches["default"].clear()
    return ask("/cached/"), ask("/cached/")


@scenario(integration)
def database():
    return ask("/database/")


@scenario(integration)
def statements(secret):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS colours")
        cursor.execute("CREATE TABLE colours (name TEXT, code TEXT)")
        cursor.executemany("INSERT INTO colours VALUES (%s, %s)", [("red", secret), ("blue", "0")])
        cursor.execute("SELECT code FROM colours WHERE code = %s", [secret])
        found = len(cursor.fetchall())
        cursor.execute("SELECT name FROM colours ORDER BY name")
        return found, cursor.fetchone(), cursor.fetchmany(1), cursor.fetchone()


@scenario(integration)
def transactions():
    return ask("/transactions/")


@scenario(integration)
def statement_that_fails():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


@scenario(integration)
def models():
    return ask("/models/")


# -- the REST framework ------------------------------------------------------------------------------------------------


@scenario(integration)
def rest_framework():
    with override_settings(ROOT_URLCONF="tests.contrib.django.resources"):
        return [ask(f"/api/{number}/", method) for method in ("get", "put", "delete") for number in (1, 3)]


# -- errors ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def view_that_fails():
    return ask("/fail/")


@scenario(integration)
async def view_that_fails_async():
    with with_middleware():
        return await ask_async("/fail/later/"), await ask_async("/fail/")


@scenario(integration)
def view_that_fails_in_a_test():
    return Client(headers={"User-Agent": "shopper"}).get("/fail/")


@scenario(integration)
def failure_that_is_handed_on():
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=True):
        return ask("/fail/")


@scenario(integration)
def view_that_returns_nothing():
    return ask("/")


@scenario(integration)
def view_that_leaves():
    return ask("/leave/")


@scenario(integration)
def answers_by_exception():
    return [ask(f"/status/{status}/") for status in (400, 403, 404)]
