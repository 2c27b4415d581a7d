"""Set events aside on disk, so that they come back with each user's together.

A log in any order is larger than memory, and a user's events are all over it. They
go into a fixed number of parts by a hash of their user; then one part at a time
has every event of its users, and memory holds one part.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one
from clicksession.writers.logs.hashes import Hashes, Hashing

__all__ = ["PARTS", "Spill"]

PARTS = 32

# The ids are told apart bucket by bucket: memory holds one.
_BUCKETS = 16
_BUCKET_SHIFT = np.uint64(60)
# A hash gives its last bits to the number of the part.
_PART_BITS = np.uint64(5)

_FAST = pa.ipc.IpcWriteOptions(compression="lz4")


class Spill:
    """Events on disk, in parts of which no two share a user.

    Parameters
    ----------
    folder
        Where to put the files; who made it removes it.
    notes_ids
        Whether it is to be told if parts share an event. If not, users are of one type throughout.
    """

    def __init__(self, folder: Path, *, notes_ids: bool = True) -> None:
        self._folder = folder
        self._notes_ids = notes_ids
        self._pieces: list[list[Path]] = [[] for _ in range(PARTS)]
        self._id_types: set[pa.DataType] = set()
        self._hashing = Hashing()
        self.rows = 0

    def add(self, events: pa.Table) -> None:
        """Set some events aside: canonical columns, and whatever else."""
        parts = (self._owners(events) % np.uint64(PARTS)).astype(np.uint8)
        if self._notes_ids:
            self._note_ids(events, parts)
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
                yield [_read_table(piece) for piece in pieces]

    def shares_no_event(self) -> bool:
        """Say whether no ``event_id`` is in two parts, as it is where it has two users.

        By hashes: two ids that have the same one make the answer false, and never true.
        """
        if len(self._id_types) > 1:
            # 7 and "7" are one id, and have two hashes.
            return False
        return not any(map(_is_in_two_parts, self._folder.glob("ids-*")))

    def _put(self, number: int, events: pa.Table) -> None:
        path = self._folder / f"{number}-{len(self._pieces[number])}.arrow"
        _write_table(path, events)
        self._pieces[number].append(path)

    def _note_ids(self, events: pa.Table, parts: npt.NDArray[np.uint8]) -> None:
        """Put a hash of each id, with the number of its part, into the file of its bucket."""
        if "event_id" not in events.column_names:
            return
        ids = in_one(events["event_id"])
        if ids.null_count:
            parts = parts[np.asarray(ids.is_valid())]
            ids = ids.drop_null()
        if not len(ids):
            return
        self._id_types.add(pa.string() if ids.type == pa.large_string() else ids.type)
        hashes = self._hashing.of(ids)
        noted = (hashes >> _PART_BITS << _PART_BITS) | parts
        buckets = (hashes >> _BUCKET_SHIFT).astype(np.uint8)
        noted = noted[np.argsort(buckets, kind="stable")]
        ends = np.cumsum(np.bincount(buckets, minlength=_BUCKETS))
        for number, bucket in enumerate(np.split(noted, ends[:-1])):
            with (self._folder / f"ids-{number}").open("ab") as file:
                file.write(bucket.tobytes())

    def _owners(self, events: pa.Table) -> Hashes:
        """Return a hash for the user of each event; where there is none, for its time."""
        owners = events["user_id"]
        users = in_one(owners)
        # By text, so that the user 7 and the user "7" have the same one.
        hashes = self._hashing.of(users.cast(pa.string()) if self._notes_ids else users)
        if owners.null_count:
            # They have no session, and may be in any part: but the same event always in the same.
            alone = np.asarray(pc.is_null(owners))
            times = events["timestamp"].filter(pa.array(alone))
            counts = np.asarray(pc.fill_null(times.cast(pa.int64()), 0), dtype=np.int64)
            # What is finer than a microsecond tells no events apart.
            finer = 1000 if times.type.unit == "ns" else 1
            hashes[alone] = self._hashing.of(pa.array(counts // finer))
        return hashes


def _write_table(path: Path, rows: pa.Table) -> None:
    """Put rows on disk, compressed."""
    with pa.ipc.new_file(path, rows.schema, options=_FAST) as file:
        file.write_table(rows)


def _read_table(path: Path) -> pa.Table:
    """Return the rows of a file that `_write_table` made."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _is_in_two_parts(bucket: Path) -> bool:
    """Say whether two hashes that differ in nothing but their part are in a file."""
    noted = np.sort(np.fromfile(bucket, dtype=np.uint64))
    differ = noted[1:] ^ noted[:-1]
    return bool(np.any((differ != 0) & (differ >> _PART_BITS == 0)))
