"""The bootstrap: what it leaves of itself, the program's own ``sitecustomize``, and its own failures."""

import json
import os
import subprocess
import sys

import pytest

from ddtrace.bootstrap import __file__ as bootstrap_file
from tests.unit.conftest import REPOSITORY

BOOTSTRAP = os.path.dirname(bootstrap_file)

FACTS = """
import json, sys
print(json.dumps({
    "path": sys.path,
    "sitecustomize": getattr(sys.modules.get("sitecustomize"), "__file__", None),
    "loaded": getattr(sys.modules.get("ddtrace.bootstrap.sitecustomize"), "loaded", None),
}))
"""


def run(*arguments, path=(), **variables):
    """How this Python ends, with folders on its path and before them the bootstrap's, unless that is left out."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, path), REPOSITORY]), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def facts(*arguments, **settings):
    """What a program finds that ran well and quietly."""
    ended = run(*arguments, "-c", FACTS, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


@pytest.fixture
def own(tmp_path):
    """Writes a ``sitecustomize`` of the program's own into a folder, which it returns."""

    def write(source, name="sitecustomize.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source)
        return tmp_path

    return write


def test_program_finds_the_path_of_plain_python_and_ours():
    """``sys.path`` has one entry more."""
    plain, traced = facts(), facts(path=[BOOTSTRAP])

    assert traced["path"] == ["", BOOTSTRAP, *plain["path"][1:]]


def test_loaded_is_true():
    """``sitecustomize.loaded`` says that all went well."""
    source = "import sitecustomize, ddtrace.bootstrap.sitecustomize as full; print(sitecustomize.loaded, full.loaded)"

    assert run("-c", source, path=[BOOTSTRAP]).stdout == "True True\n"


def test_auto_is_the_same_module():
    """Under the bootstrap, ``import ddtrace.auto`` finds the work done."""
    source = """
import sitecustomize
from ddtrace import tracer
tracer.set_tags = None
import ddtrace.auto
import ddtrace.bootstrap.sitecustomize
print(ddtrace.bootstrap.sitecustomize is sitecustomize)
"""
    assert run("-c", source, path=[BOOTSTRAP]).stdout == "True\n"


def test_auto_begins_tracing_without_the_bootstrap():
    """``import ddtrace.auto`` patches, and leaves path, environment and the program's own ``sitecustomize`` alone."""
    source = """
import sys, os
before = list(sys.path), dict(os.environ), sys.modules.get("sitecustomize")
import ddtrace.auto, redis
after = list(sys.path), dict(os.environ), sys.modules.get("sitecustomize")
from ddtrace.contrib.redis import integration
print(ddtrace.bootstrap.sitecustomize.loaded, integration.is_tracing, before == after)
"""
    assert run("-c", source).stdout == "True True True\n"


@pytest.mark.parametrize("name", ["sitecustomize.py", "sitecustomize/__init__.py"])
def test_program_s_own_runs_and_is_the_one_in_place(own, name):
    """The next ``sitecustomize`` on the path is imported, also a package, and is what the program finds."""
    folder = own("print('own', __name__)", name)

    ended = run("-c", "import sitecustomize; print(sitecustomize.__file__)", path=[BOOTSTRAP, folder])

    assert ended.stdout.splitlines() == ["own sitecustomize", str(folder / name)]
    assert ended.stderr == ""


def test_program_s_own_sees_the_path_of_plain_python(own):
    """While it runs, our folder is not there; what it adds stays."""
    folder = own("import sys; sys.path.insert(0, '/added'); print(sys.path)")

    plain = run("-c", FACTS, path=[folder]).stdout.splitlines()
    traced = run("-c", FACTS, path=[BOOTSTRAP, folder]).stdout.splitlines()

    assert traced[0] == plain[0]
    assert json.loads(traced[1])["path"] == ["", BOOTSTRAP, *json.loads(plain[1])["path"][1:]]


@pytest.mark.parametrize("failure", ["1 / 0", "import no_such_module", "import os; os._exit(5)"])
def test_failure_of_the_program_s_own_is_that_of_plain_python(own, failure):
    """Exit code, output and what is left in ``sys.modules`` are the same."""
    folder = own(failure)
    source = "import sys; print('ran', 'sitecustomize' in sys.modules)"

    plain = run("-c", source, path=[folder])
    traced = run("-c", source, path=[BOOTSTRAP, folder])

    assert (traced.returncode, traced.stdout, traced.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_tool_before_ours_is_not_run_again(own):
    """Another ``sitecustomize`` that imports the next one has its turn once."""
    folder = own("""
import sys, os
print("tool")
here = os.path.dirname(__file__)
sys.path.remove(here)
del sys.modules["sitecustomize"]
import sitecustomize
sys.path.insert(0, here)
""")

    ended = run("-c", "import sitecustomize; print(sitecustomize.loaded)", path=[folder, BOOTSTRAP])

    assert ended.stdout.splitlines() == ["tool", "True"]


@pytest.fixture
def broken(tmp_path):
    """A folder with a ddtrace that cannot be imported."""
    package = tmp_path / "broken" / "ddtrace"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('out of order')")
    return package.parent


def test_failure_of_ours_is_one_warning(broken):
    """The program runs untraced, and ``loaded`` is False."""
    ended = run("-c", "import sitecustomize; print(sitecustomize.loaded)", path=[BOOTSTRAP, broken])

    assert (ended.returncode, ended.stdout) == (0, "False\n")
    assert ended.stderr.count("error configuring Datadog tracing") == 1
    assert ended.stderr.endswith("RuntimeError: out of order\n")


def test_failure_of_ours_keeps_nothing_from_the_program_s_own(own, broken):
    """The program's own ``sitecustomize`` runs all the same."""
    ended = run("-c", "pass", path=[BOOTSTRAP, broken, own("print('own')")])

    assert (ended.returncode, ended.stdout) == (0, "own\n")


@pytest.mark.parametrize("option", ["-S", "-E", "-I"])
def test_python_told_not_to_look_is_not_traced(option):
    """Without site, or without PYTHONPATH, Python never comes to us; the program runs."""
    assert facts(option, path=[BOOTSTRAP])["loaded"] is None
