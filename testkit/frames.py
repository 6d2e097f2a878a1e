"""Which frames of a stack are ours, and which the library's or the application's."""

from __future__ import annotations

import inspect
import os
import sys
from typing import Callable

import wrapt

import ddtrace
from ddtrace.contrib._integration import Integration


def ours(integration: Integration) -> Callable[[str], bool]:
    """Tells of a frame's file whether it is the tracer's, the integration's, or that of what they wrap with."""
    packages = (ddtrace, wrapt, sys.modules[integration.package])
    folders = tuple(f"{folder}{os.sep}" for package in packages for folder in getattr(package, "__path__", ()))
    # The wrappers of a small integration may be in a module of their own, beside the program that uses the library.
    wrappers = [inspect.unwrap(target.wrapper) for target in integration.load_patching().targets]
    files = {wrapper.__code__.co_filename for wrapper in wrappers if inspect.isfunction(wrapper)}
    return lambda file: file.startswith(folders) or file in files
