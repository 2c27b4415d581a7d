"""What sessions a timeout makes of a log, from arrays; and the table of several timeouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from clicksession.engines.ordering import differs

__all__ = ["Outcome", "outcomes_of", "sensitivity_table"]

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
    def conversion_rate(self) -> float:
        """The share of sessions with an order; not a number where no order occurs."""
        orders = sum(count for _, count in self.visits)
        return orders / self.sessions if orders else np.nan


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
    is_new = differs(sessions)
    sessions, users = sessions[is_new], users[is_new]
    # Of the first of a user, the session before their first one stands for the previous order's.
    before = np.append(0, sessions[:-1])[: len(sessions)]
    first = numbers[opens][users - 1]
    visits = np.where(differs(users), sessions - first, sessions - before - 1)
    values, counts = np.unique(visits, return_counts=True)
    pairs = zip(values.tolist(), counts.tolist(), strict=True)
    return Outcome(int(numbers[-1]), tuple(pairs))


def sensitivity_table(timeouts: Sequence[timedelta], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return a row for each timeout; rates and medians are null where no order occurs."""
    rates = [outcome.conversion_rate for outcome in outcomes]
    medians = [_median(outcome) for outcome in outcomes]
    return pd.DataFrame(
        {
            "timeout": pd.Series(list(timeouts), dtype="timedelta64[us]"),
            "sessions": pd.Series([outcome.sessions for outcome in outcomes], dtype="int64"),
            "conversion_rate": pd.Series(rates, dtype="float64"),
            "median_visits_before_order": pd.Series(medians, dtype="float64"),
        }
    )


def _median(outcome: Outcome) -> float:
    """Return the median of the visits: of an even number of them, the mean of the middle two."""
    if not outcome.visits:
        return np.nan
    values, counts = zip(*outcome.visits, strict=True)
    up_to = np.cumsum(counts)
    middle = np.searchsorted(up_to, [(up_to[-1] - 1) // 2, up_to[-1] // 2], side="right")
    return float(np.mean([values[place] for place in middle]))
