"""What the span of a request says.

Only what Django knows already is told: no route is looked for, no user loaded, no body read.
"""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._http import set_http_meta, set_text
from ddtrace.contrib.django import integration
from ddtrace.contrib.trace_utils import func_name
from ddtrace.contrib.wsgi.environ import LONGEST_PATH, RequestHeaders, url_of
from ddtrace.ext import http, user
from ddtrace.settings.config import config
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.span import Span

REQUEST = "django.request"

APP = "django.app"
NAMESPACE = "django.namespace"
REQUEST_CLASS = "django.request.class"
RESPONSE_CLASS = "django.response.class"
RESPONSE_TEMPLATE = "django.response.template"
USER_ID = "django.user.id"
USER_IS_AUTHENTICATED = "django.user.is_authenticated"
USER_NAME = "django.user.name"
VIEW = "django.view"

NOT_FOUND = 404


def settings_of_django() -> IntegrationConfig:
    """Those of ``config.django``."""
    return config.integration(integration.name)


def class_name(kind: type) -> str:
    """``module.Class``."""
    return f"{kind.__module__}.{kind.__qualname__}"


def view_name(view: Any) -> str:
    """``module.function`` of a view, or ``module.Class`` of one that a class makes."""
    kind = getattr(view, "view_class", None)
    return func_name(view) if kind is None else class_name(kind)


# -- requests ----------------------------------------------------------------------------------------------------------


def describe_request(span: Span, request: Any) -> None:
    """Say what is asked for."""
    span.resource = request.method
    span.set_tag_str(REQUEST_CLASS, class_name(type(request)))
    meta = request.META
    set_http_meta(
        span,
        settings_of_django(),
        method=request.method,
        url=url_of(as_environ(request)),
        query=meta.get("QUERY_STRING") or None,
        request_headers=RequestHeaders(meta),
        peer_ip=meta.get("REMOTE_ADDR"),
    )


def as_environ(request: Any) -> dict[str, Any]:
    """What of an environment tells the URL; Django has decoded the path already."""
    path = request.path[:LONGEST_PATH].encode("utf-8", "replace").decode("latin-1")
    return {**request.META, "wsgi.url_scheme": request.scheme, "SCRIPT_NAME": "", "PATH_INFO": path}


# -- responses ---------------------------------------------------------------------------------------------------------


def describe_response(span: Span, request: Any, response: Any) -> None:
    """Say how the request was answered, and what Django found out on the way."""
    span.set_tag_str(RESPONSE_CLASS, class_name(type(response)))
    set_http_meta(span, settings_of_django(), status_code=response.status_code, response_headers=response.headers)
    describe_route(span, request, response)
    describe_template(span, response)
    describe_user(span, request)


def describe_route(span: Span, request: Any, response: Any) -> None:
    match = request.resolver_match
    # Unless the application has named it otherwise.
    is_unnamed = span.resource == request.method
    if match is None:
        if is_unnamed and response.status_code == NOT_FOUND:
            span.resource = f"{request.method} {NOT_FOUND}"
        return
    set_text(span, http.ROUTE, match.route)
    set_text(span, VIEW, match.view_name)
    set_text(span, NAMESPACE, match.namespace or None)
    set_text(span, APP, match.app_name or None)
    if is_unnamed:
        span.resource = resource_of(request.method, match)


def resource_of(method: str, match: Any) -> str:
    """The name of a request that a route fits, in the form that is configured."""
    settings = settings_of_django()
    if settings.get("use_legacy_resource_format"):
        return view_name(match.func)
    if settings.get("use_handler_resource_format"):
        return f"{method} {view_name(match.func)}"
    return f"{method} {match.route}".strip()


def describe_template(span: Span, response: Any) -> None:
    """Name the template of a response that has one, or all that it may be made with."""
    template = getattr(response, "template_name", None)
    if isinstance(template, str):
        span.set_tag_str(RESPONSE_TEMPLATE, template)
    elif isinstance(template, (list, tuple)):
        for index, each in enumerate(template):
            set_text(span, f"{RESPONSE_TEMPLATE}.{index}", each)
    elif template is not None:
        set_text(span, RESPONSE_TEMPLATE, getattr(template, "name", None))


def describe_user(span: Span, request: Any) -> None:
    account = loaded_user(request)
    if account is None:
        return
    set_text(span, USER_IS_AUTHENTICATED, account.is_authenticated)
    if not account.is_authenticated:
        return
    set_text(span, USER_ID, account.pk)
    set_text(span, user.ID, account.pk)
    if settings_of_django().get("include_user_name"):
        # Not by its property, which reads a name from the database that was left there.
        set_text(span, USER_NAME, vars(account).get(getattr(account, "USERNAME_FIELD", "username")))


def loaded_user(request: Any) -> Any:
    """The user of a request, where the application has asked for it."""
    known = vars(request)
    account = known.get("user")
    state = getattr(account, "__dict__", {})
    if "_setupfunc" not in state:
        return account
    # A promise to read the session, and then the database. Until it is kept, a bare object stands in its place.
    wrapped = state["_wrapped"]
    return known.get("_acached_user") if type(wrapped) is object else wrapped
