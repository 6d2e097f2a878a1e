"""Wrap and unwrap one function at a time."""

import asyncio

import pytest

from ddtrace import Pin, config
from ddtrace.contrib import trace_utils_async
from ddtrace.contrib.trace_utils import iswrapped, unwrap, with_traced_module, wrap
from testkit import DummyTracer, run_python
from tests.unit.conftest import REPOSITORY


def shout(wrapped, instance, args, kwargs):
    return "shouted", wrapped(*args, **kwargs)


@pytest.mark.parametrize(
    "owner, name, call, result",
    [
        (None, "function", lambda library: library.function(5), ["function", 5]),
        ("Base", "run", lambda library: library.Base().run(5), ["run", 5]),
        ("Base", "static", lambda library: library.Base.static(5), ["static", 5]),
        ("Base", "make", lambda library: library.Child.make(5), ["Child", 5]),
    ],
)
def test_function_is_wrapped_and_unwrapped(library, owner, name, call, result):
    """A function, a method, a static one and a class's come back as what they were."""
    holder = getattr(library, owner) if owner else library
    before = vars(holder)[name]

    wrap(holder, name, shout)
    assert iswrapped(holder, name) and iswrapped(getattr(holder, name))
    assert call(library) == ("shouted", result)

    unwrap(holder, name)
    assert not iswrapped(holder, name)
    assert vars(holder)[name] is before and call(library) == result


def test_module_can_be_named(library):
    """And the function given by its path in it."""
    wrap("toylib", "Base.run", shout)

    assert library.Base().run(5) == ("shouted", ["run", 5])


def test_unwrapping_what_is_not_wrapped_does_nothing(library):
    """Neither a plain function nor one that is not there."""
    before = dict(vars(library))
    unwrap(library, "function")
    unwrap(library, "nothing")

    assert vars(library) == before
    assert not iswrapped(library, "nothing") and not iswrapped(None)


def test_names_cost_no_import_of_wrapt():
    """Who asks for trace_utils has not wrapped anything yet."""
    source = (
        "import sys, ddtrace.contrib.trace_utils, ddtrace.contrib.trace_utils_async as t; print('wrapt' in sys.modules)"
    )

    assert run_python("-c", source, env={"PYTHONPATH": REPOSITORY}).strip() == "False"


# -- with_traced_module -----------------------------------------------------------------------------------------------


@pytest.fixture
def calls():
    return []


@pytest.fixture(params=["sync", "async"])
def invoke(request, library, calls):
    """Calls a wrapped method of the library, as a function or as a coroutine function."""

    def note(mod, pin, wrapped, instance, args, kwargs):
        calls.append((mod, pin, instance, args, kwargs))
        return wrapped(*args, **kwargs)

    async def note_async(mod, pin, wrapped, instance, args, kwargs):
        calls.append((mod, pin, instance, args, kwargs))
        return await wrapped(*args, **kwargs)

    async def answer(value=1):
        return ["run", value]

    def invoke(instance, *args, **kwargs):
        if request.param == "sync":
            wrapper = with_traced_module(note)(library)
            return wrapper(instance.run, instance, args, kwargs)
        wrapper = trace_utils_async.with_traced_module(note_async)(library)
        return asyncio.run(wrapper(answer, instance, args, kwargs))

    return invoke


@pytest.mark.parametrize("bearer", ["instance", "module"])
def test_traced_function_is_given_module_and_pin(library, calls, invoke, bearer):
    """The instance's pin goes before the module's."""
    client = library.Base()
    Pin.override(library, service="module")
    if bearer == "instance":
        Pin.override(client, service="instance")

    assert invoke(client, 5) == ["run", 5]
    ((mod, pin, instance, args, kwargs),) = calls
    assert (mod, pin.service, instance, args, kwargs) == (library, bearer, client, (5,), {})


@pytest.mark.parametrize("pin", ["none", "disabled"])
def test_without_an_enabled_pin_the_function_is_called_as_it_is(library, calls, invoke, pin):
    """Nobody traces here."""
    if pin == "disabled":
        tracer = DummyTracer()
        tracer.enabled = False
        Pin.override(library, tracer=tracer)

    assert invoke(library.Base(), value=5) == ["run", 5]
    assert calls == []


def test_object_that_fails_to_tell_its_pin_is_called_as_it_is(library, calls, invoke, monkeypatch):
    """Our search costs nobody a call; in tests it is fatal."""

    class Failing(library.Base):
        def __getattr__(self, name):
            raise RuntimeError("not here")

    assert invoke(Failing(), 5) == ["run", 5]
    assert calls == []

    monkeypatch.setattr(config, "_raise", True)
    with pytest.raises(RuntimeError, match="not here"):
        invoke(Failing(), 5)
