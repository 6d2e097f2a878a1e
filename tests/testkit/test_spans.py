import pytest

from ddtrace.span import Span
from testkit.spans import SpanContainer


def finished(name, parent=None, start=1, trace_id=7, **fields):
    """A finished span; tags and metrics by name, the rest as the constructor takes it."""
    tags, metrics = fields.pop("tags", {}), fields.pop("metrics", {})
    trace_id, parent_id = (parent.trace_id, parent.span_id) if parent else (trace_id, None)
    span = Span(name, trace_id=trace_id, parent_id=parent_id, start=start, **fields)
    span.set_tags(tags)
    span.set_metrics(metrics)
    span.finish(finish_time=start + 1)
    return span


@pytest.fixture
def web():
    return finished("web.request", service="shop", resource="GET /", span_type="web")


@pytest.fixture
def spans(web):
    late = finished("redis.command", web, start=3, resource="SET", service="redis")
    early = finished("redis.command", web, start=2, resource="GET", tags={"out.host": "a"}, metrics={"rows": 2})
    early.error = 1
    return SpanContainer([late, early, web, finished("cron", trace_id=8)])


def test_a_container_is_a_sequence(spans, web):
    """Iteration, length and index follow the order of arrival."""
    assert len(spans) == 4
    assert spans[2] is web
    assert [span.name for span in spans] == ["redis.command", "redis.command", "web.request", "cron"]


def test_a_slice_is_a_container(spans, web):
    """A slice keeps what a container can do."""
    assert spans[2:3].root is web


def test_traces_are_in_order_of_arrival(spans):
    """Spans are grouped by trace id, the first trace to arrive first."""
    assert [len(trace) for trace in spans.traces] == [3, 1]


def test_find_needs_every_criterion(spans):
    """A span is found by name, fields, tags and metrics together."""
    found = spans.find("redis.command", resource="GET", error=True, tags={"out.host": "a"}, metrics={"rows": 2})

    assert found is spans[1]


def test_find_by_an_absent_tag(spans):
    """None as a tag's value says that the span does not have it."""
    assert spans.find("redis.command", tags={"out.host": None}) is spans[0]


def test_none_is_a_service_to_find(spans):
    """None asks for a span without a service; leaving it out asks nothing."""
    assert spans.find("redis.command", service=None) is spans[1]


def test_the_error_of_find_names_the_closest_span(spans):
    """A miss says which span is closest, in what it differs, and shows all."""
    with pytest.raises(AssertionError) as failure:
        spans.find("redis.command", resource="GET", error=True, tags={"out.host": "b"})

    message = str(failure.value)
    assert "closest is redis.command 'GET' error" in message
    assert "differs in tags['out.host'] (wanted 'b', found 'a')" in message
    assert spans.as_tree() in message


def test_find_refuses_to_choose(spans):
    """More than one match is an error that counts them."""
    with pytest.raises(AssertionError, match="2 spans with name='redis.command', expected one"):
        spans.find("redis.command")


def test_find_in_nothing_says_so():
    """An empty container has no closest span."""
    with pytest.raises(AssertionError, match="nothing was traced"):
        SpanContainer().find("web.request")


def test_find_all_may_find_nothing(spans):
    """No match is an empty container."""
    assert len(spans.find_all("absent")) == 0


def test_find_all_finds_each(spans):
    """Every match is there, in order of arrival."""
    assert list(spans.find_all("redis.command")) == [spans[0], spans[1]]


def test_find_all_refuses_an_unknown_criterion(spans):
    """A mistyped criterion is an error, it does not match everything."""
    with pytest.raises(TypeError, match="not found by label"):
        spans.find_all(label="GET")


def test_children_are_by_start_time(spans, web):
    """Children that finished in another order stand as they started."""
    assert [child.resource for child in spans.children_of(web)] == ["GET", "SET"]


def test_root_is_the_only_one(spans, web):
    """A trace has one root."""
    assert spans.traces[0].root is web


def test_two_roots_have_no_root(spans):
    """Two roots are an error that shows both."""
    with pytest.raises(AssertionError, match="(?s)found 2.*web.request.*cron"):
        assert spans.root


def test_a_span_with_a_remote_parent_is_a_root():
    """A parent in another process does not hide the span."""
    span = Span("web.request", parent_id=42)
    span.finish()

    assert SpanContainer([span]).root is span


def test_tree_nests_and_separates(spans):
    """The tree shows what matters of each span, and an empty line between traces."""
    spans.assert_tree("""
        web.request 'GET /' service=shop type=web
          redis.command 'GET' error
          redis.command 'SET' service=redis

        cron
        """)


def test_assert_tree_shows_the_difference(spans):
    """A wrong tree fails with a diff of its lines."""
    with pytest.raises(AssertionError, match=r"(?m)^- web\.other$"):
        spans.assert_tree("web.other")


def test_a_deep_tree_is_shown():
    """The depth of a trace is not bounded by Python's stack."""
    spans = [finished("root")]
    for _ in range(2_000):
        spans.append(finished("child", spans[-1]))

    assert len(SpanContainer(spans).as_tree().splitlines()) == 2_001
