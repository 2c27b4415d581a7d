"""What cutting looks at, of every row of a log: each user's rows come back together.

Whole rows wait elsewhere, in the order of the log. These are few and narrow columns: a log of ten
million events has its users and times in memory, and is cut in parts of a million rows.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.arrow import in_one
from clicksession.readers.rows.types import concatenated
from clicksession.writers.logs.hashes import Hashing
from clicksession.writers.logs.spill import Spill

__all__ = ["Keys"]

Integers = npt.NDArray[np.int64]

# The number of a row of the log, where its columns are on disk.
_ROW = "clicksession_row"

# So many rows are cut at a time: it takes some ten numbers for each.
_ROWS_PER_PART = 1_000_000
_ROWS_AT_A_TIME = 500_000

_FIRST_BITS = np.uint64(32)


class Keys:
    """Some columns of all rows of a log.

    Parameters
    ----------
    folder
        Where to put files; who made it removes it.
    names
        The columns, beside the user and the time; a row may lack them.
    room
        The most bytes of them that memory holds. Once they are more, all are on disk.
    """

    def __init__(self, folder: Path, names: Collection[str], room: int) -> None:
        self._spill = Spill(folder, notes_ids=False)
        self._names = dict.fromkeys(("user_id", "timestamp", *names))
        self._room = room
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0
        self.rows = 0

    @property
    def is_on_disk(self) -> bool:
        """Whether memory had no room for them."""
        return bool(self._spill.rows)

    def put(self, rows: pa.Table) -> None:
        """Take in the columns of some rows."""
        columns = rows.select([name for name in self._names if name in rows.column_names])
        self.rows += rows.num_rows
        self._waiting.append(columns)
        self._waiting_bytes += columns.nbytes
        if self._waiting_bytes > self._room:
            self._set_aside()

    def parts(self, without: Integers) -> Iterator[tuple[Integers, pa.Table]]:
        """Yield the numbers and the columns of rows, those of a user together, but for some rows.

        Within a part, rows are in the order of the log.
        """
        if self.is_on_disk:
            self._set_aside()
            for tables in self._spill.parts():
                keys = concatenated(tables)
                rows = np.asarray(keys[_ROW], dtype=np.int64)
                yield from _parted(rows, keys.drop_columns(_ROW), without)
        elif self._waiting:
            yield from _parted(None, concatenated(self._waiting), without)

    def _set_aside(self) -> None:
        """Put what waits on disk."""
        begin = self.rows - sum(table.num_rows for table in self._waiting)
        part: list[pa.Table] = []
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for number, table in enumerate(waiting, 1):
            rows = pa.array(np.arange(begin, begin + table.num_rows))
            begin += table.num_rows
            part.append(table.append_column(_ROW, rows))
            if number == len(waiting) or sum(t.num_rows for t in part) >= _ROWS_AT_A_TIME:
                self._spill.add(concatenated(part))
                part = []


def _parted(
    rows: Integers | None, keys: pa.Table, without: Integers
) -> Iterator[tuple[Integers, pa.Table]]:
    """Cut columns that are in memory into parts that are not too large to work on.

    Where these are all rows, their numbers are left out.
    """
    count = -(-keys.num_rows // _ROWS_PER_PART)
    if count <= 1:
        yield _without(np.arange(keys.num_rows) if rows is None else rows, keys, without)
        return
    # Nulls have a hash, too. Its last bits are alike where the columns were on disk.
    hashes = Hashing().of(in_one(keys["user_id"])) >> _FIRST_BITS
    parts = (hashes % np.uint64(count)).astype(np.uint16)
    del hashes
    for number in range(count):
        places = np.flatnonzero(parts == number)
        if not len(places):
            # One user may have nearly all rows.
            continue
        these = places if rows is None else rows[places]
        yield _without(these, keys.take(pa.array(places)), without)


def _without(rows: Integers, keys: pa.Table, without: Integers) -> tuple[Integers, pa.Table]:
    if not len(without):
        return rows, keys
    stays = ~np.isin(rows, without, assume_unique=True)
    return rows[stays], keys.filter(pa.array(stays))
