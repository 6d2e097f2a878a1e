"""The official test agent accepts what the tracer sends, with all of its checks on, and reads it as it was meant."""

from urllib.parse import urlsplit

import pytest

from ddtrace import Tracer
from ddtrace.context import Context

API_VERSIONS = ("v0.4", "v0.5")
"""Those that the test agent knows, too: to it, v0.3 is long gone."""


@pytest.fixture(params=API_VERSIONS)
def api_version(request, monkeypatch):
    """A version of the agent's API, which the tracer is told to use."""
    monkeypatch.setenv("DD_TRACE_API_VERSION", request.param)
    return request.param


@pytest.fixture
def make_tracer(test_agent, api_version, monkeypatch):
    """Makes tracers that send to the test agent, under this test's token, when they are asked to and not before."""
    monkeypatch.setenv("DD_TRACE_WRITER_INTERVAL_SECONDS", "3600")
    for name, value in test_agent.environment.items():
        monkeypatch.setenv(name, value)
    tracers = []

    def make(url=None):
        tracers.append(Tracer(url))
        return tracers[-1]

    yield make
    for tracer in tracers:
        tracer.shutdown()
        tracer.context_provider.activate(None)


@pytest.fixture
def tracer(make_tracer):
    """A tracer that sends to the test agent."""
    return make_tracer()


@pytest.fixture
def created(tracer):
    """Every span that the tracer has started."""
    spans = []
    tracer.on_start_span(spans.append)
    return spans


@pytest.fixture
def accepted(test_agent, api_version):
    """Sends what a tracer has, and returns the traces as the agent read them; all of its checks have passed then."""

    def send(tracer):
        tracer.flush()
        assert test_agent.failures() == ""
        assert tracer._writer.counts.dropped == 0
        paths = {urlsplit(request["url"]).path for request in trace_requests(test_agent)}
        assert paths == {f"/{api_version}/traces"}
        return test_agent.traces()

    return send


def trace_requests(test_agent):
    return [request for request in test_agent.requests() if request["url"].endswith("/traces")]


def as_created(span):
    """What the agent is to know of a span."""
    return {
        "trace_id": span.trace_id % 2**64,
        "span_id": span.span_id,
        "parent_id": span.parent_id or 0,
        "name": span.name,
        "resource": span.resource,
        "service": span.service or "",
        "type": span.span_type or "",
        "start": span.start_ns,
        "duration": span.duration_ns,
        "error": span.error,
        "meta": span.get_tags(),
        "metrics": span.get_metrics(),
    }


def as_read(span):
    """What the agent has read, where absent and empty are the same: the API's versions differ in that."""
    absent = {"parent_id": 0, "error": 0, "meta": {}, "metrics": {}}
    return {**absent, **span, "service": span["service"] or "", "type": span.get("type") or ""}


def one_span(tracer):
    with tracer.trace("work"):
        pass


def ten_spans(tracer):
    with tracer.trace("web.request", service="shop", resource="GET /", span_type="web"):
        for number in range(8):
            with tracer.trace("cache", resource=f"GET {number}", span_type="cache"):
                if number == 0:
                    tracer.trace("db", service="stock").finish()


def error(tracer):
    with pytest.raises(ValueError), tracer.trace("work"):
        raise ValueError("käse\n" * 1000)


def unicode(tracer):
    with tracer.trace("grüße", service="läden", resource="GET /käse/🧀", span_type="wéb") as span:
        span.set_tags({"schlüssel": "wert\u2028\U0001f9c0", "nul": "a\0b", "combining": "e\u0301", "": "empty key"})


def metrics(tracer):
    with tracer.trace("work") as span:
        span.set_metrics({"zero": 0, "negative": -1.5, "largest": 2**63 - 1, "tiny": 5e-324, "huge": 1.7e308})


def two_traces_of_a_remote_parent(tracer):
    for _ in range(2):
        tracer.start_span("work", child_of=Context(trace_id=7, span_id=8, sampling_priority=2)).finish()


def largest_ids(tracer):
    tracer.start_span("work", child_of=Context(trace_id=2**64 - 1, span_id=2**64 - 1)).finish()


@pytest.mark.parametrize(
    "program", [one_span, ten_spans, error, unicode, metrics, two_traces_of_a_remote_parent, largest_ids]
)
def test_agent_reads_what_was_created(tracer, created, accepted, program):
    """No span is lost or changed on the way, whatever it holds."""
    program(tracer)

    read = [as_read(span) for trace in accepted(tracer) for span in trace]

    assert sorted(read, key=lambda span: span["span_id"]) == sorted(
        map(as_created, created), key=lambda span: span["span_id"]
    )


def test_agent_reads_the_same_from_a_unix_socket(make_tracer, test_agent, accepted):
    """The unix socket of the agent takes what its port takes."""
    tracer = make_tracer(test_agent.unix_url)
    ten_spans(tracer)

    (trace,) = accepted(tracer)

    assert [span["name"] for span in trace] == ["web.request", "cache", "db", *["cache"] * 7]


def test_agent_takes_payloads_over_a_kept_connection(make_tracer, test_agent, accepted, monkeypatch):
    """A connection that stays open carries one payload after the other."""
    monkeypatch.setenv("DD_TRACE_WRITER_REUSE_CONNECTIONS", "true")
    tracer = make_tracer()
    one_span(tracer)
    tracer.flush()
    one_span(tracer)

    assert len(accepted(tracer)) == 2

    assert [request["headers"].get("Connection") for request in trace_requests(test_agent)] == [None, None]


def test_every_check_has_judged(tracer, test_agent, accepted):
    """The checks that apply to any request passed; those for another naming of services were skipped."""
    one_span(tracer)

    accepted(tracer)

    passed = {name for name, counts in test_agent.checks().items() if counts["Passed_Checks"]}
    skipped = {name for name, counts in test_agent.checks().items() if counts["Skipped_Checks"]}
    assert passed >= {"trace_count_header", "meta_tracer_version_header", "trace_content_length"}
    assert skipped == {"trace_peer_service", "trace_dd_service"}


def test_agent_reads_500_traces(tracer, test_agent, accepted):
    """They arrive in one request, whose header counts them."""
    for _ in range(500):
        one_span(tracer)

    traces = accepted(tracer)

    (request,) = trace_requests(test_agent)
    assert len(traces) == 500
    assert request["headers"]["X-Datadog-Trace-Count"] == "500"


def test_agent_reads_the_origin_of_every_span(tracer, accepted):
    """The product that a trace began in is a tag of each of its spans."""
    tracer.context_provider.activate(Context(trace_id=1, span_id=2, dd_origin="synthetics-browser"))
    ten_spans(tracer)

    (trace,) = accepted(tracer)

    assert [span["meta"]["_dd.origin"] for span in trace] == ["synthetics-browser"] * 10


@pytest.mark.parametrize("priority", [-1, 0, 1, 2])
def test_agent_reads_the_sampling_priority(tracer, accepted, priority):
    """The priority is a metric of the first span, also where the trace is not to be kept."""
    tracer.context_provider.activate(Context(trace_id=1, span_id=2, sampling_priority=priority))
    ten_spans(tracer)

    (trace,) = accepted(tracer)

    assert trace[0]["metrics"]["_sampling_priority_v1"] == priority


def test_agent_reads_what_rules_decided(make_tracer, accepted, monkeypatch):
    """The decision maker and the rates are on the first span, and the marks on a single span that is kept."""
    monkeypatch.setenv("DD_TRACE_SAMPLING_RULES", '[{"sample_rate": 1, "name": "root"}]')
    monkeypatch.setenv("DD_TRACE_RATE_LIMIT", "0")
    monkeypatch.setenv("DD_SPAN_SAMPLING_RULES", '[{"name": "pay", "max_per_second": 5}]')
    tracer = make_tracer()

    with tracer.trace("root"), tracer.trace("pay"):
        pass

    (trace,) = accepted(tracer)
    root, pay = sorted(trace, key=lambda span: span["name"] == "pay")
    decision = {"_sampling_priority_v1": -1, "_dd.rule_psr": 1, "_dd.limit_psr": 0}
    assert root["meta"]["_dd.p.dm"] == "-3"
    assert root["metrics"].items() >= decision.items()
    assert pay["metrics"] == {
        "_dd.span_sampling.mechanism": 8,
        "_dd.span_sampling.rule_rate": 1,
        "_dd.span_sampling.max_per_second": 5,
    }


def test_agent_joins_the_parts_of_a_long_trace(tracer, test_agent, accepted):
    """A trace sent in parts is one trace to the agent, though its header counts the parts."""
    tracer.configure(partial_flush_min_spans=3)
    ten_spans(tracer)

    (trace,) = accepted(tracer)

    (request,) = trace_requests(test_agent)
    assert len({span["span_id"] for span in trace}) == 10
    assert request["headers"]["X-Datadog-Trace-Count"] == "4"
    sizes = [as_read(span)["metrics"].get("_dd.py.partial_flush") for span in trace]
    assert [size for size in sizes if size] == [3, 3, 3]


def test_agent_reads_both_halves_of_a_long_trace_id(tracer, accepted):
    """The low 64 bits of a 128-bit trace id are the trace's id on the wire, the others a tag of its first span."""
    tracer.context_provider.activate(Context(trace_id=(0x640CFD8D << 96) | 0xABCDEF0123456789, span_id=5))
    ten_spans(tracer)

    (trace,) = accepted(tracer)

    assert {span["trace_id"] for span in trace} == {0xABCDEF0123456789}
    assert trace[0]["meta"]["_dd.p.tid"] == "640cfd8d00000000"


class WithoutText:
    """An object that cannot be printed."""

    def __str__(self):
        raise RuntimeError


HOSTILE = {
    "lone surrogate": ("\ud800 alone", "? alone"),
    "bytes": (b"\xff\xfe", r"b'\xff\xfe'"),
    "none": (None, "None"),
    "list": (["a", {"b": "c"}], "['a', {'b': 'c'}]"),
    "long": ("x" * 1_000_000, "x" * 24_986 + "...(truncated)"),
}


@pytest.mark.parametrize(("value", "text"), HOSTILE.values(), ids=HOSTILE)
def test_agent_reads_hostile_tags(tracer, accepted, value, text):
    """Whatever the value of a tag is, it arrives as a text that UTF-8 can hold."""
    with tracer.trace("work") as span:
        span.set_tag("hostile", value)

    ((read,),) = accepted(tracer)

    assert read["meta"]["hostile"] == text


@pytest.mark.parametrize("number", [2**64, -(2**70)])
def test_agent_reads_hostile_metrics(tracer, accepted, number):
    """A number beyond 64 bits is sent as a float."""
    with tracer.trace("work") as span:
        span.set_metric("hostile", number)

    ((read,),) = accepted(tracer)

    assert read["metrics"]["hostile"] == number


def test_agent_reads_hostile_fields(tracer, accepted):
    """An application that assigns what is no text to a span's fields does not cost the payload."""
    with tracer.trace("work") as span:
        span.resource, span.service, span.span_type = 404, b"shop", WithoutText()

    ((read,),) = accepted(tracer)

    assert (read["resource"], read["service"], read["type"]) == ("404", "shop", "<WithoutText without text>")
