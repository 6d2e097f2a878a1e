"""Run a scenario after every order of importing the library, patching and unpatching.

Each order needs an interpreter in which the library was never imported. One clean interpreter imports what the library
needs of the standard library, and forks a child for each step of an order.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, Iterator

from testkit.check import CheckFailed
from testkit.forked import in_child
from testkit.interpreter import run_for_json, run_python, same_path
from testkit.tracer import DummyTracer
from testkit.trial import Trial

LONGEST = 4
"""Steps in the longest order, the import among them."""

NOT_FOR_PATCH = ("asyncio", "gevent", "http.client", "requests", "socket", "ssl", "urllib3")
"""Modules that patching must not import before the library does: gevent has to patch them first."""

LOADED_BY_PATCHING = ("ddtrace.contrib._patching", "ddtrace.contrib._wrapper", "wrapt")
"""What is ours, and is loaded late; each child would load it again."""

TIMEOUT_S = 120


def orders(begun: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every order of up to ``LONGEST`` steps with one import, each before those that go on from it."""
    if "import" in begun:
        yield begun
    for step in _next_steps(begun):
        yield from orders((*begun, step))


def _next_steps(begun: tuple[str, ...]) -> tuple[str, ...]:
    if "import" in begun:
        return ("patch", "unpatch") if len(begun) < LONGEST else ()
    return ("import", "patch", "unpatch") if len(begun) < LONGEST - 1 else ("import",)


def prove(trial: Trial, expected_spans: int) -> list[str]:
    """Each order that goes wrong, in words; and what patching imports that it must not."""
    trial.reset()
    integration = trial.integration
    for name, value in trial.arguments.items():
        if not isinstance(value, (str, dict)):
            raise CheckFailed(
                f"the fixture {name!r} of {trial.scenario.name} is a {type(value).__name__}; expected is text or a "
                "dictionary of texts, which another interpreter can be given"
            )
    question = {
        "declaration": integration.package,
        "modules": list(integration.modules),
        "path": str(trial.path),
        "scenario": trial.scenario.name,
        "arguments": trial.arguments,
    }
    wrong = []
    answers = run_for_json("-m", __name__, json.dumps(question), env=same_path(), timeout_s=TIMEOUT_S)
    for steps, spans, problem in answers:
        changes = [step for step in steps if step != "import"]
        expected = expected_spans if changes and changes[-1] == "patch" else 0
        if problem:
            wrong.append(f"{', '.join(steps)}: {problem}")
        elif spans != expected:
            wrong.append(f"{', '.join(steps)}: the scenario makes {spans} spans, expected {expected}")
    return wrong + _imported_by_patch(integration.package, integration.modules)


def _imported_by_patch(declaration: str, modules: tuple[str, ...]) -> list[str]:
    code = (
        "import importlib, sys; before = set(sys.modules); import ddtrace; "
        f"importlib.import_module({declaration!r}).integration.patch(); "
        "print('\\n'.join(set(sys.modules) - before))"
    )
    loaded = run_python("-c", code, env=same_path()).split()
    forbidden = {*NOT_FOR_PATCH, *modules}
    return [f"patching imports {name}" for name in sorted(loaded) if name in forbidden]


# -- within the clean interpreter --------------------------------------------------------------------------------------


Answer = tuple[tuple[str, ...], int, str]


def main(question: dict[str, Any]) -> list[Answer]:
    """Answer for each order: its steps, the number of spans, and what went wrong."""
    if path := question["arguments"].get("cassette"):
        # Not on top: few scenarios have one, and vcrpy imports every HTTP client there is.
        from testkit.fixtures.cassette import playing

        if imported := [name for name in question["modules"] if name in sys.modules]:
            problem = f"vcrpy imports {', '.join(imported)}: let the scenario use a server instead of a cassette"
            return [(("import",), 0, problem)]
        with playing(Path(path)) as player:
            return _answers({**question, "player": player})
    return _answers(question)


def _answers(question: dict[str, Any]) -> list[Answer]:
    names, problem = in_child(lambda: _needed_modules(question))
    if problem:
        return [(("import",), 0, problem)]
    for name in (*names, *LOADED_BY_PATCHING):
        importlib.import_module(name)
    # The first span loads what encodes it.
    DummyTracer().trace("first").finish()
    return _explore(question, ())


def _explore(question: dict[str, Any], begun: tuple[str, ...]) -> list[Answer]:
    """The answers for all orders that begin with these steps, which have been taken in this interpreter.

    Each next step is taken in a child, so that the orders which begin alike import the library once.
    """
    answers: list[Answer] = []
    if "import" in begun:
        answers.append((begun, *in_child(lambda: _spans_of_scenario(question))))
    for step in _next_steps(begun):
        taken = (*begun, step)
        further, problem = in_child(lambda taken=taken: _take_last_step(question, taken))
        answers += [(taken, 0, problem)] if problem else further
    return answers


def _take_last_step(question: dict[str, Any], steps: tuple[str, ...]) -> list[Answer]:
    integration = importlib.import_module(question["declaration"]).integration
    library = question["modules"][0]
    if steps[-1] == "import":
        importlib.import_module(library)
    elif steps[-1] == "patch":
        integration.patch()
    else:
        integration.unpatch()
    if "import" not in steps and library in sys.modules:
        raise ImportError(f"{steps[-1]} imported {library}")
    return _explore(question, steps)


def _needed_modules(question: dict[str, Any]) -> list[str]:
    """What the scenario and its library load of the standard library and of the kit."""
    before = set(sys.modules)
    _load_scenario(question)
    shared = {*sys.stdlib_module_names, "testkit"}
    # The kit's toy is a library on trial, too.
    tried = tuple(f"{module}." for module in question["modules"])
    loaded = [name for name in sys.modules if name not in before and name.partition(".")[0] in shared]
    found = [name for name in loaded if not f"{name}.".startswith(tried)]
    # A module without a spec, such as pyexpat.errors, comes with the one that makes it.
    return [name for name in found if getattr(sys.modules[name], "__spec__", None) is not None]


def _spans_of_scenario(question: dict[str, Any]) -> int:
    """The number of spans that the scenario makes now."""
    from testkit._scenario import Scenario
    from testkit.observation import observe
    from testkit.patched import override_pins

    integration = importlib.import_module(question["declaration"]).integration
    use = _load_scenario(question)
    scenario = use if isinstance(use, Scenario) else Scenario(integration, use)
    tracer = DummyTracer()
    override_pins(integration.load_patching(), tracer=tracer)
    observe(scenario, question["arguments"])
    if player := question.get("player"):
        player.refuse_misses()
    return len(tracer.started)


def _load_scenario(question: dict[str, Any]) -> Any:
    spec = importlib.util.spec_from_file_location("scenarios_on_trial", Path(question["path"]))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, question["scenario"])


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
