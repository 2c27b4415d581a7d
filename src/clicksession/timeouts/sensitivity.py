"""The sensitivity table: what other timeouts would make of the same events."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from clicksession.timeouts.outcomes import Outcome

__all__ = ["sensitivity_table"]


def sensitivity_table(timeouts: Sequence[timedelta], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return a row for each timeout; rates and medians are null where no order occurs."""
    rates = [_rate(outcome) for outcome in outcomes]
    medians = [_median(outcome) for outcome in outcomes]
    return pd.DataFrame(
        {
            "timeout": pd.Series(list(timeouts), dtype="timedelta64[us]"),
            "sessions": pd.Series([outcome.sessions for outcome in outcomes], dtype="int64"),
            "conversion_rate": pd.Series(rates, dtype="float64"),
            "median_visits_before_order": pd.Series(medians, dtype="float64"),
        }
    )


def _rate(outcome: Outcome) -> float:
    return outcome.order_sessions / outcome.sessions if outcome.visits else np.nan


def _median(outcome: Outcome) -> float:
    """Return the median of the visits: of an even number of them, the mean of the middle two."""
    if not outcome.visits:
        return np.nan
    values, counts = zip(*outcome.visits, strict=True)
    up_to = np.cumsum(counts)
    middle = np.searchsorted(up_to, [(up_to[-1] - 1) // 2, up_to[-1] // 2], side="right")
    return float(np.mean([values[place] for place in middle]))
