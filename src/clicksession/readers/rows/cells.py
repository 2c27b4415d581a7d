"""Cells: texts of a format that has no types, such as CSV.

A reader of such a format hands its texts on as they were written, and says so. What becomes of
them is decided where it is known which column they feed: a user stays the text that it is, a time
is read as a time, and a column in which every text is a number becomes one of numbers.
"""

import pyarrow as pa

__all__ = ["as_cells", "cell_field", "is_cell"]

_MARK = b"clicksession"
_CELLS = {_MARK: b"cells"}


def as_cells(table: pa.Table) -> pa.Table:
    """Return a table whose texts are said to be cells."""
    fields = [field.with_metadata(_CELLS) for field in table.schema]
    return pa.table(table.columns, schema=pa.schema(fields))


def cell_field(name: str) -> pa.Field:
    """Return the field of a column of cells."""
    return pa.field(name, pa.string(), metadata=_CELLS)


def is_cell(field: pa.Field) -> bool:
    """Say whether a column holds cells."""
    return field.metadata is not None and _MARK in field.metadata
