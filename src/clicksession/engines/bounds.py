"""Which events lie between the bounds of sessions, where nothing outside of them has one."""

import numpy as np
import numpy.typing as npt

from clicksession.engines.ordering import differs

__all__ = ["after_the_first", "between_bounds"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def between_bounds(starts: Bools, ends: Bools, users: Integers) -> tuple[Bools, Bools]:
    """Say of each event whether it lies between a start and the next end, and which starts open.

    A start and its end lie between themselves. A start that comes before the end of another opens
    nothing.

    Parameters
    ----------
    starts, ends
        Whether an event is a start, and whether it is an end, in order of user and time.
    users
        The user of each.
    """
    positions = np.arange(len(users))
    first = np.maximum.accumulate(np.where(differs(users), positions, 0))
    start, end = (_latest_before(events, positions) for events in (starts, ends))
    is_open = (start >= first) & (end < start)
    return starts | is_open, starts & ~is_open


def after_the_first(marks: Bools, users: Integers) -> Bools:
    """Say of each event whether a mark came before it, or is on it, of the same user."""
    so_far = np.cumsum(marks)
    before_user = np.maximum.accumulate(np.where(differs(users), so_far - marks, 0))
    after: Bools = so_far > before_user
    return after


def _latest_before(events: Bools, positions: Integers) -> Integers:
    """Return for each position the latest of these events before it; -1 for none."""
    latest = np.maximum.accumulate(np.where(events, positions, -1))
    return np.append(-1, latest[:-1])[: len(positions)]
