"""`suggest_timeout`: from gaps to a timeout, an interval and a verdict."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, overload

import numpy as np
import pandas as pd
from sqlalchemy import URL, Connection, Engine

from clicksession.durations import as_duration
from clicksession.engines.frames import in_memory
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.metrics.roles import ORDER, EventTypes
from clicksession.sql.tables import Tables
from clicksession.timeouts.bootstrap import Fit, fit_of
from clicksession.timeouts.gaps import Counts, FrameLog, Log, order_types
from clicksession.timeouts.histograms import EDGES
from clicksession.timeouts.outcomes import Outcome, sensitivity_table
from clicksession.timeouts.stored import stored_log
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
_FEWEST_SAMPLES = 50


@overload
def suggest_timeout(
    data: Any,
    *,
    by: None = None,
    events: EventTypes = ORDER,
    user: str = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    timeouts: Sequence[str | timedelta] = _TIMEOUTS,
    resamples: int = 200,
    seed: int = 0,
) -> TimeoutSuggestion: ...
@overload
def suggest_timeout(
    data: Any,
    *,
    by: str,
    events: EventTypes = ORDER,
    user: str = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    timeouts: Sequence[str | timedelta] = _TIMEOUTS,
    resamples: int = 200,
    seed: int = 0,
) -> TimeoutSuggestions: ...
@keywords()
def suggest_timeout(
    data: Any,
    *,
    by: str | None = None,
    events: EventTypes = ORDER,
    user: str = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    timeouts: Sequence[str | timedelta] = _TIMEOUTS,
    resamples: int = 200,
    seed: int = 0,
) -> TimeoutSuggestion | TimeoutSuggestions:
    """Suggest a timeout, from the gaps between the consecutive events of each user.

    Gaps within a visit are of seconds and minutes, those between visits of hours and days. Two
    lognormals are fitted to all of them. The timeout is the gap that is as likely to be of the one
    as of the other, between a minute and twelve hours: the definition of Halfaker et al., "User
    session identification based on strong regularities in inter-activity time" (2015), arXiv
    1411.2878. It is only suggested where there is a valley: where such gaps are clearly rarer than
    shorter and longer ones. Else there is none to find, and the verdict says so.

    Times count to the microsecond, and as instants. Events without a user or a time take no part;
    the order of rows and of events of one moment does not matter. Gaps of less than a second, zero
    among them, are within a visit whatever the timeout, and no part of the fit.

    Parameters
    ----------
    data
        The events: a pandas or Polars DataFrame or a pyarrow Table; or a target, as a SQLAlchemy
        `Engine` or `Connection` or a database URL. A target counts its gaps itself, in SQL, and
        gives the same answer.
    by
        A column of the events: each of its values gets a suggestion, as if no other events were
        there. At most 200 values.
    events
        The event types that are orders, or a `Role`: orders, in the words of the target's
        vocabulary, unless told. Of a frame, the column is ``event_type``.
    user, time
        The columns that say whose event it is and when it happened.
    tables
        Which tables of the target; left out: ``events``.
    timeouts
        The timeouts of the sensitivity table.
    resamples
        How many samples of users the interval is from, at least 50.
    seed
        Of the drawing of these: the same gives the same answer.

    Returns
    -------
    TimeoutSuggestion or TimeoutSuggestions
        With `by`, a mapping of its values; events without one are under None.

    Raises
    ------
    ParameterError
        `data` is none of these, has no such column, or one of another type.

    Examples
    --------
    >>> import pandas as pd
    >>> from clicksession.datasets import webshop_events
    >>> shop = [(one["type"], one["event"]) for one in webshop_events(customers=200)]
    >>> events = pd.DataFrame({
    ...     "user_id": pd.array([event["customer-id"] for _, event in shop], dtype="Int64"),
    ...     "timestamp": pd.to_datetime([event["timestamp"] for _, event in shop]),
    ...     "event_type": [kind for kind, _ in shop],
    ... })
    >>> found = suggest_timeout(events)
    >>> found.is_clear, found.timeout
    (True, ...)
    >>> print(found.verdict)
    A clear valley at ...
    """
    limits = _limits(timeouts)
    if not isinstance(user, str):
        hint = "Of users of several columns, make one of these first."
        raise ParameterError(_WHO, "user", "the name of one column", user, hint)
    if not isinstance(resamples, int) or resamples < _FEWEST_SAMPLES:
        must = f"a whole number of at least {_FEWEST_SAMPLES}"
        raise ParameterError(_WHO, "resamples", must, resamples)
    with _opened(data, by, events, user, time, tables) as log:
        counts = log.counts()
        outcomes = log.outcomes([limit // timedelta(microseconds=1) for limit in limits])
    found = {
        key: _suggestion(counts[key], outcomes[key], limits, resamples, seed)
        for key in _in_order(counts)
    }
    return found[None] if by is None else TimeoutSuggestions(by, found)


def _limits(timeouts: Sequence[str | timedelta]) -> list[timedelta]:
    """Return the timeouts of the sensitivity table, each once, ascending."""
    several = [] if isinstance(timeouts, str | timedelta) else list(timeouts)
    if not several:
        raise ParameterError(_WHO, "timeouts", "a list of durations with their units", timeouts)
    return sorted({as_duration(one, who=_WHO, parameter="timeouts") for one in several})


def _in_order(keys: Iterable[Hashable]) -> list[Any]:
    """Return values in their order, null last."""
    known: list[Any] = [key for key in keys if key is not None]
    return [*sorted(known), *(key for key in keys if key is None)]


@contextmanager
def _opened(
    data: Any, by: str | None, events: EventTypes, user: str, time: str, tables: Tables | None
) -> Iterator[Log]:
    if isinstance(data, str | URL | Engine | Connection):
        with stored_log(data, by, events, user, time, tables, _WHO) as log:
            yield log
        return
    if tables is not None:
        raise ParameterError(_WHO, "tables", "left out for a frame, which has no tables", tables)
    yield _of_frame(data, by, events, user, time)


def _of_frame(data: Any, by: str | None, events: EventTypes, user: str, time: str) -> FrameLog:
    hint = "Of events in a database, give its Engine, a Connection or its URL."
    library = in_memory(data, who=_WHO, parameter="data", hint=hint)
    require_distinct(library.labels(data), _WHO, "data")
    known = library.columns(data)
    for parameter, name in (("user", user), ("time", time), ("by", by)):
        if name is not None:
            require_column(known, name, _WHO, parameter)
    names = [name for name in (user, time, by, "event_type") if name in known]
    face = library.face(data, list(dict.fromkeys(names)))
    return FrameLog(face, user, time, by, order_types(events, {}, _WHO), _WHO)


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
