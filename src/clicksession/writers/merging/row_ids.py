"""The session of each row of a log: found user by user, and asked for in the order of the log."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.arrow import in_one
from clicksession.engines.arrays import Split
from clicksession.writers.logs.shelf import Shelf

__all__ = ["IdsInMemory", "IdsOnDisk"]

Integers = npt.NDArray[np.int64]

_TEXT = pa.large_string()

# So many rows of a log have their ids in memory, where these are on disk.
_ROWS_PER_CHUNK = 1_000_000


class IdsInMemory:
    """The sessions of the rows of a log: a number for each row, and the texts."""

    def __init__(self, rows: int) -> None:
        self._numbers = np.full(rows, -1, dtype=np.int32)
        self._ids: list[pa.Array] = []
        self._count = 0
        self._all: pa.Array | None = None

    def put(self, rows: Integers, split: Split) -> None:
        """Take in a split of the rows with these numbers, which are ascending."""
        counted = np.repeat(np.arange(len(split.starts), dtype=np.int32), split.event_counts)
        self._numbers[rows[split.rows]] = counted + np.int32(self._count)
        self._ids.append(split.ids)
        self._count += len(split.starts)

    def of(self, start: int, count: int) -> pa.Array:
        """Return the ids of the sessions of some rows, in their order; null where there is none."""
        if self._all is None:
            self._all = in_one(pa.chunked_array(self._ids, _TEXT))
            self._ids = []
        numbers = self._numbers[start : start + count]
        return self._all.take(pa.array(numbers, mask=numbers < 0))


class IdsOnDisk:
    """The same on disk, a text for each row: by chunks of the log, to which each part adds."""

    def __init__(self, folder: Path, rows: int) -> None:
        self._shelf = Shelf(folder / "ids", 0)
        self._rows = rows
        self._pieces: list[list[int]] = [[] for _ in range(-(-rows // _ROWS_PER_CHUNK))]
        self._begin = 0
        self._chunk: pa.Array = pa.array([], _TEXT)

    def put(self, rows: Integers, split: Split) -> None:
        """Take in a split of the rows with these numbers, which are ascending."""
        ids = split.ids.take(split.per_row())
        edges = np.arange(0, self._rows + _ROWS_PER_CHUNK, _ROWS_PER_CHUNK)
        ends = np.searchsorted(rows, edges)
        for chunk, (begin, end) in enumerate(pairwise(ends.tolist())):
            if end > begin:
                places = pa.array(rows[begin:end] - chunk * _ROWS_PER_CHUNK)
                self._pieces[chunk].append(len(self._shelf))
                self._shelf.put(pa.table({"row": places, "id": ids.slice(begin, end - begin)}))

    def of(self, start: int, count: int) -> pa.Array:
        """Return the ids of the sessions of some rows, which follow those asked for before."""
        parts = []
        while count:
            if start >= self._begin + len(self._chunk) or start < self._begin:
                self._read(start // _ROWS_PER_CHUNK)
            part = self._chunk.slice(start - self._begin, count)
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return pa.concat_arrays(parts) if parts else pa.array([], _TEXT)

    def close(self) -> None:
        """Let go of the file."""
        self._shelf.close()

    def _read(self, chunk: int) -> None:
        self._begin = chunk * _ROWS_PER_CHUNK
        size = min(_ROWS_PER_CHUNK, self._rows - self._begin)
        pieces = [self._shelf.at(number) for number in self._pieces[chunk]]
        empty = pa.table({"row": pa.array([], pa.int64()), "id": pa.array([], _TEXT)})
        together = pa.concat_tables([empty, *pieces])
        where = np.full(size, -1)
        where[np.asarray(together["row"])] = np.arange(together.num_rows)
        self._chunk = in_one(together["id"]).take(pa.array(where, mask=where < 0))
