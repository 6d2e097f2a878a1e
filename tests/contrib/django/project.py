"""A shop in memory: settings, middleware, views and routes of a Django project of one file."""

import asyncio
import logging

import django
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path, re_path
from django.views import View

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
    ROOT_URLCONF=__name__,
    SECRET_KEY="pa55word",
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
                            "broken.html": "{% include missing.name %}{{ things.fail }}",
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

BASKETS = {1: ["apple", "pear"], 2: []}


# -- views -------------------------------------------------------------------------------------------------------------


def show_basket(request, number):
    return JsonResponse({"things": BASKETS[number], "colour": request.GET.get("colour")})


def show_owner(request, owner):
    return HttpResponse(f"the basket of {owner}")


async def show_later(request, owner):
    await asyncio.sleep(0)
    return HttpResponse(f"the basket of {owner}, later")


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


stock = [
    path("<str:owner>/", show_owner, name="thing"),
]

urlpatterns = [
    path("", return_nothing),
    path("basket/<int:number>/", show_basket, name="basket"),
    path("class/<int:number>/", Basket.as_view(), name="class"),
    path("class/later/<int:number>/", LaterBasket.as_view()),
    path("fail/", fail),
    path("fail/later/", fail_later),
    path("later/<path:owner>/", show_later),
    path("leave/", leave),
    path("log-in/", log_in),
    path("owner/<path:owner>/", show_owner, name="owner"),
    path("status/<int:status>/", answer_by_exception),
    path("stock/", include((stock, "stock"), namespace="inner")),
    path("stream/", stream),
    re_path(r"^year/(?P<owner>\d{4})/$", show_owner),
]
