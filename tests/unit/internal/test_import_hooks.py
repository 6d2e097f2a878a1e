"""Being told of an import without being noticed by it."""

import importlib
import importlib.util
import sys
import threading
from importlib.machinery import SourceFileLoader

import pytest

from ddtrace.internal.import_hooks import forget


def test_hook_comes_when_the_module_has_run(make_module, wait_for):
    """It gets the module, complete, once."""
    name = make_module("colours", "value = 'blue'")
    hook = wait_for(name)
    assert hook.modules == []

    module = importlib.import_module(name)
    importlib.import_module(name)

    assert (hook.modules, hook.values) == ([module], ["blue"])


def test_hook_of_an_imported_module_comes_at_once(make_module, wait_for):
    """Whoever is late misses nothing."""
    module = importlib.import_module(make_module("colours"))

    assert wait_for("colours").modules == [module]


def test_every_hook_is_called(make_module, wait_for):
    """Several may wait for one module, and are called in turn."""
    order = []
    make_module("colours")
    wait_for("colours", lambda module: order.append(1))
    wait_for("colours", lambda module: order.append(2))

    importlib.import_module("colours")

    assert order == [1, 2]


def test_submodule_is_a_module_of_its_own(make_module, wait_for):
    """Waiting for a package's module does not mean the package."""
    make_module("paints.__init__")
    make_module("paints.oil", "value = 'oil'")
    hook = wait_for("paints.oil")

    importlib.import_module("paints")
    assert hook.modules == []

    importlib.import_module("paints.oil")
    assert hook.values == ["oil"]


def test_failing_module_calls_no_hook(make_module, wait_for):
    """A module that did not run to its end is not imported; the next try is a new one."""
    make_module("colours", "import sys\nif not hasattr(sys, 'paint_is_dry'): raise RuntimeError('wet')\nvalue = 'dry'")
    hook = wait_for("colours")

    with pytest.raises(RuntimeError, match="wet"):
        importlib.import_module("colours")
    assert hook.modules == [] and "colours" not in sys.modules

    sys.paint_is_dry = True
    try:
        importlib.import_module("colours")
    finally:
        del sys.paint_is_dry
    assert hook.values == ["dry"]


def test_error_of_a_hook_is_the_importer_s(make_module, wait_for):
    """A hook that raises fails the import: to keep that from an application is the hook's own task."""

    def fail(module):
        raise RuntimeError("hook")

    make_module("colours")
    wait_for("colours", fail)

    with pytest.raises(RuntimeError, match="hook"):
        importlib.import_module("colours")
    assert "colours" not in sys.modules


def test_reload_calls_again(make_module, wait_for):
    """A module that runs anew has lost what was done to it."""
    make_module("colours", "value = 'blue'")
    hook = wait_for("colours")
    module = importlib.import_module("colours")

    importlib.reload(module)

    assert hook.modules == [module, module]
    assert type(module.__spec__.loader) is SourceFileLoader


def test_hook_that_is_added_while_the_module_runs_comes_after(make_module, wait_for):
    """It does not see a module that is half done."""
    make_module("colours", "import sys\nsys.add_hook()\nvalue = 'blue'")
    wait_for("colours")
    late = []
    sys.add_hook = lambda: late.append(wait_for("colours"))

    try:
        importlib.import_module("colours")
    finally:
        del sys.add_hook

    assert late[0].values == ["blue"]


def test_forgotten_hook_is_not_called(make_module, wait_for):
    """What was undone before the import does not come."""
    make_module("colours")
    hook = wait_for("colours")

    forget("colours", hook)
    importlib.import_module("colours")

    assert hook.modules == []


def test_forgetting_an_unknown_hook_does_nothing():
    """A second undo is no error."""
    forget("colours", print)


def test_two_threads_importing_do_not_lock_up(make_module, wait_for):
    """A hook that waits for an import in another thread holds no lock that this import needs."""
    make_module("colours")
    make_module("paints")

    def import_in_thread(module):
        thread = threading.Thread(target=importlib.import_module, args=("paints",))
        thread.start()
        thread.join(10)
        assert not thread.is_alive()

    wait_for("colours", import_in_thread)
    hook = wait_for("paints")

    importlib.import_module("colours")

    assert len(hook.modules) == 1
