import base64
import re
from hashlib import sha256

import pytest

from testkit.snapshots.page import DRAWN, render
from tests.testkit.markup import XSS, Read


def page_of(project, stored, received):
    project.store("get", stored)
    project.receive("get", received)
    return render(project.review.groups())


def test_both_sides_are_drawn_in_line(project):
    """The same span is in the same row of both pictures, whatever was put in before it."""
    page = page_of(project, "a\n  b\n  c", "a\n  new\n  b\n  c t=1")

    expected, received = re.findall(r"<svg.*?</svg>", page)
    rows = [dict(re.findall(r'<title>(\w+)</title><rect [^>]*? y="(\d+)"', svg)) for svg in (expected, received)]
    assert rows[0].keys() == {"a", "b", "c"}
    assert rows[0] == {name: y for name, y in rows[1].items() if name != "new"}
    assert '<g class="bar added"><title>new</title>' in received
    assert '<g class="bar changed"><title>c</title>' in expected
    assert '<g class="bar same"><title>b</title>' in received


def test_a_removed_span_is_drawn_where_it_was(project):
    """The left picture has it, the right one leaves the row empty."""
    page = page_of(project, "a\n  b\n    c\n  d", "a\n  d")

    expected, received = re.findall(r"<svg.*?</svg>", page)
    assert re.findall(r'class="bar (\w+)"><title>(\w+)', expected) == [
        ("same", "a"),
        ("removed", "b"),
        ("removed", "c"),
        ("same", "d"),
    ]
    assert re.findall(r'class="bar (\w+)"><title>(\w+)', received) == [("same", "a"), ("same", "d")]


def test_fields_are_in_a_table(project):
    """What a picture cannot say to a screen reader stands as text: where, what, old and new."""
    text = " ".join(Read(page_of(project, "a\n  b t=1", "a\n  b t=2")).text)

    assert re.search(r'trace 0 > a > b\s+~ meta.t\s+"1"\s+"2"', text)


def test_a_group_draws_a_few(project):
    """All snapshots of a group change alike: a few are drawn, and all are named."""
    for number in range(DRAWN + 2):
        project.store(f"get{number}", "a")
        project.receive(f"get{number}", "a t=1")

    page = render(project.review.groups())

    assert page.count("<svg") == 2 * DRAWN
    assert all(f"snapshots/get{number}.json" in page for number in range(DRAWN + 2))


def test_the_page_asks_for_nothing(project):
    """No element names another place, and the policy allows none."""
    read = Read(page_of(project, "a", "b"))

    assert not [attributes for _, attributes in read.elements if attributes.keys() & {"src", "href", "style", "action"}]
    policy = next(meta["content"] for meta in read.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy and "http" not in policy


def test_the_policy_allows_the_pages_own_script_and_style(project):
    """Their digests are those of what stands in the page."""
    page = page_of(project, "a", "b")

    for tag in ("script", "style"):
        (content,) = re.findall(rf"(?s)<{tag}>(.*?)</{tag}>", page)
        digest = base64.b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page


@pytest.mark.parametrize("text", XSS, ids=range(len(XSS)))
@pytest.mark.parametrize("place", ["name", "resource", "service", "tag", "value"])
def test_whatever_a_span_says_is_text(project, spans_of, text, place):
    """The elements of the page are the same as with harmless text."""
    spans = spans_of("a")
    if place in ("name", "resource", "service"):
        setattr(spans[0], place, text)
    else:
        spans[0].set_tag(text if place == "tag" else "t", text)

    page = page_of(project, "old", spans)
    read = Read(page)

    assert {tag for tag, _ in read.elements}.isdisjoint({"img", "iframe", "a", "b", "i"})
    assert len(read.all("script")) == len(read.all("style")) == 1
    assert not [key for _, attributes in read.elements for key in attributes if key.startswith("on")]
    assert page.encode().decode() == page


def test_a_page_without_changes_says_so():
    """An empty page would look like a mistake."""
    assert "No changes." in " ".join(Read(render([])).text)


def test_a_reader_can_filter(project):
    """Each group says its class and its integrations, and each of both can be chosen."""
    project.receive("get", "a", "redis")
    project.leave_unused("gone", "flask")

    read = Read(render(project.review.groups()))

    groups = {(section["data-class"], section["data-integrations"]) for section in read.all("section")}
    assert groups == {("new", "redis"), ("orphan", "flask")}
    assert {option["value"] for option in read.all("option")} == {"", "new", "orphan", "redis", "flask"}
