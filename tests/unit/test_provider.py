"""Who knows the current span."""

import asyncio
import threading

import pytest

from ddtrace import Span
from ddtrace.context import Context
from ddtrace.provider import BaseContextProvider, DefaultContextProvider


@pytest.fixture
def provider():
    provider = DefaultContextProvider()
    yield provider
    provider.activate(None)


class OwnProvider(BaseContextProvider):
    """A provider as an application might write it: one current item for all."""

    item = None

    def _has_active_context(self):
        return self.item is not None

    def activate(self, ctx):
        self.item = ctx

    def active(self):
        return self.item


def child_of(parent, name="child"):
    return Span(name, trace_id=parent.trace_id, parent_id=parent.span_id, _trace=parent._trace, _parent=parent)


def test_nothing_is_active_at_first(provider):
    """A new provider forgets what was active."""
    provider.activate(Context(1, 2))

    fresh = DefaultContextProvider()

    assert fresh.active() is None
    assert not fresh._has_active_context()


@pytest.mark.parametrize("item", [Span("a"), Context(1, 2)], ids=["span", "context"])
def test_activated_item_is_active(provider, item):
    """Spans and contexts are given back as they are, by call as well as by method."""
    provider.activate(item)

    assert provider.active() is item
    assert provider() is item
    assert provider._has_active_context()


def test_finished_span_gives_way_to_the_nearest_open_ancestor(provider):
    """A span that was finished elsewhere is current no more; who is, stays so."""
    root = Span("root")
    middle = child_of(root)
    leaf = child_of(middle)
    provider.activate(leaf)
    leaf.finish()
    middle.finish()

    assert provider.active() is root
    assert provider._has_active_context()


def test_nothing_is_active_when_all_are_finished(provider):
    """Without an open ancestor there is no current span."""
    span = Span("a")
    provider.activate(span)

    span.finish()

    assert provider.active() is None
    assert not provider._has_active_context()


def test_deactivate_hands_over_to_the_parent(provider):
    """The current span's parent is next."""
    root = Span("root")
    leaf = child_of(root)
    provider.activate(leaf)

    provider.deactivate(leaf)

    assert provider.active() is root


def test_deactivate_leaves_another_current_span_alone(provider):
    """A span that is not current here takes nothing away."""
    current = Span("current")
    provider.activate(current)

    provider.deactivate(Span("other"))

    assert provider.active() is current


def test_threads_do_not_share(provider):
    """Each thread has a current span of its own."""
    provider.activate(Span("here"))
    seen = []

    thread = threading.Thread(target=lambda: seen.append(provider.active()))
    thread.start()
    thread.join()

    assert seen == [None]


def test_task_starts_where_it_was_made_and_then_goes_its_own_way(provider):
    """A task inherits the current span; what it activates does not come back."""
    outer, inner = Span("outer"), Span("inner")

    async def task():
        seen = provider.active()
        provider.activate(inner)
        return seen

    async def main():
        provider.activate(outer)
        seen = await asyncio.create_task(task())
        return seen, provider.active()

    assert asyncio.run(main()) == (outer, outer)


def test_own_provider_needs_three_methods(tracer):
    """An application's provider knows the current span through activation and finish."""
    tracer.configure(context_provider=OwnProvider())

    with tracer.trace("root") as root:
        with tracer.trace("child") as child:
            assert tracer.current_span() is child
        assert tracer.current_span() is root

    assert tracer.current_span() is None
    assert child.parent_id == root.span_id


def test_base_is_abstract():
    """A provider without the three methods cannot be made."""
    with pytest.raises(TypeError, match="abstract"):
        BaseContextProvider()
