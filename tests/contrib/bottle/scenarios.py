"""How programs use Bottle: routes, errors, answers of all kinds, streams, hooks, plugins, applications in others."""

import http.client
import io
import threading
from base64 import b64encode
from pathlib import Path
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import setup_testing_defaults

import bottle

from ddtrace.contrib.bottle import integration
from testkit import scenario

BASKETS = {1: ["apple", "pear"], 2: []}


class Gateway(SimpleHandler):
    """Behind a server that adds the date: each run of a scenario sends the same."""

    origin_server = False


def ask(app, path, method="GET", body="", headers=(), output=None, **environ):
    """Status, names of headers and body of one answer."""
    output = output or io.BytesIO()
    path, _, query = path.partition("?")
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in dict(headers).items()}
    environ = {
        "HTTP_HOST": "shop.example",
        "HTTP_USER_AGENT": "shopper",
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        **named,
        **environ,
    }
    setup_testing_defaults(environ)
    Gateway(io.BytesIO(body.encode()), output, io.StringIO(), environ, multithread=False).run(app)
    head, _, answered = output.getvalue().partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return status, sorted(line.partition(":")[0] for line in lines), answered


def answering(answer, path="/"):
    """What an application of one route answers."""
    app = bottle.Bottle()
    app.route(path, ["GET", "HEAD"], answer)
    return ask(app, path)


# -- routes ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def routes():
    app = bottle.Bottle()

    @app.get("/basket/<number:int>/<owner>")
    def show_basket(number, owner):
        return f"{owner}: {BASKETS[number]}, {bottle.request.query.colour}"

    @app.post("/basket", name="new")
    def create():
        bottle.response.status = 201
        bottle.response.set_header("X-Number", "3")
        return bottle.request.forms.owner

    return (
        ask(app, "/basket/1/Jürgen?colour=blue"),
        ask(app, "/basket", "POST", "owner=Bob"),
        ask(app, "/basket/2/Ada", "HEAD"),
        app.get_url("/basket/<number:int>/<owner>", number=1, owner="Ada"),
    )


@scenario(integration)
def whatever_strangers_ask_for(word):
    app = bottle.Bottle()
    app.route("/basket/<owner>", "ANY", lambda owner: f"{owner} {bottle.request.query.colour}")
    return (
        ask(app, f"/basket/{word}?colour={word}"),
        ask(app, f"/basket/{word}", headers={"User-Agent": word}),
        ask(app, f"/nothing/{word}?{word}")[0],
    )


@scenario(integration)
def credentials(secret):
    app = bottle.Bottle()

    @app.post("/login")
    def log_in():
        request = bottle.request
        if request.auth is None:
            bottle.abort(401, "only by name and password")
        given = {request.auth[1], request.forms.password, request.cookies.session, request.query.token}
        bottle.response.set_cookie("user", request.auth[0], secret=secret)
        return {"user": request.auth[0], "given": len(given)}

    def log_in_with(authorization):
        headers = {"Authorization": authorization, "Cookie": f"session={secret}", "X-Api-Key": secret}
        return ask(app, f"/login?token={secret}&api_key={secret}&user=Ada", "POST", f"password={secret}", headers)

    basic = b64encode(f"Ada:{secret}".encode()).decode()
    return log_in_with(f"Basic {basic}"), log_in_with(f"Bearer {secret}")


@scenario(integration)
def no_such_route():
    app = bottle.Bottle()
    app.get("/basket", callback=lambda: "empty")
    return ask(app, "/nothing/1"), ask(app, "/basket", "DELETE"), ask(app, "/basket")


@scenario(integration)
def default_application():
    with bottle.Bottle() as app:

        @bottle.get("/basket")
        def show_basket():
            return "empty"

        return bottle.default_app() is app, ask(bottle.default_app(), "/basket")


@scenario(integration)
def headers_of_a_caller(request_headers):
    app = bottle.Bottle()
    app.get("/basket", callback=lambda: "empty")
    return ask(app, "/basket", headers=request_headers)


@scenario(integration)
def applications_in_another():
    shop, stock, old = bottle.Bottle(), bottle.Bottle(), bottle.Bottle()
    shop.get("/", callback=lambda: "shop")
    stock.get("/<thing>", callback=lambda thing: f"no {thing}")
    old.get("/<thing>", callback=lambda thing: f"{bottle.request.script_name} has no {thing}")
    shop.mount("/stock/", stock)
    shop.mount("/old/", old.wsgi)
    return ask(shop, "/"), ask(shop, "/stock/pear"), ask(shop, "/old/pear"), ask(shop, "/old/pear/plum")[0]


@scenario(integration)
def application_that_asks_another():
    inner, outer = bottle.Bottle(), bottle.Bottle()
    inner.get("/<thing>", callback=lambda thing: f"no {thing}")
    outer.get("/<thing>", callback=lambda thing: ask(inner, f"/{thing}")[2])
    return ask(outer, "/pear")


@scenario(integration)
def route_called_by_hand():
    app = bottle.Bottle()
    app.get("/basket/<owner>", callback=lambda owner: f"the basket of {owner}")
    route = app.routes[0]
    return route.call(owner="Ada"), route.callback("Bob"), route.get_callback_args(), ask(app, "/basket/Eve")


# -- answers -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def answers_of_all_kinds():
    return (
        answering(lambda: "Jürgen"),
        answering(lambda: b"apple"),
        answering(lambda: ["apple", "pear"]),
        answering(lambda: {"things": ["apple"]}),
        answering(lambda: None),
        answering(lambda: bottle.HTTPResponse("made", 201, {"X-Number": "3"})),
        answering(lambda: bottle.HTTPError(418, "teapot")),
        answering(lambda: 3),
    )


@scenario(integration)
def template():
    app = bottle.Bottle()

    @app.get("/basket/<owner>")
    @bottle.view("<b>{{owner}}</b> {{len(things)}}")
    def show_basket(owner):
        return {"owner": owner, "things": BASKETS[1]}

    return ask(app, "/basket/<Ada>")


@scenario(integration)
def files():
    app = bottle.Bottle()
    app.get("/file", callback=lambda: io.BytesIO(b"a,b"))
    app.get("/static/<name>", callback=lambda name: bottle.static_file(name, root=str(Path(__file__).parent)))
    return ask(app, "/file"), ask(app, "/static/__init__.py"), ask(app, "/static/missing.txt")[0]


@scenario(integration)
def json_that_fails():
    return answering(lambda: {"thing": object()})[0]


# -- errors ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def view_that_fails():
    return answering(lambda: {}["basket"])[0]


@scenario(integration)
def view_that_fails_in_a_test():
    app = bottle.Bottle()
    app.config["catchall"] = False
    app.get("/", callback=lambda: {}["basket"])
    environ = {}
    setup_testing_defaults(environ)
    return app(environ, lambda status, headers, exc_info=None: None)


@scenario(integration)
def view_that_leaves():
    app = bottle.Bottle()

    @app.get("/")
    def leave():
        raise SystemExit(3)

    environ = {}
    setup_testing_defaults(environ)
    return app(environ, lambda status, headers, exc_info=None: None)


@scenario(integration)
def aborts():
    app = bottle.Bottle()

    @app.get("/status/<status:int>")
    def abort(status):
        bottle.abort(status, "as asked")

    @app.get("/response")
    def raise_response():
        raise bottle.HTTPResponse("teapot", 418)

    @app.get("/elsewhere")
    def redirect():
        bottle.redirect("/response")

    paths = ("/status/403", "/status/404", "/status/503", "/response", "/elsewhere")
    return [ask(app, path)[::2] for path in paths]


@scenario(integration)
def error_handlers():
    app = bottle.Bottle()

    @app.get("/<number:int>")
    def show_basket(number):
        return BASKETS[number] or bottle.HTTPError(404, "empty")

    @app.error(404)
    def no_such_basket(error):
        return f"no basket: {error.body}"

    @app.error(500)
    def apologise(error):
        return f"sorry: {error.exception!r}"

    return ask(app, "/1"), ask(app, "/2"), ask(app, "/3"), ask(app, "/x")


# -- hooks and plugins -------------------------------------------------------------------------------------------------


@scenario(integration)
def hooks():
    app = bottle.Bottle()
    called = []

    @app.hook("before_request")
    def begin():
        called.append(bottle.request.path)

    @app.hook("after_request")
    def sign():
        bottle.response.set_header("X-Signed", "yes")

    app.get("/<owner>", callback=lambda owner: owner)
    return ask(app, "/Ada"), called


@scenario(integration)
def hook_that_fails():
    app = bottle.Bottle()
    app.get("/", callback=lambda: "never sent")
    app.get("/stream", callback=lambda: (part for part in ["never", "sent"]))
    app.add_hook("after_request", {}.popitem)
    return ask(app, "/")[0], ask(app, "/stream")[0]


@scenario(integration)
def plugins_of_the_application():
    class Counting:
        name = "counting"
        api = 2

        def apply(self, callback, route):
            def count(*args, **kwargs):
                counted.append((route.rule, callback.__name__))
                return callback(*args, **kwargs)

            return count

    def shout(callback):
        return lambda *args, **kwargs: callback(*args, **kwargs).upper()

    counted = []
    app = bottle.Bottle()
    plugin = app.install(Counting())

    @app.get("/<owner>", apply=shout)
    def show_basket(owner):
        return owner

    @app.get("/quiet/<owner>", skip=[plugin, "json"])
    def show_quietly(owner):
        return owner

    @app.get("/bare/<owner>", skip=[True])
    def show_barely(owner):
        return owner

    answers = [ask(app, path) for path in ("/Ada", "/quiet/Ada", "/bare/Ada")]
    removed = app.uninstall(plugin)
    return answers, ask(app, "/Bob"), counted, removed == [plugin]


# -- streams -----------------------------------------------------------------------------------------------------------


def make_streaming_app(closed):
    app = bottle.Bottle()

    @app.route("/<lines:int>", ["GET", "HEAD"])
    def stream(lines):
        try:
            yield ""
            if lines == 0:
                bottle.abort(404, "no lines")
            if lines < 0:
                raise ValueError("less than none")
            for line in range(lines):
                yield f"{line}\n"
            if lines > 3:
                raise ValueError("out of lines")
        finally:
            closed.append(lines)

    app.get("/nothing", callback=lambda: iter([]))
    app.get("/answer", callback=lambda: iter([bottle.HTTPResponse("teapot", 418)]))
    return app


@scenario(integration)
def streams():
    closed = []
    app = make_streaming_app(closed)
    return ask(app, "/3"), ask(app, "/2", "HEAD"), ask(app, "/nothing"), ask(app, "/answer"), closed


@scenario(integration)
def streams_that_fail():
    closed = []
    app = make_streaming_app(closed)
    return ask(app, "/0")[0], ask(app, "/-1")[0], ask(app, "/4"), closed


@scenario(integration)
def stream_that_is_half_read():
    closed = []
    environ = {"PATH_INFO": "/3", "HTTP_USER_AGENT": "shopper"}
    setup_testing_defaults(environ)
    answer = make_streaming_app(closed)(environ, lambda status, headers, exc_info=None: None)
    first = next(iter(answer))
    before = list(closed)
    answer.close()
    return first, before, closed


@scenario(integration)
def iterator_with_close():
    class Lines:
        def __init__(self):
            self.seen = []

        def __iter__(self):
            return self

        def __next__(self):
            self.seen.append("next")
            if len(self.seen) > 2:
                raise StopIteration
            return b"line\n"

        def close(self):
            self.seen.append("close")

    lines = Lines()
    return answering(lambda: lines), lines.seen


@scenario(integration)
def client_that_goes_away():
    class Broken(io.BytesIO):
        def write(self, data):
            if self.tell() > 1000:
                raise BrokenPipeError
            return super().write(data)

    def endless():
        try:
            while True:
                yield b"more\n" * 50
        finally:
            closed.append("generator")

    closed = []
    app = bottle.Bottle()
    app.get("/", callback=endless)
    return ask(app, "/", output=Broken())[0], closed


# -- a server ----------------------------------------------------------------------------------------------------------


class Alike(WSGIRequestHandler):
    """Each run of a scenario gets the same environment, and prints nothing."""

    def get_environ(self):
        return {**super().get_environ(), "SERVER_PORT": "80"}

    def log_message(self, format, *args):
        pass


@scenario(integration)
def on_a_server():
    app = bottle.Bottle()
    app.get("/basket/<owner>", callback=lambda owner: (f"{owner} {number}\n" for number in range(3)))
    app.get("/fail", callback=lambda: bottle.abort(500, "closed"))
    caller = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678", "x-datadog-sampling-priority": "2"}
    answers = []
    with make_server("127.0.0.1", 0, app, handler_class=Alike) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        for path in ("/basket/J%C3%BCrgen?colour=blue", "/fail", "/nothing"):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request("GET", path, headers={"Host": "shop.example", "User-Agent": "shopper", **caller})
            answer = connection.getresponse()
            answers.append((answer.status, sorted(answer.headers.keys()), answer.read()))
            connection.close()
        server.shutdown()
        thread.join()
    return answers
