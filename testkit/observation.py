"""What the caller of a library could see of one run: the value or exception, and what was printed, logged or warned."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import io
import logging
import os
import sys
import tempfile
import traceback
import warnings
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator

from testkit._scenario import Scenario

PROTOCOLS = (
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__anext__",
    "__await__",
    "__call__",
    "__enter__",
    "__exit__",
    "__getitem__",
    "__iter__",
    "__len__",
    "__next__",
)

DEEPEST = 6

FAILURES = (Exception, asyncio.CancelledError, GeneratorExit, SystemExit)
"""What a scenario may end with; an interrupt from the keyboard, or a skip, ends the test."""


@dataclass
class Observation:
    """One run of a scenario.

    ``value`` and ``failure`` are described as plain data, so that two runs can be compared; ``exception`` is the very
    object that was raised, ``epilogue`` what the runner's own last call returned.
    """

    value: Any = None
    failure: Any = None
    exception: BaseException | None = None
    frames: tuple[tuple[str, str], ...] = ()
    output: list[str] = field(default_factory=list)
    epilogue: Any = None

    @property
    def outcome(self) -> Any:
        """The described value or exception."""
        return ("raised", self.failure) if self.exception is not None else ("returned", self.value)

    @property
    def ending(self) -> str:
        """The outcome in a few words."""
        return "returned" if self.exception is None else f"raised {self.exception!r}"


def observe(scenario: Scenario, arguments: dict[str, Any], epilogue: Callable[[], Any] = lambda: None) -> Observation:
    """Run a scenario, in a context of its own, and say what its caller could see.

    ``epilogue`` is called at the end in the same context, as the scenario's next statement would be.
    """
    seen = Observation()
    context = contextvars.copy_context()
    with captured_output(seen.output):
        context.run(_run, scenario, arguments, epilogue, seen)
    return seen


def _run(scenario: Scenario, arguments: dict[str, Any], epilogue: Callable[[], Any], seen: Observation) -> None:
    async def run_async() -> None:
        try:
            seen.value = describe(await scenario.function(**arguments))
        except FAILURES as error:
            _see_failure(seen, error)
        seen.epilogue = epilogue()

    if scenario.is_async:
        try:
            asyncio.run(run_async())
        except asyncio.CancelledError as error:
            # Asked for so late that the scenario had nothing more to wait for.
            _see_failure(seen, error)
        return
    try:
        seen.value = describe(scenario.function(**arguments))
    except FAILURES as error:
        _see_failure(seen, error)
    seen.epilogue = epilogue()


def _see_failure(seen: Observation, error: BaseException) -> None:
    seen.exception = error
    seen.failure = describe_exception(error)
    seen.frames = tuple((frame.filename, frame.name) for frame in traceback.extract_tb(error.__traceback__))


@contextlib.contextmanager
def captured_output(lines: list[str]) -> Iterator[None]:
    """Collect what is printed, logged at WARNING or above, and warned within a block."""
    printed = io.StringIO()
    handler = _Collecting(lines)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            # These come when the garbage is collected, from whatever ran before.
            warnings.simplefilter("ignore", ResourceWarning)
            yield
    finally:
        root.removeHandler(handler)
    lines.extend(f"printed: {line}" for line in printed.getvalue().splitlines())
    # Each once, as a program shows them: how often the same is said may depend on chance, as on a node that is chosen.
    lines.extend(dict.fromkeys(f"warned: {warning.category.__name__}: {warning.message}" for warning in warned))


@contextlib.contextmanager
def written_past_python(lines: list[str]) -> Iterator[None]:
    """Collect what is written to the descriptors of standard output and error themselves, as C code does."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with tempfile.TemporaryFile() as written, contextlib.ExitStack() as restored:
        for descriptor in (1, 2):
            before = os.dup(descriptor)
            restored.callback(os.close, before)
            restored.callback(os.dup2, before, descriptor)
            os.dup2(written.fileno(), descriptor)
        yield
        written.seek(0)
        lines.extend(written.read().decode(errors="replace").splitlines())


class _Collecting(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"logged: {record.name}: {record.getMessage()}")


def describe(value: Any, depth: int = 0) -> Any:
    """A value as plain data: builtins by what they hold, all else by its type and the protocols it has.

    The type is told in every case, since a caller can see it.
    """
    kind = type_name(type(value))
    if depth > DEEPEST:
        return (kind, "...")
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, bytearray)):
        return (kind, repr(value))
    if isinstance(value, dict):
        return (kind, [(describe(key, depth + 1), describe(item, depth + 1)) for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        return (kind, [describe(item, depth + 1) for item in value])
    if isinstance(value, (set, frozenset)):
        return (kind, sorted((describe(item, depth + 1) for item in value), key=repr))
    if isinstance(value, BaseException):
        return describe_exception(value)
    if isinstance(value, type):
        return ("type", type_name(value))
    return (kind, [name for name in PROTOCOLS if _has_protocol(type(value), name)])


def _has_protocol(kind: type, name: str) -> bool:
    # Not by hasattr: every class has the __call__ of its metaclass, which its instances have not.
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None) is not None


def describe_exception(error: BaseException | None, depth: int = 0) -> Any:
    """An exception as plain data: type, arguments, cause, context, their suppression, and notes."""
    if error is None or depth > DEEPEST:
        return None
    return {
        "type": type_name(type(error)),
        "args": [describe(arg, depth + 1) for arg in error.args],
        "cause": describe_exception(error.__cause__, depth + 1),
        "context": describe_exception(error.__context__, depth + 1),
        "suppress_context": error.__suppress_context__,
        "notes": list(getattr(error, "__notes__", ())),
    }


def type_name(kind: type) -> str:
    """A type's full name."""
    return f"{kind.__module__}.{kind.__qualname__}"
