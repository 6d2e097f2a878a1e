"""The names that programs rely on."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest

import ddtrace
from ddtrace import Pin, Span, Tracer
from ddtrace.sampler import BaseSampler, DatadogSampler, SamplingRule

SIGNATURES = {
    Tracer.trace: ["name", "service", "resource", "span_type", "span_api"],
    Tracer.start_span: [
        "name",
        "child_of",
        "service",
        "resource",
        "span_type",
        "activate",
        "span_api",
    ],
    Tracer.wrap: ["name", "service", "resource", "span_type"],
    Tracer.shutdown: ["timeout"],
    Span.set_tag: ["key", "value"],
    Span.finish: ["finish_time"],
    BaseSampler.sample: ["span", "allow_false"],
    DatadogSampler: ["rules", "default_sample_rate", "rate_limit", "is_strict"],
    SamplingRule: ["sample_rate", "service", "name", "resource", "tags"],
    Pin.override: ["obj", "service", "tags", "tracer"],
    Pin.clone: ["service", "tags", "tracer"],
}


def test_facade_exports_its_names() -> None:
    """``ddtrace`` offers what 1.x offered."""
    expected = {
        "patch",
        "patch_all",
        "Pin",
        "Span",
        "tracer",
        "Tracer",
        "config",
        "DDTraceDeprecationWarning",
    }
    assert expected <= set(ddtrace.__all__)
    assert all(hasattr(ddtrace, name) for name in ddtrace.__all__)


def test_tracer_is_the_instance() -> None:
    """``ddtrace.tracer`` is the process's tracer, although a submodule has that name."""
    assert isinstance(ddtrace.tracer, Tracer)


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__qualname__)
def test_signature_is_that_of_1x(function: object) -> None:
    """Arguments keep their names and order."""
    names = [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]
    assert names == SIGNATURES[function]


def test_integration_package_offers_the_functions_patch_and_unpatch() -> None:
    """The submodule ``patch`` does not hide the function ``patch``, whichever is imported first."""
    import ddtrace.contrib.redis
    from ddtrace.contrib.redis.patch import patch, unpatch

    assert callable(patch) and callable(unpatch)
    assert callable(ddtrace.contrib.redis.patch) and callable(ddtrace.contrib.redis.unpatch)


def test_integration_package_tells_the_librarys_version() -> None:
    """``ddtrace.contrib.<name>.get_version()`` is the installed release."""
    from ddtrace.contrib.redis import get_version

    assert get_version() == version("redis")
