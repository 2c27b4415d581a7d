"""Which events carry another value than the ones before them."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["changed", "changes_within"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NOWHERE = np.iinfo(np.int64).max


def changed(values: Integers, opens: Bools, *, from_empty: bool, to_empty: bool) -> Bools:
    """Say of each event whether its value is a change.

    Parameters
    ----------
    values
        A number for each event's value, in order; -1 for none.
    opens
        Whether an event is the first of a run: it has nothing before it that could change.
    from_empty
        Whether a value after none is a change.
    to_empty
        Whether none after a value is. If not, the value counts on to the end of the run.
    """
    positions = np.arange(len(values))
    before = np.full(len(values), -1, dtype=np.int64)
    if to_empty:
        before[1:] = values[:-1]
    else:
        # The last event with a value, as far as it is of the same run.
        last = np.maximum.accumulate(np.where(values >= 0, positions, -1))
        run = np.maximum.accumulate(np.where(opens, positions, 0))
        known = np.append(-1, last[:-1])[: len(values)]
        inside = known >= run
        before[inside] = values[known[inside]]
    differs: Bools = values != before
    differs &= ~opens
    if not from_empty:
        differs &= before >= 0
    if not to_empty:
        differs &= values >= 0
    return differs


def changes_within(
    values: Integers, others: Integers | None, *, from_empty: bool
) -> Callable[[Integers, Integers], Integers]:
    """Return the limit that a session has one value, which counts on to its end and no further.

    Parameters
    ----------
    values
        A number for each event's value, in order; -1 for none.
    others
        The same of the column after whose values a first one is a change.
    from_empty
        Whether the first value after events without one is a change.

    Returns
    -------
    callable
        Of sessions that begin and end at some positions, where each has another value; its end
        for nowhere.
    """
    filled = np.flatnonzero(values >= 0)
    differs = values[filled[1:]] != values[filled[:-1]]
    # Each event with a value beside the one before it: both must be of the session.
    before, at = filled[:-1][differs], np.append(filled[1:][differs], _NOWHERE)
    first_value = np.append(filled, _NOWHERE)
    other = np.flatnonzero(others >= 0) if others is not None else filled[:0]
    first_other = np.append(other, _NOWHERE)

    def offence(starts: Integers, ends: Integers) -> Integers:
        found = np.minimum(at[np.searchsorted(before, starts)], ends)
        first = first_value[np.searchsorted(filled, starts)]
        follows = first_other[np.searchsorted(other, starts)] < first
        if from_empty:
            follows |= first > starts
        earliest: Integers = np.minimum(found, np.where(follows, first, ends))
        return earliest

    return offence
