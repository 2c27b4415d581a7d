"""What gaps are counted by: the group of their user, and a bin. Arrays and SQL give the same ones.

Bins are eight to each doubling, from a second to four years. Their edges are whole microseconds, so
that every database puts a gap into the same one: no logarithm of a float decides. The bootstrap
draws users by their groups.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "BINS",
    "EDGES",
    "GROUPS",
    "MIDDLES",
    "NO_BIN",
    "WIDTH",
    "bins_of",
    "group_of",
]

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

#: How many groups there are: enough for the spread between them to be that between users.
GROUPS = 256

# Of the generator of random numbers by Park and Miller, "Random number generators: good ones are
# hard to find" (1988), with the multiplier that they came to recommend in 1993.
_MULTIPLIER, _MODULUS = 48_271, 2**31 - 1


def bins_of(gaps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the bin of each gap, in microseconds.

    Examples
    --------
    >>> bins_of(np.array([0, 999_999, 1_000_000, 2_000_000, 2**62])).tolist()
    [-1, -1, 0, 8, 215]
    """
    found = np.searchsorted(np.array(EDGES[:-1]), gaps, side="right") - 1
    return np.asarray(found, dtype=np.int64)


def group_of(number: Any, remainder: Any) -> Any:
    """Return the group of the user who has a number among the users in their order.

    As good as at random: users who signed up one after the other are no more alike within a group
    than others. A square, since a multiple alone would deal them out in turn. No whole number on
    the way has more than 63 bits.

    Parameters
    ----------
    number
        From 1 on: a number, an array or an expression of SQL.
    remainder
        Gives the remainder of two of these.

    Examples
    --------
    >>> from operator import mod
    >>> [group_of(number, mod) for number in (1, 2, 3)]
    [226, 136, 242]
    """
    mixed = remainder(number * _MULTIPLIER, _MODULUS)
    return remainder(remainder(mixed * mixed, _MODULUS), GROUPS)
