import pytest

from testkit.pictures import page
from tests.testkit.markup import ATTACKS, XSS, Read


def test_all_fields_are_there_as_text(view_of):
    """What a picture cannot say stands in a table, a row a span."""
    read = Read(page.render(view_of("web GET service=shop type=web\n  db SELECT out.host=there rows:=3 !error")))

    text = " ".join(read.text)
    assert 'web "GET"' in text and '! db "SELECT"' in text
    assert {"shop", "web"} <= set(read.text)
    assert "out.host=there" in text and "rows=3.0" in text
    assert len(read.all("tr")) == 1 + 2


def test_each_trace_has_its_picture(view_of):
    """With its own times."""
    read = Read(page.render(view_of("a\n  b\n\nc")))

    assert len(read.all("section")) == 2
    assert [svg["aria-label"].partition(",")[0] for svg in read.all("svg") if "role" in svg] == ["a", "c"]


@pytest.mark.parametrize("text", XSS + ATTACKS, ids=range(len(XSS + ATTACKS)))
def test_whatever_a_span_says_is_text(view_of, spans_of, text):
    """The elements of the page are the same as with harmless text."""
    spans = spans_of("a")
    spans[0].name = spans[0].resource = spans[0].service = spans[0].span_type = text
    spans[0].set_tag(text, text)

    content = page.render(view_of(spans))
    read = Read(content)

    assert {tag for tag, _ in read.elements}.isdisjoint({"img", "iframe", "a", "b", "i"})
    assert len(read.all("script")) == len(read.all("style")) == 1
    assert not [key for _, attributes in read.elements for key in attributes if key.startswith("on")]
    assert content.encode().decode() == content


def test_the_page_asks_for_nothing(view_of):
    """No element names another place, and the policy allows none."""
    read = Read(page.render(view_of("a")))

    assert not [attributes for _, attributes in read.elements if attributes.keys() & {"src", "href", "style", "action"}]
    policy = next(meta["content"] for meta in read.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';") and "connect-src 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_too_much_is_cut_with_a_note(view_of, monkeypatch):
    """The page stays small, and says what it leaves out."""
    monkeypatch.setattr(page, "ROWS", 2)

    read = Read(page.render(view_of("a\n  b\n  c\n\nd")))

    assert "2 traces, 4 spans; 2 more spans not shown" in read.text
    assert len(read.all("section")) == 1
    assert len(read.all("tr")) == 1 + 2


def test_no_trace_is_said(received):
    """An empty page would look like a mistake, and says whether more may come."""
    assert "no trace came" in Read(page.render(received.view())).text
    received.end("ended with status 3")
    assert "no trace came; ended with status 3" in Read(page.render(received.view())).text
