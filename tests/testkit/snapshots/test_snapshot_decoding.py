import json

import pytest

from testkit.snapshots.decoding import MalformedSnapshot, parse
from testkit.snapshots.encoding import render
from testkit.snapshots.model import Rules, receive

SPAN = {"name": "a", "span_id": 1, "parent_id": 0}


def test_what_was_stored_is_read(spans_of):
    """Reading and storing again gives the same text."""
    text = render(receive(spans_of("a GET service=s t=<Port>\n  b\n  &c m:=1.5\n\nd\n\n&e"), Rules()))

    assert render(parse(text, "x.json")) == text


def test_remote_parents_are_read(spans_of):
    """Parents of other processes survive, those that look like a span's id, too."""
    first, second = spans_of("a\nb")
    first.parent_id, second.parent_id = 42, 1
    text = render(receive([first, second], Rules()))

    assert render(parse(text, "x.json")) == text


def test_real_times_mark_what_overlaps():
    """The Datadog test agent's files hold start and duration; overlap is read off them."""
    times = [(100, 50), (110, 10), (115, 10), (130, 1)]
    spans = [
        {"name": "s", "span_id": i, "parent_id": int(i > 1), "start": start, "duration": duration}
        for i, (start, duration) in enumerate(times, 1)
    ]

    [trace] = parse(json.dumps([spans]), "x.json").children

    assert [node.overlap for node in trace.children[0].children] == [1, 1, 0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1 column 1: expected JSON"),
        ('[\n  [{"name": }]]', "line 2 column 13: expected JSON"),
        ("[\n<<<<<<< HEAD\n]", "line 2 column 1: expected JSON: .*, found '<<<<<<< HEAD'"),
        ('{"format": 1}', r"\$: expected a list, found"),
        ('{"format": "2"}', r"\$: expected a list, found"),
        ("{}", r"\$: expected a list, found {}"),
        ("[1]", r"\$\[0\]: expected a list, found 1"),
        ("[[]]", r"\$\[0\]: expected at least one span"),
        ("[[1]]", r"\$\[0\]\[0\]: expected an object, found 1"),
        ('[[{"name": "a"}]]', r"\$\[0\]\[0\]\.span_id: expected a whole number, found null"),
        ('[[{"span_id": true}]]', r"\$\[0\]\[0\]\.span_id: expected a whole number, found true"),
        ('[[{"span_id": 1}]]', r"\$\[0\]\[0\]\.name: expected a text, found null"),
        (json.dumps([[SPAN, SPAN]]), r"\[1\]\.span_id: expected an id of its own, found 1 again"),
        (json.dumps([[SPAN | {"meta": {"a": 1}}]]), r"\.meta\.a: expected a text, found 1"),
        (json.dumps([[SPAN | {"metrics": {"a": "1"}}]]), r"\.metrics\.a: expected a number"),
        (json.dumps([[SPAN | {"meta": {"a": "<Prot>"}}]]), r"\.meta\.a: '<Prot>' is no redaction"),
        (json.dumps([[SPAN | {"meta": {"a": "<Ignore:>"}}]]), r"\.meta\.a: Ignore needs a reason"),
        (json.dumps([[SPAN | {"parent_id": []}]]), r"\.parent_id: expected a whole number"),
        (json.dumps([[SPAN | {"start": "now"}]]), r"\.start: expected a whole number"),
        (json.dumps([[SPAN | {"span_links": []}]]), r"\.span_links: expected one of name, "),
        ('[[{"name": "a", "name": "b"}]]', "expected every key once in an object, found 'name'"),
        ("[[NaN]]", "expected a number, found NaN"),
        ("[" * 200_000, "too many nested lists"),
        (f"[{'1' * 5_000}]", "expected numbers of 64 bits"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, place):
    """The error names the file, the place, and what was expected."""
    with pytest.raises(MalformedSnapshot, match=f"x.json: .*{place}"):
        parse(text, "x.json")


def test_a_later_format_asks_for_a_later_testkit():
    """The file is fine, and this testkit is too old for it: nobody is told to repair or delete it."""
    with pytest.raises(MalformedSnapshot) as refusal:
        parse('{"format": 3, "traces": []}', "x.json")

    assert "expected format 1, which is a list of traces, found format 3 of a later testkit" in str(refusal.value)
    assert str(refusal.value).endswith("upgrade the testkit, with pip install --upgrade 'ddtrace[testkit]'")
