"""Parquet, a part of its rows at a time."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.schema import EventSchema

__all__ = ["ParquetReader", "parquet_rows"]

_ROWS_PER_BATCH = 100_000


class ParquetReader:
    """Reads Parquet; nested columns are spread out, lists become JSON text."""

    seekable = True

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number, paths = 1, set(schema.paths("timestamp"))
        for rows, old in _rows(stream, source):
            table = _in_utc(flat_columns(rows), old & paths)
            yield Batch(table, range(number, number + rows.num_rows), "row")
            number += rows.num_rows


def parquet_rows(stream: BinaryIO, source: str) -> Iterator[pa.Table]:
    """Yield the rows of a source as they are, nested columns and all.

    Raises
    ------
    BadRowError
        It is no Parquet, or not whole.
    """
    return (rows for rows, _ in _rows(stream, source))


def _rows(stream: BinaryIO, source: str) -> Iterator[tuple[pa.Table, set[str]]]:
    """Yield the rows, and which of their paths hold times of Parquet's old type."""
    number = 1
    try:
        # As nanoseconds, years such as 9999 would come out as others.
        with pa.parquet.ParquetFile(stream, coerce_int96_timestamp_unit="us") as file:
            old = _int96(file)
            for rows in file.iter_batches(batch_size=_ROWS_PER_BATCH):
                # What a file says is text may be none: it is not checked on the way.
                rows.validate(full=True)
                yield pa.Table.from_batches([rows]), old
                number += rows.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, BadRowError):
            raise
        hint = "Is the file whole, and is it Parquet?"
        place = f"row {number}" if number > 1 else ""
        raise BadRowError(source, str(error).partition("\n")[0], hint, place) from None


def _int96(file: pa.parquet.ParquetFile) -> set[str]:
    """Return the paths that hold times of Parquet's old type, which Spark writes in UTC."""
    columns = map(file.schema.column, range(len(file.schema)))
    return {column.path for column in columns if column.physical_type == "INT96"}


def _in_utc(table: pa.Table, paths: set[str]) -> pa.Table:
    for path in paths.intersection(table.column_names):
        instants = table[path].cast(pa.timestamp("us", "UTC"))
        table = table.set_column(table.column_names.index(path), path, instants)
    return table
