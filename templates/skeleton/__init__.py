"""Trace foo.

Enable it with ``patch(foo=True)`` or ``patch_all()``,
before or after the library is imported::

    from ddtrace import patch

    patch(foo=True)

    import foo

Its spans have the service ``config.foo["service"]``,
which is ``foo`` unless it is set there
or by ``DD_FOO_SERVICE``.
"""

from ddtrace.contrib._integration import Integration

integration = Integration(
    package=__name__,
    distribution="foo",
    modules=("foo",),
    versions=("~=1.0.0", "latest"),
    spans=(),  # declare each, as in SpanContract(name="foo.answer")
)
