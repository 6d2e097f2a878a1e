"""Imports go one way down."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

from tests.architecture.layers import FUNCTION_LEVEL_IMPORTS, INTEGRATIONS, LAYERS

ROOT = Path(__file__).parents[2]


class Import(NamedTuple):
    """One import statement: who imports what, and whether within a function."""

    importer: str
    imported: str
    is_in_function: bool
    line: int


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_of(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import in a module; ``from a import b`` counts as ``a.b`` where that is a module, else as ``a``."""
    importer = module_name(path)
    tree = ast.parse(path.read_text())
    within = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} is a relative import; name the module in full"
            names = [submodule_or_module(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for name in names:
            yield Import(importer, name, id(node) in within, node.lineno)


def submodule_or_module(module: str, name: str) -> str:
    path = ROOT / Path(*module.split("."), name)
    return f"{module}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else module


def layer_of(module: str) -> tuple[int, int]:
    """The layer and the place in it; what belongs to no layer is a KeyError, so that new modules find their room."""
    matches = [
        (len(prefix), number, place)
        for number, layer in enumerate(LAYERS)
        for place, prefix in enumerate(layer)
        if module == prefix or (module.startswith(prefix + ".") and prefix != "ddtrace")
    ]
    if not matches and module not in BARE_PACKAGES:
        raise KeyError(f"{module} belongs to no layer: name it in layers.py")
    _, number, place = max(matches, default=(0, 0, 0))
    return number, place


BARE_PACKAGES = {"ddtrace.internal", "ddtrace.contrib"}
"""Packages that hold a docstring and nothing else."""

DDTRACE_IMPORTS = [found for path in modules_of("ddtrace") for found in imports_of(path)]
ALL_IMPORTS = DDTRACE_IMPORTS + [
    found
    for package in ("testkit", "tests", "examples", "benchmarks")
    for path in modules_of(package)
    for found in imports_of(path)
]


@pytest.mark.parametrize("path", modules_of("ddtrace"), ids=module_name)
def test_module_imports_only_lower_layers(path: Path) -> None:
    """A module imports what is in a lower layer, or what stands before it in its own."""
    importer = layer_of(module_name(path))
    upward = [
        f"line {found.line}: {found.imported}"
        for found in imports_of(path)
        if found.imported.split(".")[0] == "ddtrace"
        and layer_of(found.imported) >= importer
        and not same_family(found.importer, found.imported)
    ]
    assert not upward, f"{module_name(path)} imports upwards or sideways: {upward}"


def same_family(importer: str, imported: str) -> bool:
    """Modules of one integration, or of one package of a lower layer, may import one another."""
    families = [prefix for layer in LAYERS for prefix in layer if prefix not in ("ddtrace",)]
    return any(
        (importer + ".").startswith(family + ".") and (imported + ".").startswith(family + ".") for family in families
    )


@pytest.mark.parametrize("found", [found for found in DDTRACE_IMPORTS if found.is_in_function], ids=str)
def test_import_within_a_function_has_a_reason(found: Import) -> None:
    """An import is at the top of its module, unless the list says why not."""
    assert (
        found.importer,
        found.imported,
    ) in FUNCTION_LEVEL_IMPORTS, f"line {found.line} needs a reason or the top"


def test_integrations_do_not_import_one_another() -> None:
    """What two integrations share is in a layer below both."""
    sideways = [
        found
        for found in DDTRACE_IMPORTS
        if (importer := integration_of(found.importer))
        and (imported := integration_of(found.imported))
        and importer != imported
    ]
    assert not sideways


def integration_of(module: str) -> str:
    """The integration that a module belongs to, if any."""
    return next((name for name in INTEGRATIONS if (module + ".").startswith(name + ".")), "")


def test_every_excepted_import_exists() -> None:
    """The list of exceptions holds nothing that is gone."""
    existing = {(found.importer, found.imported) for found in DDTRACE_IMPORTS if found.is_in_function}
    assert not set(FUNCTION_LEVEL_IMPORTS) - existing


OF_ANOTHER_DDTRACE = {"benchmarks.contestants.dd1", "benchmarks.contestants.dd4"}
"""Adapters of other releases, which run where those are installed and this repository cannot be found."""


def test_internals_are_imported_by_the_tracer_and_its_unit_tests_only() -> None:
    """What others need is made public."""
    strangers = [
        found
        for found in ALL_IMPORTS
        if (found.imported + ".").startswith("ddtrace.internal.")
        and not (found.importer + ".").startswith(("ddtrace.", "tests.unit."))
        and found.importer not in OF_ANOTHER_DDTRACE
    ]
    assert not strangers


def test_tracer_does_not_know_the_testkit() -> None:
    """Nothing within ddtrace imports testkit or tests."""
    assert not [found for found in DDTRACE_IMPORTS if found.imported.split(".")[0] in ("testkit", "tests")]


DECLARING = {
    "ddtrace.contrib._database_spans",
    "ddtrace.contrib._http_contract",
    "ddtrace.contrib._integration",
}
"""What makes a declaration's own records."""


def test_only_patch_modules_may_import_a_traced_library() -> None:
    """A declaration imports nothing but the standard library and what makes a declaration's own records."""
    declarations = [path.with_name("__init__.py") for path in (ROOT / "ddtrace/contrib").glob("[!_]*/patch.py")]
    for path in declarations:
        names = {found.imported for found in imports_of(path)}
        assert names <= DECLARING, f"{path} imports {names}"


@pytest.mark.parametrize("word", ["util", "utils", "helper", "helpers", "common", "core", "misc"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    """Names tell what is inside."""
    paths = [path for package in ("ddtrace", "testkit", "tests", "benchmarks") for path in (ROOT / package).rglob("*")]
    assert not [path for path in paths if path.stem == word]
