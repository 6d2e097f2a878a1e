"""Spans of templates, in a request or not."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._http import set_text
from ddtrace.contrib._tracing import UNTRACED, trace_call
from ddtrace.contrib.django import integration
from ddtrace.contrib.django.descriptions import class_name, settings_of_django
from ddtrace.contrib.django.parts import bearer
from ddtrace.span import Span

RENDER = "django.template.render"
TEMPLATE_NAME = "django.template.name"
ENGINE_CLASS = "django.template.engine.class"


def render_template(wrapped: Any, instance: Any, args: tuple, kwargs: dict) -> Any:
    is_traced = settings_of_django().get("instrument_templates")
    with trace_call(integration, bearer(), RENDER) if is_traced else UNTRACED as call:
        call.describe(describe_template, instance)
        return wrapped(*args, **kwargs)


def describe_template(span: Span, template: Any) -> None:
    span.resource = str(template.name) if template.name else f"{class_name(type(template))}.render"
    set_text(span, TEMPLATE_NAME, template.name or None)
    span.set_tag_str(ENGINE_CLASS, class_name(type(template.engine)))
