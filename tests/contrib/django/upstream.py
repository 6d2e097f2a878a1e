"""Of Django's own suite what concerns requests, templates, caches and databases."""

from pathlib import Path

from testkit.upstream import Upstream

APPLICATIONS = (
    "asgi",
    "async",
    "auth_tests",
    "backends",
    "cache",
    "context_processors",
    "csrf_tests",
    "db_utils",
    "decorators",
    "generic_views",
    "handlers",
    "httpwrappers",
    "middleware",
    "middleware_exceptions",
    "requests_tests",
    "responses",
    "sessions_tests",
    "shortcuts",
    "signals",
    "template_backends",
    "template_tests",
    "test_client",
    "test_client_regress",
    "transaction_hooks",
    "transactions",
    "urlpatterns",
    "urlpatterns_reverse",
    "view_tests",
    "wsgi",
)

upstream = Upstream(
    version="5.2.19",
    sha256="ad03d8abc51dbff95ebf34b27123cf0c26a3b62db7ba0cd520783686362533d1",
    requirements=("pytest<9", "argon2-cffi", "bcrypt", "docutils", "jinja2", "tblib", "tzdata"),
    arguments=(
        *(f"tests/{application}" for application in APPLICATIONS),
        *("-o", "python_files=test*.py", "-o", "python_classes=", "-o", "python_functions="),
    ),
    environment={"DJANGO_SETTINGS_MODULE": "test_sqlite"},
    plugin=str(Path(__file__).with_name("upstream_plugin.py")),
)
