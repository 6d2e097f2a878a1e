"""Bottle's own suite."""

from testkit.upstream import Upstream

upstream = Upstream(
    version="0.13.4",
    sha256="787e78327e12b227938de02248333d788cfe45987edca735f8f88e03472c3f47",
    requirements=("pytest<9", "jinja2", "mako"),
    arguments=("test",),
)
