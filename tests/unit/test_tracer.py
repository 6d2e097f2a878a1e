"""Starting spans; what a tracer does for functions, settings and forks has files of their own."""

from ddtrace import Span, Tracer, config
from ddtrace.context import Context
from ddtrace.sampler import RateSampler
from testkit import DummyTracer
from tests.unit.conftest import messages


def finish(*spans):
    for span in spans:
        span.finish()


def test_trace_is_a_child_of_the_current_span(tracer):
    """Nested blocks make a tree of one trace; the current span is the innermost."""
    with tracer.trace("root") as root:
        with tracer.trace("child") as child:
            assert tracer.current_span() is child
            assert tracer.current_root_span() is root
        assert tracer.current_span() is root

    assert (child.trace_id, child.parent_id) == (root.trace_id, root.span_id)
    assert root.parent_id is None
    assert tracer.current_span() is None and tracer.current_root_span() is None


def test_start_span_is_not_current(tracer):
    """``start_span`` neither takes the current span as parent nor becomes current."""
    with tracer.trace("root") as root:
        span = tracer.start_span("other")

        assert tracer.current_span() is root
        assert span.trace_id != root.trace_id


def test_start_span_becomes_current_if_asked_to(tracer):
    """``activate`` makes the span current until it is finished."""
    span = tracer.start_span("a", activate=True)
    assert tracer.current_span() is span

    span.finish()
    assert tracer.current_span() is None


def test_child_of_a_context(tracer):
    """A remote parent gives trace id, parent id and priority; the span is a local root and is not judged anew."""
    tracer.configure(sampler=RateSampler(0))

    span = tracer.start_span("a", child_of=Context(trace_id=70, span_id=71, sampling_priority=2))

    assert (span.trace_id, span.parent_id) == (70, 71)
    assert span.context.sampling_priority == 2
    assert span.sampled
    assert span._local_root is span


def test_active_context_is_the_parent(tracer):
    """What a propagator activated is where the next trace begins."""
    tracer.context_provider.activate(Context(trace_id=70, span_id=71))
    assert tracer.current_span() is None

    with tracer.trace("a") as span:
        pass

    assert (span.trace_id, span.parent_id) == (70, 71)


def test_current_trace_context_is_of_span_or_context(tracer):
    """The current context is the active one, or the active span's; None where nothing is active."""
    assert tracer.current_trace_context() is None

    context = Context(trace_id=70, span_id=71)
    tracer.context_provider.activate(context)
    assert tracer.current_trace_context() is context

    with tracer.trace("a") as span:
        assert tracer.current_trace_context() is span.context


def test_service_is_the_nearest_one_given(tracer, monkeypatch):
    """An argument goes before the parent's service, and that before the configured one."""
    monkeypatch.setattr(config, "service", "shop")

    root = tracer.start_span("root")
    web = tracer.start_span("web", child_of=root, service="web")
    below = tracer.start_span("below", child_of=web)

    assert [span.service for span in (root, web, below)] == ["shop", "web", "web"]


def test_service_mapping_renames(tracer, monkeypatch):
    """DD_SERVICE_MAPPING holds for given, inherited and configured services."""
    monkeypatch.setattr(config, "service_mapping", {"redis": "cache", "shop": "store"})
    monkeypatch.setattr(config, "service", "shop")

    assert tracer.start_span("a").service == "store"
    assert tracer.start_span("a", service="redis").service == "cache"
    assert tracer.start_span("a", service="other").service == "other"


def test_arguments_are_the_span_s_fields(tracer):
    """Resource and type are passed on; the resource defaults to the name."""
    span = tracer.start_span("web", resource="GET /", span_type="web")

    assert (span.name, span.resource, span.span_type) == ("web", "GET /", "web")
    assert tracer.start_span("web").resource == "web"


def test_disabled_tracer_makes_current_spans_and_sends_none(tracer):
    """Off, spans can be used as ever, and nothing is processed or written."""
    tracer.enabled = False

    with tracer.trace("root") as root, tracer.trace("child") as child:
        assert tracer.current_span() is child

    assert tracer.current_span() is None
    assert child.parent_id == root.span_id
    assert root.get_tags() == {}
    assert tracer.pop() == []


def test_environment_can_switch_the_tracer_off(monkeypatch):
    """DD_TRACE_ENABLED is read when the tracer is made."""
    monkeypatch.setenv("DD_TRACE_ENABLED", "false")

    assert not Tracer().enabled


def test_rejected_trace_is_not_sent(tracer):
    """A sampler without priorities has the last word; the priority says so to the services behind."""
    tracer.configure(sampler=RateSampler(0))

    with tracer.trace("root") as root, tracer.trace("child") as child:
        assert root.context.sampling_priority == 0

    assert (root.sampled, child.sampled) == (False, False)
    assert tracer.pop() == []


def test_span_made_by_hand_can_be_a_parent(tracer):
    """A child of a hand-made span is traced and sent, in the same trace."""
    parent = Span("by hand", service="shop")

    with tracer.start_span("child", child_of=parent) as child:
        pass

    assert (child.trace_id, child.parent_id, child.service) == (parent.trace_id, parent.span_id, "shop")
    assert tracer.pop() == [child]


def test_span_of_another_tracer_can_be_a_parent(tracer):
    """Each tracer sends its own spans of a shared trace."""
    other = DummyTracer()
    parent = other.start_span("parent")

    child = tracer.start_span("child", child_of=parent)
    finish(child, parent)

    assert tracer.pop() == [child]
    assert other.pop() == [parent]


def test_trace_waits_for_its_last_span(tracer):
    """A trace is sent once, when no span of it is open, ordered by start."""
    root = tracer.start_span("root")
    child = tracer.start_span("child", child_of=root)

    root.finish()
    assert tracer.pop_traces() == []

    child.finish()
    assert tracer.pop_traces() == [[root, child]]


def test_start_hook_sees_each_span(tracer):
    """``on_start_span`` works as a decorator, and ends with ``deregister_on_start_span``."""
    seen = []

    @tracer.on_start_span
    def hook(span):
        seen.append(span.name)

    with tracer.trace("a"), tracer.trace("b"):
        pass
    tracer.deregister_on_start_span(hook)
    with tracer.trace("c"):
        pass

    assert seen == ["a", "b"]


def test_failing_start_hook_is_logged(tracer, caplog):
    """A hook's error does not reach who starts a span, and the next hook is called."""
    seen = []

    @tracer.on_start_span
    def fail(span):
        raise RuntimeError("hook")

    tracer.on_start_span(seen.append)

    with tracer.trace("a") as span:
        pass

    assert seen == [span]
    assert "start hook" in messages(caplog)[0] and "fail" in messages(caplog)[0]


def test_span_after_shutdown_is_not_sent(tracer, caplog):
    """After ``shutdown`` spans can be used as ever; one line says that they are not sent."""
    tracer.shutdown()

    for name in ("a", "b"):
        with tracer.trace(name):
            pass

    assert tracer.pop() == []
    assert ["shut down" in line for line in messages(caplog)] == [True]
