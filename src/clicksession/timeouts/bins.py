"""The bins that gaps are counted in: eight to each doubling, from a second to four years.

Their edges are whole microseconds, so that arrays and every database put a gap into the same one:
no logarithm of a float decides.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "EDGES", "MIDDLES", "NO_BIN", "WIDTH", "bins_of"]

_PER_DOUBLING = 8
_DOUBLINGS = 27
_SECOND = 1_000_000

#: How wide a bin is, in doublings.
WIDTH = 1 / _PER_DOUBLING
#: How many bins there are. The last one also holds what is longer than all of them.
BINS = _DOUBLINGS * _PER_DOUBLING
#: The first microsecond of each bin, and the first one behind the last.
EDGES: tuple[int, ...] = tuple(round(_SECOND * 2 ** (n * WIDTH)) for n in range(BINS + 1))
#: The middle of each bin: the logarithm to base 2 of seconds.
MIDDLES: npt.NDArray[np.float64] = (np.arange(BINS, dtype=np.float64) + 0.5) * WIDTH
#: What stands for the bin of a gap of less than a second, which is in none.
NO_BIN = -1


def bins_of(gaps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the bin of each gap, in microseconds.

    Examples
    --------
    >>> bins_of(np.array([0, 999_999, 1_000_000, 2_000_000, 2**62])).tolist()
    [-1, -1, 0, 8, 215]
    """
    found = np.searchsorted(np.array(EDGES[:-1]), gaps, side="right") - 1
    return np.asarray(found, dtype=np.int64)
