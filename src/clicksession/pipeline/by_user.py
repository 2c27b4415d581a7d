"""What one transaction writes, each user's events in one part."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.readers.events import events_frame
from clicksession.readers.rows.types import concatenated
from clicksession.writers.logs.spill import Spill
from clicksession.writers.merging.incoming import Part

__all__ = ["ByUser"]

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
