"""What `suggest_timeout` counts, by loops over events and by the library's own definitions."""

import itertools
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pandas as pd

import clicksession as cs
from clicksession.metrics import ConversionRate, VisitsBeforeOrder
from clicksession.timeouts.histograms import EDGES
from tests.logs import microseconds


def gaps_of(events: pd.DataFrame) -> tuple[int, list[int]]:
    """Return how many users there are, and all gaps in microseconds."""
    times: dict[Any, list[int]] = defaultdict(list)
    for user, time in zip(events["user_id"], events["timestamp"], strict=True):
        if not pd.isna(user) and (moment := microseconds(time)) is not None:
            times[user].append(moment)
    gaps = []
    for moments in times.values():
        moments.sort()
        gaps += [after - before for before, after in itertools.pairwise(moments)]
    return len(times), gaps


def histogram(gaps: list[int]) -> dict[tuple[float, float], int]:
    """Return the bins that have gaps, by their edges in seconds."""
    found: Counter[tuple[float, float]] = Counter()
    for gap in gaps:
        for first, behind in itertools.pairwise(EDGES):
            if first <= gap < behind:
                found[first / 1e6, behind / 1e6] += 1
    return dict(found)


def sensitivity(events: pd.DataFrame, timeout: timedelta) -> tuple[int, float, float]:
    """Return sessions, conversion rate and median visits, of sessions cut by a timeout."""
    cut = cs.sessionize(events, timeout)
    rate = ConversionRate().compute(cut)
    visits = VisitsBeforeOrder().compute(cut)
    return cut["session_id"].nunique(), rate, visits
