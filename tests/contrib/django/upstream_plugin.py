"""Has pytest run Django's own suite: it does what the suite's ``runtests.py`` does before the tests, and after.

It runs in the suite's environment, from the folder of the sdist.
"""

import os
import sys

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    """Install the applications of the tests that are asked for, and make the databases; their modules need both."""
    sys.path.insert(0, os.path.abspath("tests"))
    import runtests
    from django.test.runner import DiscoverRunner

    applications = sorted({argument.split("/")[1] for argument in session.config.args})
    _, state = runtests.setup_run_tests(0, None, None, applications)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()

    def end():
        runner.teardown_databases(databases)
        runner.teardown_test_environment()
        runtests.teardown_run_tests(state)

    session.config.add_cleanup(end)


def pytest_collection_modifyitems(items):
    """Keep the order that Django's runner has: those tests come last that leave the databases empty."""
    from django.test.runner import DiscoverRunner

    def rank(item):
        kinds = DiscoverRunner.reorder_by
        return next((number for number, kind in enumerate(kinds) if issubclass(item.cls, kind)), len(kinds))

    items.sort(key=rank)
