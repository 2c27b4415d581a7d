"""Which events come too long after the ones before them."""

from datetime import timedelta
from typing import cast

import numpy as np
import numpy.typing as npt

from clicksession.engines.ordering import differs
from clicksession.rules import Rules

__all__ = ["compared", "nanoseconds", "open_until", "too_late"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_MOST = np.iinfo(np.int64).max


def compared(counts: Integers, nanoseconds_per_unit: int, rules: Rules) -> tuple[Integers, int]:
    """Return the times as the rules compare them, and the nanoseconds of one count of those."""
    step = rules.resolution_in_nanoseconds // nanoseconds_per_unit
    if rules.rounded == "gap" or step <= 1:
        return counts, nanoseconds_per_unit
    steps, rest = np.divmod(counts, step)
    if rules.rounding == "nearest":
        # A half goes to the even neighbour. Steps, not units: a unit more could overflow.
        steps += (rest > step - rest) | ((rest == step - rest) & (steps % 2 == 1))
    return steps, step * nanoseconds_per_unit


def too_late(counts: Integers, longest: int) -> Bools:
    """Say of each event whether it comes longer after the one before it; the first does not."""
    late = np.zeros(len(counts), dtype=bool)
    # In order a gap is never negative, and as an unsigned number it never overflows.
    gaps = (counts[1:] - counts[:-1]).view(np.uint64)
    np.greater(gaps, np.uint64(min(longest, 2**64 - 1)), out=late[1:])
    return late


def open_until(users: Integers, counts: Integers, longest: Integers) -> Integers:
    """Return of each event up to when it and all earlier ones of its user allow a next one.

    Parameters
    ----------
    users
        The user of each event, ascending.
    counts
        The time of each, ascending within a user.
    longest
        How long after each a next one may come.
    """
    until = np.where(counts > _MOST - longest, _MOST, counts + longest)
    # The latest so far, user by user: ranks make room for the user in the same number.
    reached, ranks = np.unique(until, return_inverse=True)
    ordinals = np.cumsum(differs(users)) - 1
    latest = np.maximum.accumulate(ordinals * len(reached) + ranks) % max(len(reached), 1)
    until_now: Integers = reached[latest]
    return until_now


def nanoseconds(duration: str | timedelta | None) -> int:
    """Return a duration of the rules in nanoseconds; without one, longer than any."""
    if duration is None:
        return _MOST
    return cast(timedelta, duration) // timedelta(microseconds=1) * 1000
