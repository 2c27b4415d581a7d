"""The rows of a log that have the id of an earlier one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.arrow import with_fields
from clicksession.writers.logs.hashes import Hashes
from clicksession.writers.logs.log import Log
from clicksession.writers.tables.conflicts import WHOSE, Conflicts, conflicts_of

__all__ = ["Repeated", "repeated"]

# So many rows are compared at once; a log of which more come again is cut user by user.
_MOST = 4_000_000


@dataclass(frozen=True)
class Repeated:
    """The numbers of the rows that are left out, in order, and how many of them say otherwise."""

    rows: npt.NDArray[np.int64]
    conflicts: Conflicts


def repeated(log: Log, schema: pa.Schema) -> Repeated | None:
    """Return the rows that have the id of an earlier one, or None where these are too many.

    `schema` has the types of all rows.
    """
    words = log.ids.again()
    if not len(words):
        return Repeated(np.empty(0, dtype=np.int64), Conflicts())
    found = _found(log, words, pa.schema([schema.field(name) for name in WHOSE]))
    if found is None:
        return None
    rows, whose = found
    ids = whose["event_id"].to_pandas()
    again = ids.duplicated().to_numpy()
    dropped, kept = (whose.filter(pa.array(these)) for these in (again, ~again))
    return Repeated(rows[again], conflicts_of(dropped, kept))


def _found(
    log: Log, words: Hashes, schema: pa.Schema
) -> tuple[npt.NDArray[np.int64], pa.Table] | None:
    """Return the numbers of the rows with these words, and whose they are."""
    rows: list[npt.NDArray[np.int64]] = []
    whose: list[pa.Table] = []
    start = count = 0
    for table in log.tables():
        theirs = log.ids.words_of(table["event_id"])
        places = np.minimum(np.searchsorted(words, theirs), len(words) - 1)
        at = np.flatnonzero(words[places] == theirs)
        rows.append(start + at)
        whose.append(with_fields(table.take(pa.array(at)), schema))
        start, count = start + table.num_rows, count + len(at)
        if count > _MOST:
            return None
    return np.concatenate(rows), pa.concat_tables(whose)
