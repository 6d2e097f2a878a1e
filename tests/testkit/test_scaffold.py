"""A new integration passes lint and every check as it is, or nothing is made."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from testkit import library, scaffold
from testkit.cli import main
from testkit.matrix import ROOT

FOO = ("--distribution", "foo", "--module", "foo")
MARKDOWN = ("--distribution", "markdown-it-py", "--module", "markdown_it")

WHOLE = {
    "toy": FOO,
    "method": (*MARKDOWN, "--target", "MarkdownIt.render", "--call", "markdown_it.MarkdownIt().render('*hi*')"),
    "function": (*FOO, "--target", "shout", "--call", 'foo.shout("hi")'),
    "staticmethod": (*FOO, "--target", "Whisperer.soft", "--call", 'foo.Whisperer.soft("hi")'),
    "inherited-classmethod": (*FOO, "--target", "Whisperer.name", "--call", "foo.Whisperer.name()"),
    "coroutine-method": (*FOO, "--target", "AsyncClient.answer", "--call", 'await foo.AsyncClient().answer("colour")'),
    "coroutine-function": (*FOO, "--target", "shout_async", "--call", 'foo.shout_async("hi")'),
}
"""What to say of a library so that all of an integration is rendered."""

MORE_OF_FOO = """
from itertools import chain, count as _count

_numbers = _count()


def shout(text):
    return text.upper()


async def shout_async(text):
    return text.upper()


def count():
    return next(_numbers)


def pieces():
    yield 1


class Voice:
    @classmethod
    def name(cls):
        return cls.__name__


class Whisperer(Voice):
    @staticmethod
    def soft(text):
        return text.lower()
"""
"""Kinds of functions that the template has no example of."""


INHERITED_PATH = os.environ.get("PYTHONPATH", "")
"""Where riot has the kit's own packages."""


def search_path(*folders: Path) -> str:
    return os.pathsep.join([*map(str, folders), INHERITED_PATH])


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where interpreters find foo 1.2.3."""
    folder = tmp_path / "libraries"
    shutil.copytree(scaffold.TEMPLATES / "foo", folder / "foo", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "foo" / "__init__.py").open("a") as file:
        file.write(MORE_OF_FOO)
    metadata = folder / "foo-1.2.3.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: foo\nVersion: 1.2.3\n")
    monkeypatch.setenv("PYTHONPATH", search_path(ROOT, folder))
    return folder


@pytest.fixture
def root(tmp_path: Path, libraries: Path) -> Path:
    """A repository without an integration."""
    return empty_repository(tmp_path / "repository")


def empty_repository(folder: Path) -> Path:
    for package in ("ddtrace/contrib", "tests/contrib"):
        (folder / package).mkdir(parents=True)
    (folder / "riotfile.py").touch()
    return folder


@pytest.fixture
def copy(tmp_path: Path, libraries: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this repository, which interpreters import."""
    folder = tmp_path / "copy"
    for name in ("ddtrace", "testkit", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", ".flake8", "riotfile.py", "tests/__init__.py", "tests/contrib/__init__.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    monkeypatch.setenv("PYTHONPATH", search_path(folder, libraries))
    for variable in ("CI", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)


def prove(copy: Path, name: str) -> str:
    """Store snapshots, then run all checks; return what that printed."""
    for arguments in (["--snapshot-update", "-k", "WORK"], []):
        run = python(copy, "-m", "testkit", "check", name, "-q", "-rs", "-p", "no:cacheprovider", *arguments)
        assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


WITHOUT = (
    "no target gives a generator",
    "the scenario is not asynchronous",
    "no scenario that fits calls a target",
    "no scenario has a parameter 'word'",
    "no scenario has a parameter 'secret'",
    "no target returns anything",
    "gevent is not installed",
    "the scenario talks to no service",
    "the integration declares no distributed tracing",
)
"""What a library as small as the toy, sync or async, may have nothing of."""


def unexpectedly_skipped(printed: str) -> list[str]:
    """The reasons of skipped checks, but for those that look at what not every library has."""
    reasons = [line for line in printed.splitlines() if line.startswith("SKIPPED")]
    return [line for line in reasons if not any(reason in line for reason in WITHOUT)]


def lint(folder: Path, *paths: str) -> None:
    if importlib.util.find_spec("flake8_black") is None:
        pytest.skip("flake8 and its extensions are not installed: pip install -e '.[dev]'")
    run = python(folder, "-m", "flake8", *paths)
    assert run.returncode == 0, run.stdout + run.stderr


def new(name: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["new", name, *map(str, arguments)])


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below one, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


# -- what is made is right ---------------------------------------------------------------------------------------------


def copy_by_hand(copy: Path, libraries: Path, name: str) -> None:
    """Begin an integration as README says to do without the scaffold; the library has the same name."""
    shutil.copytree(copy / "templates" / "integration", copy / "ddtrace" / "contrib" / name)
    shutil.move(copy / "ddtrace" / "contrib" / name / "tests", copy / "tests" / "contrib" / name)
    shutil.move(
        copy / "tests" / "contrib" / name / "test_foo.py",
        copy / "tests" / "contrib" / name / f"test_{name}.py",
    )
    for folder in ("ddtrace", "tests"):
        for path in (copy / folder / "contrib" / name).glob("*.py"):
            path.write_text(path.read_text().replace("foo", name).replace("FOO", name.upper()))
    (libraries / "foo").rename(libraries / name)


@pytest.mark.parametrize("name", ["foo", "bar"])
def test_copied_template_passes_every_check(copy: Path, libraries: Path, name: str) -> None:
    """The template works as it is, and with foo replaced by hand; it leaves no check without something to check."""
    copy_by_hand(copy, libraries, name)

    assert not unexpectedly_skipped(prove(copy, name))


def test_template_passes_lint() -> None:
    """The templates are in the style of what is made of them."""
    lint(ROOT, "templates")


@pytest.mark.parametrize("arguments", WHOLE.values(), ids=WHOLE)
def test_rendered_integration_passes_every_check(copy: Path, arguments: tuple[str, ...]) -> None:
    """With a target and a call, or for a library like the toy, all is rendered, and every check has something to do."""
    made = new("fresh", *arguments, "--root", copy)

    assert made.exit_code == 0, made.output
    assert not unexpectedly_skipped(prove(copy, "fresh"))


def test_skeleton_passes_and_proves_nothing(copy: Path) -> None:
    """Without a target every check of a span is left out aloud, and what could be traced is named."""
    run = python(copy, "-m", "testkit", "new", "fresh", *MARKDOWN)
    said = prove(copy, "fresh")

    assert "  MarkdownIt.render\n" in run.stdout
    assert "not exercised: no scenario makes a span, and none is declared" in said


def test_rendered_integration_passes_lint(root: Path) -> None:
    """flake8 and its extensions find nothing in what is rendered, also where the name is as long as it may be."""
    for name in ("pyproject.toml", ".flake8"):
        shutil.copy(ROOT / name, root)
    (root / "testkit").mkdir()

    for number, arguments in enumerate([*WHOLE.values(), MARKDOWN]):
        assert new(f"integration_{number}".ljust(40, "_"), *arguments, "--root", root).exit_code == 0

    lint(root, "ddtrace", "tests")


def test_toy_is_rendered_as_the_template(root: Path) -> None:
    """For the template's own library the template itself comes out, marks and version aside."""
    assert new("foo", *FOO, "--root", root).exit_code == 0

    for part, template in (("ddtrace", "integration"), ("tests", "integration/tests")):
        for path in (scaffold.TEMPLATES / template).glob("*.py"):
            rendered = (root / part / "contrib" / "foo" / path.name).read_text()
            assert ast.dump(ast.parse(rendered)) == ast.dump(ast.parse(path.read_text().replace("~=1.0.0", "~=1.2.0")))
            assert "scaffold" not in rendered


@pytest.mark.parametrize("arguments", [WHOLE["method"], WHOLE["toy"], MARKDOWN], ids=["call", "toy", "skeleton"])
def test_rendering_is_deterministic(root: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The same words give the same bytes in another repository."""
    other = empty_repository(tmp_path / "other")

    for folder in (root, other):
        assert new("fresh", *arguments, "--root", folder).exit_code == 0

    assert contents(root) == contents(other)


def test_formatter_is_not_needed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ordinary names the text is the same where black is not installed."""
    shutil.copy(ROOT / "pyproject.toml", root)
    new("fresh", *WHOLE["function"], "--service", "redis", "--root", root)
    formatted = contents(root)
    for part in ("ddtrace", "tests"):
        shutil.rmtree(root / part / "contrib" / "fresh")
    monkeypatch.setattr(scaffold.importlib.util, "find_spec", lambda name: None)
    new("fresh", *WHOLE["function"], "--service", "redis", "--root", root)

    assert contents(root) == formatted


@pytest.mark.parametrize(
    "version, oldest",
    [("4.3.1", "~=4.3.0"), ("26.3", "~=26.3.0"), ("7", "~=7.0.0"), ("2.0rc1", "~=2.0.0")],
)
def test_oldest_supported_is_the_installed_minor(version: str, oldest: str) -> None:
    """The declared versions begin with the installed minor release."""
    assert scaffold.oldest_supported(version) == oldest


def test_call_may_use_a_service(root: Path) -> None:
    """What a call asks of a service becomes the scenario's parameter; it is not tried, as nothing runs there yet."""
    call = "redis.Redis.from_url(redis_url).ping()"
    arguments = ("--distribution", "redis", "--module", "redis", "--service", "redis")

    made = new("fresh", *arguments, "--target", "Redis.execute_command", "--call", call, "--root", root)

    assert made.exit_code == 0, made.output
    assert 'services=("redis",)' in (root / "ddtrace/contrib/fresh/__init__.py").read_text()
    assert f"def one_call(redis_url):\n    return {call}\n" in (root / "tests/contrib/fresh/scenarios.py").read_text()


def test_root_is_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --root the repository is the folder with the riotfile, here or above."""
    monkeypatch.chdir(root / "tests" / "contrib")

    assert new("fresh", *FOO).exit_code == 0
    assert (root / "tests" / "contrib" / "fresh" / "test_fresh.py").exists()


def test_library_is_imported_elsewhere(root: Path) -> None:
    """The library does not come into the process that looks at it."""
    new("fresh", *WHOLE["function"], "--root", root)

    assert "foo" not in sys.modules


# -- what is refused ---------------------------------------------------------------------------------------------------

REFUSED = {
    "keyword": ("class", FOO, "no keyword"),
    "private": ("_fresh", FOO, "begins with a letter"),
    "not-an-identifier": ("fre-sh", FOO, "Python identifier"),
    "upper-case": ("Fresh", FOO, "in lower case"),
    "outside-the-folder": ("../fresh", FOO, "Python identifier"),
    "registered": ("redis", FOO, "there is an integration 'redis' already"),
    "not-installed": ("fresh", ("--distribution", "no-such", "--module", "foo"), "pip install no-such"),
    "not-importable": ("fresh", ("--distribution", "foo", "--module", "fooo"), "pip install foo"),
    "no-module-name": ("fresh", ("--distribution", "foo", "--module", "f o"), "is no dotted name"),
    "no-distribution-name": ("fresh", ("--distribution", 'f"', "--module", "foo"), "pip install"),
    "unknown-service": ("fresh", (*FOO, "--service", "rdis"), "no service 'rdis'; known are aws, "),
    "no-call": ("fresh", (*FOO, "--target", "shout"), "go together"),
    "no-target": ("fresh", (*FOO, "--call", "foo.shout('hi')"), "go together"),
    "target-missing": (
        "fresh",
        (*FOO, "--target", "Client.no", "--call", "foo.no()"),
        "candidates are AsyncClient.answer, Client.answer",
    ),
    "target-is-a-class": ("fresh", (*FOO, "--target", "Client", "--call", "foo.Client()"), "but a type"),
    "target-is-a-generator": ("fresh", (*FOO, "--target", "pieces", "--call", "foo.pieces()"), "generator function"),
    "call-is-no-expression": ("fresh", (*FOO, "--target", "shout", "--call", "foo = 1"), "no Python expression"),
    "call-is-two-expressions": ("fresh", (*FOO, "--target", "shout", "--call", "foo, 1"), "no Python expression"),
    "call-without-the-library": ("fresh", (*FOO, "--target", "shout", "--call", "shout('hi')"), "does not use foo"),
    "call-elsewhere": ("fresh", (*FOO, "--target", "shout", "--call", "foo.count()"), "does not call shout"),
    "call-that-raises": ("fresh", (*FOO, "--target", "shout", "--call", "foo.shout(1)"), "raises AttributeError"),
    "call-that-varies": ("fresh", (*FOO, "--target", "count", "--call", "foo.count()"), "another outcome each time"),
}


@pytest.mark.parametrize("name, arguments, reason", REFUSED.values(), ids=REFUSED)
def test_what_cannot_work_is_refused(root: Path, name: str, arguments: tuple[str, ...], reason: str) -> None:
    """An error of usage says what is wrong, and the repository is what it was."""
    before = contents(root)

    refused = new(name, *arguments, "--root", root)

    assert refused.exit_code == 2
    assert reason in refused.output
    assert contents(root) == before


@pytest.mark.parametrize("taken", ["ddtrace/contrib/fresh", "tests/contrib/fresh"])
def test_nothing_is_overwritten(root: Path, taken: str) -> None:
    """A folder of that name, in either place, is left as it is, and none is made in the other."""
    (root / taken).mkdir()
    before = contents(root)

    refused = new("fresh", *FOO, "--root", root)

    assert refused.exit_code == 2
    assert f"{root / taken} is already there" in refused.output
    assert contents(root) == before


@pytest.mark.parametrize("failing", range(1, 6))
def test_failure_midway_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    """Whichever file cannot be written, none is left."""
    before = contents(root)
    written: list[Path] = []
    write_text = Path.write_text

    def write_some(path: Path, *arguments: str, **options: str) -> int:
        written.append(path)
        if len(written) == failing:
            raise OSError(28, "No space left on device", str(path))
        return write_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", write_some)
    failed = new("fresh", *FOO, "--root", root)

    assert failed.exit_code == 2
    assert "No space left on device" in failed.output
    assert len(written) == failing
    assert contents(root) == before


@pytest.mark.parametrize("arguments", [(), ("--root", ".")], ids=["found", "given"])
def test_outside_the_repository_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Where there is no repository, the error says what was looked for."""
    monkeypatch.chdir(tmp_path)

    refused = new("fresh", *FOO, *arguments)

    assert refused.exit_code == 2
    assert ("is not the repository" if arguments else "riotfile.py") in refused.output
    assert not list(tmp_path.iterdir())


# -- the rest of the command line --------------------------------------------------------------------------------------


def test_candidates_can_be_wrapped(libraries: Path) -> None:
    """Candidates are the library's public functions and methods, without generators and what it has imported."""
    assert set(library.look_at("foo", "foo")["candidates"]) == {
        "AsyncClient.answer",
        "Client.answer",
        "Voice.name",
        "Whisperer.soft",
        "count",
        "shout",
        "shout_async",
    }


def test_candidates_are_few() -> None:
    """At most ten are named, those first whose names say that they do something."""
    candidates = library.look_at("markdown_it", "markdown-it-py")["candidates"]

    assert len(candidates) == library.MOST_CANDIDATES
    assert candidates[0] == "MarkdownIt.render"


def test_no_command_prints_help() -> None:
    """``python -m testkit`` alone says what there is."""
    run = python(ROOT, "-m", "testkit")

    assert run.returncode == 0
    assert "new" in run.stdout and "check" in run.stdout


def test_check_hands_on_arguments_and_exit_code(root: Path) -> None:
    """What follows the name goes to pytest, and pytest's exit code comes back."""
    new("fresh", *FOO, "--root", root)

    run = python(ROOT, "-m", "testkit", "check", "fresh", "--root", str(root), "--no-such-option")

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments: --no-such-option" in run.stderr


def test_check_names_the_nearest(root: Path) -> None:
    """An integration without scenarios is an error that names one which has some."""
    new("fresh", *FOO, "--root", root)

    refused = CliRunner().invoke(main, ["check", "frsh", "--root", str(root)])

    assert refused.exit_code == 2
    assert "did you mean fresh?" in refused.output
