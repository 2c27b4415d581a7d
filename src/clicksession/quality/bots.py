"""Who is no person: agents that name themselves, and users faster than hands."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from clicksession.durations import as_duration
from clicksession.engines.columns import read_times, read_users
from clicksession.engines.ordering import by_key_and_time
from clicksession.errors import MissingExtraError, ParameterError
from clicksession.keywords import keywords
from clicksession.quality.columns import column

__all__ = ["flag_bots"]

_WHO = "flag_bots"
_RATE = (60, "10s")


@keywords()
def flag_bots(
    events: pd.DataFrame,
    *,
    agent: str | None = "agent",
    rate: tuple[int, str | timedelta] | None = _RATE,
    user: str = "user_id",
    time: str = "timestamp",
) -> pd.DataFrame:
    """Mark the events of crawlers, by what their agent says and by how fast they come.

    An event is marked ``"agent"`` when the package ``crawler-user-agents`` knows its agent. All
    events of a user are marked ``"rate"`` when some `N` events of theirs lie within less than `T`:
    when the first and the last of `N` consecutive ones are less than `T` apart. `N` events over
    exactly `T` are no bot's. An event with both marks is marked ``"agent"``. A null agent is no
    crawler; an event without a user or a time has no rate.

    Parameters
    ----------
    events
        One row per event. It is not changed.
    agent
        The column of user agents, or None to leave them aside. It needs the extra ``bots``.
    rate
        `N`, two at least, and `T`, with a unit; or None to leave rates aside.
    user, time
        The columns that say whose event it is and when it happened, for the rate.

    Returns
    -------
    DataFrame
        The same rows in the same order, with the column ``bot`` (text): ``"agent"``, ``"rate"``,
        or null for what is taken for a person. One that is there already is replaced.

    Raises
    ------
    MissingExtraError
        The package ``crawler-user-agents`` is not installed.
    ParameterError
        A column that is not there or not of such a type; a rate that is none; neither an agent nor
        a rate.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": ["ann", "eve", "eve", "eve"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00:00"] * 4),
    ... })
    >>> flag_bots(events, agent=None, rate=(3, "1s"))["bot"].tolist()
    [nan, 'rate', 'rate', 'rate']
    """
    if agent is None and rate is None:
        must = "the name of a column where `rate` is None"
        raise ParameterError(_WHO, "agent", must, None)
    marks = np.full(len(events), None, dtype=object)
    if rate is not None:
        marks[_fast(events, *_checked(rate), user=user, time=time)] = "rate"
    if agent is not None:
        marks[_known_crawlers(column(events, agent, _WHO, "agent"))] = "agent"
    return events.assign(bot=pd.Series(marks, events.index, dtype="str"))


def _checked(rate: object) -> tuple[int, timedelta]:
    must = "a number of events (2 or more) and a duration with a unit, such as (60, '10s')"
    if not isinstance(rate, tuple) or len(rate) != 2:
        raise ParameterError(_WHO, "rate", must, rate)
    number, duration = rate
    if not isinstance(number, int) or isinstance(number, bool) or number < 2:
        raise ParameterError(_WHO, "rate", must, rate)
    return number, as_duration(duration, who=_WHO, parameter="rate")


def _fast(
    events: pd.DataFrame, number: int, under: timedelta, *, user: str, time: str
) -> npt.NDArray[np.bool_]:
    """Return which events are of a user with so many events in under this time."""
    users = read_users(column(events, user, _WHO, "user"), who=_WHO, parameter="user")
    times = read_times(column(events, time, _WHO, "time"), who=_WHO, parameter="time")
    rows = np.flatnonzero(users.known & times.known)
    rows = rows[by_key_and_time(users.codes[rows], times.counts[rows])]
    codes, counts = users.codes[rows], times.counts[rows]
    # The longest distance in whole units that is still less than the time.
    under_ns = under // timedelta(microseconds=1) * 1000
    longest = np.uint64((under_ns - 1) // times.nanoseconds_per_unit)
    first, last = slice(None, max(len(rows) - number + 1, 0)), slice(number - 1, None)
    # Unsigned, a difference of more than 292 years of nanoseconds does not turn negative.
    apart = counts[last].view(np.uint64) - counts[first].view(np.uint64)
    fast = (codes[last] == codes[first]) & (apart <= longest)
    return np.asarray(users.known & np.isin(users.codes, codes[first][fast]))


def _known_crawlers(agents: pd.Series) -> npt.NDArray[np.bool_]:
    try:
        from crawleruseragents import is_crawler
    except ImportError:
        raise MissingExtraError(_WHO, "crawler-user-agents", "bots") from None
    # Each distinct agent once: a log has few.
    codes, distinct = pd.factorize(agents.astype("str").where(agents.notna()))
    known = np.array([is_crawler(text) for text in distinct], dtype=bool)
    # The code of a null is -1: the last place, which is no crawler.
    return np.append(known, False)[codes]
