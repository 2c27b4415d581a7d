"""The portable way: rows through SQLAlchemy. Faster ones derive from it."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from sqlalchemy import Column, Connection, MetaData, Select, Table, insert

__all__ = ["RowLoader"]

_ROWS_PER_INSERT = 50_000


class RowLoader:
    """Moves Arrow tables into and out of a database, within the caller's transaction."""

    #: Whether key lookups need an index; columnar stores scan faster than they maintain one.
    wants_indexes = True

    def lock(self, connection: Connection, table: Table) -> None:
        """Let one writer at a time past here, until the transaction ends."""

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows; the columns of the Arrow table are among those of the database's."""
        for batch in rows.to_batches(max_chunksize=_ROWS_PER_INSERT):
            if batch.num_rows:
                connection.execute(insert(table), list(_records(batch)))

    def fetch(self, connection: Connection, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a statement as Arrow, in these types."""
        rows = connection.execute(statement).all()
        columns = list(zip(*rows, strict=True)) or [()] * len(schema)
        return pa.table(
            [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)],
            schema=schema,
        )

    def staging_table(self, name: str, *columns: Column[Any]) -> Table:
        """Return a temporary table that only this connection sees."""
        return Table(f"clicksession_{name}", MetaData(), *columns, prefixes=["TEMPORARY"])


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    # Columns to Python once each; one record after another would look every cell up by itself.
    columns = [column.to_pylist() for column in batch.columns]
    names = batch.schema.names
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))
