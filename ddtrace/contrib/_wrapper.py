"""The wrapper in the place of a library's function: it can be copied and pickled, as the function itself can.

Pickled is where the function is found, and not what stands there: another process finds its own, traced or not.
"""

from __future__ import annotations

import copy
import inspect
import pkgutil
import sys
from typing import Any

import wrapt


class _Replaceable:
    """What wrapt's proxies leave to who makes one."""

    __slots__ = ()
    _self_place = ""
    """Where the wrapper stands, as in ``redis.client:Redis.get``."""

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        owner = self._bound_to()
        return self if owner is None else getattr(copy.deepcopy(owner, memo), self.__wrapped__.__name__)

    def __reduce_ex__(self, protocol: Any) -> Any:
        function = self.__wrapped__
        owner = self._bound_to()
        if owner is None and (inspect.isbuiltin(function) or inspect.ismethod(function)):
            # It says of itself that it is from the module written in C, or from its class: there is another wrapper.
            return pkgutil.resolve_name, (self._self_place,)
        # One that Cython has made looks like those, but is pickled by its name, as a function of Python is.
        if owner is None and inspect.ismethoddescriptor(function) and not isinstance(function.__reduce_ex__(2), str):
            # A class inherits it from one in C, by which the library finds it; not all of those can be found.
            return _wrapper_at, (self._self_place, function)
        if owner is None:
            *path, _ = function.__qualname__.split(".")
            owner = sys.modules[function.__module__]
            if not path:
                # A function of a module: pickle looks it up by this name, and insists on finding this very object.
                if getattr(owner, function.__qualname__, None) is self:
                    return function.__qualname__
                # It may stand only where another module has imported it.
                return pkgutil.resolve_name, (self._self_place or f"{function.__module__}:{function.__qualname__}",)
            for name in path:
                owner = getattr(owner, name)
        return getattr, (owner, function.__name__)

    def __reduce__(self) -> Any:
        return self.__reduce_ex__(2)

    def _bound_to(self) -> Any:
        """The object or class of a bound method; None for a function, also one that a module holds bound."""
        return None


def _wrapper_at(place: str, function: Any) -> Any:
    """What is found at a place, where the function that stood there can be found as well."""
    return pkgutil.resolve_name(place)


class BoundWrapper(_Replaceable, wrapt.BoundFunctionWrapper):
    """The wrapper as a method of an object or a class."""

    __slots__ = ()

    @property
    def _self_place(self) -> str:
        return self._self_parent._self_place

    def _bound_to(self) -> Any:
        return getattr(self.__wrapped__, "__self__", None)


class Wrapper(_Replaceable, wrapt.FunctionWrapper):
    """The wrapper as a module or a class holds it."""

    __slots__ = ()
    __bound_function_wrapper__ = BoundWrapper
