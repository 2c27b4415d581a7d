"""DuckDB reads Arrow tables where they are."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Select, Table, column, insert, quoted_name, select
from sqlalchemy import table as table_named
from sqlalchemy.exc import DBAPIError

from clicksession.writers.bulk.rows import Busy, RowLoader, naive_in_utc

__all__ = ["DuckDBLoader"]

# One per file; threads of one process share its connections to the file.
_locks: defaultdict[str, Lock] = defaultdict(Lock)

_PROCESS = re.compile(r"PID \d+")
_REGISTERED = "clicksession_registered"


class DuckDBLoader(RowLoader):
    """Loads by ``INSERT … SELECT`` from a registered Arrow table."""

    wants_indexes = False

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Wait for other threads: a file has one process that writes, which connecting settles."""
        lock = _locks[str(connection.engine.url.database)]
        if not lock.acquire(blocking=wait):
            raise Busy
        try:
            # A snapshot that began before the lock would not see what the other writer wrote.
            connection.rollback()
            yield
        finally:
            lock.release()

    def holder(self, error: DBAPIError) -> str:
        """Another process has the file open: one alone can, if it writes."""
        message = str(error.orig)
        if "Could not set lock on file" not in message:
            return ""
        number = _PROCESS.search(message)
        return f"another process has the file open{f' ({number.group()})' if number else ''}"

    def advice(self, error: DBAPIError) -> str:
        """Say what a second way of opening a file within one process ends in."""
        if "different configuration" not in str(error.orig):
            return ""
        return (
            "This process has the file open in another way, as by duckdb.connect(): close that "
            "connection first."
        )

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows by scanning the Arrow table."""
        if not rows.num_rows:
            return
        driver: Any = connection.connection.driver_connection
        # A cast from a zone would go by the local one.
        driver.register(_REGISTERED, naive_in_utc(rows))
        try:
            names: list[ColumnElement[Any]] = [
                column(quoted_name(name, quote=True)) for name in rows.column_names
            ]
            source = select(*names).select_from(table_named(_REGISTERED))
            connection.execute(insert(table).from_select(rows.column_names, source))
        finally:
            driver.unregister(_REGISTERED)

    def fetch(self, connection: Connection, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a statement as Arrow, without making Python objects of them."""
        compiled = statement.compile(dialect=connection.dialect)
        values = [compiled.params[name] for name in compiled.positiontup or ()]
        driver: Any = connection.connection.driver_connection
        found = driver.sql(str(compiled), params=values).to_arrow_table()
        columns = [part.cast(field.type) for part, field in zip(found.columns, schema, strict=True)]
        return pa.table(columns, schema=schema)

    def stream(
        self, connection: Connection, statement: Select[Any], schema: pa.Schema, rows: int
    ) -> Iterator[pa.Table]:
        """Yield Arrow tables as DuckDB makes them."""
        # With values in the text: a list of them has as many parameters as it is long.
        compiled = statement.compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        driver: Any = connection.connection.driver_connection
        for batch in driver.sql(str(compiled)).to_arrow_reader(rows):
            yield pa.Table.from_batches([batch]).cast(schema)
