"""Moments that a caller gives: one, or the two that bound a window."""

from datetime import datetime
from typing import Any

import pandas as pd

from clicksession.errors import ParameterError

__all__ = ["Moment", "as_moment", "as_window"]

Moment = str | datetime


def as_moment(value: Any, *, who: str, parameter: str) -> pd.Timestamp:
    """Return a moment in UTC; a naive one is read as UTC.

    Raises
    ------
    ParameterError
        It is none. A bare number is refused: nobody can see of what unit it is.

    Examples
    --------
    >>> as_moment("2024-05-01T12:00+02:00", who="delete_between", parameter="since")
    Timestamp('2024-05-01 10:00:00+0000', tz='UTC')
    """
    try:
        moment = None if pd.api.types.is_number(value) else pd.to_datetime(value, utc=True)
    except (TypeError, ValueError):
        moment = None
    if not isinstance(moment, pd.Timestamp):
        must = "a time, such as '2024-05-01' or a datetime"
        raise ParameterError(who, parameter, must, value)
    return moment


def as_window(
    since: Moment | None, until: Moment | None, *, who: str
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the first moment of a window, and the first one beyond it: None where it is open.

    Raises
    ------
    ParameterError
        One is no moment, or the second is not later than the first.
    """
    start = None if since is None else as_moment(since, who=who, parameter="since")
    end = None if until is None else as_moment(until, who=who, parameter="until")
    if start is not None and end is not None and start >= end:
        raise ParameterError(who, "until", "later than `since`", until)
    return start, end
