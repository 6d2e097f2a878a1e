"""A context in the headers of a request, whatever the style."""

import pytest

from ddtrace import config
from ddtrace.context import Context
from ddtrace.propagation import http
from ddtrace.propagation.http import HTTPPropagator
from tests.unit.propagation.conftest import injected, place

STYLES = ("datadog", "tracecontext", "b3multi", "b3 single header")
TRACE_ID = 0x640CFD8D00000000ABCDEFAB12345678

NAMES = {
    "HTTP_HEADER_TRACE_ID": "x-datadog-trace-id",
    "HTTP_HEADER_PARENT_ID": "x-datadog-parent-id",
    "HTTP_HEADER_SAMPLING_PRIORITY": "x-datadog-sampling-priority",
    "HTTP_HEADER_ORIGIN": "x-datadog-origin",
    "_HTTP_HEADER_TAGS": "x-datadog-tags",
    "_HTTP_HEADER_B3_SINGLE": "b3",
    "_HTTP_HEADER_B3_TRACE_ID": "x-b3-traceid",
    "_HTTP_HEADER_B3_SPAN_ID": "x-b3-spanid",
    "_HTTP_HEADER_B3_SAMPLED": "x-b3-sampled",
    "_HTTP_HEADER_B3_FLAGS": "x-b3-flags",
    "_HTTP_HEADER_TRACEPARENT": "traceparent",
    "_HTTP_HEADER_TRACESTATE": "tracestate",
}

SPELLINGS = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "wsgi": lambda name: "HTTP_" + name.upper().replace("-", "_"),
    "bytes": lambda name: name.title().encode(),
}


def datadog_of(trace_id):
    return {"x-datadog-trace-id": str(trace_id), "x-datadog-parent-id": "1"}


def tracecontext_of(trace_id):
    return {"traceparent": f"00-{trace_id:032x}-{1:016x}-01"}


@pytest.mark.parametrize("name", NAMES)
def test_header_names_are_exported(name):
    """Under the names of 1.x."""
    assert getattr(http, name) == NAMES[name]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("priority", [0, 1, 2, None])
def test_round_trip(use, style, priority):
    """Every style carries the place in the trace; W3C's flag cannot say that nothing is decided."""
    use(style)

    context = HTTPPropagator.extract(injected(Context(TRACE_ID, 8, sampling_priority=priority)))

    assert (context.trace_id, context.span_id) == (TRACE_ID, 8)
    assert context.sampling_priority == (0 if priority is None and style == "tracecontext" else priority)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_names_may_be_spelt_in_any_way(use, style, spelling):
    """In any case, as bytes, and as WSGI has them, among values that are no text."""
    use(style)
    headers = {spelling(name): value for name, value in injected(Context(TRACE_ID, 8, sampling_priority=2)).items()}

    context = HTTPPropagator.extract({"wsgi.input": object(), "wsgi.version": (1, 0), **headers})

    assert place(context) == (TRACE_ID, 8, 2)


def test_both_directions_have_two_styles_by_default():
    """W3C's first, then ours."""
    assert list(injected(Context(7, 8))) == ["traceparent", "x-datadog-trace-id", "x-datadog-parent-id"]
    assert HTTPPropagator.extract({**datadog_of(1), **tracecontext_of(2)}).trace_id == 2


@pytest.mark.parametrize("styles, trace_id", [("datadog,tracecontext", 1), ("tracecontext,datadog", 2), ("b3", None)])
def test_first_style_that_finds_a_context_wins(use, styles, trace_id):
    """Only the configured styles are tried, in their order."""
    use(styles)

    assert HTTPPropagator.extract({**datadog_of(1), **tracecontext_of(2)}).trace_id == trace_id


def test_style_that_finds_nothing_valid_gives_way():
    """A wrong header of one style does not hide the next one's."""
    assert HTTPPropagator.extract({**datadog_of(1), "traceparent": "00-wrong"}).trace_id == 1


def test_style_none_does_nothing(use):
    """In either direction."""
    use("none")

    assert injected(Context(7, 8)) == {}
    assert HTTPPropagator.extract(datadog_of(1)) == Context()


@pytest.mark.parametrize("direction, other", [("EXTRACT", "inject"), ("INJECT", "extract")])
def test_a_direction_can_have_its_own_styles(monkeypatch, direction, other):
    """The other keeps those of both."""
    monkeypatch.setenv("DD_TRACE_PROPAGATION_STYLE", "datadog")
    monkeypatch.setenv(f"DD_TRACE_PROPAGATION_STYLE_{direction}", "B3multi, tracecontext")

    assert getattr(config, f"_propagation_style_{direction.lower()}") == ("b3multi", "tracecontext")
    assert getattr(config, f"_propagation_style_{other}") == ("datadog",)


@pytest.mark.parametrize("context", [Context(), Context(trace_id=7), Context(span_id=8), Context(0, 0)])
def test_nothing_is_written_without_both_ids(context):
    """Half a place is none."""
    assert injected(context) == {}


def test_only_our_headers_change_and_each_is_there_once():
    """What a request already had of ours, in whatever case, gives way; all else stays, in its order."""
    others = {"Accept": "*/*", "b3": "1", 7: 8, b"traceparent": b""}
    headers = {**others, "Traceparent": "old", "X-Datadog-Origin": "old", "tracestate": "old=1"}

    HTTPPropagator.inject(Context(7, 8), headers)

    assert headers == {**others, **injected(Context(7, 8))}


def test_headers_that_are_read_stay_as_they_are():
    """extract changes nothing."""
    headers = {"Accept": "*/*", "Traceparent": "x", **datadog_of(1)}
    before = dict(headers)

    HTTPPropagator.extract(headers)

    assert headers == before


@pytest.mark.parametrize("headers", [None, 5, "text", [], [("a", "b")], object(), {}, {"x-datadog-trace-id": None}])
def test_extract_takes_anything(headers):
    """What is no mapping has no context."""
    assert HTTPPropagator.extract(headers) == Context()


@pytest.mark.parametrize(
    "context, headers",
    [
        (None, {}),
        (Context("7", "8"), {}),
        (Context(7, "8"), {}),
        (Context(7, 8, sampling_priority="much"), {}),
        (Context(7, 8), None),
        (Context(7, 8), ()),
        (Context(7, 8, meta={"tracestate": 5}), {}),
    ],
)
def test_inject_takes_anything(context, headers):
    """A context or headers that are none raise nothing, and nothing is written by half."""
    HTTPPropagator.inject(context, headers)

    assert not headers


def test_ids_that_are_too_large_are_cut():
    """What is written is valid, whatever the context holds."""
    assert place(HTTPPropagator.extract(injected(Context(2**130 + 7, 2**70 + 8)))) == (7, 8, 0)
