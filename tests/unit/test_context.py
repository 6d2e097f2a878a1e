"""What of a trace crosses a boundary."""

import copy
import pickle

import pytest

from ddtrace.context import Context


def test_fields_are_what_was_given():
    """Ids, priority and origin are read back as they were set."""
    context = Context(trace_id=1, span_id=2, dd_origin="synthetics", sampling_priority=2)

    assert (context.trace_id, context.span_id) == (1, 2)
    assert (context.dd_origin, context.sampling_priority) == ("synthetics", 2)


def test_empty_context_decides_nothing():
    """Without arguments nothing is known."""
    context = Context()

    assert (context.trace_id, context.span_id, context.dd_origin, context.sampling_priority) == (None,) * 4
    assert context.dd_user_id is None


def test_priority_and_origin_are_kept_under_their_tag_names():
    """They are sent with a span, so they are stored as its tags are."""
    context = Context(dd_origin="rum", sampling_priority=1)

    assert context._metrics == {"_sampling_priority_v1": 1}
    assert context._meta == {"_dd.origin": "rum"}


def test_none_takes_a_value_back():
    """Setting None removes priority, origin and user."""
    context = Context(dd_origin="rum", sampling_priority=1)
    context.dd_user_id = "jane"

    context.sampling_priority = context.dd_origin = context.dd_user_id = None

    assert (context._meta, context._metrics) == ({}, {})


@pytest.mark.parametrize("origin", ["caf\xe9", "a\nb", "\x00"])
def test_origin_is_printable_ascii(origin):
    """What could not travel in a header is dropped."""
    assert Context(dd_origin=origin).dd_origin is None


def test_user_is_kept_in_base64():
    """The wire form is ASCII whatever the name."""
    context = Context()

    context.dd_user_id = "jané"

    assert context._meta["_dd.p.usr.id"] == "amFuw6k="
    assert context.dd_user_id == "jané"


def test_given_dictionaries_are_shared():
    """Contexts made with the same dictionaries see each other's changes."""
    meta, metrics = {}, {}
    one, other = Context(meta=meta, metrics=metrics), Context(meta=meta, metrics=metrics)

    one.sampling_priority = 2

    assert other.sampling_priority == 2


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda context: pickle.loads(pickle.dumps(context))])
def test_context_can_be_sent_to_another_process(duplicate):
    """A copy is equal and shares nothing."""
    context = Context(trace_id=1, span_id=2, dd_origin="rum", sampling_priority=1)

    twin = duplicate(context)
    assert twin == context

    twin.sampling_priority = 2
    assert context.sampling_priority == 1


@pytest.mark.parametrize("change", [{"trace_id": 9}, {"span_id": 9}, {"sampling_priority": 0}, {"dd_origin": "x"}])
def test_every_field_counts_for_equality(change):
    """Contexts are equal by value."""
    fields = {"trace_id": 1, "span_id": 2, "sampling_priority": 1, "dd_origin": "rum"}

    assert Context(**fields) == Context(**fields)
    assert Context(**fields) != Context(**{**fields, **change})


def test_context_equals_contexts_only():
    """Another type is something else."""
    assert Context() != (None, None, {}, {})


def test_context_has_no_hash():
    """It changes while it is shared, and is no key."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Context())


def test_repr_shows_what_travels():
    """Ids and tags are there to read."""
    assert repr(Context(1, 2, sampling_priority=1)) == (
        "Context(trace_id=1, span_id=2, _meta={}, _metrics={'_sampling_priority_v1': 1})"
    )
