"""Import a mutant's text in the place of the module's own, in this interpreter and in those that it starts.

No file is written: the text is carried in the environment, and compiled where the module would be read.
"""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

VARIABLES = ("TESTKIT_MUTANT_MODULE", "TESTKIT_MUTANT_PATH", "TESTKIT_MUTANT_SOURCE")

STARTUP = str(Path(__file__).parent / "startup")


class MutantFinder(MetaPathFinder):
    """Finds one module, and loads another text as that module."""

    def __init__(self, module: str, path: str, source: str) -> None:
        self.module = module
        self._path = path
        self._source = source

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        return spec_from_file_location(name, self._path, loader=_MutantLoader(name, self._path, self._source))

    def install(self) -> None:
        """Go before all other finders; raises ImportError where the module is imported already."""
        if self.module in sys.modules:
            raise ImportError(f"{self.module} is imported already, and cannot be replaced by its mutant")
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        sys.meta_path.insert(0, self)


class _MutantLoader(SourceFileLoader):
    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        # Not by the inherited way, which would write bytecode for others to find.
        return compile(self._source, self.path, "exec", dont_inherit=True)


def install(module: str, path: str, source: str) -> MutantFinder:
    """Have a text imported as a module from now on, also by each Python that is started with this environment."""
    finder = MutantFinder(module, path, source)
    finder.install()
    os.environ.update(zip(VARIABLES, (module, path, source)))
    # Some interpreters are given this one's path, others its environment.
    sys.path.insert(0, STARTUP)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (STARTUP, os.environ.get("PYTHONPATH"))))
    return finder


def install_from_environment() -> None:
    """Do the same in an interpreter that was started with such an environment; nothing happens in any other."""
    if all(variable in os.environ for variable in VARIABLES):
        MutantFinder(*(os.environ[variable] for variable in VARIABLES)).install()
