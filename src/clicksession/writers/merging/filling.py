"""Load empty tables in one stream: as much of it as has the same columns.

A columnar store compresses what one statement brings as it comes, and holds what many bring, in one
transaction, until its end: one statement is faster, and takes no more memory for a larger log.
"""

from collections.abc import Iterator

import pyarrow as pa
from sqlalchemy import Table

from clicksession.arrow import is_text, with_fields
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import arrow_type

__all__ = ["fits", "load_in_one"]


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


def load_in_one(
    access: Access, table: Table, parts: Iterator[pa.Table], *, is_fresh: bool = False
) -> None:
    """Load tables of rows, each with some of the columns, by one statement."""
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in table.c])
    in_full = (with_fields(rows, schema) for rows in parts)
    access.loader.load_stream(access.connection, table, schema, in_full, is_fresh=is_fresh)
