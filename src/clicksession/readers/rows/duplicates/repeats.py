"""Which rows of a reading repeat one before them, by the key that the user chose."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.rows.duplicates.fingerprints import Words, fingerprints, marks
from clicksession.readers.rows.duplicates.keys import MOMENT, ROW, RowKey
from clicksession.readers.rows.duplicates.seen import Pairs, Seen

__all__ = ["Found", "Repeats"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """What a part of a reading repeats.

    Attributes
    ----------
    repeated
        Which rows repeat one before them.
    conflicting
        Which of these have the id of that row, and another user or time.
    """

    repeated: Flags
    conflicting: Flags


class Repeats:
    """What a reading has come across.

    A row without an id is told from others by all that it holds, as in a table.
    """

    def __init__(self, key: RowKey) -> None:
        self._key = key
        self._ids = Seen()
        self._rows = Pairs()
        # Whose each row with an id is and when it was: compared where an id comes again.
        self._whose: list[pa.Table] = []
        self._starts = [0]

    def of(self, table: pa.Table) -> Found:
        """Say which rows repeat one that came before, here or in an earlier call."""
        repeated, conflicting = np.zeros((2, table.num_rows), dtype=bool)
        named = np.zeros(table.num_rows, dtype=bool)
        if self._key != ROW and "event_id" in table.column_names:
            named = np.asarray(table["event_id"].is_valid())
        if named.any():
            rows = table if named.all() else table.filter(pa.array(named))
            if self._key == MOMENT:
                pairs = fingerprints(rows, ("event_id", "user_id", "timestamp"))
                repeated[named] = self._rows.repeats(*pairs)
            else:
                repeated[named], conflicting[named] = self._of_ids(rows)
        if not named.all():
            rows = table.filter(pa.array(~named)) if named.any() else table
            repeated[~named] = self._rows.repeats(*fingerprints(rows, rows.column_names))
        return Found(repeated, conflicting)

    def _of_ids(self, rows: pa.Table) -> tuple[Flags, Flags]:
        """Say which rows have the id of an earlier one, and which of these differ from it."""
        places = np.arange(self._starts[-1], self._starts[-1] + rows.num_rows, dtype=np.uint64)
        repeated, first = self._ids.repeats(rows["event_id"], places)
        self._whose.append(rows.select(["user_id", "timestamp"]))
        self._starts.append(self._starts[-1] + rows.num_rows)
        differing = np.zeros(rows.num_rows, dtype=bool)
        again = np.flatnonzero(repeated)
        if len(again):
            ours = marks(self._whose[-1].take(pa.array(again)))
            differing[again] = ours != self._marks_of(first[again].astype(np.int64))
        return repeated, differing

    def _marks_of(self, places: npt.NDArray[np.int64]) -> Words:
        """Return the marks of the rows with these numbers."""
        found = np.zeros(len(places), dtype=np.uint64)
        parts = np.searchsorted(np.array(self._starts), places, side="right") - 1
        for part in np.unique(parts):
            at = np.flatnonzero(parts == part)
            rows = self._whose[part].take(pa.array(places[at] - self._starts[part]))
            found[at] = marks(rows)
        return found
