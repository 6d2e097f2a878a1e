"""What nobody can tell of the import hooks."""

import importlib
import importlib.util
import json
import sys
from importlib.machinery import BuiltinImporter, SourceFileLoader

import pytest

from ddtrace.internal import import_hooks
from ddtrace.internal.import_hooks import forget
from testkit import run_python
from tests.unit.conftest import REPOSITORY
from tests.unit.internal.conftest import Hook


def is_finder_there():
    return import_hooks._finder in sys.meta_path


def test_module_cannot_tell(make_module, wait_for):
    """While it runs, and after, a module, its spec and its loader are what they would have been."""
    source = """
        during = (type(__spec__.loader), type(__loader__), __loader__ is __spec__.loader, __file__, __package__)
    """
    make_module("watched", source)
    make_module("unwatched", source)
    wait_for("watched")

    watched, unwatched = importlib.import_module("watched"), importlib.import_module("unwatched")

    assert watched.during[0] is watched.during[1] is SourceFileLoader
    assert [value.replace("unwatched", "watched") for value in unwatched.during[3:]] == list(watched.during[3:])
    assert watched.during[:3] == unwatched.during[:3]
    for module in (watched, unwatched):
        assert type(module) is type(sys)
        assert type(module.__loader__) is type(module.__spec__.loader) is SourceFileLoader
        assert module.__loader__ is module.__spec__.loader
    assert set(vars(watched)) == set(vars(unwatched))
    assert vars(watched.__spec__).keys() == vars(unwatched.__spec__).keys()


def test_package_keeps_its_path(make_module, wait_for):
    """A watched package finds its modules as ever."""
    make_module("paints.__init__", "from paints import oil")
    make_module("paints.oil")
    hook = wait_for("paints")

    package = importlib.import_module("paints")

    assert hook.modules == [package]
    assert package.__spec__.submodule_search_locations == package.__path__
    assert package.oil.__name__ == "paints.oil"


def test_builtin_module_has_a_class_for_a_loader(wait_for):
    """Loaders that are classes, with static methods, work and come back as they were."""
    name = "_contextvars" if "_contextvars" in sys.builtin_module_names else "faulthandler"
    before = sys.modules.pop(name, None)
    hook = wait_for(name)

    try:
        module = importlib.import_module(name)
    finally:
        if before is not None:
            sys.modules[name] = before

    assert hook.modules == [module]
    assert module.__spec__.loader is BuiltinImporter


def test_missing_module_is_missing(wait_for):
    """The import error is the interpreter's own."""
    hook = wait_for("no_such_module_anywhere")

    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module_anywhere'"):
        importlib.import_module("no_such_module_anywhere")

    assert hook.modules == []


def test_finder_is_there_only_while_somebody_waits(wait_for):
    """The import system is as it was, before and after."""
    before = list(sys.meta_path)
    is_there_before = is_finder_there()
    first, second = Hook(), Hook()

    wait_for("colours", first)
    wait_for("paints", second)
    assert is_finder_there()
    forget("colours", first)
    assert is_finder_there()
    forget("paints", second)

    assert is_finder_there() == is_there_before
    assert sys.meta_path == before


def test_clean_interpreter_is_clean_again():
    """After the last ``forget`` no trace is left of the hooks."""
    source = """
import sys
before = list(sys.meta_path)
from ddtrace.internal.import_hooks import forget, when_imported
assert sys.meta_path == before
when_imported("colorsys", print)
assert len(sys.meta_path) == len(before) + 1
forget("colorsys", print)
assert sys.meta_path == before
"""
    run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY})


def test_other_finders_are_asked_in_their_order(make_module, wait_for):
    """A finder of the application's keeps its right to find the module first, and is asked once."""
    asked = []

    class Finder:
        @staticmethod
        def find_spec(name, path, target=None):
            asked.append(name)
            return None

    make_module("colours")
    wait_for("colours")
    sys.meta_path.insert(0, Finder)
    try:
        importlib.import_module("colours")
    finally:
        sys.meta_path.remove(Finder)

    # Once on its own account, and once when ours lets the others find the module.
    assert set(asked) == {"colours"} and len(asked) <= 2


def test_lazy_loader_calls_when_the_module_runs(make_module, wait_for):
    """A module that is loaded on first use is announced on first use."""
    make_module("colours", "value = 'blue'")
    hook = wait_for("colours")
    spec = importlib.util.find_spec("colours")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["colours"] = module
    spec.loader.exec_module(module)
    assert hook.modules == []

    assert module.value == "blue"
    assert hook.modules == [module]


def test_watched_module_can_be_run_as_a_program(make_module, tmp_path):
    """``python -m`` reads the code through the loader, which answers for the one behind it."""
    make_module("colours", "print(__name__)")
    source = f"""
import runpy, sys
sys.path.insert(0, {json.dumps(str(tmp_path))})
from ddtrace.internal.import_hooks import when_imported
when_imported("colours", print)
runpy.run_module("colours", run_name="__main__", alter_sys=True)
"""
    assert run_python("-W", "error", "-c", source, env={"PYTHONPATH": REPOSITORY}).strip() == "__main__"
