"""What happens to a chunk before it is written."""

import pytest

from ddtrace import Span, config
from ddtrace.context import Context
from ddtrace.internal.processors import drop_unsampled, tag_base_service, tag_chunk


def spans_of(context, count=2):
    return [Span(f"span {number}", context=context) for number in range(count)]


def test_tags_of_the_trace_are_on_the_first_span():
    """Text, numbers and the language are sent once a chunk."""
    first, second = tag_chunk(spans_of(Context(sampling_priority=2, meta={"_dd.p.x": "y"})))

    assert first.get_tags() == {"_dd.p.x": "y", "language": "python"}
    assert first.get_metrics() == {"_sampling_priority_v1": 2}
    assert second.get_tags() == {} and second.get_metrics() == {}


def test_tag_of_the_span_itself_stays():
    """What the application set on the span is not overwritten."""
    span = spans_of(Context(meta={"key": "trace"}), count=1)[0]
    span.set_tag("key", "span")

    tag_chunk([span])

    assert span.get_tag("key") == "span"


@pytest.mark.parametrize(
    "own, service, tag",
    [
        ("shop", "redis", "shop"),
        ("shop", "SHOP", None),
        ("shop", None, None),
        (None, "redis", ""),
        (None, None, None),
        (None, "", None),
    ],
)
def test_base_service_is_on_foreign_spans(monkeypatch, own, service, tag):
    """A service that differs in more than letter case names whose it was; without an own service, nobody."""
    monkeypatch.setattr(config, "service", own)
    span = Span("a", service=service)

    tag_base_service([span])

    assert span.get_tag("_dd.base_service") == tag


def test_chunk_is_dropped_if_no_span_is_sampled():
    """One sampled span keeps the chunk."""
    kept, rejected = Span("a"), Span("b")
    rejected.sampled = False

    assert drop_unsampled([rejected]) is None
    assert drop_unsampled([rejected, kept]) == [rejected, kept]
