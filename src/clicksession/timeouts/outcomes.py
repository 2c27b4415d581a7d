"""What sessions a timeout makes, as far as the sensitivity table asks: from arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Outcome", "outcomes_of"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What one timeout makes of a log.

    Attributes
    ----------
    sessions
        How many sessions there are.
    visits
        Of each session with an order, how many sessions its user had before it, since their
        previous one with an order: each number that occurs, and how often, ascending.
    """

    sessions: int
    visits: tuple[tuple[int, int], ...]

    @property
    def order_sessions(self) -> int:
        """How many sessions have an order."""
        return sum(count for _, count in self.visits)


def outcomes_of(
    opens: Bools, times: Integers, are_orders: Bools, limits: Sequence[int]
) -> list[Outcome]:
    """Return what each timeout makes of events that come by user, then time.

    Parameters
    ----------
    opens
        Which are the first of their user.
    times
        When each was, in microseconds.
    are_orders
        Which are orders.
    limits
        The timeouts, in microseconds.
    """
    if not limits or not len(times):
        return [Outcome(0, ()) for _ in limits]
    gaps = np.diff(times, prepend=times[0])
    # A session by a longer timeout is whole ones by the shortest: these are all that is looked at.
    begins = np.flatnonzero(opens | (gaps > min(limits)))
    ordered = np.logical_or.reduceat(are_orders, begins)
    return [_outcome(opens[begins], gaps[begins], ordered, limit) for limit in limits]


def _outcome(opens: Bools, gaps: Integers, ordered: Bools, limit: int) -> Outcome:
    numbers = np.cumsum(opens | (gaps > limit))
    owners = np.cumsum(opens)
    of_orders = np.flatnonzero(ordered)
    sessions, users = numbers[of_orders], owners[of_orders]
    is_new = np.append(True, sessions[1:] != sessions[:-1])[: len(sessions)]
    sessions, users = sessions[is_new], users[is_new]
    # Of the first of a user, the session before their first one stands for the previous order's.
    before = np.append(0, sessions[:-1])[: len(sessions)]
    is_first = np.append(True, users[1:] != users[:-1])[: len(users)]
    first = numbers[opens][users - 1]
    visits = np.where(is_first, sessions - first, sessions - before - 1)
    values, counts = np.unique(visits, return_counts=True)
    pairs = zip(values.tolist(), counts.tolist(), strict=True)
    return Outcome(int(numbers[-1]), tuple(pairs))
