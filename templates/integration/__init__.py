"""Trace foo.

Enable it with ``patch(foo=True)`` or ``patch_all()``,
before or after the library is imported::

    from ddtrace import patch

    patch(foo=True)

    import foo

A call of ``Client.answer`` makes a span
named ``foo.answer``.

Its spans have the service ``config.foo["service"]``,
which is ``foo`` unless it is set there
or by ``DD_FOO_SERVICE``.
"""

from ddtrace.contrib._integration import Integration, SpanContract

integration = Integration(
    package=__name__,
    distribution="foo",
    modules=("foo",),
    versions=("~=1.0.0", "latest"),
    spans=(SpanContract(name="foo.answer"),),
)
