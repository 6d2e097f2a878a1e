"""A shop in memory: settings, middleware, views and routes of a Django project of one file."""

import asyncio
import logging
from contextvars import ContextVar

import django
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed, PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template import engines
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import include, path, re_path
from django.utils.deprecation import MiddlewareMixin
from django.views import View
from django.views.decorators.cache import cache_page

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_PREFIX": "shop"}},
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=MIDDLEWARE,
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "EXCEPTION_HANDLER": "tests.contrib.django.resources.answer_exception",
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="pa55word",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "basket.html": "{% for thing in things %}{% include 'thing.html' %}{% endfor %}",
                            "thing.html": "{{ thing }};",
                            "broken.html": "{{ things.fail }}",
                        },
                    )
                ]
            },
        }
    ],
    USE_TZ=True,
)
django.setup()

# The requests that fail are logged with the lines of the traceback, and among them are those of the tracer.
logging.getLogger("django").addHandler(logging.NullHandler())
logging.getLogger("django").propagate = False

# Models load once Django is set up.
from django.contrib.auth.models import AnonymousUser, User  # noqa: E402, F401
from django.contrib.contenttypes.models import ContentType  # noqa: E402

BASKETS = {1: ["apple", "pear"], 2: []}

MEANWHILE = ContextVar("MEANWHILE")
"""An event that lets another request begin, and the task that is this request."""


# -- middleware --------------------------------------------------------------------------------------------------------


def sign_answers(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers["X-Signed"] = "yes"
        return response

    return middleware


class Hooks(MiddlewareMixin):
    def process_request(self, request):
        request.visitor = request.headers["User-Agent"]

    def process_response(self, request, response):
        response.headers["X-Visitor"] = request.visitor
        return response

    def process_view(self, request, view, args, kwargs):
        assert request.resolver_match.func is view

    def process_exception(self, request, error):
        if isinstance(error, ZeroDivisionError):
            return HttpResponse("no division", status=409)

    def process_template_response(self, request, response):
        response.context_data["things"].append("pear")
        return response


class LaterMiddleware:
    async_capable = True
    sync_capable = False

    def __init__(self, get_response):
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request):
        response = await self.get_response(request)
        response.headers["X-Later"] = "yes"
        return response

    async def process_view(self, request, view, args, kwargs):
        await asyncio.sleep(0)


class Closed(MiddlewareMixin):
    def process_request(self, request):
        return HttpResponse("closed", status=503)


class Broken:
    def __init__(self, get_response):
        pass

    def __call__(self, request):
        raise LookupError("no middleware")


class NotToday:
    def __init__(self, get_response):
        raise MiddlewareNotUsed("not today")


# -- views -------------------------------------------------------------------------------------------------------------


def show_basket(request, number):
    return JsonResponse({"things": BASKETS[number], "colour": request.GET.get("colour")})


def show_owner(request, owner):
    return HttpResponse(f"the basket of {owner}")


async def show_later(request, owner):
    await asyncio.sleep(0)
    return HttpResponse(f"the basket of {owner}, later")


async def wait_for_another_request(request):
    has_begun, meanwhile = MEANWHILE.get()
    has_begun.set()
    await asyncio.wait([meanwhile])
    return HttpResponse("that took a while")


async def fail_later(request):
    await asyncio.sleep(0)
    raise ValueError("no basket, later")


def fail(request):
    raise ValueError("no basket")


def return_nothing(request):
    pass


def answer_by_exception(request, status):
    raise {400: BadRequest, 403: PermissionDenied, 404: Http404}[status]("so it is")


def log_in(request):
    given = {request.POST["password"], request.COOKIES["session"], request.GET["token"]}
    return HttpResponse(f"{len(given)} secrets, and {request.headers['Authorization'].split()[0]}")


def stream(request):
    return StreamingHttpResponse(f"{line}\n" for line in range(3))


def leave(request):
    raise SystemExit(3)


class Basket(View):
    def get(self, request, number):
        return JsonResponse(BASKETS[number], safe=False)

    def put(self, request, number):
        if number not in BASKETS:
            raise Http404("no such basket")
        return HttpResponse(status=204)


class LaterBasket(View):
    async def get(self, request, number):
        await asyncio.sleep(0)
        return JsonResponse(BASKETS[number], safe=False)


class Methods(View):
    def answer(self, request):
        return HttpResponse(request.method)

    get = post = put = patch = delete = head = trace = answer

    def options(self, request):
        return super().options(request)


def show_template(request):
    return TemplateResponse(request, "basket.html", {"things": ["apple"]})


def show_named_template(request):
    return render(request, ["missing.html", "basket.html"], {"things": ["apple"]})


def show_text(request):
    return SimpleTemplateResponse(engines["django"].from_string("{{ colour }}"), {"colour": "blue"})


def show_broken_template(request):
    return TemplateResponse(request, ["missing.html", "broken.html"], {"things": BrokenThings()})


class BrokenThings:
    def fail(self):
        raise LookupError("no things")


def show_visitor(request):
    return HttpResponse(f"authenticated: {request.user.is_authenticated}")


@cache_page(60)
def show_cached(request):
    return HttpResponse("cached")


def keep_or_drop(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 6 * %s", [7])
    try:
        with transaction.atomic():
            raise LookupError("nothing to keep")
    except LookupError:
        return HttpResponse("kept, and dropped")


def ask_database(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 6 * %s", [7])
        return HttpResponse(f"{cursor.fetchone()}")


def count_models(request):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS django_content_type")
    with connection.schema_editor() as editor:
        editor.create_model(ContentType)
    with transaction.atomic():
        ContentType.objects.create(app_label="shop", model="basket")
    return HttpResponse(f"{ContentType.objects.filter(model='basket').count()}")


stock = [
    path("<str:owner>/", show_owner, name="thing"),
]

urlpatterns = [
    path("", return_nothing),
    path("basket/<int:number>/", show_basket, name="basket"),
    path("cached/", show_cached),
    path("class/<int:number>/", Basket.as_view(), name="class"),
    path("class/later/<int:number>/", LaterBasket.as_view()),
    path("database/", ask_database),
    path("fail/", fail),
    path("fail/later/", fail_later),
    path("later/<path:owner>/", show_later),
    path("leave/", leave),
    path("log-in/", log_in),
    path("methods/", Methods.as_view()),
    path("owner/<path:owner>/", show_owner, name="owner"),
    path("status/<int:status>/", answer_by_exception),
    path("stock/", include((stock, "stock"), namespace="inner")),
    path("stream/", stream),
    path("template/", show_template),
    path("transactions/", keep_or_drop),
    path("template/broken/", show_broken_template),
    path("template/named/", show_named_template),
    path("template/text/", show_text),
    path("models/", count_models),
    path("visitor/", show_visitor),
    path("while/", wait_for_another_request),
    re_path(r"^year/(?P<owner>\d{4})/$", show_owner),
]
