"""The example sends what the contract says, as an agent that knows nothing of the tracer decodes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddtrace.contrib.psycopg import integration
from testkit import run_python
from tests.agent import agent_on_tcp

APP = str(Path(__file__).parents[3] / "examples" / "psycopg" / "app.py")


@pytest.fixture
def loans(postgres_url: str) -> list[list[dict]]:
    """What an agent got of the loans of a book that is lent twice."""
    with agent_on_tcp() as agent:
        printed = run_python(APP, "--postgres", postgres_url, "--agent", agent.url, "Emma", "Emma")
    assert printed == "Emma is yours\nEmma is lent already\n"
    return [trace for trace in agent.traces if trace[0]["name"] == "lend"]


def test_each_loan_is_one_trace(loans: list[list[dict]]) -> None:
    """The query and the end of its transaction are children of the loan's span."""
    shapes = [[(span["name"], span["service"], span["resource"]) for span in trace] for trace in loans]
    query = ("postgres.query", "postgres", "INSERT INTO loans VALUES (%s)")
    assert shapes == [
        [("lend", "library", "lend"), query, ("psycopg.connection.commit", "postgres", "psycopg.connection.commit")],
        [
            ("lend", "library", "lend"),
            query,
            ("psycopg.connection.rollback", "postgres", "psycopg.connection.rollback"),
        ],
    ]
    for loan, *spans in loans:
        assert {span["parent_id"] for span in spans} == {loan["span_id"]}


def test_queries_keep_their_contract(loans: list[list[dict]]) -> None:
    """Type, kind, measure and the declared tags are on the wire; the failure is, too, and not the book's title."""
    contract = integration.contracts["postgres.query"]
    queries = [span for trace in loans for span in trace if span["name"] == "postgres.query"]
    for span in queries:
        assert (span["type"], span["meta"]["span.kind"]) == (contract.span_type, contract.kind)
        assert span["metrics"]["_dd.measured"] == 1
        assert set(contract.tags) <= set(span["meta"])
    lent, refused = queries
    assert "error" not in lent and "Emma" not in repr(lent)
    assert (refused["error"], refused["meta"]["error.type"]) == (1, "psycopg.errors.UniqueViolation")


def test_the_application_runs_without_an_agent(postgres_url: str) -> None:
    """With nobody at the agent's address the output is the same, and nothing is raised."""
    assert run_python(APP, "--postgres", postgres_url, "--agent", "http://127.0.0.1:9", "Emma") == "Emma is yours\n"
