"""How programs use Jinja: loaders, inheritance, streams, asyncio, native types, and templates that fail."""

import asyncio
from pathlib import Path

import jinja2
from jinja2.nativetypes import NativeEnvironment

from ddtrace.contrib.jinja2 import integration
from testkit import scenario
from testkit.snapshots import Regex

REDACT = {"jinja2.template_path": Regex(r"<template>|/.*/templates/greeting\.txt")}

TEMPLATES = {
    "page.html": "<h1>{% block title %}shop{% endblock %}</h1>{% include 'foot.html' %}",
    "basket.html": "{% extends 'page.html' %}{% block title %}{{ owner }}'s basket{% endblock %}",
    "foot.html": "{% from 'macros.html' import sign %}{{ sign('Ada') }}",
    "macros.html": "{% macro sign(name) %}signed {{ name }}{% endmacro %}",
    "list.html": "{% for thing in things %}{{ thing }}\n{% endfor %}",
    "broken.html": "{% if %}",
    "failing.html": "{{ 1 / number }}",
}


def make_environment(**options):
    return jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES), **options)


# -- rendering ---------------------------------------------------------------------------------------------------------


@scenario(integration)
def from_text():
    template = jinja2.Template("{{ owner }}'s basket")
    return template.render(owner="Ada"), template.render({"owner": "Bob"}), template.name


@scenario(integration)
def inheritance():
    template = make_environment().get_template("basket.html")
    return template.render(owner="Ada"), template.render(owner="Bob")


@scenario(integration)
def with_escapes():
    environment = make_environment(autoescape=True)
    template = environment.from_string("{{ owner }}")
    return template.render(owner="<Ada>"), template.render(owner=jinja2.filters.Markup("<b>"))


@scenario(integration)
def native_types():
    environment = NativeEnvironment()
    return environment.from_string("{{ 6 * 7 }}").render(), environment.from_string("{{ things }}").render(things=[1])


@scenario(integration)
def module_of_a_template():
    template = make_environment().get_template("macros.html")
    return template.module.sign("Bob"), str(template.make_module())


@scenario(integration)
def expression():
    whether = jinja2.Environment().compile_expression("number > 3")
    return whether(number=4), whether(number=2)


@scenario(integration)
def whatever_strangers_ask_for(word):
    environment = make_environment()
    page = environment.get_template("basket.html").render(owner=word)
    found = []
    for name in (word, ["missing.html", word]):
        try:
            environment.get_or_select_template(name)
        except jinja2.TemplateNotFound as error:
            found.append(type(error).__name__)
    return page, found, environment.from_string("{{ word }}").render(word=word)


@scenario(integration)
def credentials(secret):
    environment = make_environment()
    environment.globals["token"] = secret
    environment.filters["signed"] = lambda text, key: f"{text} {key == secret}"
    template = environment.from_string("{{ password }} {{ token }} {{ 'Ada' | signed(password) }}")
    return template.render(password=secret), list(template.generate(password=secret))


# -- loading -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def from_files():
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"))
    template = environment.get_template("greeting.txt")
    return template.render(name="Ada"), environment.get_template("greeting.txt") is template


@scenario(integration)
def from_the_first_loader_that_has_it():
    loaders = [jinja2.DictLoader({}), jinja2.FunctionLoader(TEMPLATES.get)]
    environment = jinja2.Environment(loader=jinja2.ChoiceLoader(loaders), cache_size=0)
    return environment.select_template(["missing.html", "foot.html"]).render()


@scenario(integration)
def no_such_template():
    return make_environment().get_template("missing.html")


@scenario(integration)
def no_loader():
    return jinja2.Environment().get_template("basket.html")


@scenario(integration)
def cached_template_gets_globals():
    environment = make_environment()
    environment.get_template("failing.html")
    return environment.get_template("failing.html", globals={"number": 4}).render()


# -- streams -----------------------------------------------------------------------------------------------------------


@scenario(integration)
def pieces():
    return list(make_environment().get_template("list.html").generate(things=["apple", "pear"]))


@scenario(integration)
def stream_that_is_buffered():
    stream = make_environment().get_template("list.html").stream(things=["apple", "pear", "plum"])
    stream.enable_buffering(3)
    return list(stream)


@scenario(integration)
def stream_that_is_half_read():
    stream = make_environment().get_template("list.html").generate(things=["apple", "pear"])
    first = next(stream)
    stream.close()
    return first


@scenario(integration)
def stream_that_fails():
    stream = jinja2.Template("apple{{ 1 / number }}").generate(number=0)
    return [next(stream), next(stream)]


# -- asyncio -----------------------------------------------------------------------------------------------------------


async def name_of(owner):
    await asyncio.sleep(0)
    return owner.title()


@scenario(integration)
async def awaited():
    environment = make_environment(enable_async=True)
    environment.filters["name_of"] = name_of
    template = environment.from_string("{{ name_of(owner) }} {{ owner | name_of }}{% include 'foot.html' %}")
    pages = (template.render_async(owner=owner, name_of=name_of) for owner in ("ada", "bob"))
    return await asyncio.gather(*pages)


@scenario(integration)
async def pieces_that_are_awaited():
    template = make_environment(enable_async=True).get_template("list.html")
    return [piece async for piece in template.generate_async(things=["apple", "pear"])]


@scenario(integration)
async def awaited_stream_that_is_half_read():
    stream = make_environment(enable_async=True).get_template("list.html").generate_async(things=["apple", "pear"])
    first = await anext(stream)
    await stream.aclose()
    return first


@scenario(integration)
async def awaited_and_failing():
    return await make_environment(enable_async=True).get_template("failing.html").render_async(number=0)


@scenario(integration)
async def awaited_native_types():
    return await NativeEnvironment(enable_async=True).from_string("{{ 6 * 7 }}").render_async()


@scenario(integration)
def async_templates_without_a_loop():
    template = make_environment(enable_async=True).get_template("list.html")
    return template.render(things=["apple"]), list(template.generate(things=["apple", "pear"]))


# -- errors ------------------------------------------------------------------------------------------------------------


@scenario(integration)
def syntax_error():
    return make_environment().get_template("broken.html")


@scenario(integration)
def syntax_error_in_a_text():
    return jinja2.Template("{% for %}")


@scenario(integration)
def failing_expression():
    return make_environment().get_template("failing.html").render(number=0)


@scenario(integration)
def undefined_variable():
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string("{{ owner }}").render()


@scenario(integration)
def function_that_fails():
    def fail():
        raise LookupError("no basket")

    return jinja2.Template("{{ fail() }}").render(fail=fail)


@scenario(integration)
def async_method_of_a_template_that_is_not():
    return asyncio.run(jinja2.Template("x").render_async())
