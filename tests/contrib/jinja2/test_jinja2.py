"""What of the jinja2 integration the common checks do not prove: services, pins, names, and where streams end."""

from __future__ import annotations

import gc
import textwrap
from typing import Any, Iterator

import jinja2
import pytest

from ddtrace import Pin
from ddtrace.contrib import jinja2 as documented
from ddtrace.contrib.jinja2 import integration
from testkit import DummyTracer, run_python, traced

NOBODY = {"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"}

RENDER_ONE = """
from ddtrace import patch, tracer
patch(jinja2=True)
import jinja2
tracer.on_start_span(lambda span: print(span.name, span.service))
with tracer.trace("page", service="shop"):
    jinja2.Template("x").render()
"""


@pytest.fixture
def tracer() -> Iterator[DummyTracer]:
    """The tracer of all templates."""
    with traced(integration) as tracer:
        yield tracer


def test_example_of_the_docs_runs() -> None:
    """The module's example loads, compiles and renders a template."""
    example = textwrap.dedent(documented.__doc__.split("import jinja2``::\n")[1].split("\nThe resource of")[0])
    listening = "from ddtrace import tracer\ntracer.on_start_span(lambda span: print(span.name, span.resource))\n"
    again = "print(template.render(owner='Ada'))"
    assert run_python("-c", listening + example + again, env=NOBODY).splitlines() == [
        "jinja2.load jinja2.load",
        "jinja2.compile jinja2.compile",
        "jinja2.render jinja2.render",
        "jinja2.render jinja2.render",
        "Ada's basket",
    ]


@pytest.mark.parametrize(
    ("settings", "service"),
    [({}, "shop"), ({"DD_SERVICE": "app"}, "shop"), ({"DD_JINJA2_SERVICE_NAME": "pages"}, "pages")],
    ids=lambda value: str(value),
)
def test_service_is_that_of_the_span_above(settings: dict[str, str], service: str) -> None:
    """Unless 1.x's variable names one."""
    printed = run_python("-c", RENDER_ONE, env={**NOBODY, **settings}).splitlines()
    assert printed == ["page shop", f"jinja2.compile {service}", f"jinja2.render {service}"]


def test_pin_of_one_template(tracer: DummyTracer) -> None:
    """Service and tags are on what this template renders, and on nothing else."""
    template, other = jinja2.Template("x"), jinja2.Template("y")
    Pin.override(template, service="baskets", tags={"team": "fruit"})
    template.render()
    assert (tracer.spans[-1].service, tracer.spans[-1].get_tag("team")) == ("baskets", "fruit")
    other.render()
    assert tracer.spans[-1].get_tag("team") is None


def test_pin_of_one_environment(tracer: DummyTracer) -> None:
    """It holds for loading and compiling."""
    environment = jinja2.Environment(loader=jinja2.DictLoader({"a": "x"}))
    Pin.override(environment, service="pages")
    environment.get_template("a")
    assert {span.name: span.service for span in tracer.spans} == {"jinja2.load": "pages", "jinja2.compile": "pages"}


def test_span_of_a_stream_is_not_the_program_s(tracer: DummyTracer) -> None:
    """It is the current one while the template runs, and not between two pieces."""
    seen = []
    stream = jinja2.Template("{{ note() }}{{ note() }}").generate(note=lambda: seen.append(tracer.current_span().name))
    with tracer.trace("page") as page:
        for _ in stream:
            assert tracer.current_span() is page
            assert not tracer.spans.find_all("jinja2.render")
    assert seen == ["jinja2.render", "jinja2.render"]
    assert tracer.spans.find("jinja2.render").parent_id == page.span_id


def test_stream_that_is_forgotten_ends(tracer: DummyTracer) -> None:
    """Its span is finished as its generator is collected."""
    stream = jinja2.Template("apple {{ 1 }}").generate()
    next(stream)
    assert not tracer.spans.find_all("jinja2.render")
    del stream
    gc.collect()
    assert tracer.spans.find("jinja2.render").error == 0


def test_stream_that_never_starts_has_no_span(tracer: DummyTracer) -> None:
    """As it runs nothing of the template."""
    jinja2.Template("x").generate().close()
    assert [span.name for span in tracer.spans] == ["jinja2.compile"]


def test_file_of_a_template_is_told(tracer: DummyTracer, tmp_path: Any) -> None:
    """By its path."""
    (tmp_path / "page.html").write_text("x")
    jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path)).get_template("page.html")
    tags = {"jinja2.template_name": "page.html", "jinja2.template_path": str(tmp_path / "page.html")}
    assert tracer.spans.find("jinja2.load", resource="page.html", tags=tags)


def test_undefined_name_is_not_asked_for_its_text(tracer: DummyTracer) -> None:
    """That would raise, or be logged by an application that looks for undefined variables."""
    environment = jinja2.Environment(loader=jinja2.DictLoader({}), undefined=jinja2.StrictUndefined)
    with pytest.raises(jinja2.UndefinedError, match="'page' is undefined"):
        environment.from_string("{% include page %}").render()
    environment = jinja2.Environment(loader=jinja2.FunctionLoader(lambda name: "found"))
    asked: list[Any] = []

    class Noted(jinja2.Undefined):
        def __str__(self) -> str:
            asked.append(self)
            return ""

    assert environment.get_template(Noted(name="page")).render() == "found"
    assert not asked
    assert tracer.spans.find("jinja2.load", resource="<memory>", error=0)


@pytest.mark.parametrize("name", ["", "x" * 10_000_000, "\ud800", jinja2.filters.Markup("<b>")], ids=ascii)
def test_any_name_of_a_template_is_sent(tracer: DummyTracer, name: str) -> None:
    """The spans are encoded, and no tag is out of proportion."""
    environment = jinja2.Environment(loader=jinja2.FunctionLoader(lambda name: "found"))
    assert environment.get_template(name).render() == "found"
    shown = tracer.spans.find("jinja2.load").resource
    assert shown == (name[:5_000] or "<memory>") and type(shown) is str
    assert len(tracer.recorded.encoded) == 2


def test_own_class_of_templates(tracer: DummyTracer) -> None:
    """One that extends Jinja's is traced where it calls that."""

    class Shouting(jinja2.Template):
        def render(self, *args: Any, **kwargs: Any) -> str:
            return super().render(*args, **kwargs).upper()

    assert Shouting("apple").render() == "APPLE"
    assert len(tracer.spans.find_all("jinja2.render")) == 1
