"""Step in at the boundary between an integration's wrappers and the library's own functions.

A stand-in takes the place of a library's function, beneath the wrapper or above it. It has the function's name,
signature and kind, calls a hook with each call's arguments, and goes on to the function.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
from dataclasses import dataclass
from typing import Any, Callable, Iterator

_MISSING = object()


@dataclass(frozen=True)
class Place:
    """Where a function hangs: a class or module, and the attribute."""

    owner: Any
    attribute: str

    @property
    def name(self) -> str:
        """The function's full name."""
        if inspect.ismodule(self.owner):
            return f"{self.owner.__name__}.{self.attribute}"
        return f"{self.owner.__module__}.{self.owner.__qualname__}.{self.attribute}"

    @property
    def raw(self) -> Any:
        """What is stored there, or inherited: a function, a staticmethod, a wrapper ..."""
        return inspect.getattr_static(self.owner, self.attribute)


def place_of(target: Any) -> Place:
    """Where a patching's target is; imports its module, which a scenario need not have done."""
    owner: Any = importlib.import_module(target.module)
    *path, attribute = target.path.split(".")
    for name in path:
        owner = getattr(owner, name)
    return Place(owner, attribute)


Hook = Callable[[Place, tuple, dict], "tuple[tuple, dict] | None"]
"""Called with a call's arguments, without ``self``; may raise, or return other arguments to go on with."""

ResultHook = Callable[[Place, Any], Any]
"""Called with what a call returned, an awaited one after it was awaited; of a generator function its generator.

That of an asynchronous generator function is awaited, if it returns a coroutine.
"""


RaiseHook = Callable[[Place, BaseException], None]
"""Called with what a call raised, or a step of a generator."""


def _go_on(place: Place, args: tuple, kwargs: dict) -> None:
    """The hook that changes nothing."""


def _ignore(place: Place, result: Any) -> None:
    """The hook that looks at no result, nor at an exception."""


@contextlib.contextmanager
def stand_ins(
    places: list[Place], before: Hook = _go_on, returned: ResultHook = _ignore, raised: RaiseHook = _ignore
) -> Iterator[None]:
    """Have a stand-in at each place for the length of a block.

    That of a generator function is one, too, whose hooks are called, as its body would be, with the first step.
    """
    with contextlib.ExitStack() as stack:
        for place in places:
            stack.enter_context(_stand_in(place, before, returned, raised))
        yield


@contextlib.contextmanager
def _stand_in(place: Place, before: Hook, returned: ResultHook, raised: RaiseHook) -> Iterator[None]:
    own = vars(place.owner).get(place.attribute, _MISSING)
    setattr(place.owner, place.attribute, _make_stand_in(place, place.raw, before, returned, raised))
    try:
        yield
    finally:
        if own is _MISSING:
            delattr(place.owner, place.attribute)
        else:
            setattr(place.owner, place.attribute, own)


def _make_stand_in(place: Place, raw: Any, before: Hook, returned: ResultHook, raised: RaiseHook) -> Any:
    def start(args: tuple, kwargs: dict) -> Any:
        function, passed = _bind(place, raw, args)
        changed = before(place, passed, kwargs)
        args, kwargs = (passed, kwargs) if changed is None else changed
        return function(*args, **kwargs)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            result = start(args, kwargs)
        except BaseException as error:
            raised(place, error)
            raise
        if inspect.iscoroutine(result):
            # A plain function may return a coroutine: what it returns is what that does.
            return report(result)
        returned(place, result)
        return result

    async def report(coroutine: Any) -> Any:
        try:
            result = await coroutine
        except BaseException as error:
            raised(place, error)
            raise
        returned(place, result)
        return result

    async def call_async(*args: Any, **kwargs: Any) -> Any:
        return await report(start(args, kwargs))

    def generate(*args: Any, **kwargs: Any) -> Any:
        generator = start(args, kwargs)
        try:
            returned(place, generator)
        except BaseException:
            # Whoever ends the run here may have forgotten the generator, which this frame must not keep.
            generator = None
            raise
        try:
            return (yield from generator)
        except BaseException as error:
            raised(place, error)
            raise

    async def generate_async(*args: Any, **kwargs: Any) -> Any:
        generator = start(args, kwargs)
        try:
            told = returned(place, generator)
            if inspect.iscoroutine(told):
                await told
        except BaseException:
            generator = None
            raise
        step, argument = generator.asend, None
        while True:
            try:
                item = await step(argument)
            except StopAsyncIteration:
                return
            except BaseException as error:
                raised(place, error)
                raise
            try:
                argument = yield item
                step = generator.asend
            except GeneratorExit:
                await generator.aclose()
                return
            except BaseException as error:  # noqa: B036 (raised again by the generator, or handled there)
                step, argument = generator.athrow, error

    original = raw.__func__ if isinstance(raw, (staticmethod, classmethod)) else raw
    kinds = {
        inspect.iscoroutinefunction: call_async,
        inspect.isgeneratorfunction: generate,
        inspect.isasyncgenfunction: generate_async,
    }
    stand_in = next((made for is_of_kind, made in kinds.items() if is_of_kind(original)), call)
    made: Any = functools.wraps(original)(stand_in)
    for kind in (staticmethod, classmethod):
        if isinstance(raw, kind):
            return kind(made)
    return made


def _bind(place: Place, raw: Any, args: tuple) -> tuple[Callable[..., Any], tuple]:
    """The function as its caller would get it, and the arguments without ``self`` or ``cls``.

    A wrapper tells a method from a function by how it is bound, so it must not be called with ``self`` in front.
    """
    if not inspect.isclass(place.owner):
        return raw, args
    if isinstance(raw, staticmethod):
        return raw.__get__(None, place.owner), args
    if isinstance(raw, classmethod):
        return raw.__get__(None, args[0]), args[1:]
    return raw.__get__(args[0], place.owner), args[1:]


def handed_on(target: Any, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict[str, Any]]:
    """The arguments of a call without those that a target declares to replace, which become None or are left out."""
    replaced = dict(target.replaces)
    return (
        tuple(None if position in replaced.values() else arg for position, arg in enumerate(args)),
        {name: value for name, value in kwargs.items() if name not in replaced},
    )


def freeze(value: Any) -> Any:
    """A value of the same content that cannot be changed, nor what it holds; other than plain containers stay."""
    if type(value) in (list, tuple):
        return tuple(map(freeze, value))
    if type(value) is set:
        return frozenset(value)
    if type(value) is dict:
        return _FrozenDict({key: freeze(item) for key, item in value.items()})
    return value


class _FrozenDict(dict):
    """A dict that raises on change; unlike a mappingproxy it passes the library's own isinstance checks."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the caller's dict was about to be changed")

    __setitem__ = __delitem__ = update = pop = popitem = setdefault = clear = __ior__ = _refuse
