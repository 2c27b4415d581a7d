"""Set events aside on disk, so that they come back with each user's together.

A log in any order is larger than memory, and a user's events are all over it. They
go into a fixed number of parts by a hash of their user; then one part at a time
has every event of its users, and memory holds one part.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["PARTS", "Spill"]

PARTS = 32

Hashes = npt.NDArray[np.uint64]

_FAST = pa.ipc.IpcWriteOptions(compression="lz4")


class Spill:
    """Events on disk, in parts of which no two share a user.

    Parameters
    ----------
    folder
        Where to put the files; who made it removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[list[Path]] = [[] for _ in range(PARTS)]
        self._ids: list[list[Hashes]] = [[] for _ in range(PARTS)]
        self._id_types: set[pa.DataType] = set()
        self.rows = 0

    def add(self, events: pa.Table) -> None:
        """Set some events aside: canonical columns, and whatever else."""
        parts = (_owners(events) % np.uint64(PARTS)).astype(np.uint8)
        order = np.argsort(parts, kind="stable")
        ends = np.cumsum(np.bincount(parts, minlength=PARTS))
        grouped = events.take(pa.array(order))
        for number, end in enumerate(ends):
            begin = ends[number - 1] if number else 0
            if end > begin:
                self._put(number, grouped.slice(begin, end - begin))
        self.rows += events.num_rows

    def parts(self) -> Iterator[list[pa.Table]]:
        """Yield the tables of each part; within a part, events come in the order they came in."""
        for pieces in self._pieces:
            if pieces:
                yield [_read(piece) for piece in pieces]

    def shares_no_event(self) -> bool:
        """Say whether no ``event_id`` is in two parts, as it is where it has two users.

        By hashes: two ids that have the same one make the answer false, and never true.
        """
        if len(self._id_types) > 1:
            # 7 and "7" are one id, and have two hashes.
            return False
        each = [np.unique(np.concatenate(hashes)) for hashes in self._ids if hashes]
        return not each or len(np.unique(np.concatenate(each))) == sum(map(len, each))

    def _put(self, number: int, events: pa.Table) -> None:
        path = self._folder / f"{number}-{len(self._pieces[number])}.arrow"
        with pa.ipc.new_file(path, events.schema, options=_FAST) as file:
            file.write_table(events)
        self._pieces[number].append(path)
        if "event_id" in events.column_names:
            ids = events["event_id"].drop_null()
            if len(ids):
                self._id_types.add(pa.string() if ids.type == pa.large_string() else ids.type)
                self._ids[number].append(_hashes(ids))


def _owners(events: pa.Table) -> Hashes:
    """Return a hash for the user of each event; where there is none, for its time."""
    owners = events["user_id"]
    hashes = _text_hashes(owners)
    if owners.null_count:
        # They have no session, and may be in any part: but the same event always in the same.
        alone = np.asarray(pc.is_null(owners))
        times = events["timestamp"].filter(pa.array(alone))
        counts = np.asarray(pc.fill_null(times.cast(pa.int64()), 0), dtype=np.int64)
        # What is finer than a microsecond tells no events apart.
        hashes[alone] = pd.util.hash_array(counts // (1000 if times.type.unit == "ns" else 1))
    return hashes


def _text_hashes(column: pa.ChunkedArray) -> Hashes:
    """Return hashes by text, so that the user 7 and the user "7" have the same one."""
    encoded = column.combine_chunks().dictionary_encode()
    texts = encoded.dictionary.cast(pa.string()).to_pandas().to_numpy(dtype=object)
    codes = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    hashes: Hashes = np.append(pd.util.hash_array(texts, categorize=False), np.uint64(0))
    return hashes[codes]


def _hashes(ids: pa.ChunkedArray) -> Hashes:
    if pa.types.is_integer(ids.type):
        return np.asarray(ids.cast(pa.int64(), safe=False), dtype=np.int64).view(np.uint64)
    return _text_hashes(ids)


def _read(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()
