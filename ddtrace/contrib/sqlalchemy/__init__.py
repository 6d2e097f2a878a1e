"""Trace the statements that SQLAlchemy executes, of Core and of the ORM, sync and asyncio.

Enable it with ``patch(sqlalchemy=True)`` (``patch_all()`` leaves it out, unless ``DD_TRACE_SQLALCHEMY_ENABLED`` is
true) before or after ``import sqlalchemy``::

    from ddtrace import Pin, patch

    patch(sqlalchemy=True)

    import sqlalchemy

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))  # a span named sqlite.query

    Pin.override(engine, service="colours")              # this engine's spans only

Or trace one engine, whether the library is patched or not; of an asyncio engine its ``sync_engine`` is meant::

    from ddtrace.contrib.sqlalchemy import trace_engine

    trace_engine(engine, service="colours")

A span is named after the database: ``sqlite.query``, ``postgres.query``, ``mysql.query`` and so on. Its service is that
of the engine's pin, else ``config.sqlalchemy["service"]`` (``DD_SQLALCHEMY_SERVICE``), else the database's name.

The methods by which dialects execute statements are wrapped, not engines: all engines are traced, those that were there
before, too, and so is what SQLAlchemy asks a database when it connects to it first. A span lasts as long as the
driver's call, and has its error: the driver's own, without the parameters, which SQLAlchemy's shows. Fetching rows
belongs to no span. A statement that a listener of ``do_execute`` takes over has none. A dialect of another
distribution that has a ``do_execute`` or ``do_executemany`` of its own, and does not call SQLAlchemy's, is traced by
``trace_engine`` only. A driver that is traced as well has spans of its own, below these.
"""

from ddtrace.contrib._integration import ANY_NAME, Integration, SpanContract


def _queries(name: str) -> SpanContract:
    return SpanContract(
        name=name,
        span_type="sql",
        kind="client",
        measured=True,
        tags=("component", "span.kind"),
        optional_tags=("out.host", "sql.db"),
        optional_metrics=("db.row_count", "network.destination.port"),
    )


integration = Integration(
    package=__name__,
    distribution="sqlalchemy",
    # Its name was changed after 1.4, and pip installs the one that there is.
    extras=("aiosqlite", "postgresql-psycopg2binary", "postgresql_psycopg2binary"),
    modules=("sqlalchemy",),
    versions=("~=1.4.0", "~=2.0.0", "latest"),
    services=("postgres",),
    default_service=None,
    enabled_by_default=False,
    exports=("patch.trace_engine",),
    spans=(_queries("sqlite.query"), _queries("postgres.query"), _queries(ANY_NAME)),
    switched_off=(
        (
            "WORK-05",
            "the service that nobody sets is the name of the engine's database, and a declaration has one service; "
            "test_sqlalchemy.py proves each case",
        ),
    ),
)
