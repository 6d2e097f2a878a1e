"""The page of each integration in docs/integrations/: its docstring, and tables of what it declares."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence

import click

from ddtrace.constants import COMPONENT
from ddtrace.contrib._integration import ANY_NAME, Integration, Library, SpanContract
from ddtrace.contrib._registry import APPLIED_BY_HAND, UnknownIntegrationError, find
from testkit.matrix import own_declarations, supported_pythons
from testkit.options import ROOT_OPTION, root_or_here

INDEX = "README.md"


# -- one page ----------------------------------------------------------------------------------------------------------


def page(integration: Integration) -> str:
    """The page of an integration, in Markdown."""
    sections = [
        f"# {integration.name}",
        markdown_of(sys.modules[integration.package].__doc__ or ""),
        *_section("Versions", _versions(integration)),
        *_section("Spans", _spans(integration)),
        *_section("Settings", _settings(integration)),
        *_section("Checks that it does without", _switched_off(integration)),
    ]
    return "\n\n".join(sections) + "\n"


def _section(title: str, text: str) -> Iterator[str]:
    if text:
        yield f"## {title}"
        yield text


def _versions(integration: Integration) -> str:
    lines = [
        [f"`{library.requirement}`", _code(library.modules), ", ".join(_releases(library))]
        for library in integration.libraries
        if library.distribution
    ]
    needs = f"On Python {', '.join(integration.pythons or supported_pythons())}."
    if integration.services:
        needs += f" The tests need {_code(integration.services)}."
    return "\n\n".join(filter(None, [table(["library", "imported as", "tested releases"], lines), needs]))


def _releases(library: Library) -> Iterator[str]:
    oldest = dict(library.oldest_python)
    for each in library.versions:
        yield f"`{each}` (from Python {oldest[each]})" if each in oldest else f"`{each}`"


def _spans(integration: Integration) -> str:
    lines = [
        [
            "named after a function" if contract.name == ANY_NAME else f"`{contract.name}`",
            contract.span_type or "",
            "yes" if contract.measured else "",
            _keys(_constant(integration, contract), contract.tags, contract.optional_tags),
            _keys((), contract.metrics, contract.optional_metrics),
            f"`{contract.only_with}`" if contract.only_with else "",
        ]
        for contract in integration.spans
    ]
    return table(["span", "type", "measured", "tags", "metrics", "only with"], lines) + _legend(integration.spans)


def _constant(integration: Integration, contract: SpanContract) -> Iterator[str]:
    for key, value in integration.constant_tags[contract.name].items():
        begins = contract.component if key == COMPONENT else ""
        yield f"`{key}` = `{begins or value}`{'...' if begins else ''}"


def _keys(constant: Iterable[str], keys: Sequence[str], optional: Sequence[str]) -> str:
    return ", ".join([*constant, *(f"`{key}`" for key in keys), *(f"*`{key}`*" for key in optional)])


def _legend(contracts: Sequence[SpanContract]) -> str:
    has_optional = any(each.optional_tags or each.optional_metrics for each in contracts)
    return "\n\nWhat is *slanted* is on some of the spans." if has_optional else ""


def _settings(integration: Integration) -> str:
    name = integration.settings_name
    lines = []
    if integration.modules:
        default = integration.enabled_by_default
        enabled = f"`config.{integration.enabled_by}`" if integration.enabled_by else _text(default)
        variable = f"`DD_TRACE_{integration.name}_ENABLED`".upper()
        lines.append(["", variable, enabled, "Whether `patch_all` and `ddtrace-run` trace the library."])
    if integration.spans:
        variable = f"`DD_{name}_SERVICE`".upper()
        lines.append([_setting(name, "service"), variable, _service(integration), "The service of its spans."])
    for option in integration.options:
        variable = f"`{option.env_for(name)}`"
        lines.append([_setting(name, option.name), variable, _text(option.default), option.doc])
    return table(["setting", "variable", "default", "what it says"], lines)


def _setting(integration: str, option: str) -> str:
    return f'`config.{integration}["{option}"]`'


def _service(integration: Integration) -> str:
    if integration.service is None:
        return "that of the span above, else the application's"
    return f"the application's, else `{integration.service}`" if integration.internal_service else integration.service


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _switched_off(integration: Integration) -> str:
    return "\n".join(f"- {check}: {reason}" for check, reason in integration.switched_off)


# -- Markdown ----------------------------------------------------------------------------------------------------------

_EXAMPLE = re.compile(r"::\n\n((?:(?: {4}.*)?\n)+)")


def markdown_of(docstring: str) -> str:
    """A docstring with its examples fenced, and single backquotes for its double ones."""
    prose, *rest = _EXAMPLE.split(docstring.strip() + "\n")
    parts = [prose.replace("``", "`")]
    for example, following in zip(rest[::2], rest[1::2], strict=True):
        lines = [line[4:] for line in example.strip("\n").split("\n")]
        parts += ["\n".join([":", "", "```python", *lines, "```", "", ""]), following.replace("``", "`")]
    return "".join(parts).strip()


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table; columns that are empty throughout are left out, and so is a table without lines."""
    kept = [number for number in range(len(head)) if any(line[number] for line in lines)]
    rows = [[line[number].replace("|", "\\|") for number in kept] for line in [head, *lines]]
    rule = ["---"] * len(kept)
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]]) if kept else ""


def _code(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


# -- all pages ---------------------------------------------------------------------------------------------------------


def documented() -> list[Integration]:
    """All integrations of this tree, by name: those that patch a library, and those that are applied by hand."""
    by_hand = [import_module(f"ddtrace.contrib.{name}").integration for name in APPLIED_BY_HAND]
    return sorted([*own_declarations(), *by_hand], key=lambda integration: integration.name)


def pages(integrations: Iterable[Integration]) -> dict[str, str]:
    """By file name, the pages of integrations and their index."""
    found = {f"{integration.name}.md": (integration, page(integration)) for integration in integrations}
    lines = [[f"[{each.name}]({name})", summary(each)] for name, (each, _) in found.items()]
    index = "\n\n".join(["# Integrations", table(["integration", "what is traced"], lines)]) + "\n"
    return {INDEX: index, **{name: text for name, (_, text) in found.items()}}


def summary(integration: Integration) -> str:
    """The first sentence of an integration's docstring."""
    return markdown_of((sys.modules[integration.package].__doc__ or "").partition("\n\n")[0].replace("\n", " "))


def differing(folder: Path, expected: dict[str, str]) -> Iterator[str]:
    """The files that are missing from a folder, are not as expected, or should not be there."""
    there = {path.name for path in folder.glob("*.md")}
    for name in sorted(there | expected.keys()):
        if name not in there or (folder / name).read_text() != expected.get(name):
            yield name


def write(folder: Path, expected: dict[str, str]) -> None:
    """Have a folder hold these pages and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in list(differing(folder, expected)):
        if name in expected:
            (folder / name).write_text(expected[name])
        else:
            (folder / name).unlink()


@click.command()
@click.argument("name", required=False)
@click.option("--check", "is_check", is_flag=True, help="Write nothing; say which pages are not current.")
@ROOT_OPTION
def docs(name: str | None, is_check: bool, root: Path | None) -> None:
    """Print the page of the integration NAME; without NAME, write those of all into docs/integrations/."""
    if name is not None:
        try:
            click.echo(page(find(name)), nl=False)
        except UnknownIntegrationError as error:
            raise click.UsageError(str(error)) from None
        return
    folder = root_or_here(root) / "docs" / "integrations"
    expected = pages(documented())
    if not is_check:
        write(folder, expected)
        return
    stale = list(differing(folder, expected))
    if stale:
        raise click.ClickException(f"not current: {', '.join(stale)}; run python -m testkit docs")
