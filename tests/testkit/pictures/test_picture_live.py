"""The live page over HTTP, and where it is read: in a browser."""

import socket
import threading
from urllib.parse import urlsplit

import pytest

from testkit.fixtures.plain_http import ask
from testkit.pictures import live, page
from testkit.pictures.live import live_page
from tests.testkit.markup import ATTACKS, Read
from tests.testkit.pictures.conftest import outlined, sent


@pytest.fixture
def url(received):
    """The live page's address."""
    with live_page(received) as url:
        yield url


def get(url, path="", **headers):
    parts = urlsplit(url)
    return ask(f"http://{parts.netloc}", f"{parts.path}{path}", headers=headers)


def test_the_page_is_served(url, received):
    """With what has come so far."""
    received.take(sent(outlined("a\n  b")))

    answer = get(url)

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "1 trace, 2 spans" in Read(answer.body).text


def test_a_browser_is_told_to_trust_nobody(url):
    """No script or style but the page's own, no frame around it, no copy kept, no address told."""
    answer = get(url)

    policy = next(meta["content"] for meta in Read(answer.body).all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';") and "connect-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["since/9", "x"])
def test_a_part_of_the_page_can_do_nothing_alone(url, path):
    """Who opens it as a page of its own gets text, and what asks for nothing."""
    assert get(url, path).headers["content-security-policy"].startswith("default-src 'none'; ")


@pytest.mark.parametrize("path", ["/", "/x/", "//", "/../", "/%00/", "/x/since/0", "", "/é/"])
def test_without_the_token_there_is_nothing(url, received, path):
    """Another user of the machine, who can reach the port, sees no span."""
    received.take(sent(outlined("confidential")))
    place = urlsplit(url)

    answer = ask(f"http://{place.netloc}", path or "/")

    assert answer.status == 404 and "confidential" not in answer.body


@pytest.mark.parametrize("path", ["x", "since/", "since/x", "since/-1", "since/1/2", "since/²", "../"])
def test_there_is_nothing_else(url, path):
    """Neither files nor errors of ours."""
    assert get(url, path).status == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "localhost.evil.example:{port}"])
def test_another_host_is_refused(url, host):
    """A name that was made to lead to this machine gives a foreign page nothing, even with the token."""
    answer = get(url, Host=host.format(port=urlsplit(url).port))

    assert answer.status == 403 and answer.body.startswith("expected the header Host to be 127.0.0.1:")


def test_this_machine_may_be_called_localhost(url):
    """As people do."""
    assert get(url, Host=f"localhost:{urlsplit(url).port}").status == 200


def test_only_loopback_is_listened_on(url):
    """Other addresses, of this machine or not, have nothing on that port."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", urlsplit(url).port))


def test_tokens_differ(received):
    """Nobody knows the next one from the last."""
    with live_page(received) as first, live_page(received) as second:
        assert urlsplit(first).path != urlsplit(second).path
        assert len(urlsplit(first).path) >= 34


def test_whoever_asks_waits_for_what_comes(url, received):
    """A question for something new is answered when there is something."""
    answers = []
    asking = threading.Thread(target=lambda: answers.append(get(url, "since/0")))
    asking.start()
    received.take(sent(outlined("a")))
    asking.join()

    assert answers[0].headers["x-version"] == "1"
    assert "1 trace, 1 span" in Read(answers[0].body).text


def test_where_nothing_comes_nothing_is_told(url, received, monkeypatch):
    """The page stays as it is, and asks again."""
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)

    answer = get(url, "since/0")

    assert (answer.headers["x-version"], answer.body) == ("0", "")


# -- in a browser ------------------------------------------------------------------------------------------------------

WAIT = "(async () => { while (!(%s)) await new Promise((resume) => setTimeout(resume, 20)); return true; })()"


@pytest.fixture
def opened(browser, url):
    """The live page in a browser."""
    browser.visit(url)
    yield browser
    browser.visit("about:blank")


def wait_for(browser, condition):
    assert browser.evaluate(WAIT % condition)


def said(text):
    return f"document.querySelector('[role=status]').textContent.startsWith('{text}')"


def test_the_page_fills_while_spans_come(opened, received):
    """Nobody has to load it again; every request is to the page's own server, and no rule is broken."""
    wait_for(opened, said("no trace came"))

    received.take(sent(outlined("a\n  b")))
    wait_for(opened, said("1 trace, 2 spans"))
    received.take(sent(outlined("c")[:1]))
    wait_for(opened, said("1 trace, 3 spans"))
    received.end("ended with status 0")
    wait_for(opened, said("1 trace, 3 spans; ended with status 0"))

    assert opened.evaluate("document.querySelectorAll('.bar rect').length") == 3
    own = opened.evaluate("location.origin")
    assert all(each["request"]["url"].startswith(own) for each in opened.told("Network.requestWillBeSent"))
    refused = [each["entry"] for each in opened.told("Log.entryAdded") if "favicon" not in each["entry"]["url"]]
    assert refused == opened.told("Runtime.exceptionThrown") == []


def test_what_was_opened_stays_open(opened, received):
    """More spans do not close the fields that somebody reads."""
    received.take(sent(outlined("a")))
    wait_for(opened, said("1 trace, 1 span"))
    opened.evaluate("document.querySelector('details').open = true")

    received.take(sent(outlined("b")))
    wait_for(opened, said("1 trace, 2 spans"))

    assert opened.evaluate("document.querySelector('details').open")


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_what_a_span_says_is_not_run(opened, received, attack):
    """Neither when the page is loaded nor when it is filled."""
    spans = outlined("a\n  b")
    spans[0].name = spans[0].resource = spans[0].service = attack
    spans[1].set_tag(attack, attack)
    wait_for(opened, said("no trace came"))

    received.take(sent(spans))
    wait_for(opened, said("1 trace, 2 spans"))

    assert opened.evaluate("document.title") == "Traces"
    assert opened.evaluate("document.querySelectorAll('img, iframe, [onload], [onerror]').length") == 0
    assert attack in opened.evaluate("document.body.textContent")


def test_ten_thousand_spans_are_no_burden(opened, received):
    """As many are drawn as a page can bear, with a note; there is nothing in it for the rest."""
    received.take(sent(outlined("web\n" + "  db SELECT\n" * 9_999)))
    wait_for(opened, said("1 trace, 10000 spans; 9000 more spans not shown"))

    assert opened.evaluate("document.querySelectorAll('.bar rect').length") == page.ROWS
    assert opened.evaluate("document.querySelectorAll('*').length") < 15 * page.ROWS


def test_an_end_of_the_server_is_told(browser, received):
    """A page that is not filled any more says so."""
    received.take(sent(outlined("a")))
    with live_page(received) as url:
        browser.visit(url)
        wait_for(browser, said("1 trace"))
    received.end("ended with status 0")

    wait_for(browser, "document.querySelector('[role=status]').textContent.endsWith('the page is not served any more')")
