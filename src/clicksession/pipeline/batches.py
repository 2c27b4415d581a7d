"""Cut what is read into what one transaction writes, in flat memory."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.events import events_frame
from clicksession.readers.feeds.base import Feed
from clicksession.readers.options import Options
from clicksession.readers.reading import Reading
from clicksession.readers.rows.types import concatenated
from clicksession.scratch import scratch
from clicksession.writers.logs.log import Log
from clicksession.writers.logs.spill import Spill
from clicksession.writers.merging.incoming import NO_FILE, Incoming, Part
from clicksession.writers.tables.manifest import FilePart, FileRecord

__all__ = ["Gathering", "Window"]

Window = tuple[pd.Timestamp, pd.Timestamp]

# Rows of one transaction: it has to be done again if it is interrupted. What goes into tables that
# are not there yet is compared with nothing, and so may be more.
_ROWS_PER_WRITE = 16_000_000
_ROWS_PER_FIRST_WRITE = 128_000_000

# So many rows go to disk at a time.
_ROWS_AT_A_TIME = 250_000

# Which file a row came from, while it waits to be written.
_FILE = "clicksession_file"


class ByUser:
    """Events that wait: in memory while there is room, then on disk.

    Parameters
    ----------
    folder
        Where to put files; who made it removes it.
    memory
        The most bytes that wait in memory. What is written takes some times as many, while it is.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self._spill = Spill(folder)
        self._memory = memory
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._spill.shares_no_event()

    def add(self, events: pa.Table, files: npt.NDArray[np.int64]) -> None:
        """Take in some events, each with the number of its file."""
        self._waiting.append(events.append_column(_FILE, pa.array(files, pa.int64())))
        self._waiting_bytes += events.nbytes
        # What has gone to disk once goes there early from then on.
        if self._waiting_bytes * (4 if self._spill.rows else 1) >= self._memory:
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
        """Put what waits on disk, a part at a time: it is copied on the way."""
        part: list[pa.Table] = []
        while self._waiting:
            part.append(self._waiting.pop(0))
            if not self._waiting or sum(table.num_rows for table in part) >= _ROWS_AT_A_TIME:
                self._spill.add(concatenated(part))
                part = []
        self._waiting_bytes = 0


@dataclass(frozen=True)
class Piece:
    """Some consecutive events, file after file.

    Attributes
    ----------
    files
        The files; None for a source that is none.
    events
        The events, if there are any.
    numbers
        Which of the files each event is from.
    is_end
        Whether the last of the files ends with them, as those before it do.
    """

    files: Sequence[FileRecord | None]
    events: pa.Table | None
    numbers: npt.NDArray[np.int64]
    is_end: bool


class Batch:
    """Events that come, and files that end.

    Parameters
    ----------
    folder
        Where to put what memory has no room for; who made it removes it.
    memory
        The most bytes that wait in memory.
    begun
        The file of which some rows are in the batch before this one.
    looked_at
        The columns that cutting looks at, where the events wait in the order that they came in:
        for tables that are not there yet. Else None: they wait by user.
    """

    def __init__(
        self,
        folder: Path,
        memory: int,
        begun: FileRecord | None,
        looked_at: Collection[str] | None,
    ) -> None:
        self.files: list[FilePart] = []
        self.rows = 0
        self.log = None if looked_at is None else Log(folder, looked_at, memory)
        self._folder = folder
        self._memory = memory
        self._begun = begun
        self._by_user = None if self.log else ByUser(folder, memory)

    def add(self, piece: Piece) -> None:
        """Take in some events, and the news that files have ended."""
        counts = np.bincount(piece.numbers, minlength=len(piece.files)).tolist()
        ends = [True] * (len(piece.files) - 1) + [piece.is_end]
        numbers = [
            NO_FILE if file is None else self._add(file, rows, is_last=is_last)
            for file, rows, is_last in zip(piece.files, counts, ends, strict=True)
        ]
        if piece.events is not None:
            (self.log or self._users()).add(piece.events, np.array(numbers)[piece.numbers])
            self.rows += piece.events.num_rows

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._users().is_disjoint

    def parts(self) -> Iterator[Part]:
        """Yield the events, each user's in one part."""
        return self._users().parts()

    def close(self) -> None:
        """Let go of the files."""
        if self.log is not None:
            self.log.close()

    def _users(self) -> ByUser:
        """Return the events by user; those that wait in the order they came in are sorted first."""
        if self._by_user is None:
            self._by_user = ByUser(self._folder, self._memory)
            for rows, files in self.log.with_files() if self.log is not None else ():
                self._by_user.add(rows, files)
        return self._by_user

    def _add(self, file: FileRecord, rows: int, *, is_last: bool) -> int:
        """Count rows of a file and return its number; those of one come one after another."""
        if self.files and self.files[-1].file == file:
            known = self.files.pop()
        else:
            goes_on = not self.files and file == self._begun
            known = FilePart(file, 0, is_last=False, is_first=not goes_on)
        self.files.append(replace(known, rows=known.rows + rows, is_last=is_last))
        return len(self.files) - 1


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
