"""A mutant's text is imported in the place of the module's own, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkit import run_python

INSTALL = """
import pathlib, subprocess, sys
from testkit.mutation.loading import install
path = pathlib.Path("shop/till.py").resolve()
install("shop.till", str(path), path.read_text().replace("1", "2"))
"""


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the current folder, one of whose modules has a number."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("from shop.till import number\n")
    (package / "till.py").write_text("number = 1\n")
    monkeypatch.chdir(tmp_path)
    return package


def test_the_mutant_is_imported(shop: Path) -> None:
    """Who imports the module gets the other text, whose file is said to be the module's."""
    printed = run_python("-c", f"{INSTALL}\nimport shop.till\nprint(shop.number, shop.till.__file__)")
    assert printed.split() == ["2", str(shop / "till.py")]


def test_so_it_is_by_interpreters_that_are_started(shop: Path) -> None:
    """A Python that the first one starts loads the same mutant."""
    start = "print(subprocess.check_output([sys.executable, '-c', 'import shop; print(shop.number)'], text=True))"
    assert run_python("-c", f"{INSTALL}\n{start}").split() == ["2"]


def test_nothing_is_written(shop: Path) -> None:
    """Neither the text nor its bytecode is left for anybody else."""
    run_python("-c", f"{INSTALL}\nimport shop.till")
    assert (shop / "till.py").read_text() == "number = 1\n"
    assert not list(shop.glob("__pycache__/till.*"))
    assert run_python("-c", "import shop; print(shop.number)").split() == ["1"]


def test_a_module_that_is_imported_cannot_be_replaced() -> None:
    """Who has imported it would go on with the other one."""
    printed = run_python(
        "-c", f"import shop.till\ntry:{INSTALL.replace(chr(10), chr(10) + ' ')}\nexcept ImportError as e: print(e)"
    )
    assert printed.strip() == "shop.till is imported already, and cannot be replaced by its mutant"
