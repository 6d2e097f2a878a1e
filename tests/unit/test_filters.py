"""Filters that an application puts before the writer."""

import pytest

from ddtrace import Span
from ddtrace.filters import FilterRequestsOnUrl, TraceFilter


def request(url, parent_id=None):
    span = Span("web.request", parent_id=parent_id)
    if url is not None:
        span.set_tag("http.url", url)
    return span


@pytest.mark.parametrize(
    "regexps, url, is_kept",
    [
        (r"http://shop/health", "http://shop/health", False),
        (r"http://shop/health", "http://shop/healthy", False),
        (r"health", "http://shop/health", True),
        ([r"http://a/", r"http://b/"], "http://b/x", False),
        ([r"http://a/", r"http://b/"], "http://c/x", True),
        ([], "http://a/", True),
        (r".*", None, True),
    ],
)
def test_url_filter_matches_from_the_start(regexps, url, is_kept):
    """One matching expression drops the trace; a root without a URL is kept."""
    trace = [request(url)]

    assert FilterRequestsOnUrl(regexps).process_trace(trace) == (trace if is_kept else None)


def test_url_filter_looks_at_roots_only():
    """A request that the trace made to elsewhere does not drop it."""
    trace = [request("http://shop/buy"), request("http://shop/health", parent_id=1)]

    assert FilterRequestsOnUrl("http://shop/health").process_trace(trace) is trace


def test_bad_expression_is_an_error_at_once():
    """A pattern that is none is refused when the filter is made."""
    with pytest.raises(Exception, match="unterminated"):
        FilterRequestsOnUrl("[")


def test_filter_drops_or_changes_a_trace_before_the_writer(tracer):
    """Filters run in order on what finished; None drops, and what follows sees what came before."""

    class DropHealth(TraceFilter):
        def process_trace(self, trace):
            return None if trace[0].resource == "health" else trace

    class Mark(TraceFilter):
        def process_trace(self, trace):
            trace[0].set_tag("marked", "yes")
            return trace

    tracer.configure(settings={"FILTERS": [DropHealth(), Mark()]})
    for resource in ("health", "buy"):
        with tracer.trace("web", resource=resource):
            pass

    assert [(span.resource, span.get_tag("marked")) for span in tracer.pop()] == [("buy", "yes")]


def test_base_is_abstract():
    """A filter without process_trace() cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        TraceFilter()
