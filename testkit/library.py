"""What a library is seen to be from outside: its version, a function to wrap, a call to try.

``look_at`` asks a clean interpreter, so that neither the library nor what it does to a process is imported here.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import json
import sys
from types import FunctionType, ModuleType
from typing import Any, Iterator

from ddtrace.contrib._patching import Target
from testkit._scenario import Scenario
from testkit.boundary import Place, place_of, stand_ins
from testkit.interpreter import InterpreterError, run_for_json
from testkit.observation import Observation, observe

MOST_CANDIDATES = 10

CALLS = "execute request query send publish fetch render run call invoke process parse load dump get set".split()
"""How names of functions begin that people like to see traced, most of all the first."""

TOY = ("Client.answer", "AsyncClient.answer", "NoAnswer")
"""What the template's own library offers."""


class LibraryError(Exception):
    """The library is not there, or is not what was said of it; the message says what to do."""


def look_at(module: str, distribution: str, target: str = "", call: str = "") -> dict[str, Any]:
    """Import a library in a clean interpreter, and say what it is.

    The answer holds ``version``, ``is_toy`` and ``candidates`` for a target; for a given target its ``owner`` (an
    expression for what bears its pin), ``qualname`` and ``is_async``; for a call of it, which is tried, ``is_awaited``:
    whether what it returns has to be.
    """
    question = {"module": module, "distribution": distribution, "target": target, "call": call}
    try:
        answer = run_for_json("-m", __name__, json.dumps(question))
    except (InterpreterError, ValueError, IndexError) as error:
        raise LibraryError(f"the library {module!r} could not be looked at: {error}") from None
    if "problem" in answer:
        raise LibraryError(answer["problem"])
    return answer


# -- within the clean interpreter --------------------------------------------------------------------------------------


def main(question: dict[str, str]) -> dict[str, Any]:
    """The answer for ``look_at``, or a problem in words."""
    try:
        return _answer(**question)
    except LibraryError as problem:
        return {"problem": str(problem)}


def _answer(module: str, distribution: str, target: str, call: str) -> dict[str, Any]:
    try:
        version = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        raise LibraryError(f"{distribution!r} is not installed here; pip install {distribution}") from None
    try:
        library = importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise LibraryError(
            f"the module {module!r} of {distribution} {version} cannot be imported: {type(error).__name__}: {error}; "
            f"give another --module, or pip install {distribution}"
        ) from None
    answer = {
        "version": version,
        "is_toy": all(_is_there(library, path) for path in TOY),
        "candidates": candidates(library),
    }
    if target:
        answer |= _look_at_target(library, target)
    if call:
        answer["is_awaited"] = _try_call(library, target, call)
    return answer


def _is_there(library: ModuleType, path: str) -> bool:
    owner, _, name = path.rpartition(".")
    return hasattr(getattr(library, owner, None) if owner else library, name)


def candidates(library: ModuleType) -> list[str]:
    """Public functions to wrap, methods before functions, at most ten."""
    names = dict.fromkeys(_public_functions(library))
    return sorted(names, key=_rank)[:MOST_CANDIDATES]


def _public_functions(library: ModuleType) -> Iterator[str]:
    package = library.__name__.partition(".")[0]
    for name, value in vars(library).items():
        # By its type: some proxies answer every other question by looking for what they stand for.
        if name.startswith("_") or not issubclass(type(value), (type, FunctionType)):
            continue
        if value.__module__.partition(".")[0] != package:
            continue
        if inspect.isclass(value) and not issubclass(value, BaseException):
            for method, raw in vars(value).items():
                if not method.startswith("_") and not _refusal(raw):
                    yield f"{name}.{method}"
        elif not _refusal(value):
            yield name


def _rank(path: str) -> tuple[int, bool, str]:
    name = path.rpartition(".")[2].lower()
    place = next((place for place, verb in enumerate(CALLS) if name.startswith(verb)), len(CALLS))
    return place, "." not in path, path


def _refusal(raw: Any) -> str:
    """Why a call of this cannot be the length of a span; empty where it can."""
    function = raw.__func__ if isinstance(raw, (staticmethod, classmethod)) else raw
    if not inspect.isfunction(function):
        return f"is no Python function but a {type(function).__name__}"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return "is a generator function, whose work begins after the call: its wrapper has to be written by hand"
    return ""


def _look_at_target(library: ModuleType, path: str) -> dict[str, Any]:
    place = _place(library, path)
    refusal = _refusal(place.raw)
    if refusal:
        raise LibraryError(f"--target {path} {refusal}; {_suggestion(library)}")
    function = getattr(place.raw, "__func__", place.raw)
    is_bound = inspect.isclass(place.owner) and not isinstance(place.raw, staticmethod)
    parents = path.split(".")[:-1]
    return {
        "owner": "instance" if is_bound else ".".join([f'sys.modules["{library.__name__}"]', *parents]),
        "qualname": function.__qualname__,
        "is_async": inspect.iscoroutinefunction(function),
    }


def _place(library: ModuleType, path: str) -> Place:
    try:
        place = place_of(Target(library.__name__, path, _no_wrapper))
        place.raw
    except AttributeError:
        raise LibraryError(f"there is no --target {path} in {library.__name__}; {_suggestion(library)}") from None
    return place


def _no_wrapper(*args: Any) -> None:
    """A place is looked at, not wrapped."""


def _suggestion(library: ModuleType) -> str:
    names = candidates(library)
    return f"candidates are {', '.join(names)}" if names else f"{library.__name__} has no function to wrap"


def _try_call(library: ModuleType, target: str, call: str) -> bool:
    """Whether what a call returns must be awaited; it has to reach the target, and to be the same each time."""
    is_awaited = not has_await(call) and _returns_awaitable(library, call)
    use = _compiled(library, awaited(call) if is_awaited else call)
    reached: list[Place] = []
    with stand_ins([_place(library, target)], lambda place, args, kwargs: reached.append(place)):
        first, second = observe(Scenario(None, use), {}), observe(Scenario(None, use), {})
    _refuse_failure(call, first)
    if not reached:
        raise LibraryError(f"--call {call} does not call {target}: give a call that does")
    if first.outcome != second.outcome:
        raise LibraryError(
            f"--call {call} has another outcome each time, {first.outcome} and {second.outcome}: it must be the same, "
            "for an untraced run is compared with a traced one"
        )
    return is_awaited


def _returns_awaitable(library: ModuleType, call: str) -> bool:
    returned: list[Any] = []
    use = _compiled(library, call)
    _refuse_failure(call, observe(Scenario(None, lambda: returned.append(use())), {}))
    if inspect.iscoroutine(returned[0]):
        returned[0].close()
    return inspect.isawaitable(returned[0])


def _refuse_failure(call: str, seen: Observation) -> None:
    if seen.exception is not None:
        error = f"{type(seen.exception).__name__}: {seen.exception}"
        raise LibraryError(f"--call {call} raises {error}; give a call that succeeds, by names of the module only")


def _compiled(library: ModuleType, call: str) -> Any:
    top = library.__name__.partition(".")[0]
    namespace: dict[str, Any] = {top: sys.modules[top]}
    exec(f"{'async ' * has_await(call)}def use():\n    return {call}\n", namespace)
    return namespace["use"]


# -- expressions -------------------------------------------------------------------------------------------------------


def names_in(call: str) -> set[str]:
    """The names that an expression uses; raises LibraryError where it is none that fits on a line of a scenario."""
    try:
        expression = ast.parse(f"async def use(): return {call}\nasync def use(): return [{call} for _ in range(2)]")
        ast.parse(call, mode="eval")
    except (SyntaxError, ValueError) as error:
        raise LibraryError(f"--call {call!r} is no Python expression: {error}") from None
    if "\n" in call:
        raise LibraryError(f"--call {call!r} has more than one line: put what it needs on one")
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)} - {"_", "range"}


def has_await(call: str) -> bool:
    """Whether an expression awaits something."""
    return any(isinstance(node, ast.Await) for node in ast.walk(ast.parse(call, mode="eval")))


def awaited(call: str) -> str:
    """An expression that awaits another."""
    is_primary = isinstance(ast.parse(call, mode="eval").body, (ast.Attribute, ast.Call, ast.Name, ast.Subscript))
    return f"await {call}" if is_primary else f"await ({call})"


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
