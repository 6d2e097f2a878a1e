"""Begin an integration: from ``templates/`` to declaration, targets, scenarios and tests.

``templates/integration`` is a whole integration of the toy library ``templates/foo``: put at ``ddtrace/contrib/foo``,
with its ``tests`` at ``tests/contrib/foo``, it passes every check as it is. What is rendered is this template with
foo's names replaced. A line ``# scaffold: sync`` before a function, or at the end of a line, marks what belongs to
functions only; ``async`` marks what belongs to coroutine functions, ``toy`` to the toy library. Where it is not known
yet what to wrap, ``templates/skeleton`` is rendered, which traces nothing.
"""

from __future__ import annotations

import contextlib
import importlib.util
import keyword
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddtrace.contrib import _registry
from ddtrace.contrib._integration import release_numbers
from testkit.fixtures import SERVICES
from testkit.interpreter import InterpreterError, run_python
from testkit.library import LibraryError, awaited, has_await, look_at, names_in

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

KINDS = {"sync", "async", "toy"}

FUNCTION_MARK = re.compile(r"^# scaffold: (?P<kind>\w+)\n(?P<text>.*?)(?P<end>\n\n\n|\Z)", re.DOTALL | re.MULTILINE)
LINE_MARK = re.compile(r"^(?P<text>.+?)  # scaffold: (?P<kind>\w+)(?P<end>\n)", re.MULTILINE)


class ScaffoldError(Exception):
    """An integration could not be begun, and nothing was written; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a contributor says of a new integration.

    ``target`` is the path of a function in ``module``, as in ``Client.get``, and ``call`` a Python expression that
    calls it.
    """

    name: str
    distribution: str
    module: str
    services: tuple[str, ...] = ()
    target: str = ""
    call: str = ""

    @property
    def span(self) -> str:
        """What its spans are named after the dot."""
        return self.target.rpartition(".")[2].strip("_").lower()

    @property
    def urls(self) -> tuple[str, ...]:
        """The fixtures that the call uses."""
        names = names_in(self.call) if self.call else ()
        return tuple(f"{service}_url" for service in self.services if f"{service}_url" in names)


@dataclass(frozen=True)
class Begun:
    """What was written, and the names of functions to wrap where that is still open."""

    paths: tuple[Path, ...]
    is_skeleton: bool
    candidates: tuple[str, ...]


def begin(request: Request, root: Path) -> Begun:
    """Write a new integration into the repository at ``root``, or raise ScaffoldError and leave it as it was."""
    folders = _folders(request.name, root)
    _refuse_bad_name(request.name, folders)
    _refuse_unusable(request)
    try:
        # A call that needs a service waits for the tests, which have one.
        library = look_at(request.module, request.distribution, request.target, "" if request.urls else request.call)
    except LibraryError as error:
        raise ScaffoldError(str(error)) from None
    texts = {folders[part] / name: text for (part, name), text in render(request, library).items()}
    _write(texts, folders)
    is_skeleton = not request.target and not library["is_toy"]
    return Begun(tuple(texts), is_skeleton, tuple(library["candidates"]))


def find_root(start: Path) -> Path:
    """The repository's folder, ``start`` or above it."""
    for folder in (start, *start.parents):
        if (folder / "riotfile.py").exists():
            return folder
    raise ScaffoldError(
        f"neither {start} nor a folder above it holds a riotfile.py: go to the repository, or use --root"
    )


# -- what is refused ---------------------------------------------------------------------------------------------------


def _folders(name: str, root: Path) -> dict[str, Path]:
    parents = {"code": root / "ddtrace" / "contrib", "tests": root / "tests" / "contrib"}
    for parent in parents.values():
        if not parent.is_dir():
            raise ScaffoldError(f"{root} is not the repository: it has no folder {parent.relative_to(root)}")
    return {part: parent / name for part, parent in parents.items()}


def _refuse_bad_name(name: str, folders: Mapping[str, Path]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{,39}", name) or keyword.iskeyword(name):
        raise ScaffoldError(
            f"{name!r} cannot name an integration: it has to be a Python identifier in lower case, of up to 40 "
            "characters, which begins with a letter and is no keyword"
        )
    for folder in folders.values():
        if folder.exists():
            raise ScaffoldError(f"{folder} is already there: take another name, or delete it first")
    if name in _registry.names():
        home = _registry.find(name).package
        raise ScaffoldError(f"there is an integration {name!r} already, {home}: take another name, or extend that one")


def _refuse_unusable(request: Request) -> None:
    unknown = [service for service in request.services if service not in SERVICES]
    if unknown:
        raise ScaffoldError(f"there is no service {unknown[0]!r}; known are {', '.join(sorted(SERVICES))}")
    if not re.fullmatch(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", request.distribution):
        raise ScaffoldError(f"{request.distribution!r} is no distribution's name: give what follows `pip install`")
    for what, path in (("module", request.module), ("target", request.target)):
        if path and not all(part.isidentifier() for part in path.split(".")):
            raise ScaffoldError(f"--{what} {path!r} is no dotted name")
    if bool(request.target) != bool(request.call):
        raise ScaffoldError("--target and --call go together: what to wrap, and an expression that calls it")
    if request.target and not request.span:
        raise ScaffoldError(f"--target {request.target} gives a span no name: name another function")
    if request.call:
        _refuse_strange_call(request)


def _refuse_strange_call(request: Request) -> None:
    try:
        names = names_in(request.call)
    except LibraryError as error:
        raise ScaffoldError(str(error)) from None
    if request.module.partition(".")[0] not in names:
        raise ScaffoldError(f"--call {request.call} does not use {request.module}: write its names in full")


# -- rendering ---------------------------------------------------------------------------------------------------------


def render(request: Request, library: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The files of an integration, by part (``code`` or ``tests``) and name; ``library`` is what ``look_at`` says."""
    replacements = _names(request, library)
    kept: dict[str, set[str]] = {}
    template = TEMPLATES / ("integration" if request.target or library["is_toy"] else "skeleton")
    if request.target:
        replacements |= _use(request, library)
        kept["patch.py"] = {"async" if library["is_async"] else "sync"}
        kept["scenarios.py"] = {"async" if _is_awaited(request, library) else "sync"}
    # One search for all, so that what was put in is not replaced again; of two that match, the longer.
    keys = sorted(replacements, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, keys))})(?!\w)")
    files = {}
    for part, path in _template_files(template):
        text = _without_marks(path.read_text(encoding="utf-8"), kept.get(path.name, KINDS))
        name = path.name.replace("foo", request.name)
        files[part, name] = pattern.sub(lambda found: replacements[found[0]], text)
    return files


def _is_awaited(request: Request, library: Mapping[str, Any]) -> bool:
    """Whether scenarios are coroutine functions; where the call was not tried, as the target is."""
    return has_await(request.call) or library.get("is_awaited", library["is_async"])


def _names(request: Request, library: Mapping[str, Any]) -> dict[str, str]:
    """What to put for the names of the toy library and of its integration."""
    versions = f'versions=("{oldest_supported(library["version"])}", "latest"),'
    if request.services:
        comma = "," * (len(request.services) == 1)
        versions += "\n    services=({}{}),".format(", ".join(f'"{service}"' for service in request.services), comma)
    return {
        "foo": request.name,
        "DD_FOO_SERVICE": f"DD_{request.name.upper()}_SERVICE",
        'distribution="foo"': f'distribution="{request.distribution}"',
        'modules=("foo",)': f'modules=("{request.module}",)',
        'versions=("~=1.0.0", "latest"),': versions,
        "import foo": f"import {request.module}",
        'Target("foo"': f'Target("{request.module}"',
        **{f"foo.{name}": f"{request.module}.{name}" for name in ("__name__", "AsyncClient", "Client")},
    }


def _use(request: Request, library: Mapping[str, Any]) -> dict[str, str]:
    """What to put for the toy library's functions and for the calls of them."""
    module, target, call = request.module, request.target, request.call
    parameters = ", ".join(request.urls)
    scenarios = ("one_call", "two_calls", "one_async_call", "two_async_calls")
    use = {
        "Client.answer": target,
        '"AsyncClient.answer"': f'"{target}"',
        "foo.Client.answer": f"{module}.{target}",
        'span.resource == "Client.answer"': f'span.resource == "{library["qualname"]}"',
        "foo.answer": f"{request.name}.{request.span}",
        "traced_answer": f"traced_{request.span}",
        "traced_answer_async": f"traced_{request.span}_async",
        'foo.Client().answer("colour")': call,
        'await foo.AsyncClient().answer("colour")': call if has_await(call) else awaited(call),
        **{f"{scenario}()": f"{scenario}({parameters})" for scenario in scenarios},
    }
    if library["owner"] != "instance":
        use["from typing import Any"] = "import sys\nfrom typing import Any"
        use["    with trace_call(integration, instance,"] = (
            "    # There is no instance: the pin is on what holds the function.\n"
            f"    with trace_call(integration, {library['owner']},"
        )
    return use


def oldest_supported(version: str) -> str:
    """The specifier of an installed version's minor: ``~=4.3.0`` for 4.3.1."""
    major, minor, *_ = (*release_numbers(version), 0, 0)
    return f"~={major}.{minor}.0"


def _template_files(template: Path) -> Iterator[tuple[str, Path]]:
    """The files of a template with their parts, in a fixed order."""
    if not template.is_dir():
        raise ScaffoldError(f"there is no {template}: run this from a checkout of the repository")
    for part, folder in (("code", template), ("tests", template / "tests")):
        for path in sorted(folder.glob("*.py")):
            yield part, path


def _without_marks(text: str, kept: set[str]) -> str:
    """A template's text with what is marked as one of ``kept``, and with no marks."""

    def judge(found: re.Match[str]) -> str:
        return found["text"] + found["end"] if found["kind"] in kept else ""

    text = LINE_MARK.sub(judge, FUNCTION_MARK.sub(judge, text))
    return text.rstrip("\n") + "\n" if text else ""


# -- writing -----------------------------------------------------------------------------------------------------------


def _write(texts: Mapping[Path, str], folders: Mapping[str, Path]) -> None:
    """Write all files, or none."""
    try:
        with contextlib.ExitStack() as undo:
            for folder in folders.values():
                folder.mkdir()
                undo.callback(shutil.rmtree, folder)
            for path, text in texts.items():
                path.write_text(text, encoding="utf-8", newline="\n")
            _format(folders.values())
            undo.pop_all()
    except (OSError, InterpreterError) as error:
        raise ScaffoldError(f"nothing was made, since this failed: {error}") from None


def _format(folders: Iterable[Path]) -> None:
    """Have black break what became too long, where there is black: it is one of the ``dev`` tools."""
    if importlib.util.find_spec("black") is not None:
        run_python("-m", "black", "--quiet", *map(str, folders))
