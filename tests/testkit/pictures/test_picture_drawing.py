import re
from xml.etree import ElementTree

import pytest

from testkit.pictures import drawing
from tests.testkit.markup import ATTACKS, XSS

SVG = "{http://www.w3.org/2000/svg}"


def read(view):
    """The picture as an XML reader has it; what is not well-formed is an error."""
    return ElementTree.fromstring(drawing.render(view).encode())


def bars(picture):
    """Start and width of each span's bar, by what it tells."""
    return {
        bar.find(f"{SVG}title").text.partition(",")[0]: [
            float(bar.find(f"{SVG}rect").get(key)) for key in ("x", "width")
        ]
        for bar in picture.iter(f"{SVG}g")
        if bar.get("class", "").startswith("bar ")
    }


def timed(received, *spans):
    received.take(
        [
            [
                {"trace_id": 1, "span_id": i, "parent_id": p, "start": s, "duration": d, "name": f"s{i}"}
                for i, p, s, d in spans
            ]
        ]
    )
    return received.view()


def test_nesting_is_seen(view_of):
    """A name stands to the right of its parent's, with a line that leads there."""
    picture = read(view_of("a\n  b\n    c\n  d"))

    names = {text.text: int(text.get("x")) for text in picture.find(f".//{SVG}svg").iter(f"{SVG}text")}
    assert names["a"] < names["b"] == names["d"] < names["c"]
    assert len([path for path in picture.iter(f"{SVG}path") if path.get("class") == "branch"]) == 3


def test_time_is_seen(received):
    """A bar is as long as its span was, and where it was."""
    places = bars(read(timed(received, (1, 0, 1_000, 4_000), (2, 1, 2_000, 1_000), (3, 1, 3_000, 2_000))))

    (left, width), second, third = places["s1"], places["s2"], places["s3"]
    assert second == pytest.approx([left + width / 4, width / 4], abs=0.2)
    assert third == pytest.approx([left + width / 2, width / 2], abs=0.2)


def test_errors_are_marked(view_of):
    """By more than a colour."""
    picture = read(view_of("a\n  b !error"))

    (failed,) = [bar for bar in picture.iter(f"{SVG}g") if bar.get("class") == "bar failed"]
    assert failed.find(f"{SVG}title").text.startswith("b,") and failed.find(f"{SVG}text").text.startswith("! ")


@pytest.mark.parametrize("text", XSS + ATTACKS, ids=range(len(XSS + ATTACKS)))
def test_whatever_a_span_says_is_text(view_of, spans_of, text):
    """The elements are the same as with harmless text, and none of them does anything."""
    spans = spans_of("a\n  b")
    spans[0].name = spans[0].resource = spans[0].service = spans[1].name = text
    spans[1].set_tag(text, text)

    picture = read(view_of(spans))

    kinds = {element.tag.removeprefix(SVG) for element in picture.iter()}
    assert kinds == {"svg", "title", "style", "rect", "text", "g", "path"}
    keys = {key for element in picture.iter() for key in element.attrib}
    assert not [key for key in keys if key.startswith("on") or "href" in key or key == "style"]


def test_the_picture_asks_for_nothing(view_of):
    """No address in it but the name of its language."""
    text = drawing.render(view_of("a\n  b"))

    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text and "@import" not in text


def test_odd_times_have_a_place(received):
    """No time at all, a negative one, and years apart."""
    places = bars(read(timed(received, (1, 0, 0, 0), (2, 1, 0, -5), (3, 1, 2**63, 2**63))))

    assert all(400 <= left <= 960 and 0 < width <= 960 for left, width in places.values())


def test_names_stay_in_their_column(view_of, spans_of):
    """Long ones and deep ones are cut off, and told in full where the reader points."""
    spans = spans_of("\n".join("  " * depth + "x" * 200 for depth in range(60)))

    picture = read(view_of(spans))

    texts = list(picture.find(f".//{SVG}svg").iter(f"{SVG}text"))
    assert max(int(text.get("x")) for text in texts) < 300
    assert max(len(text.text) for text in texts) < 70
    assert "x" * 200 in [bar.partition(",")[0] for bar in bars(picture)]


def test_too_much_is_cut_with_a_note(view_of, monkeypatch):
    """A picture has an end, and says what it leaves out."""
    monkeypatch.setattr(drawing, "ROWS", 2)

    picture = read(view_of("a\n  b\n  c\n\nd"))

    assert bars(picture).keys() == {"a", "b"}
    assert picture.find(f"{SVG}title").text == "2 traces, 4 spans; 2 more spans not shown"


def test_no_trace_is_said(received):
    """A picture of nothing would look like a mistake."""
    assert read(received.view()).find(f"{SVG}title").text == "no trace came"
