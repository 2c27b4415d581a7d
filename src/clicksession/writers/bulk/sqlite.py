"""SQLite: one transaction, one prepared statement for all rows."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError, OperationalError

from clicksession.writers.bulk.rows import Busy, RowLoader, naive_in_utc

__all__ = ["SQLiteLoader"]

_PAUSE_SECONDS = 0.05

# So many rows are Python objects at a time.
_ROWS_PER_INSERT = 10_000

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)


class SQLiteLoader(RowLoader):
    """Loads by ``executemany``; takes the write lock before it looks at anything."""

    has_partial_indexes = True
    isolation_level = "SERIALIZABLE"

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Begin as the writer: Python's driver would begin only at the first insert."""
        while not _begun(connection):
            if not wait:
                raise Busy
            time.sleep(_PAUSE_SECONDS)
        yield

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows as the driver takes them: SQLAlchemy would look at each value by itself."""
        statement = insert(table).compile(connection, column_keys=rows.column_names)
        # In the order of the table.
        in_turn = rows.select(list(statement.positiontup or ()))
        for batch in _as_kept(in_turn).to_batches(max_chunksize=_ROWS_PER_INSERT):
            columns = [column.to_pylist() for column in batch.columns]
            connection.exec_driver_sql(str(statement), list(zip(*columns, strict=True)))

    def full(self, error: DBAPIError) -> str:
        """Full, or what the system says of a file that may not grow."""
        code = getattr(error.orig, "sqlite_errorcode", None)
        return "the disk of the database" if code in _FULL else ""

    def commit(self, connection: Connection, pause: Callable[[str], None]) -> None:
        """Try again for as long as a reader is in the way: the transaction stays open."""
        driver: Any = connection.connection.driver_connection
        while True:
            try:
                driver.commit()
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
            pause("another process reads the file")
        connection.commit()


def _as_kept(rows: pa.Table) -> pa.Table:
    """Return rows as SQLite keeps them: times as text, to the microsecond."""
    naive = naive_in_utc(rows)
    for position, field in enumerate(naive.schema):
        if pa.types.is_timestamp(field.type):
            written = naive.column(position).cast(pa.timestamp("us")).cast(pa.string())
            naive = naive.set_column(position, field.name, written)
    return naive


def _begun(connection: Connection) -> bool:
    """Begin as the writer, unless somebody else is at work."""
    waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        return False
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(waits)}")
    return True
