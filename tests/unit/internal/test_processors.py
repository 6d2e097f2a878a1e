"""What happens to a chunk before it is written."""

import pytest

from ddtrace import Span, config
from ddtrace.context import Context
from ddtrace.internal.processors import drop_unsampled, tag_base_service, tag_chunk, tag_peer_service


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


@pytest.mark.parametrize("trace_id, tag", [(5, None), (2**64 - 1, None), ((7 << 64) | 5, "0000000000000007")])
def test_rest_of_a_long_trace_id_is_on_the_first_span(trace_id, tag):
    """What does not fit 64 bits travels as a tag."""
    first, second = Span("a", trace_id=trace_id), Span("b", trace_id=trace_id)

    tag_chunk([first, second])

    assert first.get_tag("_dd.p.tid") == tag
    assert second.get_tag("_dd.p.tid") is None


def peer_tags(**tags):
    span = Span("a")
    span.set_tags({key.replace("__", "."): value for key, value in tags.items()})
    tag_peer_service([span])
    found = ("peer.service", "_dd.peer.service.source", "_dd.peer.service.remapped_from")
    return [span.get_tag(key) for key in found]


def test_peer_service_is_not_named_unless_asked_for():
    """By default nothing is added."""
    assert peer_tags(span__kind="client", out__host="db") == [None, None, None]


@pytest.mark.parametrize(
    "tags, peer, source",
    [
        ({"span__kind": "client", "out__host": "db", "db__name": "shop"}, "shop", "db.name"),
        ({"span__kind": "producer", "out__host": "queue"}, "queue", "out.host"),
        ({"span__kind": "client", "rpc__service": "Shop", "out__host": "host"}, "Shop", "rpc.service"),
        ({"span__kind": "client"}, None, None),
        ({"span__kind": "server", "out__host": "host"}, None, None),
        ({"out__host": "host"}, None, None),
        ({"peer__service": "mine", "out__host": "host"}, "mine", "peer.service"),
    ],
)
def test_peer_service_is_that_of_the_best_tag(monkeypatch, tags, peer, source):
    """Only a client or a producer calls somebody; what the user set stays."""
    monkeypatch.setattr(config, "_peer_service_defaults_enabled", True)

    assert peer_tags(**tags) == [peer, source, None]


def test_peer_service_is_renamed(monkeypatch):
    """The mapping holds for what was set and what was found; the former name is kept."""
    monkeypatch.setattr(config, "_peer_service_mapping", {"db": "the database"})

    assert peer_tags(peer__service="db") == ["the database", "peer.service", "db"]
    assert peer_tags(span__kind="client", out__host="db") == [None, None, None]
    monkeypatch.setattr(config, "_peer_service_defaults_enabled", True)
    assert peer_tags(span__kind="client", out__host="db") == ["the database", "out.host", "db"]
    assert peer_tags(span__kind="client", out__host="other") == ["other", "out.host", None]
