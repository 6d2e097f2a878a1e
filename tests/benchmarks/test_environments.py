"""One environment a contestant."""

import subprocess
import sys

import pytest

from benchmarks import environments
from benchmarks.environments import (
    CONTESTANTS,
    OURS,
    REPOSITORY,
    EnvironmentFailedError,
    cache_folder,
    contestants,
    environment,
    environment_variables,
    find_python,
    folder_name,
    lines_of,
    requirements_of,
)


def test_a_changed_pin_makes_another_environment():
    """The folder's name depends on each requirement."""
    assert folder_name("otel", ["sdk==1.44", "redis==8"], "3.11") != folder_name(
        "otel", ["sdk==1.45", "redis==8"], "3.11"
    )


def test_another_python_makes_another_environment():
    """The folder's name depends on the interpreter's version."""
    assert folder_name("otel", ["sdk==1.45"], "3.11") != folder_name("otel", ["sdk==1.45"], "3.12")


def test_the_order_of_requirements_does_not_matter():
    """The same requirements have the same folder."""
    assert folder_name("otel", ["a", "b"], "3.11") == folder_name("otel", ["b", "a"], "3.11")


def test_environments_are_kept_outside_the_repository(monkeypatch, tmp_path):
    """They are below XDG_CACHE_HOME or, without it, below the user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "ddtrace-benchmarks"

    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder().parent.name == ".cache"


def test_comments_are_no_requirements(tmp_path):
    """What stands behind a number sign is for the reader, and empty lines are nothing."""
    path = tmp_path / "peer.txt"
    path.write_text("# why\n\nsdk==1.45  # exactly\n")

    assert lines_of(path) == ["sdk==1.45"]


def test_ours_is_first():
    """The columns begin with ours; libraries.txt, which all contestants share, is none."""
    names = contestants()

    assert names[0] == OURS
    assert "libraries" not in names


@pytest.mark.parametrize("name", contestants())
def test_each_contestant_has_an_adapter_and_pinned_requirements(name):
    """Beside a contestant's requirements there is its adapter, and what a peer is measured with is pinned."""
    assert (CONTESTANTS / f"{name}.py").exists()
    if name != OURS:
        assert all("==" in requirement for requirement in requirements_of(name))


def test_all_contestants_trace_the_same_libraries():
    """The libraries' versions are those of all."""
    libraries = lines_of(CONTESTANTS / "libraries.txt")

    assert all(set(libraries) <= set(requirements_of(name)) for name in contestants())


def test_nothing_sets_a_tracer_up(monkeypatch):
    """Settings of tracers that are in the environment do not reach a contestant."""
    for variable in ("DD_SERVICE", "_DD_TESTING", "OTEL_SDK_DISABLED", "SENTRY_DSN", "ELASTIC_APM_ENABLED"):
        monkeypatch.setenv(variable, "1")

    variables = environment_variables("otel")

    assert not [name for name in variables if name.startswith(("DD_", "_DD_", "OTEL_", "SENTRY_", "ELASTIC_"))]


def test_bytecode_is_kept(monkeypatch):
    """Importing what is not installed, as ours is not, takes no longer than what pip has compiled."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    assert "PYTHONDONTWRITEBYTECODE" not in environment_variables(OURS)


@pytest.mark.parametrize(("name", "is_found"), [("dd1", False), (OURS, True)])
def test_a_peer_does_not_find_this_repository(name, is_found, monkeypatch):
    """Ours would hide a ddtrace that is installed, even for a program which is started in this folder."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))

    path = subprocess.run(
        # -S, since an environment for development has the repository in a .pth file.
        [sys.executable, "-S", "-c", "import os, sys; print(*map(os.path.realpath, sys.path), sep='\\n')"],
        env=environment_variables(name),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert (str(REPOSITORY.resolve()) in path.splitlines()) is is_found


def test_an_environment_that_is_complete_is_used_again(tmp_path):
    """What has its mark is neither made nor touched."""
    version = environments.run([sys.executable, "-c", "import sys; print(sys.version)"], "").strip()
    folder = tmp_path / folder_name("otel", requirements_of("otel"), version)
    folder.mkdir()
    (folder / "complete").touch()

    assert environment("otel", sys.executable, tmp_path) == str(folder / "bin" / "python")
    assert [path.name for path in folder.iterdir()] == ["complete"]


def test_a_python_that_is_not_there_is_named(tmp_path):
    """The error says which one was to run."""
    with pytest.raises(EnvironmentFailedError, match="/no/python does not run"):
        environment("otel", "/no/python", tmp_path)


def test_a_failing_command_tells_what_it_printed():
    """Why pip gave up is in the message."""
    with pytest.raises(EnvironmentFailedError, match="(?s)pip could not install otel.*no such version"):
        environments.run([sys.executable, "-c", "raise SystemExit('no such version')"], "pip could not install otel")


def test_the_python_of_contestants_is_looked_for(monkeypatch):
    """Another Python than 3.11 takes that of the PATH, and says what to do where there is none."""
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setenv("PATH", "")

    with pytest.raises(EnvironmentFailedError, match="no python3.11 on the PATH; name one with --python"):
        find_python()
