"""What the spans of a trace have in common."""

from ddtrace.internal import forks
from ddtrace.internal.trace import Trace


def test_given_dictionaries_are_shared():
    """A context's dictionaries, empty ones too, are the trace's own."""
    meta, metrics = {}, {}

    trace = Trace(meta, metrics)

    assert trace.meta is meta and trace.metrics is metrics


def test_traces_share_nothing_by_default():
    """Each trace has dictionaries and lists of its own."""
    one, other = Trace(), Trace()

    for name in ("meta", "metrics", "open", "finished"):
        assert getattr(one, name) is not getattr(other, name)


def test_trace_remembers_its_process(monkeypatch):
    """A trace is of the process in which it began."""
    monkeypatch.setattr(forks, "generation", 7)

    assert Trace().generation == 7
