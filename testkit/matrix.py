"""The test matrix: from the declarations to what riot runs.

`riotfile.py` reads this where nothing but riot is installed: standard library and riot only.

riot knows a venv by the packages that vary, so its tables show those and no more. What every venv
has besides, the kit, is added when a venv is prepared. pip resolves the two together, once, while
it installs them: riot's own way is to resolve first, by pip-tools which it installs into the
interpreter itself, and that takes twice as long.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
from riot import Venv, latest
from riot.interpreter import Interpreter
from riot.venv import VenvInstance

from ddtrace.contrib._integration import Integration, release_numbers
from ddtrace.contrib._registry import declarations
from testkit.fixtures import SERVICES

__all__ = [
    "Matrix",
    "integration_venv",
    "lint_venv",
    "own_declarations",
    "services_venv",
    "supported_pythons",
    "whole_suite_venv",
]

ROOT = Path(__file__).resolve().parent.parent

# riot hands on none of these, yet they choose the services, the package index, the folder for
# temporary files and whether the extension is used. The rest stays outside: a developer's DD_SERVICE
# would change what tests see.
HANDED_ON = re.compile(
    r"CI|HOME|TMPDIR|PYTEST_ADDOPTS|SSL_CERT_DIR|(https?|no)_proxy|"
    r"(DOCKER|PIP|TESTCONTAINERS|TESTKIT)_\w+|_DD_TRACE_NATIVE_ENABLED"
)


def supported_pythons() -> list[str]:
    """The supported Pythons, oldest first: those that `.python-version` shows to pyenv."""
    return (ROOT / ".python-version").read_text().split()


def own_declarations() -> list[Integration]:
    """Those of this tree; the registry also knows those of other distributions, tested elsewhere."""
    return [each for each in declarations() if each.package.startswith("ddtrace.")]


def integration_venv(declaration: Integration) -> KitVenv:
    """The tests of one integration, on each declared version of its library and each Python.

    Of several libraries one varies at a time, while the others are the newest.
    """
    kit = kit_requirements(declaration.services)
    pythons = declaration.pythons or tuple(supported_pythons())
    newest = packages([declaration], newest=True)
    # Without any package riot makes no venv.
    venvs = [
        KitVenv(pys=_not_before(oldest, pythons), pkgs=newest | varied or {"pytest": latest}, kit=kit)
        for oldest, varied in _varied(declaration)
    ]
    return KitVenv(
        name=declaration.name,
        venvs=venvs,
        kit=kit,
        command=f"python -m pytest -n 2 {{cmdargs}} tests/contrib/{declaration.name}",
    )


def _varied(declaration: Integration) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The versions to test of each library, by their oldest Python, if they have one.

    Those of a further library are without the newest, which the first one is tested with.
    """
    for library in declaration.libraries:
        oldest = dict(library.oldest_python)
        if unknown := oldest.keys() - set(library.versions):
            raise ValueError(f"oldest_python names {', '.join(unknown)}, which are none of {library.versions}")
        versions: dict[str, list[str]] = {}
        for each in library.versions:
            if each != "latest" or library not in declaration.also:
                versions.setdefault(oldest.get(each, ""), []).append(riot_version(each))
        for python, tested in versions.items():
            yield python, {library.requirement: tested}
        if not library.versions:
            yield "", {}


def _not_before(oldest: str, pythons: Sequence[str]) -> list[str]:
    return [each for each in pythons if release_numbers(each) >= release_numbers(oldest)]


def whole_suite_venv(tested: Sequence[Integration]) -> KitVenv:
    """The whole test suite on the oldest Python, with the newest release of every library that can be built here."""
    present = [each for each in tested if not each.built_with or shutil.which(each.built_with)]
    return KitVenv(
        name="tests",
        pys=supported_pythons()[0],
        pkgs=packages(present, newest=True),
        # The tools of style are there for the tests of the scaffold, whose output they judge.
        kit=kit_requirements(list(SERVICES)) + tuple(_project()["DEV"]),
        command="python -m pytest -n auto {cmdargs} tests",
    )


def services_venv() -> KitVenv:
    """Each service by one provider: `riot run services -- --services=docker`."""
    return KitVenv(
        name="services",
        pys=supported_pythons()[0],
        pkgs={"pytest": latest},
        kit=kit_requirements(list(SERVICES)),
        command="python -m pytest -n 2 {cmdargs} tests/testkit/fixtures/test_selected_services.py",
    )


def lint_venv() -> KitVenv:
    """The style judge, over the tree or over the files given."""
    return KitVenv(
        name="lint",
        pys=supported_pythons()[0],
        pkgs={"flake8": latest},
        kit=tuple(_project()["DEV"]),
        command="flake8 {cmdargs}",
    )


def packages(tested: Iterable[Integration], newest: bool = False) -> dict[str, list[str]]:
    """The versions of each library, or the newest alone; the standard library's come with Python."""
    libraries = [library for each in tested for library in each.libraries if library.distribution]
    return {each.requirement: [latest] if newest else list(map(riot_version, each.versions)) for each in libraries}


def riot_version(specifier: str) -> str:
    """What riot calls a version: the specifier itself, or its word for the newest release."""
    return latest if specifier == "latest" else specifier


def kit_requirements(services: Sequence[str]) -> tuple[str, ...]:
    """What tests need besides the library: the kit, and the servers which pip installs for their services."""
    programs = [program for name in services for program in (SERVICES[name].local, SERVICES[name].embedded) if program]
    wanted = {program.install.get("pip") for program in programs}
    project = _project()
    servers = [each for each in project["EMBEDDED"] if re.match(r"[\w.-]+(\[\w+\])?", each)[0] in wanted]
    return tuple(project["TESTKIT"] + servers)


@cache
def _project() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "setup.py"))


@dataclass
class KitVenv(Venv):
    """A riot venv that installs ``kit`` beside its packages."""

    kit: tuple[str, ...] = ()


class Matrix(Venv):
    """The root of the matrix: it yields what can run on this machine and says what cannot."""

    def instances(self, parent_inst: VenvInstance | None = None) -> Iterator[VenvInstance]:
        """The declared venvs whose interpreter is here; an error if none of those was asked for."""
        declared = list(super().instances(parent_inst))
        here = {Interpreter(python) for python in present_pythons()}
        context = click.get_current_context(silent=True)
        if context is not None and "pattern" in context.params:
            _report_left_out(context, _asked_for(declared, context.params), here)
        for each in declared:
            if each.py in here:
                yield _Instance(each.venv, each.pkgs, each.py, each.env, each.parent)


def _asked_for(declared: list[VenvInstance], params: dict[str, Any]) -> list[VenvInstance]:
    pattern = re.compile(params["pattern"])
    pythons = params.get("pythons") or {each.py for each in declared}
    asked = [each for each in declared if each.matches_pattern(pattern) and each.py in pythons]
    if not asked:
        # riot itself would call it a success: 0 passed.
        names = ", ".join(sorted({each.name for each in declared}))
        raise click.UsageError(
            f"no venv is named {pattern.pattern!r} and has such a Python; the names are {names}, "
            f"the Pythons {', '.join(supported_pythons())}"
        )
    return asked


def _report_left_out(context: click.Context, asked: list[VenvInstance], here: set[Interpreter]) -> None:
    left_out = [each for each in asked if each.py not in here]
    if not left_out:
        return
    wanted = {each.py for each in left_out}
    missing = [python for python in supported_pythons() if Interpreter(python) in wanted]
    names = {each.name for each in asked}
    venvs = f"{names.pop()} venvs" if len(names) == 1 else "venvs"
    line = (
        f"python {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not on this machine: "
        f"{len(left_out)} of {len(asked)} {venvs} are left out; "
        f"`pyenv install {' '.join(missing)}` would add them"
    )
    if len(left_out) == len(asked):
        raise click.ClickException(line)
    # At the end, where it is seen; riot asks for the instances twice.
    if __name__ not in context.meta:
        context.meta[__name__] = line
        context.call_on_close(lambda: click.echo(line, err=True))


@cache
def present_pythons() -> list[str]:
    """Those supported Pythons which start: a shim of pyenv may be there and still refuse."""
    probes = {
        python: subprocess.Popen(
            [f"python{python}", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for python in supported_pythons()
        if shutil.which(f"python{python}")
    }
    return [python for python, probe in probes.items() if probe.communicate()[0].strip() == python]


class _Instance(VenvInstance):
    """One venv of the matrix, with its kit and with what tests need of the environment."""

    @property
    def ident(self) -> str:
        """The name of its folder; by packages alone, as riot has it, two venvs would share one."""
        return f"{self.name}_{super().ident}"

    @property
    def requirements(self) -> str:
        """Write down what to install, and return it; riot asks for it before an installation."""
        text = "\n".join([*self.full_pkg_str.replace("'", "").split(), *self.venv.kit, ""])
        path = Path(".riot", "requirements", f"{self.short_hash}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return text

    def prepare(self, env: dict[str, str], *args: Any, **kwargs: Any) -> None:
        """Install what is not installed yet, or not wholly, or with other requirements."""
        # riot runs the tests with this very dictionary and prints only what the venv declares,
        # so that a password handed on here stays out of its tables.
        env.update({name: os.environ[name] for name in os.environ if HANDED_ON.fullmatch(name)})
        # Bytecode of modules that nobody imports takes half the time of an installation.
        env.setdefault("PIP_COMPILE", "0")
        wanted, installed = self.requirements, Path(self.prefix, "installed.txt")
        if kwargs.get("recreate") or not installed.exists() or installed.read_text() != wanted:
            # riot takes any folder for a good one, and recreates by installing over it.
            shutil.rmtree(self.prefix, ignore_errors=True)
        super().prepare(env, *args, **kwargs)
        installed.write_text(wanted)
