"""What of the kit's tests is no test of this run, and a browser for those of its pages."""

import pytest

from tests.testkit.browser import Browser

collect_ignore = ["third_party"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A browser that all tests of a module use, one after another."""
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()
