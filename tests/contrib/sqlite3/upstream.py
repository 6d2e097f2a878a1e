"""Python's own tests of sqlite3."""

from testkit.upstream import Upstream

upstream = Upstream(
    arguments=("--pyargs", "test.test_sqlite3"),
    accepted=(
        (
            "test_dbapi.py::OpenTests::test_database_keyword",
            "it asks for the very type of a connection, and a class written in C can only be traced by a subclass",
        ),
    ),
)
