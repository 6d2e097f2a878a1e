"""Methods of classes that are known only once they are used, such as those of an application's own views."""

from __future__ import annotations

import threading
import weakref
from types import FunctionType
from typing import Any, Callable, Generator, Sequence

from ddtrace.contrib._wrapper import Wrapper


class MethodWrapper(Wrapper):
    """A wrapper that a class gives out as it is, so that it is the same each time, as a function would be.

    Django compares methods of classes to see whether somebody has overridden them. It also copies the attributes of
    methods onto views, so that a function with a ``__wrapped__`` in the place of one would not do.
    """

    __slots__ = ()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else super().__get__(instance, owner)

    def __call__(self, instance: Any, /, *args: Any, **kwargs: Any) -> Any:
        return self.__get__(instance, type(instance))(*args, **kwargs)


class TracedMethods:
    """Wraps the methods of these names on classes that are given to ``trace``, for as long as ``while_patched`` runs.

    ``make_wrapper(name, function)`` makes the wrapper of one. A method is wrapped where it is defined, so that it is
    wrapped once for all classes that inherit it.
    """

    def __init__(self, names: Sequence[str], make_wrapper: Callable[[str, Any], Any]) -> None:
        self._names = names
        self._make_wrapper = make_wrapper
        # Nothing here keeps a class that an application has forgotten.
        self._known: weakref.WeakSet[type] = weakref.WeakSet()
        self._owners: weakref.WeakSet[type] = weakref.WeakSet()
        self._lock = threading.Lock()

    def trace(self, kind: type) -> None:
        """Wrap the methods of a class, unless they are."""
        if kind in self._known:
            return
        with self._lock:
            for name in self._names:
                self._wrap(kind, name)
            self._known.add(kind)

    def _wrap(self, kind: type, name: str) -> None:
        owner = next((base for base in kind.__mro__ if name in vars(base)), None)
        if owner is None or type(vars(owner)[name]) is not FunctionType:
            return
        function = vars(owner)[name]
        wrapper = MethodWrapper(function, self._make_wrapper(name, function))
        wrapper._self_place = f"{owner.__module__}:{owner.__qualname__}.{name}"
        setattr(owner, name, wrapper)
        self._owners.add(owner)

    def while_patched(self) -> Generator[None, None, None]:
        """Put every method back at the end."""
        yield
        with self._lock:
            for owner in self._owners:
                for name in self._names:
                    own = vars(owner).get(name)
                    # What somebody else has put around ours is not ours to take away.
                    if type(own) is MethodWrapper:
                        setattr(owner, name, own.__wrapped__)
            self._owners.clear()
            self._known.clear()
