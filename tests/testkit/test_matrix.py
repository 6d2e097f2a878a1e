"""The matrix derives from the declarations, and says what it leaves out."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest
import riot.session
from riot import Session, latest
from riot.interpreter import Interpreter
from riot.venv import VenvInstance

from ddtrace.contrib._integration import Integration, Library
from testkit import matrix

ROOT = Path(__file__).resolve().parents[2]

TOY = Integration(
    package="ddtrace.contrib.toy",
    distribution="toy-client",
    modules=("toy",),
    versions=("~=1.0", "latest"),
    patch_module="toy",
)


def instances(*venvs):
    """What riot would run of a matrix of these venvs."""
    return list(matrix.Matrix(venvs=list(venvs)).instances())


def asking_for(pattern, **params):
    """Inside this, riot seems to run a command with that pattern."""
    context = click.Context(click.Command("run"))
    context.params = {"pattern": pattern, **params}
    return context


@pytest.fixture
def only_3_12(monkeypatch):
    """A machine with Python 3.12 alone."""
    monkeypatch.setattr(matrix, "present_pythons", lambda: ["3.12"])


@pytest.fixture
def riot_run(tmp_path, monkeypatch):
    """`riot run` of a declaration's first version on this Python; returns the tests' environment.

    pip only makes the folder `prefix`, and the tests themselves do not run.
    """
    python = "%d.%d" % sys.version_info[:2]
    environment = {}
    prefix = tmp_path / "prefix"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(matrix, "present_pythons", lambda: [python])
    monkeypatch.setattr(VenvInstance, "prefix", str(prefix))
    monkeypatch.setattr(VenvInstance, "prepare", lambda *_, **__: prefix.mkdir(exist_ok=True))
    monkeypatch.setattr(Session, "generate_base_venvs", lambda *_, **__: None)

    def run_tests(venv, command, env, **_):
        environment.update(env)
        return subprocess.CompletedProcess(command, 0, stdout="")

    monkeypatch.setattr(riot.session, "run_cmd_venv", run_tests)

    def run(declaration=TOY):
        declaration = replace(declaration, pythons=(python,), versions=("latest",))
        session = Session(matrix.Matrix(venvs=[matrix.integration_venv(declaration)]))
        session.run(re.compile("toy"), re.compile(""))
        return environment

    return run


def test_a_venv_for_each_version_and_python():
    """An integration is tested on every version of its library times every supported Python."""
    venv = matrix.integration_venv(TOY)

    [tested] = venv.venvs
    assert venv.name == "toy"
    assert tested.pkgs == {"toy-client": ["~=1.0", latest]}
    assert tested.pys == [Interpreter(python) for python in matrix.supported_pythons()]
    assert venv.command == "python -m pytest -n 2 {cmdargs} tests/contrib/toy"


def test_standard_library_needs_only_the_kit():
    """An integration of the standard library is tested on each Python, in a venv with the kit."""
    venv = matrix.integration_venv(replace(TOY, distribution="", versions=()))

    assert [tested.pkgs for tested in venv.venvs] == [{"pytest": [latest]}]
    assert [each.py for each in instances(venv)] == [Interpreter(python) for python in matrix.present_pythons()]


def test_of_several_libraries_one_varies_at_a_time():
    """While the others are the newest; the newest of all are tested together once."""
    second = Library(distribution="toy2-client", modules=("toy2",), versions=("==1.0", "latest"), extras=("fast",))
    several = replace(TOY, modules=("toy", "toy2"), also=(second,), pythons=("3.12",))

    assert [venv.pkgs for venv in matrix.integration_venv(several).venvs] == [
        {"toy-client": ["~=1.0", latest], "toy2-client[fast]": [latest]},
        {"toy-client": [latest], "toy2-client[fast]": ["==1.0"]},
    ]


def test_library_of_the_newest_release_alone_adds_no_venv():
    """It is there with each release of the first."""
    second = Library(distribution="toy2-client", modules=("toy2",), versions=("latest",))
    venv = matrix.integration_venv(replace(TOY, modules=("toy", "toy2"), also=(second,)))

    assert [tested.pkgs for tested in venv.venvs] == [{"toy-client": ["~=1.0", latest], "toy2-client": [latest]}]


def test_declared_pythons_narrow():
    """A declaration which names Pythons is tested on no others."""
    [tested] = matrix.integration_venv(replace(TOY, pythons=("3.12", "3.13"))).venvs

    assert tested.pys == [Interpreter("3.12"), Interpreter("3.13")]


def test_version_that_needs_a_newer_python_is_tested_from_that_on():
    """The other versions are tested on the older ones, too."""
    venv = matrix.integration_venv(replace(TOY, pythons=("3.11", "3.12"), oldest_python=(("~=1.0", "3.12"),)))

    assert [(tested.pkgs["toy-client"], tested.pys) for tested in venv.venvs] == [
        (["~=1.0"], [Interpreter("3.12")]),
        ([latest], [Interpreter("3.11"), Interpreter("3.12")]),
    ]


def test_oldest_python_of_a_version_that_is_not_tested():
    """It is told by both names."""
    with pytest.raises(ValueError, match=r"oldest_python names ~=2\.0, .* none of \('~=1\.0', 'latest'\)"):
        matrix.integration_venv(replace(TOY, oldest_python=(("~=2.0", "3.12"),)))


def test_kit_has_the_embedded_servers_of_the_services():
    """An integration gets the embedded servers of its own services, and no others."""
    plain = matrix.integration_venv(TOY).kit
    with_redis = matrix.integration_venv(replace(TOY, services=("redis",))).kit

    assert [each.partition(">")[0] for each in set(with_redis) - set(plain)] == ["fakeredis"]


@pytest.mark.parametrize(("service", "requirement"), [("aws", "moto[server]>="), ("httpbin", "httpbin>=")])
def test_kit_has_the_python_servers_of_the_services(service, requirement):
    """An integration has the servers which pip installs for its services, with their extras, and no others."""
    assert [each for each in matrix.kit_requirements([service]) if each.startswith(requirement)]
    assert not [each for each in matrix.kit_requirements(["redis"]) if each.startswith(requirement)]


def test_whole_suite_has_the_servers_of_all_services():
    """The venv `tests` has every server that pip installs, the kit's own included."""
    kit = matrix.whole_suite_venv([TOY]).kit

    assert {"ddapm-test-agent", "fakeredis"} <= {each.partition(">")[0] for each in kit}


def test_declarations_of_other_distributions_are_not_tested_here(monkeypatch):
    """An integration which another distribution registers has its tests there."""
    foreign = replace(TOY, package="their.integration")
    monkeypatch.setattr(matrix, "declarations", lambda: [TOY, foreign])

    assert matrix.own_declarations() == [TOY]


def test_whole_suite_has_the_newest_of_every_library():
    """The venv `tests` holds the newest release of every integration's library."""
    venv = matrix.whole_suite_venv(matrix.own_declarations())

    libraries = [library for each in matrix.own_declarations() for library in each.libraries]
    assert venv.pkgs == {each.requirement: [latest] for each in libraries if each.distribution}


def test_whole_suite_leaves_out_what_cannot_be_built():
    """Whoever has not got the headers of a library can run all other tests."""
    paint = replace(TOY, distribution="paint", built_with="no_such_program")

    assert "paint" not in matrix.whole_suite_venv([TOY, paint]).pkgs


def test_whole_suite_is_all_that_its_name_picks():
    """`riot run tests` runs one venv: riot takes every name which begins so."""
    venvs = [matrix.integration_venv(each) for each in matrix.own_declarations()]

    assert not [venv.name for venv in venvs if venv.name.startswith("tests")]


def test_missing_interpreters_are_counted(only_3_12, capsys):
    """The last line on stderr names the Pythons that are not here and counts their venvs."""
    venv = matrix.integration_venv(replace(TOY, pythons=("3.11", "3.12", "3.13")))

    with asking_for("toy"):
        run = instances(venv)
        instances(venv)

    assert {each.py for each in run} == {Interpreter("3.12")}
    assert capsys.readouterr().err == (
        "python 3.11, 3.13 are not on this machine: 4 of 6 toy venvs are left out; "
        "`pyenv install 3.11 3.13` would add them\n"
    )


def test_nothing_is_said_of_venvs_not_asked_for(only_3_12, capsys):
    """A Python which another integration lacks is no news to who runs this one."""
    here = matrix.integration_venv(replace(TOY, pythons=("3.12",)))
    elsewhere = matrix.integration_venv(replace(TOY, package="ddtrace.contrib.other", pythons=("3.11",)))

    with asking_for("toy"):
        instances(here, elsewhere)

    assert capsys.readouterr().err == ""


def test_no_interpreter_at_all_is_an_error(only_3_12):
    """Where no venv that was asked for can run, riot does not report success."""
    venv = matrix.integration_venv(replace(TOY, pythons=("3.11",)))

    with asking_for("toy"), pytest.raises(click.ClickException, match="2 of 2 toy venvs"):
        instances(venv)


@pytest.mark.parametrize("params", [{"pattern": "tty"}, {"pattern": "toy", "pythons": ["3.9"]}])
def test_asking_for_nothing_is_an_error(only_3_12, params):
    """A pattern or a Python which no venv has fails, and the message names those there are."""
    params |= {"pythons": [Interpreter(each) for each in params.get("pythons", ())]}

    with asking_for(**params), pytest.raises(click.UsageError, match="names are toy"):
        instances(matrix.integration_venv(TOY))


def test_a_shim_that_refuses_is_no_interpreter(tmp_path, monkeypatch):
    """A Python counts as present only if it starts and is the version it is called."""
    scripts = {"3.11": f"exec {sys.executable} -c 'print(3.11)'", "3.12": "exit 127", "3.13": ":"}
    for version, script in scripts.items():
        shim = tmp_path / f"python{version}"
        shim.write_text(f"#!/bin/sh\n{script}\n")
        shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert matrix.present_pythons.__wrapped__() == ["3.11"]


def test_tests_see_what_chooses_services_and_nothing_private(riot_run, monkeypatch):
    """The kit's and Docker's variables reach the tests; a developer's own settings do not."""
    monkeypatch.setenv("TESTKIT_SERVICES", "require")
    monkeypatch.setenv("DOCKER_HOST", "unix:///docker.sock")
    monkeypatch.setenv("DD_SERVICE", "mine")

    env = riot_run()

    assert env["TESTKIT_SERVICES"] == "require"
    assert env["DOCKER_HOST"] == "unix:///docker.sock"
    assert "DD_SERVICE" not in env


def test_handed_on_values_are_not_declared(monkeypatch):
    """riot's tables print a venv's declared environment, where a password must not appear."""
    monkeypatch.setenv("TESTKIT_REDIS_URL", "redis://user:canary@localhost")

    assert all(each.env == {} for each in instances(matrix.integration_venv(TOY)))


def test_changed_requirements_make_a_new_venv(riot_run, tmp_path):
    """A venv is kept while its requirements are the same, and made anew when they change."""
    riot_run()
    (tmp_path / "prefix" / "trace-of-the-first").touch()

    riot_run()
    assert (tmp_path / "prefix" / "trace-of-the-first").exists()

    riot_run(replace(TOY, services=("redis",)))
    assert not (tmp_path / "prefix" / "trace-of-the-first").exists()


def test_half_an_installation_is_not_kept(riot_run, tmp_path):
    """A folder that an interrupted installation has left behind is made anew."""
    (tmp_path / "prefix").mkdir()
    (tmp_path / "prefix" / "half").touch()

    riot_run()

    assert not (tmp_path / "prefix" / "half").exists()


def test_riotfile_loads_nothing_but_riot():
    """On a fresh machine the riotfile finds the standard library, riot and this tree only."""
    code = (
        "import runpy, sys, riot.cli\n"
        "before = set(sys.modules)\n"
        "runpy.run_path('riotfile.py')\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()

    assert set(loaded) - sys.stdlib_module_names == {"ddtrace", "testkit"}


def test_riotfile_is_short():
    """Everything but the list of venvs lives in testkit/matrix.py."""
    assert len((ROOT / "riotfile.py").read_text().splitlines()) < 40


def test_package_metadata_names_the_supported_pythons():
    """The classifiers in setup.py are the Pythons of the matrix."""
    metadata = (ROOT / "setup.py").read_text()

    for python in matrix.supported_pythons():
        assert f'"Programming Language :: Python :: {python}"' in metadata
