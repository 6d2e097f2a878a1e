"""Functions within spans."""

import asyncio
import functools
import inspect

import pytest


def add(a, b=1):
    """Add two numbers."""
    return a + b


def test_span_is_named_after_the_function(tracer):
    """The default name is module.function; arguments and result pass through."""
    assert tracer.wrap()(add)(2, b=3) == 5

    (span,) = tracer.pop()
    assert span.name == f"{__name__}.add"


def test_fields_can_be_given(tracer):
    """Name, service, resource and type are the span's."""
    tracer.wrap("sum", service="maths", resource="add", span_type="worker")(add)(2)

    (span,) = tracer.pop()
    assert (span.name, span.service, span.resource, span.span_type) == ("sum", "maths", "add", "worker")


def test_function_keeps_its_face(tracer):
    """Name, doc and signature are those of the function."""
    wrapped = tracer.wrap()(add)

    assert (wrapped.__name__, wrapped.__doc__, wrapped.__wrapped__) == ("add", "Add two numbers.", add)
    assert inspect.signature(wrapped) == inspect.signature(add)


def test_exception_is_recorded_and_passes(tracer):
    """The caller gets the exception, the span its type."""

    @tracer.wrap()
    def fail():
        raise KeyError("colour")

    with pytest.raises(KeyError, match="colour"):
        fail()

    assert tracer.pop()[0].get_tag("error.type") == "builtins.KeyError"


def test_coroutine_function_is_awaited_within_the_span(tracer):
    """A coroutine function stays one, and its span lasts until it is done."""

    @tracer.wrap("outer")
    async def work():
        await asyncio.sleep(0)
        assert tracer.current_span().name == "outer"
        return 5

    assert inspect.iscoroutinefunction(work)
    assert asyncio.run(work()) == 5
    assert [span.name for span in tracer.pop()] == ["outer"]


@pytest.mark.parametrize("function", [functools.partial(add, 2), len, add.__call__], ids=["partial", "builtin", "slot"])
def test_anything_callable_can_be_wrapped(tracer, function):
    """A callable need not be a Python function."""
    wrapped = tracer.wrap("call")(function)

    wrapped([3] if function is len else 3)

    assert [span.name for span in tracer.pop()] == ["call"]


def test_partial_of_a_coroutine_function_is_one(tracer):
    """A bound argument does not hide that a function is to be awaited."""

    async def work(value):
        assert tracer.current_span().name == "call"
        return value

    assert asyncio.run(tracer.wrap("call")(functools.partial(work, 5))()) == 5
    assert [span.name for span in tracer.pop()] == ["call"]


def test_executor_takes_over(tracer):
    """A configured wrap executor runs functions instead; it is told all that the span would have."""
    told = []

    def execute(*args, **kwargs):
        told.append((args, kwargs))
        return "executed"

    tracer.configure(wrap_executor=execute)

    assert tracer.wrap("sum", service="maths", resource="r", span_type="t")(add)(2, b=3) == "executed"
    assert told == [((tracer, add, (2,), {"b": 3}, "sum"), {"service": "maths", "resource": "r", "span_type": "t"})]
    assert tracer.pop() == []
