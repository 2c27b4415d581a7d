"""Times that are the sum of several counts."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from clicksession.arrow import is_text
from clicksession.readers.rows.times.counts import counted, is_number, is_there
from clicksession.readers.rows.times.moments import FIRST, LAST, Flags, column_of_times

__all__ = ["summed"]


def summed(parts: Sequence[tuple[pa.ChunkedArray, str]]) -> tuple[pa.ChunkedArray, Flags]:
    """Return the instants that several counts add up to, and which rows hold one that is none.

    Parameters
    ----------
    parts
        Columns of numbers, or of texts of numbers, of one length, each with its unit: ``"s"``,
        ``"ms"``, ``"us"`` or ``"ns"``.

    Returns
    -------
    ChunkedArray
        Instants in UTC, in microseconds, or in nanoseconds where some have them; null where a part
        is null or no number. Added as whole numbers, so that no digit is lost. A sum beyond what
        nanoseconds hold is the first or the last moment that they do.
    ndarray of bool
        Rows with a part that is neither null nor a number.

    Examples
    --------
    >>> starts = pa.chunked_array([[1714557600, 1714557600, None]])
    >>> offsets = pa.chunked_array([["0", "2500000", "0"]])
    >>> times, bad = summed([(starts, "s"), (offsets, "ms")])
    >>> [str(time) for time in times], bad.tolist()
    (['2024-05-01 10:00:00+00:00', '2024-05-01 10:41:40+00:00', 'None'], [False, False, False])
    """
    size = len(parts[0][0])
    microseconds, nanoseconds = np.zeros((2, size), dtype=np.int64)
    known, bad = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    for column, unit in parts:
        there = is_there(column)
        known &= there
        if not is_number(column.type) and not is_text(column.type):
            bad |= there
            continue
        moments = counted(column, unit)
        bad |= there & moments.bad
        # Two that lie at the ends still have room for their sum.
        microseconds += moments.microseconds
        nanoseconds += moments.nanoseconds
    microseconds += nanoseconds // 1000
    beyond = (microseconds < FIRST) | (microseconds > LAST)
    microseconds = np.clip(microseconds, FIRST, LAST)
    nanoseconds = np.where(beyond, 0, nanoseconds % 1000)
    return column_of_times(microseconds, nanoseconds, known & ~bad), bad
