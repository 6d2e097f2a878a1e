"""How programs use requests: sessions, redirects, failures, streams, uploads, hooks, adapters, credentials."""

from types import MappingProxyType

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase, HTTPDigestAuth
from requests.structures import CaseInsensitiveDict

from ddtrace.contrib.requests import integration
from testkit import scenario
from testkit.snapshots import Regex, Url

REDACT = {
    "http.url": Url(),
    "http.useragent": Regex(r"python-requests/[\d.]+|shop/1"),
    # These name the address of an object, and a port.
    "error.message": Regex(r"(?s).+"),
}

REFUSING = "http://127.0.0.1:9/"


def own_headers(response):
    """The headers of a request, those aside that requests sends by itself, as the caller sees them."""
    usual = ("accept", "accept-encoding", "connection", "user-agent")
    return sorted((name, value) for name, value in response.request.headers.items() if name.lower() not in usual)


def failure_of(function, *args, **kwargs):
    """The type of what a call raises; its text names the address of an object."""
    try:
        return function(*args, **kwargs)
    except requests.RequestException as error:
        return type(error), type(error.request), error.response is None


# -- plain calls -------------------------------------------------------------------------------------------------------


@scenario(integration)
def get(httpbin_url):
    response = requests.get(f"{httpbin_url}/get", params={"colour": "red", "token": "s3cret"}, timeout=30)
    return response.status_code, response.json()["args"], own_headers(response), response.history


@scenario(integration)
def every_method(httpbin_url):
    with requests.Session() as session:
        answers = [session.request(method, f"{httpbin_url}/anything") for method in ("PUT", "patch", "DELETE", b"HEAD")]
        return [(answer.request.method, answer.status_code, len(answer.content) > 0) for answer in answers]


@scenario(integration)
def session_with_cookies(httpbin_url):
    with requests.Session() as session:
        session.headers["User-Agent"] = "shop/1"
        session.params = {"page": "2"}
        session.get(f"{httpbin_url}/cookies/set", params={"basket": "apple"})
        return session.get(f"{httpbin_url}/cookies").json(), session.cookies.get_dict()


@scenario(integration)
def prepared_request(httpbin_url):
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("GET", f"{httpbin_url}/get", headers={"X-Shop": "fruit"}))
        headers, before = prepared.headers, dict(prepared.headers)
        first, second = session.send(prepared), session.send(prepared)
        return (
            first.request is prepared is second.request,
            prepared.headers is headers and headers == before,
            own_headers(second),
        )


@scenario(integration)
def send_by_keyword(httpbin_url):
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("GET", f"{httpbin_url}/get"))
        return session.send(request=prepared, timeout=30).status_code


# -- headers -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def headers_of_every_type(httpbin_url):
    given = (
        None,
        {"X-Text": "text", b"X-Bytes": b"bytes"},
        MappingProxyType({"X-Frozen": "text"}),
        CaseInsensitiveDict({"x-lower": "text"}),
        {"X-Datadog-Trace-Id": "1", "X-None": None},
    )
    with requests.Session() as session:
        return [own_headers(session.get(f"{httpbin_url}/get", headers=headers)) for headers in given]


@scenario(integration)
def headers_put_by_hand(httpbin_url):
    kinds = (None, {"X-Plain": "text"}, MappingProxyType({"X-Frozen": "text"}))
    answers = []
    with requests.Session() as session:
        for headers in kinds:
            prepared = session.prepare_request(requests.Request("GET", f"{httpbin_url}/get"))
            prepared.headers = headers
            answers.append((session.send(prepared).status_code, prepared.headers is headers, headers and dict(headers)))
    return answers


@scenario(integration)
def url_with_credentials(httpbin_url):
    url = httpbin_url.replace("//", "//user:s3cret@") + "/get?api_key=s3cret&colour=red"
    return requests.get(url).json()["headers"]["Authorization"]


# -- redirects ---------------------------------------------------------------------------------------------------------


@scenario(integration)
def redirects(httpbin_url):
    response = requests.get(f"{httpbin_url}/redirect/2", headers={"X-Shop": "fruit"})
    return response.status_code, [(each.status_code, own_headers(each)) for each in (*response.history, response)]


@scenario(integration)
def redirect_that_is_not_followed(httpbin_url):
    response = requests.get(f"{httpbin_url}/redirect/1", allow_redirects=False)
    return response.status_code, response.is_redirect, sorted(response.next.headers)


@scenario(integration)
def too_many_redirects(httpbin_url):
    with requests.Session() as session:
        session.max_redirects = 2
        return session.get(f"{httpbin_url}/relative-redirect/5")


# -- failures ----------------------------------------------------------------------------------------------------------


@scenario(integration)
def statuses(httpbin_url):
    codes = [requests.get(f"{httpbin_url}/status/{code}").status_code for code in (204, 404, 500, 503)]
    return codes, failure_of(requests.get(f"{httpbin_url}/status/404").raise_for_status)


@scenario(integration)
def connection_refused(httpbin_url):
    return failure_of(requests.get, REFUSING + "?token=s3cret")


@scenario(integration)
def timeout(httpbin_url):
    return failure_of(requests.get, f"{httpbin_url}/delay/1", timeout=0.05)


@scenario(integration)
def no_adapter(httpbin_url):
    return requests.get("ftp://127.0.0.1/file")


@scenario(integration)
def not_prepared(httpbin_url):
    return requests.Session().send(requests.Request("GET", f"{httpbin_url}/get"))


@scenario(integration)
def hook_that_fails(httpbin_url):
    def refuse(response, *args, **kwargs):
        raise ValueError("refused")

    return requests.get(f"{httpbin_url}/get", hooks={"response": refuse})


# -- bodies ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def streams(httpbin_url):
    with requests.Session() as session:
        with session.get(f"{httpbin_url}/stream-bytes/4000?seed=1", stream=True) as whole:
            sizes = [len(part) for part in whole.iter_content(1000)]
        half_read = session.get(f"{httpbin_url}/stream/3", stream=True)
        line = next(half_read.iter_lines())
        half_read.close()
        closed_early = session.get(f"{httpbin_url}/stream/3", stream=True)
        closed_early.close()
        return sizes, len(line) > 0, closed_early.status_code


@scenario(integration)
def uploads(httpbin_url):
    def parts():
        yield b"apple,"
        yield b"pear"

    with requests.Session() as session:
        return (
            session.post(f"{httpbin_url}/post", data=parts(), headers={"Content-Type": "text/plain"}).status_code,
            session.post(f"{httpbin_url}/post", data={"colour": "red"}).json()["form"],
            session.post(f"{httpbin_url}/post", json={"colour": "red"}).json()["json"],
            session.post(f"{httpbin_url}/post", files={"file": ("a.txt", b"apple")}).json()["files"],
        )


@scenario(integration)
def upload_that_fails(httpbin_url):
    def parts():
        yield b"apple,"
        raise ValueError("no more apples")

    return requests.post(f"{httpbin_url}/post", data=parts())


# -- what applications bring -------------------------------------------------------------------------------------------


@scenario(integration)
def authentication(httpbin_url):
    class Token(AuthBase):
        def __call__(self, request):
            request.headers["X-Token"] = "t"
            return request

    digest = requests.get(f"{httpbin_url}/digest-auth/auth/user/s3cret", auth=HTTPDigestAuth("user", "s3cret"))
    token = requests.get(f"{httpbin_url}/get", auth=Token())
    names = [name for name, _ in own_headers(digest)]
    return digest.status_code, [each.status_code for each in digest.history], names, own_headers(token)


@scenario(integration)
def hooks(httpbin_url):
    seen = []

    def note(response, *args, **kwargs):
        seen.append((response.status_code, sorted(kwargs)))

    response = requests.get(f"{httpbin_url}/redirect/1", hooks={"response": [note]})
    return response.status_code, seen


@scenario(integration)
def session_of_the_application(httpbin_url):
    class Shop(requests.Session):
        def request(self, method, path, **kwargs):
            return super().request(method, httpbin_url + path, **kwargs)

        def send(self, request, **kwargs):
            request.headers["X-Shop"] = "fruit"
            return super().send(request, **kwargs)

    with Shop() as shop:
        return own_headers(shop.get("/get"))


@scenario(integration)
def adapters(httpbin_url):
    class Canned(BaseAdapter):
        def send(self, request, **kwargs):
            response = requests.Response()
            response.status_code, response.request, response.url = 418, request, request.url
            response._content = b"short and stout"
            request.headers["X-Pot"] = "tea"
            return response

        def close(self):
            pass

    with requests.Session() as session:
        session.mount("teapot://", Canned())
        session.mount(httpbin_url, HTTPAdapter(max_retries=1))
        tea = session.get("teapot://kitchen/")
        return tea.text, own_headers(tea), session.get(f"{httpbin_url}/get").status_code
