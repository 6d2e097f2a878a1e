"""How WSGI applications answer: in parts, by streams, files and write(), late, not at all; each under wsgiref."""

import http.client
import io
import sys
import threading
from wsgiref.handlers import SimpleHandler
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from testkit import scenario
from tests.contrib.wsgi.wsgi import integration

PLAIN = [("Content-Type", "text/plain")]


class Gateway(SimpleHandler):
    """Behind a server that adds the date: each run of a scenario sends the same."""

    origin_server = False


def served(app, path="/basket", output=None, **environ):
    """All that a server sends of an application's answer, with headers that it adds itself."""
    output = output or io.BytesIO()
    environ = {"HTTP_HOST": "shop.example", "SCRIPT_NAME": "", "PATH_INFO": path, **environ}
    setup_testing_defaults(environ)
    Gateway(io.BytesIO(), output, io.StringIO(), environ, multithread=False).run(app)
    return output.getvalue()


class Stream:
    """An iterator that knows what became of it."""

    def __init__(self, *parts):
        self.parts = list(parts)
        self.seen = []

    def __iter__(self):
        self.seen.append("iter")
        return self

    def __next__(self):
        if not self.parts:
            raise StopIteration
        part = self.parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    def close(self):
        self.seen.append("close")


# -- answers -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def list_of_parts():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return [b"apple, ", b"pear"]

    return served(app, QUERY_STRING="colour=red")


@scenario(integration)
def list_of_one_part():
    def app(environ, start_response):
        start_response("201 Made By Hand", [])
        return [b"apple"]

    return served(app, REQUEST_METHOD="PUT")


@scenario(integration)
def whatever_strangers_ask_for(word):
    def app(environ, start_response):
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    return served(app, f"/{word}", QUERY_STRING=f"colour={word}", HTTP_USER_AGENT=word)


@scenario(integration)
def credentials(secret):
    def app(environ, start_response):
        start_response("401 Unauthorized", [("Set-Cookie", f"token={secret}")])
        return [b""]

    header = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_COOKIE": f"session={secret}", "HTTP_X_API_KEY": secret}
    return served(app, "/login", QUERY_STRING=f"access_token={secret}&user=Ada", REMOTE_USER="Ada", **header)


@scenario(integration)
def nothing_in_it():
    def app(environ, start_response):
        start_response("204 No Content", [])
        return ()

    return served(app)


@scenario(integration)
def generator_that_starts_late():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        yield b"apple"
        yield b"pear"

    return served(app)


@scenario(integration)
def iterator_with_close():
    stream = Stream(b"apple", b"pear")

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return stream

    return served(app), stream.seen


@scenario(integration)
def written_by_hand():
    def app(environ, start_response):
        write = start_response("200 OK", PLAIN)
        write(b"apple")
        write(b"pear")
        return []

    return served(app)


@scenario(integration)
def file_of_the_server():
    file = io.BytesIO(b"apple")

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return environ["wsgi.file_wrapper"](file, 2)

    class Handler(Gateway):
        def sendfile(self):
            sent.append(type(self.result).__name__)
            return False

    sent = []
    output = io.BytesIO()
    environ = {"PATH_INFO": "/file"}
    setup_testing_defaults(environ)
    Handler(io.BytesIO(), output, io.StringIO(), environ).run(app)
    return output.getvalue(), sent, file.closed


@scenario(integration)
def application_that_is_an_object():
    class App:
        def __call__(self, environ, start_response):
            start_response(status="302 Found", headers=[("Location", "/")])
            return self.parts()

        def parts(self):
            yield b""

    return served(App())


@scenario(integration)
def validated():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return iter([b"apple"])

    return served(validator(app), QUERY_STRING="")


@scenario(integration)
def twice():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return [environ["PATH_INFO"].encode()]

    return served(app, "/one"), served(app, "/two")


@scenario(integration)
def headers_of_a_caller(request_headers):
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return [b"apple"]

    return served(app, **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request_headers.items()})


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def application_that_fails():
    def app(environ, start_response):
        raise ValueError("no basket")

    return served(app)


@scenario(integration)
def stream_that_fails():
    stream = Stream(b"apple", ValueError("no pear"))

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return stream

    return served(app), stream.seen


@scenario(integration)
def close_that_fails():
    class Unclosable(Stream):
        def close(self):
            raise ValueError("open for ever")

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return Unclosable(b"apple")

    return served(app)


@scenario(integration)
def error_page():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        try:
            raise ValueError("no basket")
        except ValueError:
            start_response("503 Closed", PLAIN, sys.exc_info())
        return [b"come back"]

    return served(app)


@scenario(integration)
def error_page_too_late():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)(b"apple")
        try:
            raise ValueError("no pear")
        except ValueError:
            start_response("500 Sorry", PLAIN, sys.exc_info())
        return []

    return served(app)


@scenario(integration)
def nothing_to_iterate_over():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)

    return served(app)


@scenario(integration)
def client_that_goes_away():
    class Broken(io.BytesIO):
        def write(self, data):
            if self.tell() > 1000:
                raise BrokenPipeError
            return super().write(data)

    def parts():
        try:
            while True:
                yield b"more\n" * 50
        finally:
            seen.append("closed")

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return parts()

    seen = []
    return served(app, output=Broken()), seen


# -- a server ----------------------------------------------------------------------------------------------------------


class Silent(WSGIRequestHandler):
    def log_message(self, format, *args):
        """Say nothing."""


@scenario(integration)
def in_the_trace_of_a_caller():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        yield environ["PATH_INFO"].encode("latin-1")

    headers = {
        "Host": "shop.example",
        "x-datadog-trace-id": "1234",
        "x-datadog-parent-id": "5678",
        "x-datadog-sampling-priority": "2",
    }
    with make_server("127.0.0.1", 0, app, handler_class=Silent) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request("GET", "/J%C3%BCrgen", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        thread.join()
    return answer.status, body
