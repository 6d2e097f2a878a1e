"""Trace how templates of Jinja are loaded, compiled and rendered.

Enable it with ``patch(jinja2=True)`` (or ``patch_all()``) before or after ``import jinja2``::

    from ddtrace import Pin, patch

    patch(jinja2=True)

    import jinja2

    environment = jinja2.Environment(loader=jinja2.DictLoader({"basket.html": "{{ owner }}'s basket"}))
    template = environment.get_template("basket.html")    # spans jinja2.load and, the first time, jinja2.compile
    template.render(owner="Ada")                          # a span named jinja2.render

    Pin.override(template, service="baskets")             # what is rendered by this template only

The resource of each span is the template's name, and ``<memory>`` where it has none. ``jinja2.render`` covers
``render``, ``render_async``, ``generate``, ``generate_async`` and ``stream``, with all that the template includes and
calls; a stream's span lasts from the first piece to the last, and is not the current one while the program works on a
piece. A template that is found in the environment's cache has a span ``jinja2.load``, too.

The spans have the service of the span above them, else the application's, unless ``config.jinja2["service"]``
(``DD_JINJA2_SERVICE``, ``DD_JINJA2_SERVICE_NAME``) says otherwise.
"""

from ddtrace.contrib._integration import Integration, SpanContract, Surface

integration = Integration(
    package=__name__,
    distribution="jinja2",
    modules=("jinja2",),
    versions=("==3.1.2", "latest"),
    surface=Surface.INTERNALS,
    default_service=None,
    spans=(
        SpanContract(name="jinja2.render", span_type="template", measured=True, tags=("jinja2.template_name",)),
        SpanContract(name="jinja2.compile", span_type="template", tags=("jinja2.template_name",)),
        SpanContract(
            name="jinja2.load",
            span_type="template",
            tags=("jinja2.template_name",),
            optional_tags=("jinja2.template_path",),
            # It tells the name that is asked for, whether there is such a template or not.
            has_free_resource=True,
        ),
    ),
)
