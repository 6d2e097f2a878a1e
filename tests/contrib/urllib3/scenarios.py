"""How programs use urllib3: pools, managers, retries, redirects, streams, uploads, headers, failures."""

import io
import json
from types import MappingProxyType

import urllib3

from ddtrace.contrib.urllib3 import integration
from testkit import scenario
from testkit.snapshots import Regex, Url

REDACT = {
    "http.url": Url(),
    "http.useragent": Regex(r"shop/1"),
    # These name the address of an object, and a port.
    "error.message": Regex(r"(?s).+"),
    # A cause that was never raised comes before the first traceback.
    "error.stack": Regex(r"(?s).*Traceback \(most recent call last\):.+"),
}

HOST = "127.0.0.1"


def pool_of(httpbin_url, **options):
    """A pool of one connection."""
    return urllib3.HTTPConnectionPool(HOST, int(httpbin_url.rpartition(":")[2]), timeout=30, **options)


def failure_of(function, *args, **kwargs):
    """The type of what a call raises; its text names the address of an object."""
    try:
        return function(*args, **kwargs)
    except urllib3.exceptions.HTTPError as error:
        return type(error), type(getattr(error, "reason", None))


# -- plain calls -------------------------------------------------------------------------------------------------------


@scenario(integration)
def get(httpbin_url):
    with pool_of(httpbin_url) as pool:
        response = pool.request("GET", "/get", fields={"colour": "red", "token": "s3cret"})
        return response.status, json.loads(response.data)["args"]


@scenario(integration)
def manager(httpbin_url):
    with urllib3.PoolManager(headers={"User-Agent": "shop/1"}) as manager:
        answers = [manager.request(method, f"{httpbin_url}/anything") for method in ("PUT", "PATCH", "DELETE", "HEAD")]
        return [(answer.status, len(answer.data) > 0) for answer in answers]


@scenario(integration)
def by_position_and_by_name(httpbin_url):
    with pool_of(httpbin_url) as pool:
        return [
            pool.urlopen("POST", "/post", b"apple", {"X-Shop": "fruit"}, 1).status,
            pool.urlopen(method="POST", url="/post", body=b"apple", headers={"X-Shop": "fruit"}, retries=0).status,
            pool.urlopen("GET", url="/get", retries=False).status,
        ]


@scenario(integration)
def whole_url_with_credentials(httpbin_url):
    url = httpbin_url.replace("//", "//user:s3cret@") + "/get?api_key=s3cret"
    with pool_of(httpbin_url) as pool, urllib3.PoolManager() as manager:
        return pool.urlopen("GET", url).status, manager.request("GET", url).status


@scenario(integration)
def statuses(httpbin_url):
    with pool_of(httpbin_url) as pool:
        return [pool.request("GET", f"/status/{code}").status for code in (204, 404, 500, 503)]


# -- headers -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def headers_of_every_type(httpbin_url):
    several = urllib3._collections.HTTPHeaderDict({"X-Several": "a"})
    several.add("X-Several", "b")
    given = (None, {}, {"X-Text": "text", "X-Bytes": b"bytes"}, MappingProxyType({"X-Frozen": "text"}), several)
    found = []
    with pool_of(httpbin_url, headers={"X-Pool": "pool"}) as pool:
        for headers in given:
            before = headers and dict(headers)
            sent = json.loads(pool.request("GET", "/headers", headers=headers).data)["headers"]
            # httpbin tells what came; the context, which is not there untraced, aside.
            mine = {
                name: value for name, value in sent.items() if name in ("X-Pool", "X-Text", "X-Frozen", "X-Several")
            }
            found.append((mine, headers is None or dict(headers) == (before or {})))
    return found


# -- retries and redirects ---------------------------------------------------------------------------------------------


@scenario(integration)
def redirects(httpbin_url):
    with pool_of(httpbin_url) as pool, urllib3.PoolManager() as manager:
        by_pool = pool.urlopen("GET", "/relative-redirect/2", redirect=True)
        by_manager = manager.request("GET", f"{httpbin_url}/redirect/1")
        not_followed = manager.request("GET", f"{httpbin_url}/redirect/1", redirect=False)
        return by_pool.status, by_manager.status, len(by_manager.retries.history), not_followed.status


@scenario(integration)
def too_many_redirects(httpbin_url):
    with pool_of(httpbin_url) as pool:
        return failure_of(pool.urlopen, "GET", "/relative-redirect/5", retries=urllib3.Retry(redirect=1))


@scenario(integration)
def retries_of_a_status(httpbin_url):
    retries = urllib3.Retry(total=2, status_forcelist=[503], raise_on_status=False)
    with pool_of(httpbin_url) as pool:
        return pool.request("GET", "/status/503", retries=retries).status


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def connection_refused(httpbin_url):
    with urllib3.HTTPConnectionPool(HOST, 9) as pool:
        return failure_of(pool.request, "GET", "/?token=s3cret", retries=False)


@scenario(integration)
def timeout(httpbin_url):
    with pool_of(httpbin_url) as pool:
        return failure_of(pool.request, "GET", "/delay/1", timeout=0.05, retries=False)


@scenario(integration)
def pool_that_is_empty(httpbin_url):
    with pool_of(httpbin_url, maxsize=1, block=True) as pool:
        taken = pool.request("GET", "/stream/3", preload_content=False)
        failure = failure_of(pool.request, "GET", "/get", pool_timeout=0.01)
        taken.close()
        return failure


@scenario(integration)
def host_of_another_pool(httpbin_url):
    with pool_of(httpbin_url) as pool:
        return failure_of(pool.urlopen, "GET", "http://shop.example/", retries=False)


@scenario(integration)
def upload_that_fails(httpbin_url):
    def parts():
        yield b"apple,"
        raise ValueError("no more apples")

    with pool_of(httpbin_url) as pool:
        return pool.urlopen("POST", "/post", parts(), chunked=True, retries=False)


# -- bodies ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def streams(httpbin_url):
    with pool_of(httpbin_url) as pool:
        whole = pool.request("GET", "/stream-bytes/4000?seed=1", preload_content=False)
        size = sum(len(part) for part in whole.stream(1000))
        half_read = pool.request("GET", "/stream-bytes/4000?seed=1", preload_content=False)
        start = half_read.read(10)
        half_read.close()
        closed_early = pool.request("GET", "/stream/3", preload_content=False)
        closed_early.drain_conn()
        closed_early.release_conn()
        return size, len(start), closed_early.status


@scenario(integration)
def uploads(httpbin_url):
    def parts():
        yield b"apple,"
        yield b"pear"

    with pool_of(httpbin_url) as pool:
        answers = (
            pool.urlopen("POST", "/post", parts(), chunked=True),
            pool.urlopen("POST", "/post", io.BytesIO(b"apple")),
            pool.request("POST", "/post", fields={"file": ("a.txt", b"apple")}),
            pool.request_encode_body("POST", "/post", {"colour": "red"}, encode_multipart=False),
        )
        return [(answer.status, json.loads(answer.data)["files"]) for answer in answers]


# -- what applications bring -------------------------------------------------------------------------------------------


@scenario(integration)
def pool_of_the_application(httpbin_url):
    class Pool(urllib3.HTTPConnectionPool):
        def urlopen(self, method, url, *args, **kwargs):
            return super().urlopen(method, f"/anything{url}", *args, **kwargs)

    with Pool.__new__(Pool) as pool:
        pool.__init__(HOST, int(httpbin_url.rpartition(":")[2]))
        return pool.request("GET", "/basket").status
