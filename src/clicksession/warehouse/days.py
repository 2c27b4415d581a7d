"""The days that rows lie on: asked for, and given back as literals that a database prunes by."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, literal, or_, select

from clicksession.sql.tables import Instant
from clicksession.sql.words import SQLWords
from clicksession.warehouse.step import Days

__all__ = ["FIRST_DAY", "LAST_DAY", "as_days", "days_of", "within"]

_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Before and from these on lie no times but those that are infinite.
FIRST_DAY, LAST_DAY = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

# So many stretches stand in one condition: beyond that, the nearest become one.
_MOST = 100


def days_of(rows: FromClause, since: ColumnElement[int], until: ColumnElement[int]) -> Select[Any]:
    """Return the days on which stretches of time begin and end, each pair once.

    Parameters
    ----------
    rows
        What the stretches are of.
    since, until
        When each begins and ends, in microseconds since 1970.
    """
    stretches = (
        select(since.label("since"), until.label("until"))
        .select_from(rows)
        .where(since.is_not(None))
        .cte("stretches")
    )
    first, last = (_day(stretches.c[name]) for name in ("since", "until"))
    days = select(first.label("first_day"), last.label("last_day"))
    return cast(Select[Any], days.distinct())


def _day(instant: ColumnElement[int]) -> ColumnElement[int]:
    """Return when the day of an instant begins."""
    day: ColumnElement[int] = instant - SQLWords().above_multiple(instant, _DAY)
    return day


def as_days(found: Iterable[Any]) -> Days:
    """Return the answer to `days_of` as moments, in order and none twice.

    Examples
    --------
    >>> day = 86_400_000_000
    >>> [(str(a.date()), str(b.date())) for a, b in as_days([(0, day), (3 * day, 3 * day)])]
    [('1970-01-01', '1970-01-03'), ('1970-01-04', '1970-01-05')]
    """
    merged: list[list[int]] = []
    for first, last in sorted((int(a), int(b) + _DAY) for a, b in found):
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return tuple((_moment(first), _moment(last)) for first, last in _few(merged))


def _few(stretches: list[list[int]]) -> list[list[int]]:
    """Return at most so many stretches, those nearest to each other as one."""
    more = len(stretches) - _MOST
    if more <= 0:
        return stretches
    gaps = sorted(range(1, len(stretches)), key=lambda n: stretches[n][0] - stretches[n - 1][1])
    closed = set(gaps[:more])
    few: list[list[int]] = []
    for number, stretch in enumerate(stretches):
        if number in closed:
            few[-1][1] = stretch[1]
        else:
            few.append(list(stretch))
    return few


def within(time: ColumnElement[Any], days: Days | None) -> list[ColumnElement[bool]]:
    """Return the condition that a time is on one of these days; none where they are not known."""
    if days is None:
        return []
    each = [and_(time >= literal(a, Instant()), time < literal(b, Instant())) for a, b in days]
    return [or_(*each)] if each else [false()]


def _moment(microsecond: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=microsecond)
    except OverflowError:
        return _FIRST if microsecond < 0 else _LAST
