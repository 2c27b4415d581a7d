"""Load empty tables in one stream: as much of it as has the same columns.

A columnar store compresses what one statement brings as it comes, and holds what many bring, in one
transaction, until its end: one statement is faster, and takes no more memory for a larger log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Table

from clicksession.arrow import is_text, with_fields
from clicksession.scratch import scratch
from clicksession.writers.access import Access
from clicksession.writers.columns import arrow_type
from clicksession.writers.spill import read_table, write_table

__all__ = ["Shelf", "fits", "load_in_one", "shelf"]

# So many rows of sessions wait in memory, and the rest on disk, while the events go in.
_ROWS_IN_MEMORY = 100_000


class Shelf:
    """Rows that wait, in memory while they are few, until another table is loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._here: list[pa.Table] = []
        self._there: list[Path] = []

    def put(self, rows: pa.Table) -> None:
        """Take in some rows."""
        self._here.append(rows)
        if sum(table.num_rows for table in self._here) > _ROWS_IN_MEMORY:
            path = self._folder / f"{len(self._there)}.arrow"
            write_table(path, pa.concat_tables(self._here))
            self._there.append(path)
            self._here = []

    def tables(self) -> Iterator[pa.Table]:
        """Yield all rows, in the order that they came in."""
        yield from map(read_table, self._there)
        yield from self._here


@contextmanager
def shelf() -> Iterator[Shelf]:
    """Give a shelf, which goes with its rows."""
    with scratch() as folder:
        yield Shelf(folder)


def fits(rows: pa.Table, table: Table) -> bool:
    """Say whether rows go into a table as they are: it has all of their columns, in their types."""
    for field in rows.schema:
        column = table.c.get(field.name)
        if column is None:
            return False
        kind = arrow_type(column.type)
        if kind != field.type and not (is_text(kind) and is_text(field.type)):
            return False
    return True


def load_in_one(access: Access, table: Table, parts: Iterator[pa.Table]) -> None:
    """Load tables of rows, each with some of the columns, by one statement if that can be."""
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in table.c])
    in_full = (with_fields(rows, schema) for rows in parts)
    access.loader.load_stream(access.connection, table, schema, in_full)
