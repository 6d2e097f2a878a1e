"""The measurement of services; no figure is judged, since a test asserts no time."""

import os

import pytest

from benchmarks import services
from benchmarks.services import BEGIN, END, Measured, measure, replace_generated, table


def measured(service="redis", provider="local", first_ms=100, cold_ms=80, warm_ms=1):
    return Measured(
        service=service, provider=provider, version="7.0.15", first_ms=first_ms, cold_ms=cold_ms, warm_ms=warm_ms
    )


def test_each_start_is_a_new_server_and_each_reuse_is_none(tmp_path):
    """A real Redis is started and joined; joining takes less than starting, and nothing is left."""
    found = measure("redis", "local", 1, {**os.environ, "TMPDIR": str(tmp_path)})

    assert found.version[0].isdigit()
    assert 0 < found.warm_ms < found.cold_ms
    assert not [path for path in tmp_path.glob("testkit-*/*") if path.is_dir()]


def test_missed_budget_is_named():
    """A row says which budget was not kept, and by how much."""
    assert measured().misses == []
    assert measured(cold_ms=151, warm_ms=31).misses == ["warm 31 > 30", "cold 151 > 150"]
    assert measured(provider="docker", cold_ms=999).misses == []


def test_first_start_may_have_a_budget_of_its_own():
    """PostgreSQL prepares a template once."""
    assert measured("postgres", first_ms=1400, cold_ms=290).misses == []
    assert "1500, then 300; warm 30" in table([measured("postgres")])


def test_table_replaces_the_one_before():
    """Only what is between the marks changes."""
    once = replace_generated(f"above\n{BEGIN}\nold\n{END}\nbelow\n", "new")

    assert once == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    assert replace_generated(once, "new") == once


def test_document_without_marks_is_refused():
    """The error names the marks."""
    with pytest.raises(ValueError, match="expected the marks <!-- begin: python -m benchmarks.services"):
        replace_generated("above", "new")


def test_document_has_the_marks():
    """docs/services.md has a place for the table."""
    assert BEGIN in services.DOCUMENT.read_text()


def test_unknown_service_is_refused(capsys):
    """A typing error ends with status 2 and the name that was meant."""
    with pytest.raises(SystemExit) as caught:
        services.main(["rediss"])

    assert caught.value.code == 2
    assert "there is no service 'rediss'; did you mean redis" in capsys.readouterr().err
