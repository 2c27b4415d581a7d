"""Parquet, a part of its rows at a time."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.records import flat_columns
from clicksession.schema import EventSchema

__all__ = ["ParquetReader", "parquet_rows"]

_ROWS_PER_BATCH = 100_000


class ParquetReader:
    """Reads Parquet; nested columns are spread out, lists become JSON text."""

    seekable = True

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number = 1
        for rows in parquet_rows(stream, source):
            yield Batch(flat_columns(rows), range(number, number + rows.num_rows), "row")
            number += rows.num_rows


def parquet_rows(stream: BinaryIO, source: str) -> Iterator[pa.Table]:
    """Yield the rows of a source as they are, nested columns and all.

    Raises
    ------
    BadRowError
        It is no Parquet, or not whole.
    """
    number = 1
    try:
        with pa.parquet.ParquetFile(stream) as file:
            for rows in file.iter_batches(batch_size=_ROWS_PER_BATCH):
                # What a file says is text may be none: it is not checked on the way.
                rows.validate(full=True)
                yield pa.Table.from_batches([rows])
                number += rows.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, BadRowError):
            raise
        hint = "Is the file whole, and is it Parquet?"
        place = f"row {number}" if number > 1 else ""
        raise BadRowError(source, str(error).partition("\n")[0], hint, place) from None
