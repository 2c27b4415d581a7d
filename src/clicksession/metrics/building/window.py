"""In which window of time a metric's observations are counted: `since` and `until`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, literal

from clicksession.errors import ParameterError
from clicksession.sql.tables import Instant

__all__ = ["Moment", "Window", "as_instant", "moment_as_text", "window_of"]

#: What says a point in time: text in ISO 8601, a datetime, or a date for its first moment.
Moment = str | datetime | date

_MUST = (
    "a time to the microsecond: a text such as '2024-05-01' or '2024-05-01T12:00+02:00', a "
    "datetime or a date"
)
# Python would cut the rest of it off in silence.
_FINER = re.compile(r"[.,]\d{6}\d*[1-9]")


@dataclass(frozen=True)
class Window:
    """From one point in time up to, and without, another; one of the two may be missing."""

    since: datetime | None
    until: datetime | None

    def holds(self, time: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a time lies in the window."""
        conditions = []
        if self.since is not None:
            conditions.append(time >= literal(self.since, Instant()))
        if self.until is not None:
            conditions.append(time < literal(self.until, Instant()))
        return tuple(conditions)

    def __bool__(self) -> bool:
        """Whether anything lies outside."""
        return self.since is not None or self.until is not None

    def __str__(self) -> str:
        if self.since is not None and self.until is not None:
            since, until = moment_as_text(self.since), moment_as_text(self.until)
            return f"from {since} up to, and without, {until} (UTC)"
        if self.since is not None:
            return f"on or after {moment_as_text(self.since)} (UTC)"
        return "at any time" if self.until is None else f"before {moment_as_text(self.until)} (UTC)"


def window_of(who: str, since: Any, until: Any) -> Window:
    """Return the window of a metric's two parameters.

    Raises
    ------
    ParameterError
        One of them is no point in time, or `until` is not later than `since`.
    """
    window = Window(_checked(who, "since", since), _checked(who, "until", until))
    if window.since is not None and window.until is not None and window.until <= window.since:
        raise ParameterError(
            who, "until", f"later than `since`, {moment_as_text(window.since)}", until
        )
    return window


def as_instant(value: Any) -> datetime:
    """Return a point in time in UTC; a date is its first moment, and what says no zone is UTC.

    Raises
    ------
    ValueError
        It is none, it is finer than a microsecond, or in UTC it is not of the years 1 to 9999.
    """
    if isinstance(value, str):
        if _FINER.search(value):
            raise ValueError(value)
        value = datetime.fromisoformat(value)
    # Of pandas, a time may be finer, and one is none: that has nan nanoseconds.
    if not isinstance(value, date) or getattr(value, "nanosecond", None):
        raise ValueError(value)
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    plain = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    try:
        return plain.replace(tzinfo=UTC) if plain.tzinfo is None else plain.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(value) from error


def moment_as_text(moment: datetime) -> str:
    """Return a point in time as short as it can be said: a day alone for its first moment.

    Examples
    --------
    >>> moment_as_text(datetime(2024, 5, 1, tzinfo=UTC))
    '2024-05-01'
    """
    text = moment.replace(tzinfo=None).isoformat(" ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def _checked(who: str, parameter: str, value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return as_instant(value)
    except ValueError:
        raise ParameterError(who, parameter, _MUST, value) from None
