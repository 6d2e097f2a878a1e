from testkit.snapshots.decoding import parse
from testkit.snapshots.model import walk
from testkit.snapshots.timeline import lay_out


def times_of(path):
    """Start and end of each span, by name."""
    root = parse(path.read_text(), path.name)
    lay_out(root)
    return {node.written["name"]: (node.start_ns, node.end_ns) for node in walk(root) if node.is_span}


def test_spans_follow_one_another_within_their_parent(spans_of, store):
    """A file without times gets some that keep order and nesting."""
    times = times_of(store("get", spans_of("a\n  b\n    c\n  d")))

    assert times == {"a": (0, 4), "b": (1, 3), "c": (2, 3), "d": (3, 4)}


def test_what_overlapped_begins_together(spans_of, store):
    """Spans that are marked as concurrent are drawn one below the other; what follows, follows all."""
    times = times_of(store("get", spans_of("a\n  b\n  &c\n    d\n  e")))

    assert times["b"][0] == times["c"][0]
    assert times["e"][0] == times["c"][1]


def test_traces_follow_one_another(spans_of, store):
    """The first trace ends before the second begins."""
    assert times_of(store("get", spans_of("a\n  b\n\nc"))) == {"a": (0, 2), "b": (1, 2), "c": (2, 3)}


def test_a_deep_trace_is_laid_out(spans_of, store):
    """A chain of 2,000 spans meets no limit of recursion."""
    outline = "\n".join("  " * depth + f"s{depth}" for depth in range(2_000))

    assert times_of(store("get", spans_of(outline)))["s0"] == (0, 2_000)
