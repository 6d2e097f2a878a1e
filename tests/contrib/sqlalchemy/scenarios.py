"""How programs use SQLAlchemy: Core and ORM, transactions, listeners, dialects, asyncio, PostgreSQL, failures."""

import asyncio
import contextlib

import sqlalchemy
from sqlalchemy import event, orm
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from ddtrace.contrib.sqlalchemy import integration
from testkit import scenario
from testkit.snapshots import Port, Regex

REDACT = {"network.destination.port": Port(), "sql.db": Regex(r":memory:|\w+")}

text = sqlalchemy.text
select = sqlalchemy.select
metadata = sqlalchemy.MetaData()
colours = sqlalchemy.Table(
    "colours",
    metadata,
    sqlalchemy.Column("name", sqlalchemy.String(200), primary_key=True),
    sqlalchemy.Column("hue", sqlalchemy.Integer),
    prefixes=["TEMPORARY"],
)
INSERT = text("INSERT INTO colours (name, hue) VALUES (:name, :hue)")
COLOURS = [{"name": "red", "hue": 0}, {"name": "green", "hue": 120}, {"name": "blue", "hue": 240}]


Base = orm.declarative_base()


class Shape(Base):
    """A mapped class; SQLAlchemy keeps something of each that is made."""

    __tablename__ = "shapes"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    corners = sqlalchemy.Column(sqlalchemy.Integer)


@contextlib.contextmanager
def connected(url, **settings):
    engine = sqlalchemy.create_engine(url, future=True, **settings)
    try:
        with engine.connect() as connection:
            colours.create(connection)
            connection.execute(INSERT, COLOURS)
            connection.commit()
            yield connection
    finally:
        engine.dispose()


def sqlite(**settings):
    return connected("sqlite://", **settings)


def postgres(url):
    return connected(make_url(url).set(drivername="postgresql+psycopg2"))


@scenario(integration)
def core_queries():
    with sqlite() as connection:
        result = connection.execute(select(colours.c.name).where(colours.c.hue > 100).order_by(colours.c.hue))
        rows = result.fetchall(), result.keys(), connection.execute(text("SELECT 1")).scalar()
        return rows, type(connection), type(connection.engine), type(connection.engine.dialect)


@scenario(integration)
def objects_of_a_session():
    engine = sqlalchemy.create_engine("sqlite://", future=True)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add(Shape(corners=3))
        session.commit()
        shape = session.execute(select(Shape)).scalar_one()
        shape.corners = 4
        session.flush()
        session.rollback()
        found = (
            session.execute(select(Shape.corners)).scalar_one(),
            session.execute(select(Shape).where(Shape.id == 2)).first(),
        )
    engine.dispose()
    return found


@scenario(integration)
def changed_rows_are_counted():
    with sqlite() as connection:
        changed = connection.execute(colours.update().where(colours.c.hue > 100).values(hue=1)).rowcount
        connection.rollback()
        return changed, connection.execute(text("DELETE FROM colours WHERE hue = :hue"), {"hue": 0}).rowcount


@scenario(integration)
def parameters_stay_out(word, secret):
    with sqlite() as connection:
        connection.execute(colours.insert(), [{"name": word, "hue": 1}, {"name": secret, "hue": 2}])
        return connection.execute(select(colours.c.hue).where(colours.c.name.in_([word, secret]))).fetchall()


@scenario(integration)
def failure_with_parameters(secret):
    with sqlite() as connection:
        connection.execute(text("SELECT hue FROM no_such_table WHERE name = :name"), {"name": secret})


@scenario(integration)
def transactions():
    with sqlite() as connection:
        with contextlib.suppress(ZeroDivisionError), connection.begin():
            connection.execute(colours.delete())
            1 / 0
        with connection.begin(), connection.begin_nested() as savepoint:
            connection.execute(colours.delete().where(colours.c.hue == 0))
            savepoint.rollback()
        return connection.in_transaction(), connection.execute(text("SELECT count(*) FROM colours")).scalar()


@scenario(integration)
def wrong_statement():
    with sqlite() as connection:
        connection.execute(text("SELEKT 1"))


@scenario(integration)
def constraint_is_violated():
    with sqlite() as connection:
        connection.execute(colours.insert(), [{"name": "pink", "hue": 350}, {"name": "red", "hue": 0}])


@scenario(integration)
def closed_connection():
    with sqlite() as connection:
        connection.close()
        connection.execute(text("SELECT 1"))


@scenario(integration)
def statements_of_the_driver():
    with sqlite() as connection:
        rows = connection.exec_driver_sql("SELECT name FROM colours WHERE hue = ?", (0,)).fetchall()
        unformatted = connection.execution_options(no_parameters=True).exec_driver_sql(
            "SELECT 'a\nb' -- %s ? \U0001f3a8"
        )
        engine = connection.engine.execution_options(logging_token="reader")
        return rows, unformatted.fetchall(), engine.url == connection.engine.url


@scenario(integration)
def listeners_of_the_application():
    heard = []

    def rewrite(connection, cursor, statement, parameters, context, executemany):
        heard.append(statement)
        return f"{statement} -- by the ledger", parameters

    def take_over(cursor, statement, parameters, context):
        heard.append(statement)
        return "'taken over'" in statement and bool(cursor.execute("SELECT 'by the listener'"))

    def refuse(connection, cursor, statement, parameters, context, executemany):
        if "forbidden" in statement:
            raise PermissionError("not for you")

    with sqlite() as connection:
        event.listen(connection, "before_cursor_execute", rewrite, retval=True)
        event.listen(connection, "before_cursor_execute", refuse)
        event.listen(connection.engine, "do_execute", take_over)
        rows = [
            connection.execute(text(statement)).fetchall()
            for statement in ("SELECT 1", "SELECT 'taken over'", "SELECT 2")
        ]
        try:
            connection.execute(text("SELECT 'forbidden'"))
        except PermissionError as error:
            return rows, heard, str(error)


class LedgerDialect(SQLiteDialect_pysqlite):
    """A dialect such as other distributions have."""

    name = "ledger"
    supports_statement_cache = True

    def do_execute(self, cursor, statement, parameters, context=None):
        return super().do_execute(cursor, f"{statement} -- for the ledger", parameters, context=context)

    def do_executemany(self, cursor, statement, parameters, context=None):
        for each in parameters:
            super().do_execute(cursor, statement, each)


@scenario(integration)
def dialect_of_the_application():
    registry.register("ledger", __name__, "LedgerDialect")
    with connected("ledger://") as connection:
        return connection.execute(select(colours.c.name)).fetchall(), connection.engine.name


@scenario(integration)
async def in_a_thread():
    def work():
        with sqlite() as connection:
            return connection.execute(text("SELECT count(*) FROM colours")).scalar()

    return await asyncio.to_thread(work)


@scenario(integration)
async def asyncio_engine():
    engine = create_async_engine("sqlite+aiosqlite://", future=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda each: colours.create(each))
            await connection.execute(colours.insert(), COLOURS)
            rows = (await connection.execute(select(colours.c.name))).fetchall()
            streamed = [row async for row in await connection.stream(text("SELECT hue FROM colours"))]
            try:
                await connection.execute(text("SELEKT 1"))
            except sqlalchemy.exc.OperationalError as error:
                return rows, streamed, str(error.orig), type(engine)
    finally:
        await engine.dispose()


@scenario(integration)
def postgres_queries(postgres_url):
    with postgres(postgres_url) as connection:
        rows = connection.execute(select(colours).where(colours.c.hue > 100).order_by(colours.c.hue)).fetchall()
        insertion = colours.insert().returning(colours.c.hue)
        hue = connection.execute(insertion, {"name": "pink", "hue": 350}).scalar()
        deleted = connection.execute(text("DELETE FROM colours WHERE hue > :least"), [{"least": 300}, {"least": 200}])
        return rows, hue, deleted.rowcount


@scenario(integration)
def postgres_rows_of_a_stream(postgres_url):
    with postgres(postgres_url) as connection:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=1)
        return [tuple(row) for row in streaming.execute(select(colours.c.name).order_by(colours.c.hue))]


@scenario(integration)
def postgres_failure(postgres_url):
    with postgres(postgres_url) as connection:
        try:
            connection.execute(text("SELECT no_such_column FROM colours WHERE hue = :hue"), {"hue": 1})
        except sqlalchemy.exc.ProgrammingError as error:
            return type(error.orig).__name__, connection.in_transaction()
