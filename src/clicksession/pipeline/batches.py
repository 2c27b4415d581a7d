"""Cut what is read into what one transaction writes, in flat memory."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.pipeline.batch import Batch, Piece
from clicksession.readers.feeds.base import Feed
from clicksession.readers.options import Options
from clicksession.readers.reading import Reading
from clicksession.scratch import scratch
from clicksession.writers.merging.incoming import Incoming
from clicksession.writers.tables.manifest import FileRecord

__all__ = ["Gathering", "Window"]

Window = tuple[pd.Timestamp, pd.Timestamp]

# Rows of one transaction: it has to be done again if it is interrupted. What goes into tables that
# are not there yet is compared with nothing, and so may be more.
_ROWS_PER_WRITE = 16_000_000
_ROWS_PER_FIRST_WRITE = 128_000_000


@dataclass(frozen=True)
class Gathering:
    """The sources of a run, gathered into what one transaction can write.

    What is no file has no record: it is read every time. `memory` is how many bytes wait in memory.
    `looked_at` are the columns that cutting looks at, if the target has no tables yet.
    """

    sources: list[tuple[FileRecord | None, Feed]]
    options: Options
    window: Window | None
    memory: int
    looked_at: Collection[str] | None
    bar: Any

    def batches(self) -> Iterator[Incoming]:
        """Yield what comes, a transaction's worth at a time; a window is one transaction."""
        pieces = self._pieces()
        begun: FileRecord | None = None
        ended, looked_at = False, self.looked_at
        while not ended:
            most = _ROWS_PER_WRITE if looked_at is None else _ROWS_PER_FIRST_WRITE
            with (
                scratch() as folder,
                closing(Batch(folder, self.memory, begun, looked_at)) as batch,
            ):
                while batch.rows < most or self.window:
                    piece = next(pieces, None)
                    ended = piece is None
                    if piece is None:
                        break
                    batch.add(piece)
                    begun = None if piece.is_end else piece.files[-1]
                if batch.files or batch.rows or self.window:
                    yield batch
                    looked_at = None

    def _pieces(self) -> Iterator[Piece]:
        records = {id(feed): record for record, feed in self.sources}
        reading = Reading([feed for _, feed in self.sources], self.options)
        for found in reading.pieces():
            files = [records[id(feed)] for feed, _ in found.rows]
            events, numbers = found.events, np.repeat(range(len(files)), [n for _, n in found.rows])
            if events is not None:
                self.bar.update(events.num_rows)
                if self.window is not None:
                    inside = _within(events, self.window)
                    events, numbers = events.filter(inside), numbers[np.asarray(inside)]
            yield Piece(files, events, numbers, is_end=found.is_end)


def _within(events: pa.Table, window: Window) -> pa.ChunkedArray:
    """Return which events are within a window; null for those without a time."""
    since, until = (pa.scalar(edge, pa.timestamp("us", "UTC")) for edge in window)
    times = events["timestamp"]
    within = pc.and_(pc.greater_equal(times, since), pc.less(times, until))
    return within.fill_null(False)
