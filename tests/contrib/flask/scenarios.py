"""How programs use Flask: routes, hooks, errors, blueprints, templates, files, streams, signals, real servers."""

import asyncio
import functools
import http.client
import io
import threading
from base64 import b64encode
from pathlib import Path

import flask
import itsdangerous
import jinja2
from flask.sessions import SecureCookieSessionInterface
from flask.views import MethodView
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from ddtrace.contrib.flask import integration
from testkit import scenario
from testkit.snapshots import OneOf, Version

REDACT = {
    "flask.version": Version(),
    "http.useragent": OneOf("shopper"),
}

BASKETS = {1: ["apple", "pear"], 2: []}


class SignerOfOneMoment(itsdangerous.TimestampSigner):
    """Signs as if it were always the same second, so that runs of different seconds have equal cookies."""

    def get_timestamp(self):
        return 1_700_000_000


class SessionsOfOneMoment(SecureCookieSessionInterface):
    def get_signing_serializer(self, app):
        serializer = super().get_signing_serializer(app)
        serializer.signer = SignerOfOneMoment
        return serializer


def make_app(**options):
    app = flask.Flask("shop", static_folder=str(Path(__file__).parent), static_url_path="/static", **options)
    app.jinja_loader = jinja2.DictLoader({"basket.html": "{{ owner }}: {{ things | join(', ') }}"})
    return app


def make_app_with_sessions(secret_key):
    app = make_app()
    app.secret_key = secret_key
    app.session_interface = SessionsOfOneMoment()
    return app


def ask(app, path, method="GET", **options):
    """Status, names of headers and body of one answer."""
    headers = {"User-Agent": "shopper", **options.pop("headers", {})}
    with app.test_client().open(path, method=method, headers=headers, **options) as answer:
        return answer.status, sorted(answer.headers.keys()), answer.data


# -- routes ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def routes():
    app = make_app()

    @app.get("/basket/<int:number>/<owner>")
    def show_basket(number, owner):
        return {"owner": owner, "things": BASKETS[number]}

    @app.route("/basket", methods=["POST"], endpoint="new_basket")
    def create():
        return flask.request.form["owner"], 201, {"X-Number": "3"}

    return (
        ask(app, "/basket/1/Ada?colour=blue"),
        ask(app, "/basket", "POST", data={"owner": "Bob"}),
        ask(app, "/basket", "OPTIONS"),
        ask(app, "/basket/2/Ada", "HEAD"),
    )


@scenario(integration)
def whatever_strangers_ask_for(word):
    app = make_app()

    @app.get("/basket/<owner>")
    def show_basket(owner):
        return flask.render_template_string("{{ owner }}", owner=owner)

    return (
        ask(app, f"/basket/{word}?colour={word}"),
        ask(app, f"/basket/{word}", "PUT"),
        ask(app, f"/nothing/{word}?{word}"),
        ask(app, f"/static/{word}"),
    )


@scenario(integration)
def credentials(secret):
    app = make_app_with_sessions(secret)
    # The test client's own cookies would take the place of those given.
    app.test_client = functools.partial(app.test_client, use_cookies=False)

    @app.post("/login")
    def log_in():
        user = flask.session["user"] = flask.request.authorization.username
        if user is None:
            flask.abort(401, "only by name and password")
        given = {flask.request.form["password"], flask.request.cookies["session"], flask.request.args["token"]}
        return {"user": user, "given": len(given)}

    def log_in_with(authorization):
        headers = {"Authorization": authorization, "Cookie": f"session={secret}", "X-Api-Key": secret}
        query = f"token={secret}&api_key={secret}&user=Ada"
        return ask(app, f"/login?{query}", "POST", headers=headers, data={"password": secret})

    basic = b64encode(f"Ada:{secret}".encode()).decode()
    return log_in_with(f"Basic {basic}"), log_in_with(f"Bearer {secret}")


@scenario(integration)
def no_such_route():
    app = make_app()
    app.add_url_rule("/basket/", view_func=lambda: "empty")
    return ask(app, "/nothing/1"), ask(app, "/basket/", "DELETE"), ask(app, "/basket")


@scenario(integration)
def class_based_views():
    class Basket(MethodView):
        def get(self, number):
            return BASKETS[number]

        def put(self, number):
            return flask.redirect(flask.url_for("basket", number=number))

    app = make_app()
    app.add_url_rule("/basket/<int:number>", view_func=Basket.as_view("basket"))
    return ask(app, "/basket/1"), ask(app, "/basket/2", "PUT"), ask(app, "/basket/2", "PATCH")


@scenario(integration)
def blueprints():
    admin = flask.Blueprint("admin", __name__, url_prefix="/admin")
    stock = flask.Blueprint("stock", __name__, url_prefix="/stock")

    @admin.before_request
    def check_visitor():
        flask.g.visitor = flask.request.headers["User-Agent"]

    @stock.get("/<thing>")
    def show_stock(thing):
        return f"{flask.g.visitor}: no {thing}"

    @stock.errorhandler(404)
    def no_such_thing(error):
        return "not in stock", 404

    @stock.post("/<thing>", endpoint="order")
    def order_thing(thing):
        flask.abort(404)

    admin.register_blueprint(stock)
    app = make_app()
    app.register_blueprint(admin)
    return ask(app, "/admin/stock/pear"), ask(app, "/admin/stock/plum", "POST")


@scenario(integration)
def session_between_requests():
    app = make_app_with_sessions("pa55word")

    @app.get("/visit")
    def visit():
        flask.session["visits"] = flask.session.get("visits", 0) + 1
        flask.flash("welcome")
        return str(flask.session["visits"])

    client = app.test_client()
    answers = []
    for _ in range(2):
        with client.get("/visit", headers={"User-Agent": "shopper"}) as answer:
            answers.append(answer.data)
    return answers


@scenario(integration)
def async_view():
    class App(flask.Flask):
        def async_to_sync(self, func):
            return lambda *args, **kwargs: asyncio.run(func(*args, **kwargs))

    app = App("shop")

    @app.before_request
    async def wait():
        await asyncio.sleep(0)

    @app.get("/basket")
    async def show_basket():
        await asyncio.sleep(0)
        return "empty"

    return ask(app, "/basket")


@scenario(integration)
def functions_called_by_hand():
    app = make_app()
    app.teardown_appcontext(lambda error: None)
    with app.app_context():
        text = flask.render_template("basket.html", owner="Ada", things=["apple"])
    with app.test_request_context("/"):
        return text, app.preprocess_request(), app.ensure_sync(len)("four")


@scenario(integration)
def headers_of_a_caller(request_headers):
    app = make_app()
    app.add_url_rule("/basket", "basket", lambda: "empty")
    return ask(app, "/basket", headers=request_headers)


# -- hooks -------------------------------------------------------------------------------------------------------------


@scenario(integration)
def hooks():
    app = make_app()
    called = []

    @app.before_request
    def begin():
        called.append("begin")

    @app.after_request
    def sign(response):
        response.headers["X-Signed"] = "yes"
        return response

    @app.teardown_request
    def clear(error):
        called.append(f"clear {error!r}")

    @app.teardown_appcontext
    def close(error):
        called.append(f"close {error!r}")

    @app.url_value_preprocessor
    def pull(endpoint, values):
        called.append((endpoint, dict(values)))

    @app.get("/<owner>")
    def show_basket(owner):
        @flask.after_this_request
        def mark(response):
            response.headers["X-Owner"] = owner
            return response

        return "empty"

    return ask(app, "/Ada"), called


@scenario(integration)
def hook_that_answers():
    app = make_app()
    app.add_url_rule("/basket", view_func=lambda: "never")

    @app.before_request
    def refuse():
        return "closed", 503

    return ask(app, "/basket")


@scenario(integration)
def hook_that_fails():
    app = make_app()
    app.add_url_rule("/basket", "basket", lambda: "empty")

    @app.after_request
    def fail(response):
        raise ValueError("after the request")

    return ask(app, "/basket")


@scenario(integration)
def teardown_that_fails():
    app = make_app()
    app.add_url_rule("/basket", "basket", lambda: "empty")

    @app.teardown_request
    def fail(error):
        raise ValueError("at the end")

    return ask(app, "/basket")


@scenario(integration)
def signals():
    app = make_app()
    heard = []

    def note_start(sender, **more):
        heard.append(("start", sender.name, sorted(more)))

    def note_template(sender, template, context, **more):
        heard.append(("template", template.name, context["owner"]))

    def note_failure(sender, exception, **more):
        heard.append(("failure", repr(exception)))

    @app.get("/<owner>")
    def show_basket(owner):
        page = flask.render_template("basket.html", owner=owner, things=[])
        if owner == "nobody":
            raise LookupError(owner)
        return page

    with (
        flask.request_started.connected_to(note_start, app),
        flask.template_rendered.connected_to(note_template, app),
        flask.got_request_exception.connected_to(note_failure, app),
    ):
        return ask(app, "/Ada"), ask(app, "/nobody"), heard


# -- errors ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def view_that_fails():
    app = make_app()

    @app.get("/basket")
    def show_basket():
        raise ValueError("no basket")

    return ask(app, "/basket")


@scenario(integration)
def view_that_fails_in_a_test():
    app = make_app()
    app.testing = True

    @app.get("/basket")
    def show_basket():
        raise ValueError("no basket")

    return ask(app, "/basket")


@scenario(integration)
def view_that_returns_nothing():
    app = make_app()
    app.add_url_rule("/basket", "basket", lambda: None)
    return ask(app, "/basket")


@scenario(integration)
def error_handlers():
    app = make_app()

    @app.get("/<number>")
    def show_basket(number):
        return BASKETS[int(number)]

    @app.errorhandler(KeyError)
    def no_such_basket(error):
        return f"no basket {error.args[0]}", 404

    @app.errorhandler(500)
    def apologise(error):
        return f"sorry: {error.original_exception}", 500

    return ask(app, "/1"), ask(app, "/3"), ask(app, "/x")


@scenario(integration)
def error_handler_that_fails():
    app = make_app()

    @app.get("/basket")
    def show_basket():
        raise ValueError("no basket")

    @app.errorhandler(ValueError)
    def fail(error):
        raise KeyError("no answer either") from error

    return ask(app, "/basket")


@scenario(integration)
def aborts():
    app = make_app()

    @app.get("/<int:status>")
    def abort(status):
        flask.abort(status)

    @app.get("/response")
    def abort_with_response():
        flask.abort(flask.Response("teapot", 418))

    @app.get("/busy")
    def raise_unavailable():
        raise ServiceUnavailable("come back", retry_after=10)

    return [ask(app, path) for path in ("/403", "/404", "/500", "/response", "/busy")]


@scenario(integration)
def view_that_leaves():
    app = make_app()

    @app.get("/basket")
    def show_basket():
        raise SystemExit(3)

    return ask(app, "/basket")


# -- templates and files -----------------------------------------------------------------------------------------------


@scenario(integration)
def templates():
    app = make_app()

    @app.get("/named/<owner>")
    def named(owner):
        return flask.render_template("basket.html", owner=owner, things=["apple"])

    @app.get("/text")
    def from_text():
        return flask.render_template_string("{{ 6 * 7 }}")

    @app.get("/broken")
    def broken():
        return flask.render_template_string("{{ 1 / 0 }}")

    @app.get("/missing")
    def missing():
        return flask.render_template("missing.html")

    return [ask(app, path) for path in ("/named/Ada", "/text", "/broken", "/missing")]


@scenario(integration)
def json():
    app = make_app()
    app.add_url_rule("/call", "call", lambda: flask.jsonify(colour="blue"))
    app.add_url_rule("/module", "module", lambda: flask.json.jsonify(colour="red"))
    app.add_url_rule("/list", "list", lambda: ["apple"])
    return ask(app, "/call"), ask(app, "/module"), ask(app, "/list")


@scenario(integration)
def files():
    app = make_app()
    app.add_url_rule("/file", "file", lambda: flask.send_file(io.BytesIO(b"a,b"), mimetype="text/csv"))
    app.add_url_rule("/helper", "helper", lambda: flask.helpers.send_file(io.BytesIO(b"c"), mimetype="text/csv"))
    return ask(app, "/file"), ask(app, "/helper"), ask(app, "/static/__init__.py")[0], ask(app, "/static/missing.txt")


# -- streams -----------------------------------------------------------------------------------------------------------


def make_streaming_app(closed):
    app = make_app()
    app.teardown_request(lambda error: closed.append(repr(error)))

    @app.get("/<int:lines>")
    def stream(lines):
        def make_lines():
            try:
                for line in range(lines):
                    yield f"{line}\n"
                if lines > 3:
                    raise ValueError("out of lines")
            finally:
                closed.append("generator")

        return flask.Response(make_lines(), mimetype="text/plain")

    return app


@scenario(integration)
def stream():
    closed = []
    return ask(make_streaming_app(closed), "/3"), closed


@scenario(integration)
def stream_that_is_half_read():
    closed = []
    app = make_streaming_app(closed)
    with app.test_client().get("/3", headers={"User-Agent": "shopper"}, buffered=False) as answer:
        first = next(answer.iter_encoded())
        before = list(closed)
    return first, before, closed


@scenario(integration)
def stream_that_fails():
    return ask(make_streaming_app([]), "/4")


@scenario(integration)
def response_that_fails_to_close():
    app = make_app()

    @app.get("/basket")
    def show_basket():
        response = flask.Response("empty")
        response.call_on_close({}.popitem)
        return response

    return ask(app, "/basket")


# -- servers -----------------------------------------------------------------------------------------------------------


class Alike(WSGIRequestHandler):
    """Each run of a scenario gets the same environment, and prints nothing."""

    def make_environ(self):
        return {**super().make_environ(), "REMOTE_PORT": 50000, "SERVER_PORT": "80"}

    def log(self, type, message, *args):
        pass


def served(app, *requests):
    """What a server of Werkzeug answers to requests by ``use(connection)``."""
    server = make_server("127.0.0.1", 0, app, request_handler=Alike)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        return [use(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) for use in requests]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def get(path, **headers):
    headers = {"Host": "shop.example", "User-Agent": "shopper", **headers}

    def use(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, sorted(answer.headers.keys()), body

    return use


@scenario(integration)
def on_a_server():
    app = make_app()

    @app.get("/basket/<owner>")
    def show_basket(owner):
        return flask.render_template("basket.html", owner=owner, things=["apple"])

    app.add_url_rule("/fail", "fail", lambda: {}["basket"])
    return served(app, get("/basket/J%C3%BCrgen?colour=blue"), get("/fail"), get("/static/__init__.py"))


@scenario(integration)
def on_a_server_of_two():
    shop, stock = make_app(), flask.Flask("stock")
    shop.add_url_rule("/", "home", lambda: "shop")
    stock.add_url_rule("/<thing>", "thing", lambda thing: f"{flask.request.script_root} has no {thing}")
    return served(DispatcherMiddleware(shop, {"/stock": stock}), get("/"), get("/stock/pear"))


@scenario(integration)
def client_that_goes_away():
    app = make_app()
    closed = []

    @app.get("/endless")
    def endless():
        def make_lines():
            try:
                while True:
                    yield b"more\n" * 10_000
            finally:
                closed.append("generator")

        return flask.Response(make_lines(), mimetype="text/plain")

    def read_a_little(connection):
        connection.request("GET", "/endless", headers={"Host": "shop.example", "User-Agent": "shopper"})
        answer = connection.getresponse()
        line = answer.readline()
        answer.close()
        connection.close()
        return line

    return served(app, read_a_little), closed


@scenario(integration)
def in_the_trace_of_a_caller():
    app = make_app()
    app.add_url_rule("/", "home", lambda: "shop")
    datadog = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678", "x-datadog-sampling-priority": "2"}
    w3c = {"traceparent": "00-000000000000000000000000000004d2-000000000000162e-01"}
    return served(app, get("/", **datadog), get("/", **w3c))


@scenario(integration)
def application_in_an_application():
    inner, outer = flask.Flask("stock"), make_app()
    inner.add_url_rule("/<thing>", "thing", lambda thing: f"no {thing}")
    outer.add_url_rule("/<thing>", "ask", lambda thing: ask(inner, f"/{thing}")[2])
    return ask(outer, "/pear")
