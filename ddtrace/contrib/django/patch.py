"""Where Django is wrapped.

Nothing of Django but its outermost package is imported here, for this is loaded as that is: its modules are wrapped as
the application imports them.
"""

from __future__ import annotations

from typing import Any, Generator

import django

from ddtrace.contrib._database import targets
from ddtrace.contrib._http_server import open_request
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib.django import integration
from ddtrace.contrib.django.caches import cache_methods, connection_of_alias
from ddtrace.contrib.django.databases import databases
from ddtrace.contrib.django.descriptions import REQUEST, describe_request, describe_response
from ddtrace.contrib.django.parts import (
    adapt_method_mode,
    answering,
    api_methods,
    bearer,
    convert_exception_to_response,
    make_view_atomic,
    middleware_methods,
    render_response,
    view_methods,
)
from ddtrace.contrib.django.templates import render_template
from ddtrace.contrib.trace_utils import get_argument_value
from ddtrace.pin import Pin
from ddtrace.propagation.http import headers_in


def bear_pin() -> Generator[None, None, None]:
    """Have the package bear the pin that all of Django is traced by."""
    if Pin.lookup(django) is not None:
        yield
        return
    pin = Pin()
    pin.onto(django)
    patching.pinned.append(django)
    yield
    pin.remove_from(django)


# -- requests ----------------------------------------------------------------------------------------------------------


def get_response(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with serve(args, kwargs) as call:
        response = wrapped(*args, **kwargs)
        call.describe(describe_answer, args, kwargs, response)
        return response


async def get_response_async(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with serve(args, kwargs) as call:
        response = await wrapped(*args, **kwargs)
        call.describe(describe_answer, args, kwargs, response)
        return response


def serve(args: tuple, kwargs: dict) -> Any:
    """Open the span of a request."""
    request = args[0] if args else kwargs.get("request")
    call = open_request(integration, bearer(), REQUEST, getattr(request, "META", {}), headers_in)
    call.describe(describe_request, request)
    return call


def describe_answer(span: Any, args: tuple, kwargs: dict, response: Any) -> None:
    describe_response(span, get_argument_value(args, kwargs, 0, "request"), response)


# -- targets -----------------------------------------------------------------------------------------------------------

patching = Patching(
    integration,
    targets=(
        Target("django.core.handlers.base", "BaseHandler.get_response", get_response),
        Target("django.core.handlers.base", "BaseHandler.get_response_async", get_response_async),
        Target("django.core.handlers.base", "BaseHandler.adapt_method_mode", adapt_method_mode, (("method", 1),)),
        Target("django.core.handlers.base", "BaseHandler.make_view_atomic", make_view_atomic, (("view", 0),)),
        Target(
            "django.core.handlers.base",
            "BaseHandler.process_exception_by_middleware",
            answering(0, "exception"),
        ),
        Target(
            "django.core.handlers.base",
            "convert_exception_to_response",
            convert_exception_to_response,
            (("get_response", 0),),
        ),
        Target("django.core.handlers.exception", "response_for_exception", answering(1, "exc")),
        Target("django.utils.connection", "BaseConnectionHandler.__getitem__", connection_of_alias),
        *targets("django.db.backends.base.base", "BaseDatabaseWrapper", databases.connection_wrappers),
        *targets("django.db.backends.utils", "CursorWrapper", databases.cursor_wrappers),
        Target("django.template.base", "Template.render", render_template),
        Target("django.template.response", "SimpleTemplateResponse.render", render_response),
    ),
    changes=(
        bear_pin,
        *(each.while_patched for each in (middleware_methods, view_methods, api_methods, cache_methods)),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
