"""The pages of integrations."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ddtrace.contrib._integration import Integration, Option, SpanContract
from testkit import documentation
from testkit.cli import main
from testkit.documentation import differing, documented, markdown_of, page, pages, table, write
from testkit.matrix import ROOT

FULL = Integration(
    package=__name__,
    patch_module="colours",
    distribution="colours",
    modules=("colours",),
    versions=("~=1.0", "latest"),
    pythons=("3.12",),
    oldest_python=(("~=1.0", "3.12"),),
    services=("redis",),
    options=(Option("deep", bool, True, "Whether shades have spans."),),
    spans=(
        SpanContract(
            name="colours.mix",
            span_type="paint",
            kind="client",
            tags=("shade",),
            optional_tags=("tint",),
            optional_metrics=("share",),
            only_with="deep",
        ),
        SpanContract(name="colours.*", kind="client", component="paint-"),
    ),
    switched_off=(("INV-16", "it keeps what it has mixed"),),
)


def test_the_pages_are_current() -> None:
    """They say what the declarations say; ``python -m testkit docs`` writes them."""
    assert list(differing(ROOT / "docs" / "integrations", pages(documented()))) == []


@pytest.mark.parametrize(
    "fact",
    [
        "# test_documentation",
        "The pages of integrations.",
        "| `colours` | `colours` | `~=1.0` (from Python 3.12), `latest` |",
        "On Python 3.12. The tests need `redis`.",
        "| `colours.mix` | paint | `component` = `test_documentation`, `span.kind` = `client`, `shade`, *`tint`* "
        "| *`share`* | `deep` |",
        "| `colours.*` |  | `component` = `paint-`..., `span.kind` = `client` |  |  |",
        "What is *slanted* is on some of the spans.",
        "|  | `DD_TRACE_TEST_DOCUMENTATION_ENABLED` | true |",
        '| `config.test_documentation["service"]` | `DD_TEST_DOCUMENTATION_SERVICE` | test_documentation |',
        '| `config.test_documentation["deep"]` | `DD_TEST_DOCUMENTATION_DEEP` | true | Whether shades have spans. |',
        "- INV-16: it keeps what it has mixed",
    ],
)
def test_a_page_has_what_is_declared(fact: str) -> None:
    """Each field of a declaration that a user may ask for is on its page."""
    assert fact in page(FULL)


def test_a_page_has_no_empty_section() -> None:
    """An integration without spans, options and reasons has headings for none of them."""
    bare = Integration(package=__name__, patch_module="colours", distribution="", modules=("colours",), versions=())
    assert [line for line in page(bare).splitlines() if line.startswith("## ")] == ["## Versions", "## Settings"]


def test_examples_of_a_docstring_are_fenced() -> None:
    """An indented block behind two colons is Python, and names have a single backquote."""
    docstring = """Mix ``red``::

    import colours

    if colours:
        mix("``")

Then ``stop``.
"""
    assert markdown_of(docstring).splitlines() == [
        "Mix `red`:",
        "",
        "```python",
        "import colours",
        "",
        "if colours:",
        '    mix("``")',
        "```",
        "",
        "Then `stop`.",
    ]


def test_a_table_leaves_out_what_nobody_has() -> None:
    """Empty columns are not shown, and a bar in a cell does not end it."""
    assert table(["a", "b", "c"], [["1", "", "x|y"]]).splitlines() == ["| a | c |", "| --- | --- |", "| 1 | x\\|y |"]


def test_writing_leaves_what_is_expected_and_nothing_else(tmp_path: Path) -> None:
    """Pages of integrations that are gone are deleted."""
    (tmp_path / "gone.md").write_text("old")
    (tmp_path / "changed.md").write_text("old")
    expected = {"changed.md": "new", "made.md": "new"}
    assert list(differing(tmp_path, expected)) == ["changed.md", "gone.md", "made.md"]
    write(tmp_path, expected)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == expected


def test_the_index_tells_what_each_one_traces() -> None:
    """By the first sentence of its docstring."""
    assert "| [test_documentation](test_documentation.md) | The pages of integrations. |" in pages([FULL])["README.md"]


def test_the_command_says_which_pages_are_not_current(tmp_path: Path) -> None:
    """With ``--check`` it fails, names them and what to do, and writes nothing."""
    result = CliRunner().invoke(main, ["docs", "--check", "--root", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: not current: README.md, asgi.md, asyncio.md, ")
    assert result.output.endswith("; run python -m testkit docs\n")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_pages_that_are_then_current(tmp_path: Path) -> None:
    """Without a name it writes all."""
    assert CliRunner().invoke(main, ["docs", "--root", str(tmp_path)]).exit_code == 0
    assert CliRunner().invoke(main, ["docs", "--check", "--root", str(tmp_path)]).exit_code == 0


def test_the_command_prints_one_page() -> None:
    """That of the integration which is named."""
    result = CliRunner().invoke(main, ["docs", "redis"])
    assert result.output == documentation.page(documentation.find("redis"))


def test_a_name_of_no_integration_is_refused() -> None:
    """With the nearest."""
    result = CliRunner().invoke(main, ["docs", "redsi"])
    assert result.exit_code == 2
    assert "there is no integration 'redsi'; " in result.output and "redis" in result.output
