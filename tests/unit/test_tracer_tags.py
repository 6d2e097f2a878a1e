"""What a tracer says on each span, and of the current one in log records."""

import os

import pytest

from ddtrace import config
from tests.unit.conftest import messages


def test_local_root_says_which_process_it_is_from(tracer):
    """Runtime id and process id are on the first span of the process, and on no other."""
    with tracer.trace("root") as root, tracer.trace("child") as child:
        pass

    assert len(bytes.fromhex(root.get_tag("runtime-id"))) == 16
    assert root.get_metric("process_id") == os.getpid()
    assert child.get_tag("runtime-id") is None and child.get_metric("process_id") is None


def test_runtime_id_is_of_the_process(tracer):
    """Two traces of one process bear the same runtime id."""
    first, second = tracer.start_span("a"), tracer.start_span("b")

    assert first.get_tag("runtime-id") == second.get_tag("runtime-id")


def test_env_is_on_every_span(tracer, monkeypatch):
    """DD_ENV marks each span."""
    monkeypatch.setattr(config, "env", "prod")

    with tracer.trace("root"), tracer.trace("child"):
        pass

    assert [span.get_tag("env") for span in tracer.pop()] == ["prod", "prod"]


def test_version_is_on_spans_of_the_application_s_service(tracer, monkeypatch):
    """The application's version says nothing of the services that it calls."""
    monkeypatch.setattr(config, "service", "shop")
    monkeypatch.setattr(config, "version", "1.2")

    with tracer.trace("root") as root, tracer.trace("query", service="postgres") as query:
        pass

    assert (root.get_tag("version"), query.get_tag("version")) == ("1.2", None)


def test_tags_of_settings_and_tracer_are_on_every_span(tracer, monkeypatch):
    """DD_TAGS and ``set_tags`` mark what starts from then on; the tracer's win."""
    before = tracer.start_span("before")
    monkeypatch.setattr(config, "tags", {"team": "blue", "region": "eu"})
    tracer.set_tags({"team": "red"})

    span = tracer.start_span("after")

    assert before.get_tag("team") is None
    assert (span.get_tag("team"), span.get_tag("region")) == ("red", "eu")


def test_tags_of_the_tracer_are_as_those_of_a_span(tracer, caplog):
    """Numbers become metrics; what is no tag is left out with one line, and spans start as ever."""

    class Textless:
        def __str__(self):
            raise RuntimeError("no text")

    tracer.set_tags({"number": 5, "text": "x", 7: "no key", "none": Textless()})

    with tracer.trace("root"), tracer.trace("child") as child:
        pass

    assert (child.get_metrics(), child.get_tags()) == ({"number": 5}, {"text": "x"})
    assert len(messages(caplog)) == 2


def test_top_level_is_where_a_service_is_entered(tracer):
    """The local root, and a span of another service than its parent's, are top level."""
    with tracer.trace("web", service="shop") as web, tracer.trace("view") as view:
        with tracer.trace("query", service="redis") as query:
            pass

    assert [span.get_metric("_dd.top_level") for span in (web, view, query)] == [1, None, 1]


def test_foreign_service_names_the_base_service(tracer, monkeypatch):
    """A span of a called service says whose application called it; letter case does not count."""
    monkeypatch.setattr(config, "service", "Shop")

    with tracer.trace("web"), tracer.trace("view", service="shop"), tracer.trace("query", service="redis"):
        pass

    assert [span.get_tag("_dd.base_service") for span in tracer.pop()] == [None, None, "Shop"]


def test_language_and_decision_are_on_the_first_span(tracer):
    """What belongs to the trace is sent once a chunk."""
    with tracer.trace("root") as root, tracer.trace("child") as child:
        pass

    assert root.get_tag("language") == "python"
    assert root.get_tag("_dd.p.dm") == "-0"
    assert root.get_metric("_sampling_priority_v1") == 1
    assert child.get_tags() == {} and child.get_metrics() == {}


@pytest.mark.parametrize("is_enabled", [True, False])
def test_log_correlation_names_the_current_span(tracer, monkeypatch, is_enabled):
    """All values are text; the ids are "0" where nothing is traced."""
    monkeypatch.setattr(config, "env", "prod")
    monkeypatch.setattr(config, "version", "1.2")
    tracer.enabled = is_enabled

    with tracer.trace("a", service="shop") as span:
        found = tracer.get_log_correlation_context()

    known = {"version": "1.2", "env": "prod"}
    if is_enabled:
        assert found == {"trace_id": str(span.trace_id), "span_id": str(span.span_id), "service": "shop", **known}
    else:
        assert found == {"trace_id": "0", "span_id": "0", "service": "", **known}


def test_log_correlation_outside_of_a_span(tracer, monkeypatch):
    """Without a span the service is the configured one."""
    monkeypatch.setattr(config, "service", "shop")

    assert tracer.get_log_correlation_context() == {
        "trace_id": "0",
        "span_id": "0",
        "service": "shop",
        "version": "",
        "env": "",
    }
