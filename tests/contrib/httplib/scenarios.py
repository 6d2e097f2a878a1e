"""How programs use http.client, alone and by urllib.request: whole requests, by steps, abandoned, failing."""

import contextlib
import http.client
import io

from ddtrace.contrib.httplib import integration
from testkit import scenario
from testkit.snapshots import Regex, Url

REDACT = {"http.url": Url(), "http.useragent": Regex(r"Python-urllib/[\d.]+|shop/1")}

HOST = "127.0.0.1"


def connect(httpbin_url, **options):
    """A connection that is closed at the end of a block."""
    port = int(httpbin_url.rpartition(":")[2])
    return contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=30, **options))


# -- whole requests ----------------------------------------------------------------------------------------------------


@scenario(integration)
def get(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.request("GET", "/get?colour=red&token=s3cret", headers={"User-Agent": "shop/1"})
        response = connection.getresponse()
        return response.status, response.reason, b'"colour": "red"' in response.read()


@scenario(integration)
def several_on_one_connection(httpbin_url):
    statuses = []
    with connect(httpbin_url) as connection:
        for method, path in (("GET", "/status/404"), ("PUT", "/anything"), ("HEAD", "/get"), ("GET", "/status/500")):
            connection.request(method, path)
            with connection.getresponse() as response:
                statuses.append((response.status, len(response.read()) > 0))
    return statuses


@scenario(integration)
def several_connections(httpbin_url):
    with connect(httpbin_url) as first, connect(httpbin_url) as second:
        first.request("GET", "/delay/0.1")
        second.request("GET", "/get")
        return second.getresponse().status, first.getresponse().status


@scenario(integration)
def bodies(httpbin_url):
    def parts():
        yield b"apple,"
        yield b"pear"

    statuses = []
    with connect(httpbin_url) as connection:
        for body in ("text", b"bytes", io.BytesIO(b"file"), parts(), None):
            connection.request("POST", "/post", body)
            with connection.getresponse() as response:
                response.read()
                statuses.append(response.status)
    return statuses


@scenario(integration)
def headers_of_every_type(httpbin_url):
    given = {"X-Text": "text", "X-Bytes": b"bytes", "X-Number": 7}
    with connect(httpbin_url) as connection:
        connection.request("GET", "/get", headers=given)
        status = connection.getresponse().status
    return status, given


@scenario(integration)
def whole_url(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.request("GET", httpbin_url.replace("//", "//user:s3cret@") + "/get")
        return connection.getresponse().status


@scenario(integration)
def connection_of_the_application(httpbin_url):
    class Connection(http.client.HTTPConnection):
        def request(self, method, path, **options):
            return super().request(method, f"/anything{path}", **options)

    with contextlib.closing(Connection(httpbin_url.removeprefix("http://"), timeout=30)) as connection:
        connection.request("GET", "/basket")
        return connection.getresponse().status


# -- by steps ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def by_steps(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.putrequest("POST", "/post", skip_accept_encoding=True)
        connection.putheader("Content-Length", "5")
        connection.putheader(b"X-Several", "a", b"b", 3)
        connection.putheader("User-Agent", "shop/1")
        connection.endheaders()
        connection.send(b"ap")
        connection.send(b"ple")
        response = connection.getresponse()
        return response.status, b'"data": "apple"' in response.read()


@scenario(integration)
def steps_in_a_wrong_order(httpbin_url):
    def name_of_error(step, *args):
        try:
            return step(*args)
        except http.client.HTTPException as error:
            return type(error)

    with connect(httpbin_url) as connection:
        errors = [name_of_error(connection.getresponse), name_of_error(connection.endheaders)]
        connection.putrequest("GET", "/get")
        errors += [
            name_of_error(connection.putrequest, "GET", "/get"),
            name_of_error(connection.request, "GET", "/get"),
        ]
        connection.endheaders()
        return errors, connection.getresponse().status


@scenario(integration)
def read_in_parts(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.request("GET", "/stream-bytes/4000?seed=1")
        response = connection.getresponse()
        whole = len(response.read(1000)) + len(response.read())
        connection.request("GET", "/stream-bytes/4000?seed=1")
        half_read = connection.getresponse()
        return whole, len(half_read.read(10))


@scenario(integration)
def request_that_nobody_waits_for(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.request("GET", "/get")


@scenario(integration)
def connection_that_is_thrown_away(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.connect()
        # Closed by the with block, the socket goes on living for it.
        other = http.client.HTTPConnection(HOST, connection.port)
        other.sock = connection.sock
        other.request("GET", "/get")
        del other


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def connection_refused(httpbin_url):
    connection = http.client.HTTPConnection(HOST, 9)
    connection.request("GET", "/?token=s3cret")


@scenario(integration)
def timeout(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.timeout = 0.05
        connection.request("GET", "/delay/1")
        return connection.getresponse()


@scenario(integration)
def body_that_fails(httpbin_url):
    def parts():
        yield b"apple,"
        raise ValueError("no more apples")

    with connect(httpbin_url) as connection:
        connection.request("POST", "/post", parts())


@scenario(integration)
def path_that_is_none(httpbin_url):
    with connect(httpbin_url) as connection:
        connection.request("GET", "/a path?token=s3cret")


# -- by others ---------------------------------------------------------------------------------------------------------


@scenario(integration)
def urllib_and_a_redirect(httpbin_url):
    # Not on top: it imports http.client, which then could not be imported after patching.
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{httpbin_url}/redirect/1") as response:
        return response.status, response.url == f"{httpbin_url}/get"
