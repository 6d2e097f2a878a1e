"""The checks of generators: what is done to one is done to the library's own, and its span is nobody else's."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import gc
import inspect
import sys
from typing import Any, Callable, Coroutine, Iterator

from testkit.boundary import Place, stand_ins
from testkit.check import CheckFailed, NotExercised, Scope, check, fail_unless_equal
from testkit.observation import captured_output, describe, describe_exception, type_name
from testkit.tracer import DummyTracer
from testkit.trial import Trial

MOST_ITEMS = 100
"""Taken of one generator: some never end."""


class _Driven(BaseException):
    """Ends the scenario once its generator has been driven; no library catches it."""


class Thrown(Exception):
    """What is thrown into a generator."""


Script = tuple[str, ...]

SCRIPTS: tuple[Script, ...] = (
    ("drain",),
    ("close", "next"),
    ("throw", "next"),
    ("next", "close", "next"),
    ("next", "throw", "drain"),
    ("next", "send", "close"),
    ("next",),
)
"""What is done to a generator, in order, before it is forgotten; each script gets a new one."""


@check("INV-07", Scope.SCENARIO)
def generators_are_kept(trial: Trial) -> None:
    """Whatever is sent to a generator, thrown into it or asked of it, it answers as without tracing."""
    places = _streaming_places(trial)
    for place in places:
        for script in SCRIPTS:
            untraced = _driven(place, script, trial.run_untraced)
            while_traced = _driven(place, script, trial.run_traced)
            fail_unless_equal(untraced, while_traced, f"what comes of {', '.join(script)} on {place.name}")


def _streaming_places(trial: Trial) -> list[Place]:
    """The targets that give a generator in this scenario; raises NotExercised where none does."""
    places: dict[Place, None] = {}

    def note(place: Place, result: Any) -> None:
        if inspect.isgenerator(result) or inspect.isasyncgen(result):
            places.setdefault(place)

    with stand_ins(trial.places, returned=note):
        trial.run_untraced()
    if not places:
        raise NotExercised("no target gives a generator")
    return list(places)


def _driven(place: Place, script: Script, run: Callable[..., Any]) -> list[Any]:
    """The transcript of a script on the first generator that a place gives in a run, and of the generator's end."""
    transcript: list[Any] = []

    async def follow(generator: Any) -> None:
        steps = _Steps(generator)
        for step in script:
            transcript.append((step, await steps.take(step)))

    with _unraisable(transcript):
        _drive(place, run, follow)
        gc.collect()
    return transcript


@contextlib.contextmanager
def _unraisable(transcript: list[Any]) -> Iterator[None]:
    """Note what is raised where nobody can catch it, as in the end of a forgotten generator."""
    hook = sys.unraisablehook
    sys.unraisablehook = lambda report: transcript.append(("unraisable", type_name(report.exc_type)))
    try:
        yield
    finally:
        sys.unraisablehook = hook


def _drive(place: Place, run: Callable[..., Any], drive: Callable[[Any], Coroutine]) -> None:
    """Run a scenario up to the first generator that a place gives, and do something to that one.

    ``run`` is the trial's ``run_traced``, whose stand-in has to be above the wrapper, or its ``run_untraced``.
    """

    def end_with(_: Place, generator: Any) -> Any:
        if inspect.isasyncgen(generator):
            return _then_end(drive(generator))
        # Nothing in it waits: a generator that is not asynchronous takes its steps at once.
        with contextlib.suppress(StopIteration):
            drive(generator).send(None)
        # A traceback keeps what its frames hold, and a stream may keep a lock that the end of its scenario waits for.
        del generator
        raise _Driven

    with contextlib.suppress(_Driven):
        if "within" in inspect.signature(run).parameters:
            run(within=lambda: stand_ins([place], returned=end_with))
        else:
            with stand_ins([place], returned=end_with):
                run()


async def _then_end(work: Coroutine) -> None:
    await work
    raise _Driven


class _Steps:
    """The steps of a script, each told by what came of it."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self._is_async = inspect.isasyncgen(generator)

    async def take(self, step: str) -> Any:
        """Take one step and tell: the item, the end with its value, or the exception."""
        if step == "drain":
            items = []
            while len(items) < MOST_ITEMS:
                items.append(await self.take("next"))
                if items[-1][0] != "item":
                    break
            return items
        try:
            return ("item", describe(await self._result(step)))
        except (StopIteration, StopAsyncIteration) as end:
            return ("end", describe(getattr(end, "value", None)))
        except Exception as error:
            return ("raised", describe_exception(error))

    async def _result(self, step: str) -> Any:
        name, args = {
            "next": ("send", (None,)),
            "send": ("send", ("sent",)),
            "throw": ("throw", (Thrown("thrown"),)),
            "close": ("close", ()),
        }[step]
        if self._is_async:
            return await getattr(self.generator, f"a{name}")(*args)
        return getattr(self.generator, name)(*args)


@check("INV-08", Scope.SCENARIO)
def streams_may_end_elsewhere(trial: Trial) -> None:
    """A generator's span is not current for its consumer; begun here and ended there, it leaves nothing behind."""
    for place in _streaming_places(trial):
        for last_step in ("close", "throw", None):
            wrong = _left_by_two_contexts(trial, place, last_step)
            if wrong:
                ending = f"ended elsewhere by {last_step}" if last_step else "forgotten after a step"
                raise CheckFailed(f"a generator of {place.name}, {ending}: {'; '.join(wrong)}")


def _left_by_two_contexts(trial: Trial, place: Place, last_step: str | None) -> list[str]:
    """What is wrong after a first step in one context, and the last one in another."""
    tracer = DummyTracer()
    contexts: dict[str, contextvars.Context] = {}

    async def drive(generator: Any) -> None:
        contexts.update(began=contextvars.copy_context(), ended=contextvars.copy_context())
        steps = _Steps(generator)
        await _in_context(contexts["began"], steps.take, "next")
        if contexts["began"].run(tracer.context_provider.active) is not None:
            wrong.append("its span is current for its consumer")
        if last_step:
            await _in_context(contexts["ended"], steps.take, last_step)

    wrong: list[str] = []
    logged: list[str] = []
    with captured_output(logged):
        _drive(place, functools.partial(trial.run_traced, tracer), drive)
        gc.collect()
    for verb, context in contexts.items():
        active = context.run(tracer.context_provider.active)
        if active is not None:
            wrong.append(f"{active!r} stays current where it {verb}")
    wrong += [f"the span {span.name!r} is never finished" for span in tracer.started if not span.finished]
    return wrong + [line for line in logged if line.startswith("logged: ")]


async def _in_context(context: contextvars.Context, function: Callable[..., Coroutine], *args: Any) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Outside of a loop nothing in it waits.
        with contextlib.suppress(StopIteration):
            context.run(function(*args).send, None)
    else:
        await loop.create_task(function(*args), context=context)
