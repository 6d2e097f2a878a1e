"""Trace requests to Django applications.

Enable it with ``patch(django=True)`` (or ``patch_all()``) before or after ``import django``, and before the handler of
the application is made::

    from ddtrace import Pin, config, patch

    patch(django=True)

    import django

    config.django["database_service_name"] = "stock"  # a setting, see below
    Pin.override(django, service="shop")              # the one pin that all of Django has in this process

A request is a span ``django.request`` of the resource ``GET basket/<owner>/``, which is the route; ``GET 404`` where no
route fits; or ``GET`` where a middleware answered before Django looked for one. It lasts until the response is made, so
that what a streaming response does while it is sent belongs to no span. An exception that Django answers with a server
error is on the request, and on the part of it that was answered; one that it answers with another status, such as
``Http404``, is no error. The user is told of where the application has loaded it, and is never loaded for our sake.

Below the request are ``django.middleware``, once for each middleware and for each of its hooks; ``django.view`` with
the methods of a view that is a class, such as ``django.view.dispatch`` and ``django.view.get``; and
``django.response.render``. In requests and out of them there are ``django.template.render``, ``django.cache``, and what
a database is asked for: a span for each statement, which is named after the vendor, such as ``sqlite.query``, and
``sqlite.connection.commit`` or ``.rollback`` where a transaction ends. Fetches have spans such as
``sqlite.query.fetchall`` if the settings say so; what ``for row in cursor`` reads belongs to none. Middleware is traced
by handlers that are made after the patching, as are those of ``get_wsgi_application()``.

Views of the Django REST framework are views that are classes. It answers exceptions before Django sees them, and what
is said above of errors is true of these as well.

Global settings are those of ``config.django``: ``service`` (``DD_DJANGO_SERVICE``, default: the application's own
service, else ``django``) and

- ``distributed_tracing_enabled`` (default True): a request goes on with the trace that its headers tell of
- ``include_user_name`` (default True): the name of the user is a tag
- ``instrument_middleware`` (default True): middleware has spans
- ``instrument_templates`` (default True): templates have spans
- ``instrument_caches`` (default True): caches have spans
- ``instrument_databases`` (default True): databases have spans
- ``trace_fetch_methods`` (default False): fetches from databases have spans
- ``cache_service_name`` (default ``django``): the service of caches
- ``database_service_name_prefix`` (default none): begins the service of a database, which is ``<prefix><alias>db``
- ``database_service_name`` (default none): the service of all databases, in the place of that
- ``use_handler_resource_format`` (default False): resources are of the form ``GET shop.views.show_basket``
- ``use_legacy_resource_format`` (default False): resources are of the form ``shop.views.show_basket``

Each is an environment variable as well, such as ``DD_DJANGO_INSTRUMENT_CACHES``.
``config.django.http.trace_headers(["x-request-id"])`` makes headers tags, and ``config.django.http.trace_query_string``
the query. Statuses of ``config.http_server.error_statuses`` are errors.
"""

from ddtrace.contrib._database_spans import database_spans, fetch_option
from ddtrace.contrib._http_contract import server_span
from ddtrace.contrib._integration import Integration, Library, Option, SpanContract, Surface

VIEW_METHODS = ("setup", "dispatch", "get", "post", "put", "patch", "delete", "head", "options", "trace")
"""Methods of a view that is a class, each of which has a span of its own."""

integration = Integration(
    package=__name__,
    distribution="django",
    modules=("django",),
    versions=("~=5.1.0", "~=5.2.0", "~=6.0.0", "latest"),
    # Each of its releases is for some of Django's: pip finds the newest that fits.
    also=(Library(distribution="djangorestframework", modules=("rest_framework",), versions=("latest",)),),
    oldest_python=(("~=6.0.0", "3.12"),),
    pythons=("3.11", "3.12", "3.13"),
    surface=Surface.INTERNALS,
    internal_service=True,
    options=(
        Option("distributed_tracing_enabled", bool, True, "Whether a request goes on with the trace of its headers."),
        Option("include_user_name", bool, True, "Whether the name of the user becomes a tag."),
        Option("instrument_middleware", bool, True, "Whether middleware has spans."),
        Option("instrument_templates", bool, True, "Whether templates have spans."),
        Option("instrument_caches", bool, True, "Whether caches have spans."),
        Option("instrument_databases", bool, True, "Whether databases have spans."),
        fetch_option(),
        Option("cache_service_name", str, "django", "The service of caches."),
        Option("database_service_name_prefix", str, "", "What the service of a database begins with."),
        Option("database_service_name", str, "", "The service of all databases."),
        Option("use_handler_resource_format", bool, False, "Whether resources are named by views, not by routes."),
        Option("use_legacy_resource_format", bool, False, "Whether resources are named by views alone."),
    ),
    spans=(
        server_span(
            "django.request",
            measured=True,
            tags=("django.request.class",),
            optional_tags=(
                "django.app",
                "django.namespace",
                "django.response.class",
                "django.response.template",
                "django.response.template.*",
                "django.user.id",
                "django.user.is_authenticated",
                "django.user.name",
                "django.view",
                "http.route",
                "usr.id",
            ),
        ),
        SpanContract(name="django.middleware"),
        SpanContract(name="django.view"),
        *(SpanContract(name=f"django.view.{method}") for method in VIEW_METHODS),
        SpanContract(name="django.response.render", span_type="template"),
        SpanContract(
            name="django.template.render",
            span_type="template",
            tags=("django.template.engine.class",),
            optional_tags=("django.template.name",),
        ),
        SpanContract(
            name="django.cache",
            span_type="cache",
            tags=("django.cache.backend",),
            optional_tags=("django.cache.key",),
            optional_metrics=("db.row_count",),
        ),
        # Each vendor of a database has names of its own.
        *database_spans(
            "*",
            connections=("*.connection",),
            required_tags=("django.db.alias", "django.db.vendor"),
            span_type="sql",
            component="django-",
        ),
    ),
)
