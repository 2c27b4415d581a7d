"""PostgreSQL takes ``COPY``, as CSV that Arrow writes: no Python object per value."""

import io
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection, Table, func, select

from clicksession.writers.bulk.rows import RowLoader

__all__ = ["PostgreSQLLoader"]

_ROWS_PER_CHUNK = 100_000
# In CSV a text is in quotes and a null is not, so that an empty text stays one.
_CSV = pa.csv.WriteOptions(include_header=False, quoting_style="needed")


class PostgreSQLLoader(RowLoader):
    """Loads by ``COPY`` through psycopg; through other drivers, by inserts."""

    def lock(self, connection: Connection, table: Table) -> None:
        """Take an advisory lock on the target, released with the transaction."""
        key = crc32(f"clicksession:{table.schema or ''}.{table.name}".encode())
        connection.execute(select(func.pg_advisory_xact_lock(key)))

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows through ``COPY … FROM STDIN``."""
        if connection.dialect.driver != "psycopg":
            super().load(connection, table, rows)
            return
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(_copy(table, rows.column_names)) as copy:
            for batch in rows.to_batches(max_chunksize=_ROWS_PER_CHUNK):
                buffer = io.BytesIO()
                pa.csv.write_csv(batch, buffer, _CSV)
                copy.write(buffer.getbuffer())


def _copy(table: Table, names: list[str]) -> Any:
    from psycopg import sql

    target = (table.schema, table.name) if table.schema else (table.name,)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)")
    return statement.format(sql.Identifier(*target), columns)
