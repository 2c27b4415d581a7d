"""Which sessions a metric looks at, and by what it tells them apart: `by` and `where`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sqlalchemy import (
    BindParameter,
    ColumnClause,
    ColumnElement,
    FromClause,
    Select,
    and_,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from clicksession.errors import ParameterError, did_you_mean
from clicksession.sql.constructs import ascending, calendar_period
from clicksession.sql.tables import Instant, Tables

__all__ = ["By", "Period", "Scope", "event_column", "of_user", "period_start"]

Unit = Literal["day", "week", "month"]

_SESSION = (
    *("session_id", "user_id", "started_at", "ended_at"),
    *("duration_seconds", "event_count", "start_reason"),
)
_EVENT = ("event_id", "user_id", "timestamp", "event_type", "session_id")
_BASE = ("session_id", "user_id", "started_at", "ended_at", "event_count")


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
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            known = did_you_mean(str(self.zone), available_timezones())
            must = "the name of a time zone, such as 'Europe/Amsterdam'"
            failure = ParameterError("Period", "zone", must, self.zone, known)
        else:
            return
        raise failure

    def __str__(self) -> str:
        return f"{self.unit} in {self.zone}"


By = str | Period


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
        names = self._of_events(*more)
        if not names and not self.by and self.where is None:
            return sessions
        first = _first_events(tables.events, names) if names else None
        known = {name: first.c[name] for name in names} if first is not None else {}
        known |= {name: sessions.c[name] for name in _SESSION if name in sessions.c}
        statement = select(
            *(known[name] for name in _BASE),
            *(known[name].label(f"first_{name}") for name in more),
            *(_key(by, known).label(key) for by, (key, _) in zip(self.by, self.keys, strict=True)),
        ).select_from(sessions)
        if first is not None:
            statement = statement.select_from(
                sessions.join(first, first.c.session_id == sessions.c.session_id)
            )
        return self._kept(statement, known).cte("kept_sessions")

    def event_columns(self, *more: str) -> list[str]:
        """Return the columns that the events must have."""
        return [name for name in self._of_events(*more) if name not in _EVENT]

    def words(self) -> str:
        """Return how a sentence says it: what follows after a full stop."""
        sentences = []
        if self.where is not None:
            kept = self.where.compile(compile_kwargs={"literal_binds": True})
            sentences.append(f" Only sessions with {kept} exist for it.")
        if self.by:
            sentences.append(f" For each {' and '.join(map(str, self.by))}.")
        return "".join(sentences)

    def _of_events(self, *more: str) -> list[str]:
        named = [by for by in self.by if isinstance(by, str)]
        if self.where is not None:
            named += [part.name for part in iterate(self.where) if isinstance(part, ColumnClause)]
        here = [name for name in named if name not in _SESSION]
        return list(dict.fromkeys([*here, *more]))

    def _kept(self, statement: Select[Any], known: dict[str, Any]) -> Select[Any]:
        if self.where is None:
            return statement

        def bound(part: Any, **_: Any) -> Any:
            if isinstance(part, ColumnClause) and part.name in known:
                return known[part.name]
            # Without the type, some databases would drop the zone of a time instead of using it.
            if isinstance(part, BindParameter) and isinstance(part.value, datetime):
                return BindParameter(None, part.value, type_=Instant(), unique=True)
            return None

        replace: Any = bound
        kept: Any = replacement_traverse(self.where, {}, replace)
        return statement.where(kept)


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
    if where is not None and not isinstance(where, ColumnElement):
        must = "a SQLAlchemy expression, such as column('country') == 'NL'"
        raise ParameterError(who, "where", must, where)
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
    numbered = (
        select(
            events.c.session_id,
            *(event_column(events, name) for name in names if name != "session_id"),
            first.label("event_number"),
        )
        .where(events.c.session_id.is_not(None))
        .cte("numbered_events")
    )
    return (
        select(*(numbered.c[name] for name in dict.fromkeys(["session_id", *names])))
        .where(and_(numbered.c.event_number == 1))
        .cte("first_events")
    )
