"""The parts of the work on a request: the middleware, the view, and the methods of a view that is a class."""

from __future__ import annotations

import functools
import inspect
from types import MethodType
from typing import Any, Callable, Sequence

import django

from ddtrace.contrib._http_server import above, current_span, part_of_request
from ddtrace.contrib._tracing import UNTRACED, Call, _Untraced, shield
from ddtrace.contrib._wrapper import Wrapper
from ddtrace.contrib.django import VIEW_METHODS, integration
from ddtrace.contrib.django.descriptions import REQUEST, class_name, settings_of_django, view_name
from ddtrace.contrib.django.methods import TracedMethods
from ddtrace.contrib.trace_utils import get_argument_value
from ddtrace.settings.config import config
from ddtrace.span import Span

MIDDLEWARE = "django.middleware"
RESPONSE_RENDER = "django.response.render"
VIEW_SPAN = "django.view"

STATUS_OF = {
    "django.core.exceptions.BadRequest": 400,
    "django.core.exceptions.PermissionDenied": 403,
    "django.core.exceptions.SuspiciousOperation": 400,
    "django.http.multipartparser.MultiPartParserError": 400,
    "django.http.response.Http404": 404,
}
"""The exceptions that stand for a response, and its status."""

API_EXCEPTION = "rest_framework.exceptions.APIException"
"""One that tells the status itself."""

API_VIEW = "rest_framework.views.APIView"
"""The class of the views of the REST framework, whose modules load only where Django has its settings."""


def bearer() -> Any:
    """What bears the pin; nobody does once Django is unpatched, which middleware that was loaded before may outlive."""
    return django if integration.is_tracing else None


def is_coroutine_function(function: Any) -> bool:
    """Whether Django takes a function for one: by its code, or by the mark that asgiref gives to others."""
    return inspect.iscoroutinefunction(function) or getattr(function, "_is_coroutine", None) is not None


# -- parts -------------------------------------------------------------------------------------------------------------


def open_part(name: str, resource: str, option: str = "") -> Call | _Untraced:
    """Open the span of a part, unless the option says that there is none."""
    if option and not settings_of_django().get(option):
        return UNTRACED
    return part_of_request(integration, bearer(), name, REQUEST, resource=resource)


def ignore_answer(span: Span, error: BaseException) -> None:
    """An exception that stands for a response, such as ``Http404``, is an error if that response is one."""
    status = status_of(error)
    if status is not None and not config.http_server.is_error_code(status):
        span._ignore_exception(type(error))


def status_of(error: BaseException) -> int | None:
    """The status of the response that an exception stands for, if it does."""
    names = [class_name(kind) for kind in type(error).__mro__]
    if API_EXCEPTION in names:
        return error.status_code
    return next((STATUS_OF[name] for name in names if name in STATUS_OF), None)


def call_part(name: str, resource: str, option: str, function: Any, args: tuple, kwargs: dict) -> Any:
    """Call a function whose calls are such a part."""
    with open_part(name, resource, option) as call:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            call.describe(ignore_answer, error)
            raise


async def await_part(name: str, resource: str, option: str, function: Any, args: tuple, kwargs: dict) -> Any:
    """Await a coroutine function whose calls are such a part."""
    with open_part(name, resource, option) as call:
        try:
            return await function(*args, **kwargs)
        except Exception as error:
            call.describe(ignore_answer, error)
            raise


def part_caller(function: Any) -> Callable[..., Any]:
    """What calls a function as a part: a coroutine function is awaited."""
    return await_part if is_coroutine_function(function) else call_part


def traced_function(function: Any, name: str, resource: str, option: str = "") -> Any:
    """A function that does the same within a span."""

    def traced(*args: Any, **kwargs: Any) -> Any:
        return call_part(name, resource, option, function, args, kwargs)

    async def traced_async(*args: Any, **kwargs: Any) -> Any:
        return await await_part(name, resource, option, function, args, kwargs)

    return functools.update_wrapper(traced_async if is_coroutine_function(function) else traced, function)


def methods_as_parts(names: Sequence[str], span_name: str, option: str = "") -> TracedMethods:
    """Methods that have a span each, in whose name their own is in the place of ``{}``."""

    def make_wrapper(name: str, function: Any) -> Any:
        call, part_name = part_caller(function), span_name.format(name)

        def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
            return call(part_name, f"{class_name(type(instance))}.{name}", option, wrapped, args, kwargs)

        return wrapper

    return TracedMethods(names, make_wrapper)


# -- middleware --------------------------------------------------------------------------------------------------------

HOOKS = ("process_view", "process_template_response", "process_exception")
"""Those that Django itself calls."""


def adapt_method_mode(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """Put a span around a hook on its way into a handler."""
    with shield("trace a hook of a middleware"):
        method = get_argument_value(args, kwargs, 1, "method")
        if is_hook(method):
            args, kwargs = replaced(args, kwargs, 1, "method", traced_hook(method))
    return wrapped(*args, **kwargs)


def convert_exception_to_response(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """Put spans around a middleware on its way into a handler."""
    with shield("trace a middleware"):
        middleware = get_argument_value(args, kwargs, 0, "get_response")
        if not is_end_of_chain(middleware):
            middleware_methods.trace(type(middleware))
            # Django copies the attributes of what it is given, and of a function these would be others.
            args, kwargs = replaced(args, kwargs, 0, "get_response", Wrapper(middleware, around(middleware)))
    return wrapped(*args, **kwargs)


def around(middleware: Any) -> Any:
    """The wrapper of a middleware."""
    call, name = part_caller(middleware), middleware_name(middleware)

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        return call(MIDDLEWARE, name, "instrument_middleware", wrapped, args, kwargs)

    return wrapper


def replaced(args: tuple, kwargs: dict, position: int, name: str, value: Any) -> tuple[tuple, dict]:
    """Arguments with another value in the place of one."""
    if name in kwargs:
        return args, {**kwargs, name: value}
    return (*args[:position], value, *args[position + 1 :]), kwargs


def is_hook(method: Any) -> bool:
    return isinstance(method, MethodType) and method.__name__ in HOOKS


def is_end_of_chain(get_response: Any) -> bool:
    """Whether this is no middleware, but the handler's own method that calls the view."""
    return getattr(get_response, "__name__", "") in ("_get_response", "_get_response_async")


def middleware_name(middleware: Any) -> str:
    """``module.Class.__call__``, or ``module.factory`` of a function that a factory made."""
    if inspect.isfunction(middleware):
        return f"{middleware.__module__}.{middleware.__qualname__.partition('.<locals>')[0]}"
    return f"{class_name(type(middleware))}.__call__"


def traced_hook(method: MethodType) -> MethodType:
    """A method of the same object that does the same within a span."""
    middleware = method.__self__
    resource = f"{class_name(type(middleware))}.{method.__name__}"
    return MethodType(traced_function(method.__func__, MIDDLEWARE, resource, "instrument_middleware"), middleware)


middleware_methods = methods_as_parts(("process_request", "process_response"), MIDDLEWARE, "instrument_middleware")
"""Those that a middleware calls within its own ``__call__``."""


# -- views -------------------------------------------------------------------------------------------------------------


def make_view_atomic(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    """Put a span around a view on its way from the route to the call."""
    with shield("trace a view"):
        view = get_argument_value(args, kwargs, 0, "view")
        kind = class_of(view)
        if kind is not None:
            view_methods.trace(kind)
            if API_VIEW in map(class_name, kind.__mro__):
                api_methods.trace(kind)
        args, kwargs = replaced(args, kwargs, 0, "view", traced_function(view, VIEW_SPAN, view_name(view)))
    return wrapped(*args, **kwargs)


def class_of(view: Any) -> type | None:
    """The class that makes a view, if one does: Django and the REST framework keep it on the view."""
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return kind if isinstance(kind, type) else None


view_methods = methods_as_parts(VIEW_METHODS, f"{VIEW_SPAN}.{{}}")


def render_response(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    with open_part(RESPONSE_RENDER, f"{class_name(type(instance))}.render", "instrument_templates"):
        return wrapped(*args, **kwargs)


# -- answers to exceptions ---------------------------------------------------------------------------------------------


def answering(position: int, name: str) -> Callable[..., Any]:
    """The wrapper of a function that answers an exception, which is the argument there or of that name."""

    def wrapper(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
        response = wrapped(*args, **kwargs)
        with shield("record the error of a request"):
            if response is not None:
                record_error(get_argument_value(args, kwargs, position, name), response)
        return response

    return wrapper


def record_error(error: BaseException, response: Any) -> None:
    """Have the request bear an error that was answered with a server's, and the part of it where that was."""
    span = current_span(bearer())
    request_span = above(span, REQUEST)
    if request_span is not None and config.http_server.is_error_code(response.status_code):
        for each in {id(span): span, id(request_span): request_span}.values():
            each.set_exc_info(type(error), error, error.__traceback__)


api_methods = TracedMethods(("handle_exception",), lambda name, function: answering(0, "exc"))
"""Those by which views of the REST framework answer exceptions, which Django then never sees."""
