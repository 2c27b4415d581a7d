"""Which events carry another value than the ones before them."""

import numpy as np
import numpy.typing as npt

__all__ = ["changed"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


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
