"""One virtual environment a contestant, made when it is first needed.

A folder's name tells its contestant, its Python and its requirements; other requirements make another folder. Nothing
but pip fills it.
"""

from __future__ import annotations

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CONTESTANTS = HERE / "contestants"
REPOSITORY = HERE.parent

OURS = "ours"
ORDER = ("ours", "dd4", "dd1", "otel", "sentry", "elastic")
"""Columns of the table; a contestant that is not named comes last."""

PYTHON = "python3.11"
"""What all contestants run on: the newest that ddtrace 1.20 has wheels for."""

MARK = "complete"


class EnvironmentFailedError(Exception):
    """An environment could not be made; the message holds what pip said."""


def contestants() -> list[str]:
    """The names of all contestants, ours first."""
    names = {path.stem for path in CONTESTANTS.glob("*.txt")} - {"libraries"}
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def requirements_of(name: str) -> list[str]:
    """What pip is to install for a contestant: its own, and the libraries that all of them trace."""
    lines = [*lines_of(CONTESTANTS / f"{name}.txt"), *lines_of(CONTESTANTS / "libraries.txt")]
    return [*runtime_requirements(), *lines] if name == OURS else lines


def lines_of(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def runtime_requirements() -> list[str]:
    """Those of this repository, which is itself not installed: it is on the path of its processes."""
    return runpy.run_path(str(REPOSITORY / "setup.py"))["RUNTIME"]


def folder_name(name: str, requirements: list[str], python_version: str) -> str:
    """The same for the same requirements, in whatever order."""
    told = "\n".join([python_version, *sorted(requirements)])
    return f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def cache_folder() -> Path:
    """Where environments are kept, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ddtrace-benchmarks"


def find_python() -> str:
    """The Python that contestants run on; raises EnvironmentFailedError where there is none."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which(PYTHON)
    if found is None:
        raise EnvironmentFailedError(f"there is no {PYTHON} on the PATH; name one with --python")
    return found


def environment(name: str, python: str, cache: Path) -> str:
    """The interpreter of a contestant's environment, made if it is not there; raises EnvironmentFailedError."""
    requirements = requirements_of(name)
    version = run([python, "-c", "import sys; print(sys.version)"], f"{python} does not run").strip()
    folder = cache / folder_name(name, requirements, version)
    interpreter = folder / "bin" / "python"
    if not (folder / MARK).exists():
        print(f"making an environment for {name}: {' '.join(requirements)}", file=sys.stderr, flush=True)
        run([python, "-m", "venv", "--clear", str(folder)], f"no environment in {folder}")
        run(
            [str(interpreter), "-m", "pip", "install", "--quiet", "--prefer-binary", *requirements],
            f"pip could not install {name} for {version.split()[0]}; leave it out with --peers",
        )
        # Last: what was interrupted is made anew.
        (folder / MARK).touch()
    if name == OURS:
        compile_extension(str(interpreter))
    return str(interpreter)


def compile_extension(interpreter: str) -> None:
    """Compile this repository's extension in its place, which is where the processes of ours find it."""
    command = [interpreter, str(REPOSITORY / "setup.py"), "--quiet", "build_ext", "--inplace"]
    run(command, "the extension could not be compiled; is there a compiler?", folder=REPOSITORY)


def run(command: list[str], failure: str, folder: Path | None = None) -> str:
    """What a command printed; raises EnvironmentFailedError with ``failure`` and its errors."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder)
    except OSError as error:
        raise EnvironmentFailedError(f"{failure}: {error}") from None
    if done.returncode != 0:
        raise EnvironmentFailedError(f"{failure}:\n{done.stdout}{done.stderr}")
    return done.stdout


def environment_variables(name: str) -> dict[str, str]:
    """What a contestant's processes find in their environment: nothing that would set a tracer up.

    Peers neither find this repository nor what is installed for its tests.
    """
    # What pip installed, it has compiled: ours, which is not installed, may keep its bytecode like the others.
    dropped = {"PYTHONDONTWRITEBYTECODE"} if name == OURS else {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    kept = {
        variable: value
        for variable, value in os.environ.items()
        if not variable.startswith(("DD_", "_DD_", "OTEL_", "SENTRY_", "ELASTIC_")) and variable not in dropped
    }
    if name == OURS:
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    # Safe: `python -c` would look into the current folder at first, and find this repository's ddtrace there.
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1"}
