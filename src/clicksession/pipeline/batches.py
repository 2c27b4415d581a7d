"""Cut what is read into what one transaction writes, in flat memory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.events import events_frame
from clicksession.readers.feeds import Feed
from clicksession.readers.options import Options
from clicksession.readers.reading import Reading
from clicksession.readers.unify import concatenated
from clicksession.scratch import scratch
from clicksession.writers.incoming import NO_FILE, Incoming, Part
from clicksession.writers.manifest import FilePart, FileRecord
from clicksession.writers.spill import Spill

__all__ = ["Gathering", "Window"]

Window = tuple[pd.Timestamp, pd.Timestamp]

# So much waits in memory before anything goes to disk: a small log never does.
_ROWS_IN_MEMORY = 1_500_000
_BYTES_IN_MEMORY = 384 * 2**20

# So many rows go to disk at a time.
_ROWS_AT_A_TIME = 250_000

# Which file a row came from, while it waits to be written.
_FILE = "clicksession_file"

# Rows of one transaction: it has to be done again if it is interrupted.
_ROWS_PER_WRITE = 16_000_000


@dataclass(frozen=True)
class _Piece:
    """Some consecutive events of a file, or the news that it has ended."""

    file: FileRecord | None
    events: pa.Table | None


@dataclass(frozen=True)
class Gathering:
    """The sources of a run, gathered into what one transaction can write.

    What is no file has no record: it is read every time.
    """

    sources: list[tuple[FileRecord | None, Feed]]
    options: Options
    window: Window | None
    bar: Any

    def batches(self) -> Iterator[Incoming]:
        """Yield what comes, a transaction's worth at a time; a window is one transaction."""
        pieces = self._pieces()
        begun: FileRecord | None = None
        ended = False
        while not ended:
            with scratch() as folder:
                batch = _Batch(Spill(folder), begun)
                while batch.rows < _ROWS_PER_WRITE or self.window:
                    piece = next(pieces, None)
                    ended = piece is None
                    if piece is None:
                        break
                    batch.add(piece)
                    begun = None if piece.events is None else piece.file
                if batch.files or batch.rows or self.window:
                    yield batch

    def _pieces(self) -> Iterator[_Piece]:
        records = {id(feed): record for record, feed in self.sources}
        reading = Reading([feed for _, feed in self.sources], self.options)
        for feed, table in reading.by_source():
            if table is not None:
                self.bar.update(table.num_rows)
                table = table if self.window is None else _within(table, self.window)
            yield _Piece(records[id(feed)], table)


class _Batch:
    """What one transaction writes: in memory while there is room, then on disk."""

    def __init__(self, spill: Spill, begun: FileRecord | None) -> None:
        self.files: list[FilePart] = []
        self.rows = 0
        self._spill = spill
        self._begun = begun
        self._waiting: list[pa.Table] = []
        self._waiting_rows = self._waiting_bytes = 0

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._spill.shares_no_event()

    def add(self, piece: _Piece) -> None:
        """Take in one piece more."""
        rows = 0 if piece.events is None else piece.events.num_rows
        number = NO_FILE if piece.file is None else self._number(piece.file)
        if number != NO_FILE:
            known = self.files[number]
            ended = piece.events is None
            self.files[number] = replace(known, rows=known.rows + rows, is_last=ended)
        if piece.events is None:
            return
        numbers = pa.array(np.full(rows, number, dtype=np.int64))
        self._waiting.append(piece.events.append_column(_FILE, numbers))
        self.rows += rows
        self._waiting_rows += rows
        self._waiting_bytes += piece.events.nbytes
        if self._holds_much:
            self._set_aside()

    def _number(self, file: FileRecord) -> int:
        """Return the number of a file; those of one file come one after another."""
        if not self.files or self.files[-1].file != file:
            goes_on = not self.files and file == self._begun
            self.files.append(FilePart(file, 0, is_last=False, is_first=not goes_on))
        return len(self.files) - 1

    def parts(self) -> Iterator[Part]:
        """Yield the events, each user's in one part."""
        if self._spill.rows:
            self._set_aside()
        for tables in self._spill.parts() if self._spill.rows else [self._waiting]:
            events = events_frame(tables)
            files = events.pop(_FILE) if _FILE in events else pd.Series(dtype="int64")
            yield Part(events, files.to_numpy(dtype=np.int64))

    def _set_aside(self) -> None:
        """Put what waits on disk, a part at a time: it is copied on the way."""
        part: list[pa.Table] = []
        while self._waiting:
            part.append(self._waiting.pop(0))
            if not self._waiting or sum(table.num_rows for table in part) >= _ROWS_AT_A_TIME:
                self._spill.add(concatenated(part))
                part = []
        self._waiting_rows = self._waiting_bytes = 0

    @property
    def _holds_much(self) -> bool:
        # What has gone to disk once goes there early from then on.
        share = 4 if self._spill.rows else 1
        return (
            self._waiting_rows * share >= _ROWS_IN_MEMORY
            or self._waiting_bytes * share >= _BYTES_IN_MEMORY
        )


def _within(events: pa.Table, window: Window) -> pa.Table:
    since, until = (pa.scalar(edge, pa.timestamp("us", "UTC")) for edge in window)
    times = events["timestamp"]
    return events.filter(pc.and_(pc.greater_equal(times, since), pc.less(times, until)))
