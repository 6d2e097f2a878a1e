"""``import ddtrace`` costs little and does nothing to the process."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.architecture.layers import INTEGRATIONS

BUDGET = 90
"""Modules that the import may add to those of a bare interpreter."""

BUDGET_OF_A_TRACED_START = 18
"""Modules that tracing a program from its start may add to those of the import, declarations aside."""

FORBIDDEN = {
    "asyncio",
    "dataclasses",
    "http.client",
    "importlib.metadata",
    "inspect",
    "msgpack",
    "msgspec",
    "ssl",
    "wrapt",
}

PROBE = """
import json, sys, threading, logging
before = set(sys.modules)
meta_path, excepthook, handlers = list(sys.meta_path), sys.excepthook, list(logging.getLogger().handlers)
{code}
print(json.dumps({{
    "loaded": sorted(set(sys.modules) - before),
    "threads": threading.active_count(),
    "is_meta_path_changed": meta_path != sys.meta_path,
    "is_excepthook_changed": excepthook is not sys.excepthook,
    "handlers": len(logging.getLogger().handlers) - len(handlers),
}}))
"""


def probe(code: str) -> dict:
    """What running code in a clean interpreter loads and changes; threading and logging are there already."""
    run = subprocess.run([sys.executable, "-c", PROBE.format(code=code)], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_import_loads_few_modules() -> None:
    """The number of modules that import ddtrace adds to a bare interpreter is within the budget."""
    code = "import sys; before = set(sys.modules); import ddtrace; print(len(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) <= BUDGET


def test_import_loads_nothing_that_costs() -> None:
    """None of the slow or far-reaching modules is loaded."""
    assert not FORBIDDEN & set(probe("import ddtrace")["loaded"])


def test_import_loads_no_integration() -> None:
    """Declarations are read when they are asked for."""
    loaded = probe("import ddtrace")["loaded"]
    assert not [name for name in loaded if name.startswith("ddtrace.contrib.") and name != "ddtrace.contrib._registry"]


def test_import_changes_nothing_of_the_process() -> None:
    """No thread, import hook, excepthook or log handler is there afterwards."""
    facts = probe("import ddtrace")
    facts.pop("loaded")
    assert facts == {
        "threads": 1,
        "is_meta_path_changed": False,
        "is_excepthook_changed": False,
        "handlers": 0,
    }


def test_patching_a_library_that_is_not_imported_loads_neither_it_nor_wrapt() -> None:
    """patch() waits for the library; wrapt, which imports asyncio and ssl, waits with it."""
    loaded = set(probe("import ddtrace; ddtrace.patch(redis=True)")["loaded"])
    assert not loaded & {"redis", "wrapt", "ssl", "asyncio"}


def test_traced_start_loads_few_modules() -> None:
    """A program under ``ddtrace-run`` has little more than the import, and nothing that costs or is traced.

    Declarations are dataclasses, which need inspect.
    """
    imported, started = (set(probe(code)["loaded"]) for code in ("import ddtrace", "import ddtrace.auto"))
    added = {name for name in started - imported if not name.startswith(tuple(INTEGRATIONS))}
    assert len(added) <= BUDGET_OF_A_TRACED_START, sorted(added)
    assert not started & ({*FORBIDDEN, "redis", "socket"} - {"dataclasses", "inspect"})
