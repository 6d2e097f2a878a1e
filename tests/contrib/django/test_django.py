"""What of the django integration the common checks do not prove: options, pins, users, servers, strangers' input."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import http.client
import importlib
import inspect
import pickle
import pkgutil
import re
import textwrap
import threading
from typing import Any, Callable, Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.cache import caches
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse
from django.template import Context, engines
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.views import View

from ddtrace import Pin, config
from ddtrace.contrib import django as documented
from ddtrace.contrib.django import integration
from testkit import DummyTracer, run_python, traced
from tests.contrib.django import project

CANARY = "c4n4ry"
CALLER = {"x-datadog-trace-id": "1234", "x-datadog-parent-id": "5678"}
NOBODY = {"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}
REQUEST = "django.request"


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all of Django."""
    with traced(integration) as tracer:
        yield tracer


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes settings of the integration."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(config.django, name, value)

    return change


def ask(path: str, **options: Any) -> Any:
    return Client(raise_request_exception=False).get(path, **options)


def names(tracer: DummyTracer) -> set[str]:
    return {span.name for span in tracer.spans}


# -- the documentation -------------------------------------------------------------------------------------------------


def test_example_of_the_docs_runs() -> None:
    """The module's example traces a request, and what it asks the database for."""
    example = textwrap.dedent(documented.__doc__.split("is made::\n")[1].split("\nA request is")[0])
    request = """
from ddtrace import tracer
tracer.on_start_span(lambda span: print(span.name, span.service))
from tests.contrib.django import project
from django.test import Client
print(Client().get("/database/").content.decode())
"""
    printed = run_python("-c", example + request, env=NOBODY).splitlines()
    assert printed[0] == "django.request shop"
    assert {"django.view shop", "sqlite.query stock"} < set(printed)
    assert printed[-1] == "(42,)"


def test_options_are_those_of_the_docs() -> None:
    """Each with the default that the documentation tells."""
    told = dict(re.findall(r"^- ``(\w+)`` \(default (.+?)\)", documented.__doc__, re.MULTILINE))
    declared = {option.name: option.default for option in integration.options}
    shown = {name: f"``{value}``" if isinstance(value, str) else str(value) for name, value in declared.items()}
    assert {name: shown[name].replace("````", "none") for name in shown} == told


# -- what the application sees -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", integration.load_patching().targets, ids=lambda target: target.path)
def test_replaced_functions_can_be_copied(tracer: DummyTracer, target: Any) -> None:
    """Pickled is where a function is found; a copy is the function."""
    function = pkgutil.resolve_name(f"{target.module}:{target.path}")
    assert pickle.loads(pickle.dumps(function)).__wrapped__ is function.__wrapped__
    assert copy.copy(function) is copy.deepcopy(function) is function


def test_classes_of_views_are_put_back() -> None:
    """The methods of Django's own and of the application's are the very functions again."""
    before = {name: vars(project.Basket)[name] for name in ("get", "put")} | {"setup": vars(View)["setup"]}
    with traced(integration):
        ask("/class/1/")
        assert vars(project.Basket)["get"] is not before["get"]
    after = {name: vars(project.Basket)[name] for name in ("get", "put")} | {"setup": vars(View)["setup"]}
    assert all(after[name] is before[name] for name in before)


def test_classes_of_caches_are_put_back() -> None:
    """A cache that was used meanwhile is what it was."""
    kind = type(caches["default"])
    before = vars(kind)["get"]
    with traced(integration):
        caches["default"].get("pear")
        assert vars(kind)["get"] is not before
    assert vars(kind)["get"] is before


def test_classes_of_middleware_are_put_back() -> None:
    """Their hooks are the very functions again."""
    before = vars(project.Hooks)["process_request"]
    with traced(integration), override_settings(MIDDLEWARE=[f"{project.__name__}.Hooks"]):
        ask("/basket/1/")
        assert vars(project.Hooks)["process_request"] is not before
    assert vars(project.Hooks)["process_request"] is before


def test_inherited_method_is_still_that_of_the_parent(tracer: DummyTracer) -> None:
    """Django compares the two to see whether a subclass has overridden one."""

    class Child(project.Hooks):
        """Overrides one of the hooks."""

        def process_response(self, request: Any, response: Any) -> Any:
            return response

    with override_settings(MIDDLEWARE=[f"{project.__name__}.Hooks"]):
        ask("/basket/1/")
    assert Child.process_request is project.Hooks.process_request
    assert Child.process_response is not project.Hooks.process_response


def test_method_of_a_class_is_called_as_a_function(tracer: DummyTracer) -> None:
    """As a subclass may do that names its parent; the span is that of the object."""
    ask("/class/1/")
    tracer.pop()
    request = RequestFactory().get("/class/1/")
    with tracer.trace(REQUEST):
        assert project.Basket.get(project.Basket(), request, number=1).status_code == 200
    assert tracer.spans.find("django.view.get", resource=f"{project.__name__}.Basket.get")


def test_attributes_of_methods_are_those_of_the_functions(tracer: DummyTracer) -> None:
    """Django copies them onto the view of a class."""
    ask("/class/1/")
    view = project.Basket.as_view()
    assert not hasattr(view, "__wrapped__")
    assert vars(project.Basket.get) == vars(project.Basket.get.__wrapped__) == {}
    assert list(inspect.signature(project.Basket.get).parameters) == ["self", "request", "number"]


def test_method_is_wrapped_once_for_all_who_inherit_it(tracer: DummyTracer) -> None:
    """A view's and that of another have one span each."""
    ask("/class/1/")
    tracer.pop()
    ask("/methods/")
    assert len(tracer.spans.find_all("django.view.dispatch")) == 1


def test_middleware_of_before_unpatching_has_no_spans() -> None:
    """A handler that was made while patched serves on, untraced."""
    handler = Client()
    with traced(integration):
        handler.get("/basket/1/")
    with traced(integration) as tracer:
        pass
    assert handler.get("/basket/1/").status_code == 200
    assert not tracer.spans


def test_middleware_of_before_patching_is_served() -> None:
    """A handler that is older than the patching has the spans of requests and views, and none of middleware."""
    client = Client()
    client.get("/basket/1/")
    with traced(integration) as tracer:
        client.get("/basket/1/")
    assert names(tracer) == {REQUEST, "django.view"}


def test_hook_of_a_middleware_is_named_in_the_error(tracer: DummyTracer) -> None:
    """One that forgets to return the response is told so by its own name."""
    with override_settings(MIDDLEWARE=[f"{__name__}.Forgetful"]), pytest.raises(ValueError, match="Forgetful.process"):
        Client().get("/template/")


class Forgetful:
    """Middleware that returns no response from its hook."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)

    def process_template_response(self, request: Any, response: Any) -> None:
        """Forget the response."""


def test_user_is_not_loaded_for_us(tracer: DummyTracer) -> None:
    """Who was never asked for costs nothing, and has no tags."""
    loaded = []
    handler = WSGIHandler()
    request = RequestFactory().get("/basket/1/")
    request.user = SimpleLazyObject(lambda: loaded.append(1))
    handler.get_response(request)
    assert not loaded
    assert tracer.spans.find(REQUEST, tags={"django.user.is_authenticated": None})


# -- users -------------------------------------------------------------------------------------------------------------


def ask_as(user: Any) -> None:
    request = RequestFactory().get("/basket/1/")
    request.user = user
    WSGIHandler().get_response(request)


def lazily(user: Any) -> Any:
    lazy = SimpleLazyObject(lambda: user)
    assert lazy.is_authenticated is not None
    return lazy


@pytest.mark.parametrize("given", [lambda user: user, lazily], ids=["as it is", "lazy and loaded"])
def test_user_who_is_known(tracer: DummyTracer, given: Callable[[Any], Any]) -> None:
    """Their id and name are tags."""
    ask_as(given(project.User(pk=7, username="ada")))
    tags = {"django.user.is_authenticated": "True", "django.user.id": "7", "usr.id": "7", "django.user.name": "ada"}
    assert tracer.spans.find(REQUEST, tags=tags)


def test_user_who_is_nobody(tracer: DummyTracer) -> None:
    """Only that is said."""
    ask_as(project.AnonymousUser())
    tags = {"django.user.is_authenticated": "False", "django.user.id": None, "usr.id": None, "django.user.name": None}
    assert tracer.spans.find(REQUEST, tags=tags)


def test_name_of_the_user_can_stay_out(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """The id remains."""
    setting(include_user_name=False)
    ask_as(project.User(pk=7, username="ada"))
    assert tracer.spans.find(REQUEST, tags={"django.user.id": "7", "django.user.name": None})


# -- the trace ---------------------------------------------------------------------------------------------------------


def test_trace_of_the_caller_goes_on(tracer: DummyTracer) -> None:
    """The headers' span is the parent of the request's."""
    ask("/basket/1/", headers=CALLER)
    request = tracer.spans.find(REQUEST)
    assert (request.trace_id, request.parent_id) == (1234, 5678)
    assert {span.trace_id for span in tracer.spans} == {1234}


def test_request_within_a_span_belongs_to_it(tracer: DummyTracer) -> None:
    """A client in the same process needs no headers, and its span is current again."""
    with tracer.trace("outer") as outer:
        ask("/basket/1/")
        assert tracer.current_span() is outer
    assert tracer.spans.find(REQUEST).parent_id == outer.span_id


def test_view_is_below_the_middleware_around_it(tracer: DummyTracer) -> None:
    """Each part is below the one that called it, up to the request."""
    ask("/class/1/")
    resources, span = [], tracer.spans.find("django.view.get")
    while span is not None:
        resources.append(span.resource)
        span = span._parent
    assert resources == [
        f"{project.__name__}.Basket.get",
        f"{project.__name__}.Basket.dispatch",
        f"{project.__name__}.Basket",
        "django.middleware.common.CommonMiddleware.__call__",
        "django.middleware.security.SecurityMiddleware.__call__",
        "GET class/<int:number>/",
    ]


def test_error_is_on_what_it_passed(tracer: DummyTracer) -> None:
    """On the view, on the middleware where Django answered it, and on the request; not on the middleware outside."""
    ask("/fail/")
    failed = [span.resource for span in tracer.spans if span.get_tag("error.type") == "builtins.ValueError"]
    assert sorted(failed) == [
        "GET fail/",
        "django.middleware.common.CommonMiddleware.__call__",
        f"{project.__name__}.fail",
    ]


def test_error_that_a_middleware_answers(tracer: DummyTracer) -> None:
    """It is on the request where the answer is a server's error, and not where it is another."""
    with override_settings(MIDDLEWARE=[f"{__name__}.Apologetic"]):
        assert ask("/fail/").status_code == 503
        assert ask("/basket/3/").status_code == 404
    errors = [span.get_tag("error.type") for span in tracer.spans.find_all(REQUEST)]
    assert errors == ["builtins.ValueError", None]


class Apologetic(MiddlewareMixin):
    """Middleware that answers whatever fails."""

    def process_exception(self, request: Any, error: Exception) -> HttpResponse:
        """Say sorry."""
        return HttpResponse("sorry", status=404 if isinstance(error, KeyError) else 503)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_exception_that_is_an_answer_is_no_error(tracer: DummyTracer, status: int) -> None:
    """Neither on the view, nor on the request."""
    assert ask(f"/status/{status}/").status_code == status
    assert {span.error for span in tracer.spans} == {0}


# -- pins and options --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("application", "service"), [(None, "django"), ("app", "app")])
def test_service_is_the_application_s(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch, application: str | None, service: str
) -> None:
    """That of the process, where it has one."""
    monkeypatch.setattr(config, "service", application)
    ask("/template/")
    assert {span.service for span in tracer.spans} == {service}


def test_pin_of_django(tracer: DummyTracer) -> None:
    """Service and tags are on all spans of requests."""
    Pin.override(django, service="baskets", tags={"team": "fruit"})
    ask("/template/")
    assert {(span.service, span.get_tag("team")) for span in tracer.spans} == {("baskets", "fruit")}


@pytest.mark.parametrize(
    ("option", "resource"),
    [
        ("use_handler_resource_format", f"GET {project.__name__}.show_basket"),
        ("use_legacy_resource_format", f"{project.__name__}.show_basket"),
    ],
)
def test_forms_of_resources(tracer: DummyTracer, setting: Callable[..., None], option: str, resource: str) -> None:
    """By the view in the place of the route."""
    setting(**{option: True})
    ask("/basket/1/")
    assert tracer.spans.find(REQUEST, resource=resource, tags={"http.route": "basket/<int:number>/"})


def test_resource_that_the_application_names_stays(tracer: DummyTracer) -> None:
    """Also where no route fits."""

    def name(span: Any) -> None:
        if span.name == "django.middleware":
            tracer.current_root_span().resource = "mine"

    tracer.on_start_span(name)
    ask("/basket/1/")
    ask("/nowhere/")
    assert len(tracer.spans.find_all(REQUEST, resource="mine")) == 2


@pytest.mark.parametrize(
    ("option", "path", "gone"),
    [
        ("instrument_middleware", "/basket/1/", {"django.middleware"}),
        ("instrument_templates", "/template/", {"django.template.render", "django.response.render"}),
        ("instrument_caches", "/cached/", {"django.cache"}),
        ("instrument_databases", "/database/", {"sqlite.query"}),
    ],
)
def test_parts_can_stay_untraced(
    tracer: DummyTracer, setting: Callable[..., None], option: str, path: str, gone: set[str]
) -> None:
    """They have spans by default, and none where the option is off."""
    ask(path)
    with_parts = names(tracer)
    tracer.pop()
    setting(**{option: False})
    ask(path)
    assert with_parts - names(tracer) == gone


@pytest.mark.parametrize("option", [option.name for option in integration.options])
def test_settings_that_are_gone_are_no_hindrance(
    tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """A program may have deleted them; whatever they ask for is off then."""
    monkeypatch.delitem(config.django, option)
    for path in ("/basket/1/", "/template/", "/cached/", "/database/"):
        assert ask(path).status_code == 200
    assert tracer.spans.find_all(REQUEST)


@pytest.mark.parametrize(
    ("settings", "service"),
    [
        ({}, "defaultdb"),
        ({"database_service_name_prefix": "shop-"}, "shop-defaultdb"),
        ({"database_service_name_prefix": "shop-", "database_service_name": "colours"}, "colours"),
    ],
)
def test_service_of_a_database(
    tracer: DummyTracer, setting: Callable[..., None], settings: dict[str, str], service: str
) -> None:
    """Its own, by its alias; the component says that, too."""
    setting(**settings)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert tracer.spans.find("sqlite.query", service=service, tags={"component": "django-default"})


def test_service_of_a_cache(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """As the option says."""
    setting(cache_service_name="fridge")
    caches["default"].get("pear")
    assert tracer.spans.find("django.cache", service="fridge")


def test_headers_become_tags_where_asked_for(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the request as of the response."""
    monkeypatch.setattr(config.django.http, "_header_tags", {"x-request-id": "", "content-type": ""})
    ask("/basket/1/", headers={"X-Request-Id": "7"})
    tags = {
        "http.request.headers.x-request-id": "7",
        "http.response.headers.content-type": "application/json",
    }
    assert tracer.spans.find(REQUEST, tags=tags)


def test_which_statuses_are_errors(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where 404 is one, so is the exception behind it."""
    monkeypatch.setattr(config.http_server, "error_statuses", "404")
    ask("/status/404/")
    assert tracer.spans.find(REQUEST, error=1, tags={"error.type": "django.http.response.Http404"})
    assert tracer.spans.find("django.view", error=1)


@pytest.mark.parametrize(("enabled", "rate"), [(None, None), (True, 0.5)])
def test_analytics_only_where_they_are_on(
    tracer: DummyTracer, setting: Callable[..., None], enabled: bool | None, rate: float | None
) -> None:
    """The share is on the request's span, and on no other."""
    setting(analytics_enabled=enabled, analytics_sample_rate=0.5)
    ask("/basket/1/")
    assert {span.get_metric("_dd1.sr.eausr") for span in tracer.spans if span.name == REQUEST} == {rate}
    assert {span.get_metric("_dd1.sr.eausr") for span in tracer.spans if span.name != REQUEST} == {None}


# -- templates and caches ----------------------------------------------------------------------------------------------


def test_template_without_a_name(tracer: DummyTracer) -> None:
    """Its resource is the method."""
    template = engines["django"].from_string("{{ colour }}").template
    assert template.render(Context({"colour": "blue"})) == "blue"
    assert tracer.spans.find("django.template.render", resource="django.template.base.Template.render")


def test_keys_that_can_be_read_once_are_the_cache_s(tracer: DummyTracer) -> None:
    """They are not shown, since showing would take them away."""
    caches["default"].set("pear", 1)
    tracer.pop()
    assert caches["default"].get_many(key for key in ["pear", "plum"]) == {"pear": 1}
    many = next(span for span in tracer.spans if span.resource.endswith("get_many shop"))
    assert (many.get_tag("django.cache.key"), many.get_metric("db.row_count")) == (None, 1)


def test_cache_that_is_awaited(tracer: DummyTracer) -> None:
    """What is done in a thread belongs to who awaits it."""

    async def get() -> Any:
        with tracer.trace("outer"):
            return await caches["default"].aget("none", "nothing")

    assert asyncio.run(get()) == "nothing"
    assert tracer.spans.find("django.cache").parent_id == tracer.spans.find("outer").span_id


# -- databases ---------------------------------------------------------------------------------------------------------


def test_fetches_have_spans_where_asked_for(tracer: DummyTracer, setting: Callable[..., None]) -> None:
    """Of the resource of their statement, with the rows that were asked for; their cursor stays what it was."""
    setting(trace_fetch_methods=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 UNION SELECT 2 UNION SELECT 3 ORDER BY 1")
        assert (cursor.fetchone(), cursor.fetchmany(size=1), cursor.fetchall()) == ((1,), [(2,)], [(3,)])
        assert (type(cursor).__name__, isinstance(cursor, CursorWrapper)) == ("CursorWrapper", True)
    statement, *fetches = tracer.spans
    assert [(span.name, span.resource, span.service) for span in fetches] == [
        (f"sqlite.query.{method}", statement.resource, "defaultdb") for method in ("fetchone", "fetchmany", "fetchall")
    ]
    assert [span.get_metric("db.fetch.size") for span in fetches] == [None, 1, None]


def test_fetches_have_no_spans_by_default(tracer: DummyTracer) -> None:
    """The statement has one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert names(tracer) == {"sqlite.query"}


def test_cursor_of_before_unpatching_fetches_on(setting: Callable[..., None]) -> None:
    """Untraced."""
    setting(trace_fetch_methods=True)
    with connection.cursor() as cursor:
        with traced(integration):
            cursor.execute("SELECT 1")
        with traced(integration) as tracer:
            pass
        assert cursor.fetchone() == (1,)
    assert not tracer.spans


def test_cursor_without_a_connection_has_no_spans(tracer: DummyTracer) -> None:
    """It fails as it does untraced."""
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute"):
        CursorWrapper(None, None).execute("SELECT 1")
    assert not tracer.spans


def test_ends_of_transactions_have_spans(tracer: DummyTracer) -> None:
    """Of the service and the component of the database."""
    connection.commit()
    connection.rollback()
    assert [(span.name, span.service, span.get_tag("component")) for span in tracer.spans] == [
        (f"sqlite.connection.{end}", "defaultdb", "django-default") for end in ("commit", "rollback")
    ]


def test_view_in_a_transaction(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the request begins before the view, and ends after it."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    ask("/database/")
    parts = [span.name for span in tracer.spans if span.name in ("django.view", "sqlite.connection.commit")]
    assert parts == ["django.view", "sqlite.connection.commit"]
    assert tracer.spans.find("sqlite.connection.commit").parent_id == tracer.spans.find("django.view").parent_id


def test_vendor_that_nobody_knows(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the spans all the same, and they are those of a database."""
    monkeypatch.setattr(connection, "vendor", "abacus", raising=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.commit()
    assert [(span.name, span.span_type) for span in tracer.spans] == [
        ("abacus.query", "sql"),
        ("abacus.connection.commit", "sql"),
    ]


# -- the REST framework ------------------------------------------------------------------------------------------------


@pytest.fixture
def resources() -> Iterator[Any]:
    """The module of the resources, whose routes are those of the project."""
    with override_settings(ROOT_URLCONF="tests.contrib.django.resources"):
        yield importlib.import_module("tests.contrib.django.resources")


@pytest.mark.parametrize(
    ("method", "number", "status", "error"),
    [
        ("get", 3, 503, "builtins.KeyError"),
        ("delete", 1, 500, "rest_framework.exceptions.APIException"),
        ("put", 1, 400, None),
        ("put", 3, 404, None),
    ],
)
def test_error_that_the_rest_framework_answers(
    tracer: DummyTracer, resources: Any, method: str, number: int, status: int, error: str | None
) -> None:
    """It is on the request, and on the method that it was answered in, where the answer is a server's error."""
    assert getattr(Client(), method)(f"/api/{number}/").status_code == status
    passed = [REQUEST, "django.view.dispatch", f"django.view.{method}"]
    assert [tracer.spans.find(name).get_tag("error.type") for name in passed] == [error] * 3
    assert tracer.spans.find("django.view").get_tag("error.type") is None


def test_set_of_views_is_one_view(tracer: DummyTracer, resources: Any) -> None:
    """Of the resource of its class, with the methods that Django knows, and with its errors."""
    assert [ask(f"/api/set/{number}/").status_code for number in (1, 3)] == [200, 503]
    name = f"{resources.__name__}.BasketSet"
    assert {span.resource for span in tracer.spans.find_all("django.view")} == {name}
    dispatched = tracer.spans.find_all("django.view.dispatch", resource=f"{name}.dispatch")
    assert [span.get_tag("error.type") for span in dispatched] == [None, "builtins.KeyError"]


def test_rest_framework_is_put_back(resources: Any) -> None:
    """The function that answers exceptions is the very one again."""
    before = vars(resources.APIView)["handle_exception"]
    with traced(integration):
        ask("/api/1/")
        assert vars(resources.APIView)["handle_exception"] is not before
    assert vars(resources.APIView)["handle_exception"] is before


def test_method_of_that_name_of_another_view_is_its_own(tracer: DummyTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a view of Django calls so may be anything."""

    def handle_exception(self: Any) -> None:
        """Stands for it."""

    monkeypatch.setattr(project.Basket, "handle_exception", handle_exception, raising=False)
    ask("/class/1/")
    assert project.Basket.handle_exception is handle_exception


def test_rest_framework_outside_of_a_request(tracer: DummyTracer, resources: Any) -> None:
    """A view that is called by hand answers as it does untraced."""
    assert resources.BasketResource.as_view()(RequestFactory().delete("/"), number=1).status_code == 500
    assert not tracer.spans


# -- servers -----------------------------------------------------------------------------------------------------------


class Quiet(WSGIRequestHandler):
    """Prints nothing."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The port of a server of the application."""
    with make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_wsgi_over_a_socket(tracer: DummyTracer) -> None:
    """A request over TCP is a trace of the caller's."""
    with serving() as port:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/owner/J%C3%BCrgen/?colour=blue", headers={"Host": "testserver", **CALLER})
        answer = client.getresponse()
        assert (answer.status, answer.read().decode()) == (200, "the basket of Jürgen")
        client.close()
    request = tracer.spans.find(REQUEST, resource="GET owner/<path:owner>/")
    assert (request.trace_id, request.parent_id) == (1234, 5678)
    assert request.get_tag("http.url") == "http://testserver/owner/J%C3%BCrgen/?colour=blue"


def test_asgi(tracer: DummyTracer) -> None:
    """A request by the protocol is a trace of the caller's, and its path is shown as a URL has it."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/owner/Jürgen/",
        "query_string": b"colour=blue",
        "headers": [(b"host", b"testserver"), *((k.encode(), v.encode()) for k, v in CALLER.items())],
    }

    async def serve() -> list[dict[str, Any]]:
        application = ApplicationCommunicator(ASGIHandler(), scope)
        await application.send_input({"type": "http.request", "body": b""})
        answer = [await application.receive_output(10), await application.receive_output(10)]
        await application.wait()
        return answer

    start, body = asyncio.run(serve())
    assert (start["status"], body["body"].decode()) == (200, "the basket of Jürgen")
    request = tracer.spans.find(REQUEST, resource="GET owner/<path:owner>/")
    assert (request.trace_id, request.parent_id) == (1234, 5678)
    assert request.get_tag("http.url") == "http://testserver/owner/J%C3%BCrgen/?colour=blue"


def test_stream_is_not_waited_for(tracer: DummyTracer) -> None:
    """The request ends with the response, which is read after."""
    answer = ask("/stream/")
    assert tracer.spans.find(REQUEST).finished
    assert b"".join(answer.streaming_content) == b"0\n1\n2\n"


# -- strangers' input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"PATH_INFO": "/owner/" + "x" * 1_000_000 + "/"},
        {"PATH_INFO": "/owner/\xff\xfe/"},
        {"PATH_INFO": "/owner/\x00/"},
        {"QUERY_STRING": "q=" + "\xff" * 1_000_000},
        {"HTTP_USER_AGENT": "\ud800"},
        {"HTTP_HOST": "\xff\x00"},
        {"HTTP_X_DATADOG_TRACE_ID": "9" * 100_000},
        {"HTTP_TRACEPARENT": "\xff"},
        {"REQUEST_METHOD": "\xff" * 100},
    ],
    ids=lambda more: f"{next(iter(more))}-{next(iter(more.values()))[:10]!a}",
)
def test_any_environment_gets_the_same_answer(more: dict[str, Any]) -> None:
    """Traced or not; the spans are encoded, and no tag is out of proportion."""

    def answer() -> tuple[Any, ...]:
        started: list[Any] = []
        environ = {**RequestFactory()._base_environ(PATH_INFO="/owner/Ada/"), **more}
        response = WSGIHandler()(environ, lambda *args: started.append(args))
        body = b"".join(response)
        response.close()
        return started, body

    untraced = answer()
    with traced(integration) as tracer:
        assert answer() == untraced
        span = tracer.spans.find(REQUEST)
    assert max(map(len, [*span.get_tags().values(), span.resource])) <= 30_000
    assert len(tracer.recorded.encoded) == 1


def test_secrets_are_not_shown(tracer: DummyTracer) -> None:
    """Neither user and password before the host, nor tokens in the query, nor headers, cookies, forms."""
    client = Client(raise_request_exception=False)
    client.cookies["session"] = CANARY
    with override_settings(ALLOWED_HOSTS=["*"]):
        client.post(
            f"/log-in/?token={CANARY}&colour=red",
            {"password": CANARY},
            headers={"Host": f"user:{CANARY}@shop.example", "Authorization": f"Bearer {CANARY}"},
        )
    url = tracer.spans.find(REQUEST).get_tag("http.url")
    assert url == "http://shop.example/log-in/?<redacted>&colour=red"
    assert CANARY not in repr([(each.get_tags(), each.resource) for each in tracer.spans])
