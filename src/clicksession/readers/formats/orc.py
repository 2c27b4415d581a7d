"""ORC, a stripe at a time."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.schema import EventSchema

__all__ = ["OrcReader"]

_ROWS_PER_BATCH = 100_000


class OrcReader:
    """Reads ORC; nested columns are spread out, lists become JSON text.

    A stripe, which is some ten megabytes, is held in memory.
    """

    seekable = True

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number = 1
        for rows in _stripes(stream, source):
            for start in range(0, rows.num_rows, _ROWS_PER_BATCH):
                part = rows.slice(start, _ROWS_PER_BATCH)
                yield Batch(flat_columns(part), range(number, number + part.num_rows), "row")
                number += part.num_rows


def _stripes(stream: BinaryIO, source: str) -> Iterator[pa.Table]:
    from pyarrow.orc import ORCFile

    place = ""
    try:
        file = ORCFile(stream)
        for stripe in range(file.nstripes):
            place = f"stripe {stripe + 1}"
            rows = pa.Table.from_batches([file.read_stripe(stripe)])
            rows.validate(full=True)
            yield rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, BadRowError):
            raise
        # Times beyond the year 2262 are among what Arrow refuses here, a stripe at once.
        hint = "Is the file whole, is it ORC, and are its times before the year 2262?"
        raise BadRowError(source, str(error).partition("\n")[0], hint, place) from None
