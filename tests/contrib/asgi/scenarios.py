"""How ASGI applications answer: at once, in parts, late, after the answer, not at all; and what else they serve."""

import asyncio
import contextlib

from testkit import scenario
from tests.contrib.asgi.asgi import integration
from tests.contrib.asgi.server import VERSIONS, Connection, http, served

PLAIN = [(b"content-type", b"text/plain")]


async def answer(send, *parts, status=200, headers=PLAIN):
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


def answering(*parts, **more):
    async def app(scope, receive, send):
        await answer(send, *parts, **more)

    return app


# -- answers -----------------------------------------------------------------------------------------------------------


@scenario(integration)
async def plain_answer():
    return await served(answering(b"apple"), query_string=b"colour=red", headers=[(b"user-agent", b"basket/1")])


@scenario(integration)
async def whatever_strangers_ask_for(word):
    async def app(scope, receive, send):
        await answer(send, scope["path"].encode("utf-8", "surrogatepass"))

    user_agent = word.encode("utf-8", "surrogatepass")
    return await served(app, f"/{word}", (b"user-agent", user_agent), query_string=b"colour=" + user_agent)


@scenario(integration)
async def credentials(secret):
    value = secret.encode()
    headers = {
        b"host": b"ada:" + value + b"@shop.example",
        b"authorization": b"Bearer " + value,
        b"cookie": b"session=" + value,
        b"x-api-key": value,
    }
    app = answering(b"", status=401, headers=[(b"set-cookie", b"token=" + value)])
    return await served(
        app, "/login", headers=list(headers.items()), query_string=b"access_token=" + value + b"&user=Ada"
    )


@scenario(integration)
async def headers_of_a_caller(request_headers):
    headers = [(name.lower().encode(), value.encode()) for name, value in request_headers.items()]
    return await served(answering(b"apple"), "/basket", *headers)


@scenario(integration)
async def stream():
    async def parts():
        for part in (b"apple, ", b"pear"):
            await asyncio.sleep(0)
            yield part

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        async for part in parts():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    return await served(app)


@scenario(integration)
async def body_in_parts():
    async def app(scope, receive, send):
        body, has_more = b"", True
        while has_more:
            message = await receive()
            body += message["body"]
            has_more = message.get("more_body")
        await answer(send, body, status=201)

    parts = [{"type": "http.request", "body": part, "more_body": part != b"pear"} for part in (b"apple, ", b"pear")]
    return await Connection(http(method="POST"), *parts).run(app)


@scenario(integration)
async def work_after_the_answer():
    done = []

    async def app(scope, receive, send):
        await answer(send, b"apple")
        await asyncio.sleep(0)
        done.append(scope["path"])

    return await served(app), done


@scenario(integration)
async def application_of_asgi_2():
    class App:
        def __init__(self, scope):
            self.scope = scope

        async def __call__(self, receive, send):
            message = await receive()
            await answer(send, message["type"].encode())

    return await served(App)


@scenario(integration)
async def application_that_is_an_object():
    class App:
        async def __call__(self, scope, receive, send):
            scope["endpoint"] = "basket"
            await answer(send, status=204)

    connection = Connection(http())
    return await connection.run(App()), connection.scope["endpoint"]


@scenario(integration)
async def mounted_application():
    return await served(answering(b"apple"), "/shop/basket", root_path="/shop")


@scenario(integration)
async def two_at_once():
    both_run = asyncio.Barrier(2)

    async def app(scope, receive, send):
        await both_run.wait()
        await answer(send, scope["path"].encode())

    return await asyncio.gather(served(app, "/one"), served(app, "/two"))


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
async def application_that_fails():
    async def app(scope, receive, send):
        raise ValueError("no basket")

    return await served(app)


@scenario(integration)
async def stream_that_fails():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
        await send({"type": "http.response.body", "body": b"apple", "more_body": True})
        raise ValueError("no pear")

    return await served(app)


@scenario(integration)
async def error_page():
    return await served(answering(b"come back", status=503))


@scenario(integration)
async def messages_in_the_wrong_order():
    async def app(scope, receive, send):
        await send({"type": "http.response.body", "body": b"apple"})

    return await served(app)


@scenario(integration)
async def client_that_goes_away():
    async def app(scope, receive, send):
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        await answer(send, b"apple", b"pear")

    return await Connection(http(), {"type": "http.request"}, listens_to=1).run(app)


@scenario(integration)
async def request_that_is_cancelled():
    has_begun = asyncio.Event()
    ended = []

    async def app(scope, receive, send):
        try:
            await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
            has_begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(error.args)
            raise

    task = asyncio.ensure_future(served(app))
    begun = asyncio.ensure_future(has_begun.wait())
    await asyncio.wait([task, begun], return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    task.cancel("the client is gone")
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return ended, task.cancelled()


# -- what is no request ------------------------------------------------------------------------------------------------


@scenario(integration)
async def lifespan_around_a_request():
    async def app(scope, receive, send):
        if scope["type"] == "http":
            return await answer(send, b"apple")
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})

    scope = {"type": "lifespan", "asgi": dict(VERSIONS), "state": {}}
    lifespan = Connection(scope, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    return await lifespan.run(app), await served(app)


@scenario(integration)
async def websocket_beside_a_request():
    async def app(scope, receive, send):
        if scope["type"] == "http":
            return await answer(send, b"apple")
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": message["text"]})

    messages = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "apple"}]
    websocket = Connection({**http(), "type": "websocket"}, *messages)
    return await websocket.run(app), await served(app)
