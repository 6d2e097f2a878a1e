import io
import re

import pytest
from rich.console import Console

from testkit.pictures import tree
from testkit.pictures.rows import shown_time


def text_of(view, width=160):
    """What a file gets."""
    file = io.StringIO()
    Console(file=file, width=width).print(tree.render(view))
    return file.getvalue()


def test_a_line_a_span(view_of):
    """Below its parent, with its service and its length, and what it came to in the end."""
    lines = [
        line.rstrip() for line in text_of(view_of("web.request GET service=shop\n  db SELECT !error\n\nx")).split("\n")
    ]

    assert lines[0].startswith('web.request "GET"  shop  ')
    assert lines[1].startswith('  ! db "SELECT" ')
    assert lines[-2] == "2 traces, 3 spans, 1 error"


def test_a_bar_is_where_the_span_was(received):
    """The second quarter of its parent's time is the second quarter of its bar."""
    times = [(1, 0, 0, 4_000), (2, 1, 1_000, 1_000)]
    received.take([[{"trace_id": 1, "span_id": i, "parent_id": p, "start": s, "duration": d} for i, p, s, d in times]])

    first, second = text_of(received.view()).splitlines()[:2]

    assert first.count("━") == 24
    assert second.count("━") == 6 and second.index("━") - first.index("━") == 6


def test_a_narrow_terminal_has_less_of_the_names(view_of):
    """Service, length and bar are there all the same, and no line is broken in two."""
    lines = text_of(view_of(f"a service=shop\n  {'x' * 200} service=shop"), width=80).splitlines()

    assert re.fullmatch(r"  x+…  shop  +\d+ ns +━+ *", lines[1])
    assert [len(line) for line in lines[:2]] == [80, 80]


def test_what_a_span_says_is_text_to_the_terminal(view_of, spans_of):
    """Neither an escape sequence nor rich's own markup is obeyed."""
    spans = spans_of("a")
    spans[0].name, spans[0].resource = "[red]a[/red]\x1b[2J", "\r\u202egnp.exe"

    text = text_of(view_of(spans))

    assert r'[red]a[/red]\x1b[2J "\r\u202egnp.exe"' in text
    assert "\x1b" not in text and "\r" not in text


def test_too_much_is_cut_with_a_note(view_of, monkeypatch):
    """What is not shown is counted."""
    monkeypatch.setattr(tree, "ROWS", 2)

    text = text_of(view_of("a\n  b\n  c\n\nd"))

    assert "2 more spans not shown" in text and "2 traces, 4 spans" in text
    assert [line.split()[0] for line in text.splitlines()[:2]] == ["a", "b"]


def test_no_trace_is_said(received):
    """An empty answer would look like a mistake."""
    assert text_of(received.view()).strip() == "no trace came"


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1 µs"),
        (12_340, "12.3 µs"),
        (999_900, "1000 µs"),
        (1_234_567, "1.23 ms"),
        (5 * 10**9, "5 s"),
        (123_456 * 10**9, "123456 s"),
    ],
)
def test_times_are_readable(nanoseconds, shown):
    """Three digits, and the unit that they need."""
    assert shown_time(nanoseconds) == shown
