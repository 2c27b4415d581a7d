"""`suggest_timeout`: from gaps to a timeout, an interval and a verdict."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from clicksession.durations import as_duration
from clicksession.engines.frames import in_memory
from clicksession.labels import require_distinct
from clicksession.metrics.roles import ORDER, EventTypes, named, types_of
from clicksession.sessions import require_column
from clicksession.sql.tables import Tables
from clicksession.timeouts.bins import EDGES
from clicksession.timeouts.bootstrap import Fit, fit_of
from clicksession.timeouts.gaps import Counts, FrameLog, Log
from clicksession.timeouts.outcomes import Outcome
from clicksession.timeouts.sensitivity import sensitivity_table
from clicksession.timeouts.suggestion import TimeoutSuggestion, TimeoutSuggestions
from clicksession.timeouts.verdict import Finding, verdict

__all__ = ["suggest_timeout"]

_WHO = "suggest_timeout"
_TIMEOUTS = ("5min", "10min", "15min", "20min", "30min", "45min", "1h", "90min", "2h", "4h")
_LEVEL = 0.95
# Lower than this share of the lower hill, a valley is one.
_LOW = 0.8
# Of fewer, nothing is said.
_FEWEST_GAPS, _FEWEST_USERS = 100, 20


def suggest_timeout(
    data: Any,
    *,
    by: str | None = None,
    events: EventTypes = ORDER,
    user: str = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    timeouts: Sequence[str | timedelta] = _TIMEOUTS,
    resamples: int = 400,
    seed: int = 0,
) -> Any:
    """Suggest a timeout from the gaps between users' consecutive events."""
    limits = sorted({as_duration(one, who=_WHO, parameter="timeouts") for one in timeouts})
    with _opened(data, by, events, user, time, tables) as log:
        counts, outcomes = log.counts(), log.outcomes(limits)
    found = {
        key: _suggestion(counts[key], outcomes[key], limits, resamples, seed) for key in counts
    }
    return found[None] if by is None else TimeoutSuggestions(by, found)


@contextmanager
def _opened(
    data: Any, by: str | None, events: EventTypes, user: str, time: str, tables: Tables | None
) -> Iterator[Log]:
    library = in_memory(data, who=_WHO, parameter="data")
    require_distinct(library.labels(data), _WHO)
    known = library.columns(data)
    for parameter, name in (("user", user), ("time", time), ("by", by)):
        if name is not None:
            require_column(known, name, _WHO, parameter)
    names = [name for name in (user, time, by, "event_type") if name in known]
    face = library.face(data, list(dict.fromkeys(names)))
    yield FrameLog(face, user, time, by, types_of(named(events)), _WHO)


def _suggestion(
    counts: Counts,
    outcomes: list[Outcome],
    limits: list[timedelta],
    resamples: int,
    seed: int,
) -> TimeoutSuggestion:
    fit = _fit(counts, resamples, seed)
    finding = _finding(fit)
    sensitivity = sensitivity_table(limits, outcomes)
    return TimeoutSuggestion(
        timeout=finding.timeout,
        low=finding.low,
        high=finding.high,
        is_clear=finding.timeout is not None,
        verdict=verdict(finding, sensitivity),
        users=counts.users,
        gap_count=counts.gap_count,
        under_a_second=counts.under_a_second,
        gaps=_gaps(counts),
        components=_components(fit),
        sensitivity=sensitivity,
    )


def _fit(counts: Counts, resamples: int, seed: int) -> Fit | None:
    if counts.users < _FEWEST_USERS or counts.histograms.sum() < _FEWEST_GAPS:
        return None
    return fit_of(counts.histograms, resamples, seed)


def _finding(fit: Fit | None) -> Finding:
    """Return the valley, if it is clear."""
    if fit is None:
        few = f"{_FEWEST_GAPS} gaps of a second or more, of {_FEWEST_USERS} users"
        return Finding(lacks=f"too few gaps to tell, which takes {few}")
    if fit.valley.heights[0] >= _LOW or fit.share_below(_LOW) < _LEVEL:
        return Finding()
    low, high = map(_rounded, fit.interval(_LEVEL))
    return Finding(_rounded(float(fit.valley.seconds[0])), low, high)


def _rounded(seconds: float) -> timedelta:
    """Return a duration to the second, and from ten minutes on to the minute."""
    unit = 60 if seconds >= 600 else 1
    return timedelta(seconds=round(seconds / unit) * unit)


def _gaps(counts: Counts) -> pd.DataFrame:
    found = counts.histograms.sum(axis=0)
    some = np.flatnonzero(found)
    part = slice(some[0], some[-1] + 1) if len(some) else slice(0, 0)
    edges = np.array(EDGES) / 1_000_000
    return pd.DataFrame(
        {
            "from_seconds": edges[:-1][part],
            "to_seconds": edges[1:][part],
            "gaps": found[part].astype(np.int64),
        }
    )


def _components(fit: Fit | None) -> pd.DataFrame:
    none = np.zeros(0)
    mixture = fit.mixture if fit else None
    return pd.DataFrame(
        {
            "weight": mixture.weights[0] if mixture else none,
            "median_seconds": np.exp2(mixture.centres[0]) if mixture else none,
            "spread": mixture.spreads[0] if mixture else none,
        }
    )
