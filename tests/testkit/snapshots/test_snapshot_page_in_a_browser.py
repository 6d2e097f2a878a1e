"""The page where it is read: in a browser, with its policy, its keys and its filters."""

import pytest

from testkit.snapshots.page import render
from tests.testkit.markup import ATTACKS


@pytest.fixture
def open_page(project, browser, tmp_path):
    """Show what is pending of the project."""

    def show():
        path = tmp_path / "page.html"
        path.write_text(render(project.review.groups()), encoding="utf-8")
        browser.open(path)
        return browser

    return show


@pytest.fixture
def three_groups(project):
    """A breaking change of flask, a new snapshot of redis and an unused one of redis."""
    project.store("get", "a t=1", "flask")
    project.receive("get", "a t=2", "flask")
    project.receive("new", "a", "redis")
    project.leave_unused("gone", "redis")


VISIBLE = "[...document.querySelectorAll('section.group')].filter(each => each.checkVisibility()).length"


def choose(browser, name, value):
    browser.evaluate(f"""(() => {{
        const choice = document.getElementById("{name}");
        choice.value = "{value}";
        choice.dispatchEvent(new Event("change"));
    }})()""")


def test_the_page_asks_for_nothing_and_breaks_no_rule(open_page, three_groups):
    """One request, for the page itself; nothing is reported against its policy, and its style holds."""
    browser = open_page()

    assert [each["request"]["url"].rpartition("/")[2] for each in browser.told("Network.requestWillBeSent")] == [
        "page.html"
    ]
    assert browser.told("Log.entryAdded") == browser.told("Runtime.exceptionThrown") == []
    border = browser.evaluate("getComputedStyle(document.querySelector('section.breaking')).borderLeftWidth")
    assert border == "4px"


def test_groups_are_filtered(open_page, three_groups):
    """By class and by integration, together; the count is told to who cannot see."""
    browser = open_page()
    assert browser.evaluate(VISIBLE) == 3

    choose(browser, "integration", "redis")
    assert browser.evaluate(VISIBLE) == 2
    choose(browser, "class", "new")
    assert browser.evaluate(VISIBLE) == 1
    assert browser.evaluate("document.getElementById('shown').textContent") == "1 of 3 shown"
    choose(browser, "integration", "flask")
    assert browser.evaluate(VISIBLE) == 0


def test_keys_go_from_change_to_change(open_page, three_groups):
    """What is filtered out is passed over; the ends stay the ends."""
    browser = open_page()
    choose(browser, "integration", "redis")

    def focused():
        return browser.evaluate("document.activeElement.dataset.class")

    places = []
    for key in "jjjkk":
        browser.press(key)
        places.append(focused())

    assert places == ["orphan", "new", "new", "orphan", "orphan"]


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_what_a_span_says_is_not_run(project, spans_of, open_page, attack):
    """A hostile name, resource, tag and value change nothing of the page."""
    spans = spans_of("a\n  b")
    spans[0].name = spans[0].resource = spans[0].service = attack
    spans[1].set_tag(attack, attack)
    project.store("get", "a\n  b")
    project.receive("get", spans)
    browser = open_page()

    assert browser.evaluate("document.title") == "Span snapshots"
    assert browser.evaluate("document.querySelectorAll('img, iframe, [onload], [onerror]').length") == 0
    assert attack in browser.evaluate("document.body.textContent")
    # Whatever the policy has to stop should not have been there to be stopped.
    assert browser.told("Log.entryAdded") == []


def test_five_hundred_spans_are_drawn(project, open_page):
    """Every span has a bar that can be seen, on both sides."""
    outline = "web\n" + "\n".join(f"  db SELECT{number}\n    tcp" for number in range(250))
    project.store("get", outline)
    project.receive("get", outline.replace("web", "web t=1"))
    browser = open_page()

    drawn = "[...document.querySelectorAll('rect')].filter(each => each.getBoundingClientRect().width > 0).length"
    assert browser.evaluate(drawn) == 2 * 501
