"""The wrapper in the place of a library's function, as pickle sees it."""

from __future__ import annotations

import pickle
from textwrap import dedent
from typing import Any

import pytest

from ddtrace.contrib._wrapper import BoundWrapper, Wrapper


class Colours(list):
    """A class that inherits its methods from one in C."""


def test_a_method_in_c_that_a_class_inherits_is_found_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process finds its own there: the wrapper where it traces, and the method where it does not."""

    def pass_through(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return wrapped(*args, **kwargs)

    wrapper = Wrapper(list.append, pass_through)
    wrapper._self_place = f"{__name__}:Colours.append"
    monkeypatch.setattr(Colours, "append", wrapper, raising=False)
    pickled = pickle.dumps(Colours.append)
    assert type(pickle.loads(pickled)) is BoundWrapper
    monkeypatch.undo()
    assert pickle.loads(pickled) is list.append


def test_a_function_that_is_wrapped_where_it_was_imported_is_found_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that defines it has the plain function still, which is another."""

    def pass_through(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return wrapped(*args, **kwargs)

    wrapper = Wrapper(dedent, pass_through)
    wrapper._self_place = f"{__name__}:dedent"
    monkeypatch.setitem(globals(), "dedent", wrapper)
    assert pickle.loads(pickle.dumps(wrapper)) is wrapper
