"""Which sessions a metric looks at, and by what it tells them apart: `by` and `where`."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, FromClause, and_, column, func, literal_column, select

from clicksession.errors import ParameterError, did_you_mean
from clicksession.metrics.where import check_where, columns_of, kept_by, said
from clicksession.sql.constructs import ascending, calendar_period
from clicksession.sql.tables import Tables

__all__ = ["By", "Period", "Scope", "event_column", "of_user", "period_start"]

Unit = Literal["day", "week", "month"]

_SESSION = tuple(Tables().sessions.c.keys())
_EVENT = ("event_id", "user_id", "timestamp", "event_type", "session_id")
_BASE = ("session_id", "user_id", "started_at", "ended_at", "duration_seconds", "event_count")


@dataclass(frozen=True)
class Period:
    """A day, week or month in a named zone, for `by`: the one that a session begins in.

    Weeks begin on Monday. Days have 23 or 25 hours where clocks change.

    Parameters
    ----------
    unit
        ``"day"``, ``"week"`` or ``"month"``.
    zone
        The name of a time zone, such as ``"Europe/Amsterdam"``. SQLite, MariaDB, MySQL and SQL
        Server get its changes from 1900 to 2100 as numbers, other databases know it themselves.

    Raises
    ------
    ParameterError
        Another unit, or a zone that is not known.

    Examples
    --------
    >>> print(Period("week", zone="Europe/Amsterdam"))
    week in Europe/Amsterdam
    """

    unit: Unit = "day"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ParameterError("Period", "unit", "'day', 'week' or 'month'", self.unit)
        if not isinstance(self.zone, str) or self.zone not in _zones():
            known = did_you_mean(str(self.zone), _zones())
            must = "the name of a time zone, such as 'Europe/Amsterdam'"
            raise ParameterError("Period", "zone", must, self.zone, known)

    def __str__(self) -> str:
        return f"{self.unit} in {self.zone}"


By = str | Period


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones: not of other files beside theirs, which databases lack."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


@dataclass(frozen=True)
class Scope:
    """The sessions that a metric looks at, each with what it is told apart by.

    A name means a column of the sessions table, or else a column of the session's first event. A
    session that `where` does not keep is as if it had never been.
    """

    by: tuple[By, ...]
    where: ColumnElement[bool] | None

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Return the columns of a step that hold the keys, and what to call them."""
        return [
            (f"key_{number}", by if isinstance(by, str) else by.unit)
            for number, by in enumerate(self.by, 1)
        ]

    def sessions(self, tables: Tables, *more: str) -> FromClause:
        """Return the sessions, with keys, and with more columns of their first events."""
        sessions = tables.sessions
        counts, kept = tables.count_columns, tables.kept.names
        names = [name for name in self._of_events(*more) if name not in kept]
        if not names and not self.by and self.where is None:
            return sessions
        first = _first_events(tables.events, names) if names else None
        known = {name: first.c[name] for name in names} if first is not None else {}
        known |= dict(sessions.c.items())
        statement = select(
            *(known[name] for name in (*_BASE, *counts)),
            *(known[name].label(f"first_{name}") for name in more),
            *(_key(by, known).label(key) for by, (key, _) in zip(self.by, self.keys, strict=True)),
        ).select_from(sessions)
        if first is not None:
            statement = statement.select_from(
                sessions.join(first, first.c.session_id == sessions.c.session_id)
            )
        if self.where is not None:
            statement = statement.where(kept_by(self.where, known))
        return statement.cte("kept_sessions")

    def event_columns(self, *more: str) -> list[str]:
        """Return the columns that the events must have."""
        return [name for name in self._of_events(*more) if name not in _EVENT]

    def words(self) -> str:
        """Return how a sentence says it: what follows after a full stop."""
        sentences = []
        if self.where is not None:
            sentences.append(f" Only sessions with {said(self.where)} exist for it.")
        if self.by:
            sentences.append(f" For each {' and '.join(map(str, self.by))}.")
        return "".join(sentences)

    def _of_events(self, *more: str) -> list[str]:
        named = [by for by in self.by if isinstance(by, str)]
        if self.where is not None:
            named += [column.name for column in columns_of(self.where)]
        here = [name for name in named if name not in _SESSION]
        return list(dict.fromkeys([*here, *more]))


def scope_of(who: str, by: Any, where: Any) -> Scope:
    """Return the scope of a metric's two parameters.

    Raises
    ------
    ParameterError
        `by` is no column and no `Period`, or `where` is no expression.
    """
    several = by if isinstance(by, tuple | list) else (by,)
    for one in several:
        if not isinstance(one, str | Period) or not one:
            must = "the name of a column, a Period, or several in a tuple"
            raise ParameterError(who, "by", must, by)
    if where is not None:
        check_where(who, where)
    scope = Scope(tuple(several), where)
    called = [name for _, name in scope.keys]
    if len(set(called)) < len(called):
        raise ParameterError(who, "by", "columns with names of their own", by)
    return scope


def event_column(events: FromClause, name: str) -> ColumnElement[Any]:
    """Return a column of the events, also one that only this log has."""
    if name in events.c:
        return events.c[name]
    return column(name, _selectable=events)


def of_user(sessions: FromClause) -> dict[str, Any]:
    """Return the window over a user's sessions in their order."""
    order = [sessions.c.started_at, sessions.c.session_id]
    return {"partition_by": sessions.c.user_id, "order_by": order}


def period_start(time: ColumnElement[Any], period: Period) -> ColumnElement[Any]:
    """Return the first day of the period that a time falls in."""
    return calendar_period(
        time, literal_column(f"'{period.unit}'"), literal_column(f"'{period.zone}'")
    )


def _key(by: By, known: dict[str, Any]) -> ColumnElement[Any]:
    if isinstance(by, Period):
        return period_start(known["started_at"], by)
    key: ColumnElement[Any] = known[by]
    return key


def _first_events(events: FromClause, names: list[str]) -> FromClause:
    first = func.row_number().over(
        partition_by=events.c.session_id,
        order_by=[events.c.timestamp, ascending(events.c.event_id)],
    )
    number = "event_number"
    while number in names:
        number += "_"
    numbered = (
        select(
            events.c.session_id,
            *(event_column(events, name) for name in names if name != "session_id"),
            first.label(number),
        )
        .where(events.c.session_id.is_not(None))
        .cte("numbered_events")
    )
    return (
        select(*(numbered.c[name] for name in dict.fromkeys(["session_id", *names])))
        .where(and_(numbered.c[number] == 1))
        .cte("first_events")
    )
