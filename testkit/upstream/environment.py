"""Environments for suites: made by pip, kept for the next time."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.metadata import requires
from pathlib import Path

from testkit.upstream.errors import UpstreamError

_FOREIGN = re.compile(r"_?DD_\w+|(PYTHON|PYTEST|COVERAGE|COV|TESTKIT|VIRTUAL_ENV)\w*|__PYVENV_LAUNCHER__")
_OURS = {"_DD_TRACE_NATIVE_ENABLED"}
_LINES_SHOWN = 30


def clean_environment() -> dict[str, str]:
    """This process's variables, without those that change a Python, its tests or a tracer."""
    return {name: value for name, value in os.environ.items() if name in _OURS or not _FOREIGN.fullmatch(name)}


def cache_folder() -> Path:
    """Where environments are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "testkit" / "upstream"


def tracer_requirements() -> list[str]:
    """What ddtrace itself needs; it is not installed, so that its current state is what runs."""
    return [each for each in requires("ddtrace") or () if "extra ==" not in each]


def make_environment(requirements: Sequence[str], folder: Path) -> Path:
    """The Python of an environment with the requirements in it, made unless it is there.

    Raises UpstreamError where they cannot be installed.
    """
    made_by = "\0".join([sys.version, *requirements])
    path = folder / f"venv-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}"
    python = path / "bin" / "python"
    installed = path / "installed.txt"
    if not installed.exists():
        shutil.rmtree(path, ignore_errors=True)
        venv.create(path, symlinks=True)
        pip("--python", str(python), "install", "--quiet", *requirements)
        installed.write_text("\n".join(requirements))
    return python


def pip(*arguments: str) -> None:
    """Run pip as the user has configured it; raises UpstreamError with the end of what it printed where it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    # What is on PYTHONPATH, where riot has the kit, pip would take for installed.
    run = subprocess.run(command, env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.returncode:
        printed = "\n".join((run.stdout + run.stderr).splitlines()[-_LINES_SHOWN:])
        raise UpstreamError(f"pip {' '.join(arguments)} ended with status {run.returncode}:\n{printed}")
