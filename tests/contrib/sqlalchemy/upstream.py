"""The part of SQLAlchemy's own suite that executes statements: on SQLite, by engines and the ORM, sync and asyncio."""

import sqlite3

from testkit.upstream import Upstream

SQLITE = "_".join(map(str, sqlite3.sqlite_version_info))
RESULTS = f"test/sql/test_resultset.py::CursorResultTest_sqlite+pysqlite_{SQLITE}"
ROWS = "it counts how often rowcount of a cursor is read, and the span reads it once more, for its metric db.row_count"

upstream = Upstream(
    version="2.1.9",
    sha256="d700a8b2edfb26282a470333d6bc4a454c4acda4d201a3bea7b72fa76c217d28",
    requirements=("sqlalchemy[aiosqlite]", "pytest<10"),
    arguments=(
        *("--db=sqlite", "--dbdriver=aiosqlite"),
        "test/base",
        "test/dialect/sqlite",
        "test/dialect/test_suite.py",
        "test/engine",
        "test/ext/asyncio",
        "test/ext/test_horizontal_shard.py",
        "test/orm/test_bind.py",
        "test/orm/test_events.py",
        "test/orm/test_lazy_relations.py",
        "test/orm/test_query.py",
        "test/orm/test_session.py",
        "test/orm/test_transaction.py",
        "test/orm/test_unitofwork.py",
        "test/orm/test_unitofworkv2.py",
        "test/sql/test_defaults.py",
        "test/sql/test_insert_exec.py",
        "test/sql/test_query.py",
        "test/sql/test_resultset.py",
        "test/sql/test_returning.py",
    ),
    environment={
        "DD_TRACE_SQLALCHEMY_ENABLED": "true",
        # Else its conftest takes SQLAlchemy from the sdist, where no extension is compiled.
        "PYTHONNOUSERSITE": "1",
    },
    # Eight thousand tests, whose time trebles where others compute, too.
    limit_s=1800,
    accepted=(
        (f"{RESULTS}::test_no_rowcount_on_selects_inserts", ROWS),
        (f"{RESULTS}::test_rowcount_always_called_when_preserve_rowcount", ROWS),
    ),
)
