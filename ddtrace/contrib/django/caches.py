"""Spans of what is asked of a cache, in a request or not."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._http import set_text
from ddtrace.contrib._tracing import shield, trace_call
from ddtrace.contrib.django import integration
from ddtrace.contrib.django.descriptions import class_name, settings_of_django
from ddtrace.contrib.django.methods import TracedMethods
from ddtrace.contrib.django.parts import bearer
from ddtrace.contrib.trace_utils import get_argument_value, stringify_cache_args
from ddtrace.ext import db
from ddtrace.span import Span

CACHE = "django.cache"
BACKEND = "django.cache.backend"
KEY = "django.cache.key"

FIRST_ARGUMENT = {"get_many": "keys", "delete_many": "keys", "set_many": "data"}
"""What the methods call the argument with the keys; all others call it ``key``."""


def connection_of_alias(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """Have the class of a cache traced as soon as somebody asks for the cache, and not for a database."""
    connection = wrapped(*args, **kwargs)
    with shield("trace a cache"):
        if getattr(instance, "settings_name", None) == "CACHES":
            cache_methods.trace(type(connection))
    return connection


def traced_cache_method(name: str, function: Any) -> Any:
    resource = f"{function.__module__}.{name}"

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        settings = settings_of_django()
        if not settings.get("instrument_caches"):
            return wrapped(*args, **kwargs)
        with trace_call(integration, bearer(), CACHE, settings.get("cache_service_name")) as call:
            call.describe(describe_call, instance, name, resource, args, kwargs)
            result = wrapped(*args, **kwargs)
            call.describe(count_found, name, args, kwargs, result)
            return result

    return wrapper


cache_methods = TracedMethods(
    ("get", "set", "add", "delete", "incr", "decr", "get_many", "set_many", "delete_many"), traced_cache_method
)


def describe_call(span: Span, cache: Any, name: str, resource: str, args: tuple, kwargs: dict) -> None:
    prefix = getattr(cache, "key_prefix", "")
    span.resource = (f"{resource} {prefix}" if prefix else resource).lower()
    span.set_tag_str(BACKEND, class_name(type(cache)))
    set_text(span, KEY, shown_keys(get_argument_value(args, kwargs, 0, FIRST_ARGUMENT.get(name, "key"))))


def shown_keys(keys: Any) -> str | None:
    """One key, or many; None for those that can be read but once, which is for the cache to do."""
    if isinstance(keys, (list, tuple, set, frozenset, dict)):
        return stringify_cache_args(keys)
    return None if hasattr(keys, "__next__") else stringify_cache_args((keys,))


def count_found(span: Span, name: str, args: tuple, kwargs: dict, result: Any) -> None:
    """Say how many of the keys were in the cache."""
    if name == "get":
        default = args[1] if len(args) > 1 else kwargs.get("default")
        span.set_metric(db.ROWCOUNT, 0 if result is default else 1)
    elif name == "get_many":
        span.set_metric(db.ROWCOUNT, len(result))
