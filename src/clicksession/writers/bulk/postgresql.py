"""PostgreSQL takes ``COPY``, in chunks made of Arrow: no Python object per value."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, LiteralString
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from sqlalchemy import Connection, Select, Table, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from clicksession.ahead import ahead
from clicksession.sql.dialects.postgresql import quoted_name_of
from clicksession.writers.bulk.copying import binary_chunks, binary_encoder, csv_chunks
from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["PostgreSQLLoader"]

_IN_UTC = "SET LOCAL TimeZone = 'UTC'"
# By default a page out of turn counts as four in turn, as on a disk with an arm: then the server
# reads all of a large table to look up some thousand keys that an index has.
_AS_ON_A_DISK_WITHOUT_ARM = "SET LOCAL random_page_cost = 1.1"
_BLOCK_BYTES = 2**20  # Arrow's own default
# Some megabytes each: the server has work while the next part of a log is cut.
_CHUNKS_AHEAD = 6
_COLUMN_TYPES = """
    SELECT attname, atttypid::regtype::text FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
# Three thousand rows, until the server looks by itself: enough to choose an index.
_AT_A_GLANCE = "SET LOCAL default_statistics_target = 10"
_HAS_STATISTICS = """
    SELECT EXISTS (
        SELECT FROM pg_stats JOIN pg_class ON relname = tablename
        JOIN pg_namespace ON pg_namespace.oid = relnamespace AND nspname = schemaname
        WHERE pg_class.oid = %s::regclass
    )
"""


class PostgreSQLLoader(RowLoader):
    """Moves rows by ``COPY`` through psycopg; through other drivers, by statements."""

    isolation_level = "READ COMMITTED"
    has_partial_indexes = True
    wants_users_together = True
    takes_streams = True

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Take an advisory lock on the target, released with the transaction."""
        key = crc32(f"clicksession:{table.schema or ''}.{table.name}".encode())
        if wait:
            connection.execute(select(func.pg_advisory_xact_lock(key)))
        elif not connection.execute(select(func.pg_try_advisory_xact_lock(key))).scalar():
            raise Busy
        connection.exec_driver_sql(_AS_ON_A_DISK_WITHOUT_ARM)
        yield

    def is_lost(self, error: DBAPIError) -> bool:
        """Class 08 and 57P0x: connection exceptions, and a server that shuts down."""
        state = getattr(error.orig, "sqlstate", None)
        if state is None:
            return type(error.orig).__name__ == "OperationalError"
        return str(state).startswith(("08", "57P0"))

    def full(self, error: DBAPIError) -> str:
        """Say so by 53100, disk_full."""
        is_full = getattr(error.orig, "sqlstate", None) == "53100"
        return "a disk of the database's server" if is_full else ""

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows through ``COPY … FROM STDIN``."""
        self.load_stream(connection, table, rows.schema, iter([rows]))

    def fill(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows frozen, so that the server need not look at them again."""
        self.load_stream(connection, table, rows.schema, iter([rows]), is_fresh=True)

    def load_stream(
        self,
        connection: Connection,
        table: Table,
        schema: pa.Schema,
        parts: Iterator[pa.Table],
        *,
        is_fresh: bool = False,
    ) -> None:
        """Insert rows through one ``COPY … FROM STDIN``; those of a fresh table frozen.

        Who first reads a page writes it once more, to note that its rows were committed: here that
        would be the next write, which reads sessions all over the table.
        """
        if connection.dialect.driver != "psycopg":
            for rows in parts:
                super().load(connection, table, rows)
            return
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            encoder = binary_encoder(schema, _column_types(cursor, connection, table))
            chunks = csv_chunks(parts) if encoder is None else binary_chunks(encoder, parts)
            form: LiteralString = "csv" if encoder is None else "binary"
            options: LiteralString = ", FREEZE" if is_fresh else ""
            statement = _copy_into(table, schema.names, form + options)
            # Arrow writes a naive time eight times as fast as one with a zone.
            cursor.execute(_IN_UTC)
            with cursor.copy(statement) as copy:
                for chunk in ahead(chunks, _CHUNKS_AHEAD):
                    copy.write(chunk)

    def leave_room(self, connection: Connection, table: Table) -> None:
        """Keep a part of each page free: a row that stays on its page concerns no index."""
        connection.execute(_LeaveRoom(table))

    def describe(self, connection: Connection, table: Table) -> None:
        """Have the server look: it guesses at a table that was just filled, and plans badly."""
        name = quoted_name_of(connection, table)
        known = connection.exec_driver_sql(_HAS_STATISTICS, (name,)).scalar()
        if not known:
            self.describe_staged(connection, table)

    def describe_staged(self, connection: Connection, table: Table) -> None:
        """Have the server look: it never does so at a temporary table by itself."""
        connection.exec_driver_sql(_AT_A_GLANCE)
        connection.execute(_Analyze(table))

    def fetch(self, connection: Connection, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a statement through ``COPY … TO STDOUT``."""
        if connection.dialect.driver != "psycopg":
            return super().fetch(connection, statement, schema)
        driver: Any = connection.connection.driver_connection
        buffer = io.BytesIO()
        with driver.cursor() as cursor:
            cursor.execute(_IN_UTC)
            with cursor.copy(_copy_out(connection, statement)) as copy:
                for chunk in copy:
                    buffer.write(chunk)
        return _parsed(buffer, schema)

    def stream(
        self, connection: Connection, statement: Select[Any], schema: pa.Schema, rows: int
    ) -> Iterator[pa.Table]:
        """Yield the rows of a statement through ``COPY … TO STDOUT``, which gives them one by one.

        As fast as `fetch`, and three times as fast as a cursor of the server.
        """
        if connection.dialect.driver != "psycopg":
            yield from super().stream(connection, statement, schema, rows)
            return
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(_copy_out(connection, statement)) as copy:
            lines = iter(copy)
            while part := list(islice(lines, rows)):
                buffer = io.BytesIO()
                buffer.writelines(part)
                yield _parsed(buffer, schema, longest=max(map(len, part)))


def _copy_out(connection: Connection, statement: Select[Any]) -> bytes:
    # COPY takes no parameters: the values go into the text, quoted by SQLAlchemy.
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    query = str(compiled).replace("%%", "%").encode()
    return b"COPY (" + query + b") TO STDOUT (FORMAT csv)"


def _parsed(buffer: io.BytesIO, schema: pa.Schema, longest: int = 0) -> pa.Table:
    if not buffer.tell():
        return schema.empty_table()
    buffer.seek(0)
    # Arrow reads times in a zone only as +00:00 or Z; PostgreSQL in UTC writes +00.
    instants = {f.name for f in schema if pa.types.is_timestamp(f.type)}
    types = {f.name: pa.string() if f.name in instants else f.type for f in schema}
    table = pa.csv.read_csv(
        buffer,
        # A row has to fit into a block.
        read_options=pa.csv.ReadOptions(
            column_names=schema.names, block_size=max(_BLOCK_BYTES, longest)
        ),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for position, field in enumerate(schema):
        if field.name in instants:
            naive = pc.utf8_slice_codeunits(table.column(position), 0, -3)
            instant = naive.cast(pa.timestamp("us")).cast(field.type)
            table = table.set_column(position, field.name, instant)
    return table


def _copy_into(table: Table, names: list[str], form: LiteralString) -> Any:
    from psycopg import sql

    target = (table.schema, table.name) if table.schema else (table.name,)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})")
    return statement.format(sql.Identifier(*target), columns, sql.SQL(form))


def _column_types(cursor: Any, connection: Connection, table: Table) -> dict[str, str]:
    """Return the types that the columns of a table really have, which may be another's table."""
    name = quoted_name_of(connection, table)
    return dict(cursor.execute(_COLUMN_TYPES, [name]).fetchall())


class _LeaveRoom(ExecutableDDLElement):
    """``ALTER TABLE … SET (fillfactor = …)``."""

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(_LeaveRoom)
def _leave_room(element: _LeaveRoom, compiler: DDLCompiler, **_: Any) -> str:
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)} SET (fillfactor = 90)"


class _Analyze(ExecutableDDLElement):
    """``ANALYZE …``."""

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(_Analyze)
def _analyze(element: _Analyze, compiler: DDLCompiler, **_: Any) -> str:
    return f"ANALYZE {compiler.preparer.format_table(element.table)}"
