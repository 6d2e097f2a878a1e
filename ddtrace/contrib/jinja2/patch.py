"""Where Jinja is wrapped, and what its spans say."""

from __future__ import annotations

from functools import partial
from typing import Any, AsyncGenerator, Generator

from ddtrace.contrib._integration import LONGEST_RESOURCE
from ddtrace.contrib._patching import Patching, Target
from ddtrace.contrib._streams import trace_async_generator, trace_generator
from ddtrace.contrib._tracing import trace_call
from ddtrace.contrib.jinja2 import integration
from ddtrace.contrib.trace_utils import get_argument_value
from ddtrace.span import Span

RENDER = "jinja2.render"

TEMPLATE_NAME = "jinja2.template_name"
TEMPLATE_PATH = "jinja2.template_path"

MEMORY = "<memory>"
"""The name of a template that has none."""


# -- rendering ---------------------------------------------------------------------------------------------------------


def render(wrapped: Any, template: Any, args: tuple, kwargs: dict) -> Any:
    if hands_over(template):
        return wrapped(*args, **kwargs)
    return render_native(wrapped, template, args, kwargs)


def render_native(wrapped: Any, template: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, template, RENDER) as call:
        call.describe(describe_template, template)
        return wrapped(*args, **kwargs)


async def render_async(wrapped: Any, template: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, template, RENDER) as call:
        call.describe(describe_template, template)
        return await wrapped(*args, **kwargs)


def generate(wrapped: Any, template: Any, args: tuple, kwargs: dict) -> Generator:
    generator = wrapped(*args, **kwargs)
    if hands_over(template):
        return generator
    return trace_generator(integration, template, RENDER, generator, partial(describe_template, template=template))


def generate_async(wrapped: Any, template: Any, args: tuple, kwargs: dict) -> AsyncGenerator:
    generator = wrapped(*args, **kwargs)
    return trace_async_generator(
        integration, template, RENDER, generator, partial(describe_template, template=template)
    )


def hands_over(template: Any) -> bool:
    """Whether the method has its asynchronous twin do the work, whose span is then the only one."""
    return getattr(getattr(template, "environment", None), "is_async", False)


# -- loading and compiling ---------------------------------------------------------------------------------------------


def compile_source(wrapped: Any, environment: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, environment, "jinja2.compile") as call:
        call.describe(describe_compilation, args, kwargs)
        return wrapped(*args, **kwargs)


def load_template(wrapped: Any, environment: Any, args: tuple, kwargs: dict) -> Any:
    with trace_call(integration, environment, "jinja2.load") as call:
        call.describe(describe_request, args, kwargs)
        template = wrapped(*args, **kwargs)
        call.describe(describe_path, template)
        return template


# -- descriptions ------------------------------------------------------------------------------------------------------


def describe_template(span: Span, template: Any) -> None:
    set_name(span, template.name)


def describe_compilation(span: Span, args: tuple, kwargs: dict) -> None:
    has_name = len(args) > 1 or "name" in kwargs
    set_name(span, get_argument_value(args, kwargs, 1, "name") if has_name else None)


def describe_request(span: Span, args: tuple, kwargs: dict) -> None:
    set_name(span, get_argument_value(args, kwargs, 0, "name"))


def describe_path(span: Span, template: Any) -> None:
    if template.filename:
        span.set_tag_str(TEMPLATE_PATH, str(template.filename)[:LONGEST_RESOURCE])


def set_name(span: Span, name: Any) -> None:
    # An undefined variable may stand for a name, and may log or raise when it is asked for its text.
    shown = str(name[:LONGEST_RESOURCE]) if isinstance(name, str) and name else MEMORY
    span.resource = shown
    span.set_tag_str(TEMPLATE_NAME, shown)


# -- targets -----------------------------------------------------------------------------------------------------------

patching = Patching(
    integration,
    targets=(
        Target("jinja2.environment", "Template.render", render),
        Target("jinja2.environment", "Template.render_async", render_async),
        Target("jinja2.environment", "Template.generate", generate),
        Target("jinja2.environment", "Template.generate_async", generate_async),
        Target("jinja2.environment", "Environment.compile", compile_source),
        Target("jinja2.environment", "Environment._load_template", load_template),
        Target("jinja2.nativetypes", "NativeTemplate.render", render_native),
        Target("jinja2.nativetypes", "NativeTemplate.render_async", render_async),
    ),
)
patch, unpatch = patching.patch, patching.unpatch
