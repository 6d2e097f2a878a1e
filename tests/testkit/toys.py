"""Integrations of the toy library that a test makes for itself, and trials of them."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import pytest

from ddtrace.contrib._integration import Integration
from ddtrace.contrib._patching import Patching
from testkit._scenario import Scenario
from testkit.sabotage import declare
from testkit.sabotage.correct import targets
from testkit.toy import uses
from testkit.trial import Trial

_numbers = itertools.count(1)


def integrated(
    monkeypatch: pytest.MonkeyPatch,
    wrapper: Callable[..., Any] | None = None,
    changes: tuple[Callable[..., Any], ...] = (),
    describe_more: Callable[..., Any] = lambda *_: None,
) -> Integration:
    """The toy library's integration with another wrapper of its sync function, with changes or with a description.

    It is known to the import system until the end of the test.
    """
    module = ModuleType(f"toy_integration_{next(_numbers)}")
    module.__file__ = __file__
    module.integration = declare(module.__name__)
    sync_target, async_target = targets(module.integration, describe_more)
    if wrapper is not None:
        sync_target = sync_target._replace(wrapper=wrapper)
    module.patching = Patching(module.integration, [sync_target, async_target], changes)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.integration


def trial_of(integration: Integration, use: Callable[..., Any] = uses.two_calls, **arguments: Any) -> Trial:
    """One use of the toy library on trial, without a service and without a snapshot."""
    return Trial(
        scenario=Scenario(integration, use),
        arguments=arguments,
        reset=lambda: None,
        compare_snapshot=lambda traces: None,
        path=Path(uses.__file__),
    )
