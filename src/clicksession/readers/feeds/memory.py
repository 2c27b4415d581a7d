"""Rows that are in memory already, a frame or records, as a feed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from clicksession.readers.base import BadRow, Batch
from clicksession.readers.options import Options
from clicksession.readers.rows.packing import leaves_of
from clicksession.readers.sources.ahead import AheadStream
from clicksession.readers.sources.memory import frame_batches, is_frame, record_batches

__all__ = ["MemoryFeed"]


@dataclass(frozen=True)
class MemoryFeed:
    """Rows in memory: a frame, or records."""

    name: str
    rows: Any

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open nothing: there are no bytes."""
        yield io.BytesIO()

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        """Yield the rows."""
        if is_frame(self.rows):
            yield from frame_batches(self.rows)
        else:
            yield from record_batches(self.rows, self.name, leaves_of(options.schema))

    def located(self, row: BadRow) -> BadRow:
        """Return the row."""
        return row
