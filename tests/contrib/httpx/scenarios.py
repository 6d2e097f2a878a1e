"""How programs use httpx, sync and async: clients, redirects, failures, streams, uploads, hooks, transports, tasks."""

import asyncio
from types import MappingProxyType

import httpx

from ddtrace.contrib.httpx import integration
from testkit import scenario
from testkit.snapshots import Regex, Url

REDACT = {"http.url": Url(), "http.useragent": Regex(r"python-httpx/[\d.]+|shop/1")}

REFUSING = "http://127.0.0.1:9/"

QUICK = {"trust_env": False, "verify": False}
"""Options of clients that read neither variables nor certificates, which take long to read and are not needed."""


def client_of(httpbin_url, **options):
    """A client that is at home at httpbin, and asks nobody else for it."""
    return httpx.Client(base_url=httpbin_url, timeout=30, **QUICK, **options)


def async_client_of(httpbin_url, **options):
    """The same, async."""
    return httpx.AsyncClient(base_url=httpbin_url, timeout=30, **QUICK, **options)


def own_headers(response):
    """The headers of a request, those aside that httpx sends by itself, as the caller sees them."""
    usual = ("accept", "accept-encoding", "connection", "host", "user-agent")
    return sorted((name, value) for name, value in response.request.headers.items() if name not in usual)


# -- plain calls -------------------------------------------------------------------------------------------------------


@scenario(integration)
def get(httpbin_url):
    response = httpx.get(f"{httpbin_url}/get", params={"colour": "red", "token": "s3cret"}, **QUICK)
    return response.status_code, response.json()["args"], own_headers(response), response.history


@scenario(integration)
def every_method(httpbin_url):
    with client_of(httpbin_url, headers={"User-Agent": "shop/1"}, cookies={"basket": "apple"}) as client:
        answers = [client.request(method, "/anything") for method in ("PUT", "patch", "DELETE", "HEAD")]
        return [(answer.request.method, answer.status_code, len(answer.content) > 0) for answer in answers]


@scenario(integration)
def request_sent_twice(httpbin_url):
    with client_of(httpbin_url) as client:
        request = client.build_request("GET", "/get", headers={"X-Shop": "fruit"})
        headers, before = request.headers, request.headers.copy()
        first, second = client.send(request), client.send(request=request)
        same = first.request is request is second.request
        return same, request.headers is headers and headers == before, own_headers(second)


@scenario(integration)
def headers_of_every_type(httpbin_url):
    given = (
        None,
        {"X-Text": "text"},
        {b"X-Bytes": b"bytes"},
        [("X-Several", "a"), ("X-Several", "b")],
        MappingProxyType({"X-Frozen": "text"}),
        httpx.Headers({"X-Own": "text"}),
        {"X-Datadog-Trace-Id": "1"},
    )
    with client_of(httpbin_url) as client:
        return [own_headers(client.get("/get", headers=headers)) for headers in given]


@scenario(integration)
def url_with_credentials(httpbin_url):
    url = httpbin_url.replace("//", "//user:s3cret@") + "/get?api_key=s3cret&colour=red"
    return httpx.get(url, **QUICK).json()["headers"]["Authorization"]


# -- redirects ---------------------------------------------------------------------------------------------------------


@scenario(integration)
def redirects(httpbin_url):
    with client_of(httpbin_url, follow_redirects=True) as client:
        response = client.get("/redirect/2", headers={"X-Shop": "fruit"})
        return response.status_code, [(each.status_code, own_headers(each)) for each in (*response.history, response)]


@scenario(integration)
def redirect_that_is_not_followed(httpbin_url):
    with client_of(httpbin_url) as client:
        response = client.get("/redirect/1")
        return response.status_code, sorted(response.next_request.headers)


@scenario(integration)
def too_many_redirects(httpbin_url):
    with client_of(httpbin_url, max_redirects=2) as client:
        return client.get("/relative-redirect/5", follow_redirects=True)


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def statuses(httpbin_url):
    with client_of(httpbin_url) as client:
        codes = [client.get(f"/status/{code}").status_code for code in (204, 404, 500, 503)]
        try:
            client.get("/status/404").raise_for_status()
        except httpx.HTTPStatusError as error:
            return codes, error.response.status_code, own_headers(error)


@scenario(integration)
def connection_refused(httpbin_url):
    return httpx.get(REFUSING + "?token=s3cret", **QUICK)


@scenario(integration)
def timeout(httpbin_url):
    with client_of(httpbin_url) as client:
        return client.get("/delay/1", timeout=0.05)


@scenario(integration)
def client_that_is_closed(httpbin_url):
    client = client_of(httpbin_url)
    client.close()
    return client.get("/get")


@scenario(integration)
def hook_that_fails(httpbin_url):
    def refuse(response):
        raise ValueError("refused")

    with client_of(httpbin_url, event_hooks={"response": [refuse]}) as client:
        return client.get("/get")


# -- bodies ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def streams(httpbin_url):
    with client_of(httpbin_url) as client:
        with client.stream("GET", "/stream-bytes/4000?seed=1") as whole:
            size = sum(len(part) for part in whole.iter_bytes(1000))
        with client.stream("GET", "/stream/3") as half_read:
            line = next(half_read.iter_lines())
        with client.stream("GET", "/stream/3") as closed_early:
            closed_early.close()
        return size, len(line) > 0, closed_early.status_code


@scenario(integration)
def uploads(httpbin_url):
    def parts():
        yield b"apple,"
        yield b"pear"

    with client_of(httpbin_url) as client:
        return (
            client.post("/post", content=parts()).status_code,
            client.post("/post", data={"colour": "red"}).json()["form"],
            client.post("/post", json={"colour": "red"}).json()["json"],
            client.post("/post", files={"file": ("a.txt", b"apple")}).json()["files"],
        )


@scenario(integration)
def upload_that_fails(httpbin_url):
    def parts():
        yield b"apple,"
        raise ValueError("no more apples")

    with client_of(httpbin_url) as client:
        return client.post("/post", content=parts())


# -- what applications bring -------------------------------------------------------------------------------------------


@scenario(integration)
def authentication(httpbin_url):
    class Token(httpx.Auth):
        def auth_flow(self, request):
            request.headers["X-Token"] = "t"
            yield request

    with client_of(httpbin_url) as client:
        digest = client.get("/digest-auth/auth/user/s3cret", auth=httpx.DigestAuth("user", "s3cret"))
        basic = client.get("/get", auth=("user", "s3cret"))
        token = client.get("/get", auth=Token())
    names = [name for name, _ in own_headers(digest)]
    return (
        digest.status_code,
        [each.status_code for each in digest.history],
        names,
        own_headers(basic),
        own_headers(token),
    )


@scenario(integration)
def hooks(httpbin_url):
    seen = []
    on_request = [lambda request: seen.append(request.method)]
    on_response = [lambda response: seen.append(response.status_code)]
    with client_of(httpbin_url, event_hooks={"request": on_request, "response": on_response}) as client:
        client.get("/redirect/1", follow_redirects=True)
    return seen


@scenario(integration)
def client_of_the_application(httpbin_url):
    class Shop(httpx.Client):
        def send(self, request, **options):
            request.headers["X-Shop"] = "fruit"
            return super().send(request, **options)

    with Shop(base_url=httpbin_url, **QUICK) as shop:
        return own_headers(shop.get("/get"))


@scenario(integration)
def transports(httpbin_url):
    def answer(request):
        return httpx.Response(418, text="short and stout")

    mounts = {"http://kitchen": httpx.MockTransport(answer), httpbin_url: httpx.HTTPTransport(retries=1, verify=False)}
    with httpx.Client(mounts=mounts, **QUICK) as client:
        return client.get("http://kitchen/").text, client.get(f"{httpbin_url}/get").status_code


# -- async -------------------------------------------------------------------------------------------------------------


@scenario(integration)
async def async_get(httpbin_url):
    async with async_client_of(httpbin_url) as client:
        response = await client.get("/get", params={"colour": "red"}, headers={"X-Shop": "fruit"})
        failing = await client.get("/status/500")
        return response.status_code, response.json()["args"], own_headers(response), failing.status_code


@scenario(integration)
async def async_redirects(httpbin_url):
    async with async_client_of(httpbin_url, follow_redirects=True) as client:
        response = await client.get("/redirect/2")
        return response.status_code, [own_headers(each) for each in (*response.history, response)]


@scenario(integration)
async def async_streams(httpbin_url):
    async with async_client_of(httpbin_url) as client:
        async with client.stream("GET", "/stream-bytes/4000?seed=1") as whole:
            size = sum([len(part) async for part in whole.aiter_bytes(1000)])
        async with client.stream("GET", "/stream/3") as half_read:
            line = await anext(half_read.aiter_lines())
        return size, len(line) > 0


@scenario(integration)
async def async_uploads(httpbin_url):
    async def parts():
        yield b"apple,"
        yield b"pear"

    async with async_client_of(httpbin_url) as client:
        return (await client.post("/post", content=parts())).json()["data"]


@scenario(integration)
async def async_tasks(httpbin_url):
    async with async_client_of(httpbin_url) as client:
        answers = await asyncio.gather(*(client.get(f"/delay/0.1?task={number}") for number in range(3)))
        return [answer.json()["args"] for answer in answers]


@scenario(integration)
async def async_cancelled(httpbin_url):
    async with async_client_of(httpbin_url) as client:
        await client.get("/get")  # so that it is the answer which is waited for, and not the connection
        return await asyncio.wait_for(client.get("/delay/1"), timeout=0.05)


@scenario(integration)
async def async_connection_refused(httpbin_url):
    async with httpx.AsyncClient(**QUICK) as client:
        return await client.get(REFUSING)


@scenario(integration)
async def async_application(httpbin_url):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"apple"})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), **QUICK, base_url="http://shop.example") as client:
        return (await client.get("/basket")).text
