"""Arrow's own files, which Feather's are too, a batch at a time."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.schema import EventSchema

__all__ = ["ArrowReader"]


class ArrowReader:
    """Reads files of Arrow (Feather, version 2); nested columns are spread out."""

    seekable = True

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number = 1
        try:
            with pa.ipc.open_file(stream) as file:
                for position in range(file.num_record_batches):
                    rows = file.get_batch(position)
                    rows.validate(full=True)
                    table = flat_columns(pa.Table.from_batches([rows]))
                    yield Batch(table, range(number, number + rows.num_rows), "row")
                    number += rows.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, BadRowError):
                raise
            hint = "Is the file whole, and is it one of Arrow?"
            place = f"row {number}" if number > 1 else ""
            raise BadRowError(source, str(error).partition("\n")[0], hint, place) from None
