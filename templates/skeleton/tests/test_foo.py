"""What the checks that all integrations share do not prove of foo's."""

import foo  # noqa: F401 (is patched as soon as somebody asks for it)

from ddtrace import patch
from ddtrace.contrib.foo import integration


def test_patched_by_name():
    """``patch(foo=True)`` patches the library, which is imported already."""
    patch(foo=True)

    try:
        assert integration.load_patching().is_patched
    finally:
        integration.unpatch()
