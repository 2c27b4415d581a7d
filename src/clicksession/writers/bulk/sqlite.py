"""SQLite: one transaction, one prepared statement for all rows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table
from sqlalchemy.exc import OperationalError

from clicksession.writers.bulk.rows import Busy, RowLoader

__all__ = ["SQLiteLoader"]

_PAUSE_SECONDS = 0.05


class SQLiteLoader(RowLoader):
    """Loads by ``executemany``; takes the write lock before it looks at anything."""

    has_partial_indexes = True
    isolation_level = "SERIALIZABLE"

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Begin as the writer: Python's driver would begin only at the first insert."""
        while True:
            try:
                if not wait:
                    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                break
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                if not wait:
                    raise Busy from None
            time.sleep(_PAUSE_SECONDS)
        yield
