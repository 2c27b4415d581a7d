"""A log that waits, in the order that it came in, until all of it is there.

A first load has nothing to compare events with but each other. So rows are not sorted by user and
put back: what says where sessions begin is kept apart, a few bytes for each row, and cut; then the
rows go by once more, in their order, each with the id of its session.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.rows.frames import to_pandas
from clicksession.writers.logs.ids import Ids
from clicksession.writers.logs.keys import Keys
from clicksession.writers.logs.kinds import Kinds
from clicksession.writers.logs.plain import plain
from clicksession.writers.logs.shelf import Shelf
from clicksession.writers.tables.storable import storable

__all__ = ["NO_FILE", "Log"]

#: The number of the file of events that come from none.
NO_FILE = -1


class Log:
    """All rows of a transaction.

    Parameters
    ----------
    folder
        Where to put what memory has no room for; who made it removes it.
    looked_at
        The columns that rules and sessions look at, beside the user and the time.
    memory
        The most bytes of what waits that memory holds.

    Attributes
    ----------
    keys
        What cutting looks at.
    ids
        The ids of the rows.
    looked_at
        The columns that are kept to be looked at.
    kinds
        The columns of a table that holds all rows.
    columns
        The names of all columns that rows came with, also of those without a value.
    rows
        How many rows there are.
    """

    def __init__(self, folder: Path, looked_at: Collection[str], memory: int) -> None:
        self._rows = Shelf(folder / "rows", memory // 2)
        self.keys = Keys(folder, looked_at, memory * 3 // 8)
        self.ids = Ids(folder, memory // 8)
        self.kinds = Kinds()
        self.looked_at = frozenset(looked_at)
        self.columns: set[str] = set()
        self.rows = 0
        # Where the rows of a file begin, and the number of that file.
        self._starts: list[int] = []
        self._files: list[int] = []

    def add(self, events: pa.Table, files: npt.NDArray[np.int64]) -> None:
        """Take in events, each with the number of its file, which follow those before them.

        Those of one file come one after another.
        """
        self.columns.update(events.column_names)
        rows = plain(events)
        if rows is None:
            rows = storable(to_pandas(events), distinct=False).rows
        self.kinds.add(rows)
        self.ids.put(rows["event_id"])
        self.keys.put(rows)
        self._rows.put(rows)
        last = self._files[-1] if self._files else None
        for start in np.flatnonzero(np.diff(files, prepend=files[:1] - 1)).tolist():
            if start or files[start] != last:
                self._starts.append(self.rows + start)
                self._files.append(int(files[start]))
        self.rows += rows.num_rows

    def tables(self) -> Iterator[pa.Table]:
        """Yield all rows in their order, in the types of a table."""
        return self._rows.tables()

    def taken(self) -> Iterator[pa.Table]:
        """Yield the same, for the last time: memory lets go of each behind whoever takes it."""
        return self._rows.taken()

    def with_files(self) -> Iterator[tuple[pa.Table, npt.NDArray[np.int64]]]:
        """Yield the same, with the number of the file of each row."""
        start = 0
        for rows in self.tables():
            yield rows, self.files_of(np.arange(start, start + rows.num_rows))
            start += rows.num_rows

    def files_of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the number of the file of each of these rows."""
        files = np.array(self._files, dtype=np.int64)
        return files[np.searchsorted(np.array(self._starts), rows, side="right") - 1]

    def rows_by_file(self, files: int) -> npt.NDArray[np.int64]:
        """Return how many rows came from each file, but for those from none."""
        counts = np.zeros(files, dtype=np.int64)
        sizes = np.diff([*self._starts, self.rows])
        for file, size in zip(self._files, sizes.tolist(), strict=True):
            if file != NO_FILE:
                counts[file] += size
        return counts

    def close(self) -> None:
        """Let go of the files."""
        self._rows.close()
