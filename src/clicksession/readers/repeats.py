"""Which rows of a reading repeat one before them, by the key that the user chose."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.duplicates import Pairs, Seen
from clicksession.readers.fingerprints import fingerprints, marks
from clicksession.readers.keys import MOMENT, ROW, RowKey

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
                found = self._ids.repeats(rows["event_id"], marks(rows))
                repeated[named], conflicting[named] = found
        if not named.all():
            rows = table.filter(pa.array(~named)) if named.any() else table
            repeated[~named] = self._rows.repeats(*fingerprints(rows, rows.column_names))
        return Found(repeated, conflicting)
