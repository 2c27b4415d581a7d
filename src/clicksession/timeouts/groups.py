"""Users in groups, of which the bootstrap draws: the same groups from arrays and in SQL."""

from typing import Any

__all__ = ["GROUPS", "MODULUS", "MULTIPLIER", "group_of"]

#: How many groups there are: enough for the spread between them to be that between users.
GROUPS = 256

#: Of the generator of random numbers by Park and Miller, "Random number generators: good ones are
#: hard to find" (1988), with the multiplier that they came to recommend in 1993.
MULTIPLIER, MODULUS = 48_271, 2**31 - 1


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
    mixed = remainder(number * MULTIPLIER, MODULUS)
    return remainder(remainder(mixed * mixed, MODULUS), GROUPS)
