"""Cut what is read into what one transaction writes, in flat memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.events import events_frame, read_source
from clicksession.readers.files import Source
from clicksession.readers.unify import concatenated
from clicksession.schema import ColumnNames, EventSchema
from clicksession.writers.incoming import Incoming, Part
from clicksession.writers.manifest import FilePart, FileRecord
from clicksession.writers.spill import PARTS, Spill

__all__ = ["Reading", "Window"]

Window = tuple[pd.Timestamp, pd.Timestamp]

# So much is in memory at a time: enough for bulk loading.
_ROWS_AT_A_TIME = 500_000
_BYTES_AT_A_TIME = 128 * 2**20

# Which file a row came from, while it waits to be written.
_FILE = "clicksession_file"

# Rows of one transaction: it has to be done again if it is interrupted.
_ROWS_PER_WRITE = PARTS * _ROWS_AT_A_TIME


@dataclass(frozen=True)
class _Piece:
    """Some consecutive events of a file, or the news that it has ended."""

    file: FileRecord
    events: pa.Table | None


@dataclass(frozen=True)
class Reading:
    """The files of a run, read into what one transaction can write."""

    files: list[tuple[FileRecord, Source]]
    schema: EventSchema
    format: str | None
    window: Window | None
    bar: Any
    names: ColumnNames = field(default_factory=ColumnNames)

    def batches(self) -> Iterator[Incoming]:
        """Yield what comes, a transaction's worth at a time; a window is one transaction."""
        pieces = self._pieces()
        ended = False
        while not ended:
            with TemporaryDirectory(prefix="clicksession-") as folder:
                batch = _Batch(Spill(Path(folder)))
                while batch.rows < _ROWS_PER_WRITE or self.window:
                    piece = next(pieces, None)
                    ended = piece is None
                    if piece is None:
                        break
                    batch.add(piece)
                if batch.files or self.window:
                    yield batch

    def _pieces(self) -> Iterator[_Piece]:
        for record, source in self.files:
            for table in read_source(source, self.schema, self.format, self.names):
                self.bar.update(table.num_rows)
                yield _Piece(record, table if self.window is None else _within(table, self.window))
            yield _Piece(record, None)


class _Batch:
    """What one transaction writes: in memory while there is room, then on disk."""

    def __init__(self, spill: Spill) -> None:
        self.files: list[FilePart] = []
        self.rows = 0
        self._spill = spill
        self._waiting: list[pa.Table] = []

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._spill.shares_no_event()

    def add(self, piece: _Piece) -> None:
        """Take in one piece more."""
        if not self.files or self.files[-1].file != piece.file:
            self.files.append(FilePart(piece.file, 0, is_last=False))
        if piece.events is None:
            self.files[-1] = replace(self.files[-1], is_last=True)
            return
        rows = piece.events.num_rows
        self.files[-1] = replace(self.files[-1], rows=self.files[-1].rows + rows)
        numbers = pa.array(np.full(rows, len(self.files) - 1, dtype=np.int64))
        self._waiting.append(piece.events.append_column(_FILE, numbers))
        self.rows += rows
        if _is_much(self._waiting):
            self._set_aside()

    def parts(self) -> Iterator[Part]:
        """Yield the events, each user's in one part."""
        if self._spill.rows:
            self._set_aside()
        for tables in self._spill.parts() if self._spill.rows else [self._waiting]:
            events = events_frame(tables)
            files = events.pop(_FILE) if _FILE in events else pd.Series(dtype="int64")
            yield Part(events, files.to_numpy(dtype=np.int64))

    def _set_aside(self) -> None:
        if self._waiting:
            self._spill.add(concatenated(self._waiting))
        self._waiting.clear()


def _is_much(tables: list[pa.Table]) -> bool:
    rows, size = (sum(getattr(table, what) for table in tables) for what in ("num_rows", "nbytes"))
    return bool(rows >= _ROWS_AT_A_TIME or size >= _BYTES_AT_A_TIME)


def _within(events: pa.Table, window: Window) -> pa.Table:
    since, until = (pa.scalar(edge, pa.timestamp("us", "UTC")) for edge in window)
    times = events["timestamp"]
    return events.filter(pc.and_(pc.greater_equal(times, since), pc.less(times, until)))
