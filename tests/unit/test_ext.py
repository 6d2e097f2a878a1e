"""The vocabulary of tags; each name and value is in the architecture's list of public names."""

import warnings

import pytest

from ddtrace import DDTraceDeprecationWarning
from ddtrace.ext import aws, sql


@pytest.mark.parametrize(
    "vendor, name",
    [
        (None, "db"),
        ("", "db"),
        ("sqlite3", "sqlite"),
        ("pysqlite", "sqlite"),
        ("postgresql", "postgres"),
        ("psycopg2", "postgres"),
        ("mysql", "mysql"),
    ],
)
def test_vendor_goes_by_one_name(vendor, name):
    """Whatever its driver calls it."""
    assert sql.normalize_vendor(vendor) == name


@pytest.mark.parametrize(
    "dsn, parameters",
    [
        ("", {}),
        ("host=db port=5432 dbname=shop", {"host": "db", "port": "5432", "dbname": "shop"}),
        (b"user=me host=db", {"user": "me", "host": "db"}),
        ("user = me  password='a b' ", {"user": "me", "password": "a b"}),
        (r"password='it\'s' user=a\ b", {"password": "it's", "user": "a b"}),
        ("password='' user=me", {"password": "", "user": "me"}),
        (
            "postgresql://me:s%40fe@db:5433/shop?sslmode=require",
            {"user": "me", "password": "s@fe", "host": "db", "port": "5433", "dbname": "shop", "sslmode": "require"},
        ),
        ("postgres://db", {"host": "db"}),
        ("postgres://me@db:/shop", {"user": "me", "host": "db", "dbname": "shop"}),
        ("postgresql://[::1]:5433/shop", {"host": "::1", "port": "5433", "dbname": "shop"}),
        ("postgresql://[::1]/shop", {"host": "::1", "dbname": "shop"}),
        ("postgresql:///shop?host=/tmp", {"dbname": "shop", "host": "/tmp"}),
    ],
)
def test_connection_string_is_read(dsn, parameters):
    """Pairs with quotes and escapes, or a URL."""
    assert sql.parse_pg_dsn(dsn) == parameters


def test_old_name_of_the_row_count_is_deprecated():
    """It works, and the warning says what to write."""
    with pytest.warns(DDTraceDeprecationWarning, match=r"ddtrace.ext.sql.ROWS is deprecated; use ddtrace.ext.db.ROWC"):
        assert sql.ROWS == "sql.rows"


def test_misspelt_name_is_an_error_without_a_warning():
    """As in any module."""
    with warnings.catch_warnings(), pytest.raises(AttributeError, match="'ddtrace.ext.sql' has no attribute 'ROW'"):
        warnings.simplefilter("error")
        sql.ROW  # noqa: B018 (the access is the test)


@pytest.mark.parametrize(
    "value, shown",
    [(b"x" * 1024, b"x" * 1024), (b"x" * 1025, b"..."), ("x" * 2000, "x" * 2000), (5, 5), (None, None)],
)
def test_long_bytes_are_left_out(value, shown):
    """A payload of more than 1024 bytes is no tag."""
    assert aws.truncate_arg_value(value) == shown
