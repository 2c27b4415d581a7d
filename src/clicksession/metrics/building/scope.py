"""Which sessions a metric looks at, which count, and by what it tells them apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from sqlalchemy import (
    CTE,
    ColumnClause,
    ColumnElement,
    FromClause,
    and_,
    func,
    literal_column,
    select,
)

from clicksession.display import call
from clicksession.errors import ParameterError, did_you_mean
from clicksession.keywords import keywords
from clicksession.metrics.building.asked import SESSION_COLUMNS, Asked, event_column
from clicksession.metrics.building.where import check_where, columns_of, kept_by, said
from clicksession.metrics.building.window import Window, window_of
from clicksession.sql.constructs import ascending, calendar_hour, calendar_period
from clicksession.sql.tables import Tables

__all__ = [
    "UNITS",
    "By",
    "Period",
    "Scope",
    "Unit",
    "as_period",
    "is_named_as_a_unit",
    "key_of",
    "numbered_sessions",
    "of_user",
    "period_start",
    "scope_of",
]

Unit = Literal["hour", "day", "week", "month"]
#: The names of the units of a `Period`.
UNITS: tuple[str, ...] = get_args(Unit)

_BASE = ("session_id", "user_id", "started_at", "ended_at", "duration_seconds", "event_count")


@keywords()
@dataclass(frozen=True)
class Period:
    """An hour, day, week or month in a named zone, for `by`: the one that a session begins in.

    Weeks begin on Monday. Days have 23 or 25 hours where clocks change.

    An hour begins where the clocks of the zone show a full one, and is named by that instant: the
    hour that comes twice when clocks are set back is two hours. In a DataFrame it is a time in the
    zone, in the rows of a statement one in UTC.

    The others are named by their first day. That is no instant: clocks may pass over its midnight.
    In a DataFrame it is the midnight of that day without a zone, as calendars have it; in the rows
    of a statement, a date.

    Parameters
    ----------
    unit
        ``"hour"``, ``"day"``, ``"week"`` or ``"month"``.
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
        if self.unit not in UNITS:
            must = "'hour', 'day', 'week' or 'month'"
            near = did_you_mean(str(self.unit), UNITS)
            raise ParameterError("Period", "unit", must, self.unit, near)
        if not isinstance(self.zone, str) or self.zone not in _zones():
            known = did_you_mean(str(self.zone), _zones())
            must = "the name of a time zone, such as 'Europe/Amsterdam'"
            raise ParameterError("Period", "zone", must, self.zone, known)

    def __str__(self) -> str:
        return f"{self.unit} in {self.zone}"

    def __repr__(self) -> str:
        return call(self, {} if self.zone == "UTC" else {"zone": self.zone}, self.unit)


#: A column by its name or as SQLAlchemy's `column`, or a period; its unit alone is one of UTC.
By = str | Period | ColumnClause[Any]


class _Named(str):
    """The name of a column that is called as a unit is."""

    __slots__ = ()


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones: not of other files beside theirs, which databases lack."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


@dataclass(frozen=True)
class Scope:
    """The sessions that a metric looks at, each with what it is told apart by.

    A name means a column of the sessions table, or else a column of the session's first event. A
    session that `where` does not keep is as if it had never been; one that began outside of the
    window does not count, but is history for those that do.
    """

    by: tuple[str | Period, ...]
    where: ColumnElement[bool] | None
    window: Window

    @property
    def period_columns(self) -> dict[str, Period]:
        """Return what the keys that are periods are called, each with what it is."""
        return {by.unit: by for by in self.by if isinstance(by, Period)}

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Return the columns of a step that hold the keys, and what to call them."""
        return [
            (f"key_{number}", by if isinstance(by, str) else by.unit)
            for number, by in enumerate(self.by, 1)
        ]

    def keys_in(self, step: FromClause) -> list[ColumnElement[Any]]:
        """Return the keys that a step holds."""
        return [step.c[key] for key, _ in self.keys]

    def called_in(self, step: FromClause) -> list[ColumnElement[Any]]:
        """Return the same, called as in an answer."""
        return [step.c[key].label(called) for key, called in self.keys]

    def sessions(self, tables: Tables, *more: str) -> FromClause:
        """Return the sessions that count, with keys, and with more columns of their first events.

        For a metric whose answer hangs on nothing but these.
        """
        return self._sessions(tables, more, self.window.holds(tables.sessions.c.started_at))

    def history(self, tables: Tables, *more: str) -> FromClause:
        """Return the same, and those outside of the window too: `counted` tells them apart.

        For a metric that asks what was before a session that counts, or comes after it.
        """
        return self._sessions(tables, more, ())

    def counted(self, step: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions that a row counts, over what `placed_by` carried along."""
        return self.window.holds(step.c.started_at) if self.window else ()

    def placed_by(self, step: FromClause) -> list[ColumnElement[Any]]:
        """Return what a step of a session has to carry along for `counted`; most often nothing."""
        return [step.c.started_at] if self.window else []

    def _sessions(
        self, tables: Tables, more: tuple[str, ...], counted: tuple[ColumnElement[bool], ...]
    ) -> FromClause:
        sessions = tables.sessions
        counts, kept = tables.count_columns, tables.kept.names
        # What is asked of a first event is so, whatever the sessions keep under its name.
        own = {edge.name for edge in tables.kept.edges if edge.name == edge.source} & set(more)
        names = [name for name in self._of_events(*more) if name not in kept or name in own]
        if not names and not more and not self.by and self.where is None and not counted:
            return sessions
        first = _first_events(tables.events, names) if names else None
        known = {name: first.c[name] for name in names} if first is not None else {}
        known |= dict(sessions.c.items())
        statement = select(
            *(known[name] for name in (*_BASE, *counts)),
            *(
                (first.c if first is not None and name in names else known)[name].label(
                    f"first_{name}"
                )
                for name in more
            ),
            *(
                key_of(by, known).label(key)
                for by, (key, _) in zip(self.by, self.keys, strict=True)
            ),
        ).select_from(sessions)
        if first is not None:
            statement = statement.select_from(
                sessions.join(first, first.c.session_id == sessions.c.session_id)
            )
        if self.where is not None:
            statement = statement.where(kept_by(self.where, known))
        return statement.where(*counted).cte("kept_sessions")

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that `by` and `where` name."""
        named = [("by", by) for by in self.by if isinstance(by, str)]
        if self.where is not None:
            named += [("where", column.name) for column in columns_of(self.where)]
        return tuple(Asked(parameter, name, of_session=True) for parameter, name in named)

    def words(self, counts: str, beside: str) -> str:
        """Return how a sentence says it: what follows after a full stop.

        Parameters
        ----------
        counts
            What lies in a window: ``"sessions count that began"``.
        beside
            What counts beside these, outside of the window: ``"; the session before may …"``.
        """
        sentences = []
        if self.where is not None:
            sentences.append(f" Only sessions with {said(self.where)} exist for it.")
        if self.window:
            sentences.append(f" Only {counts} {self.window}{beside}.")
        if self.by:
            sentences.append(f" For each {' and '.join(map(str, self.by))}.")
        return "".join(sentences)

    def _of_events(self, *more: str) -> list[str]:
        named = dict.fromkeys([*(asked.column for asked in self.asks), *more])
        return [name for name in named if name not in SESSION_COLUMNS]


def scope_of(who: str, by: Any, where: Any, since: Any = None, until: Any = None) -> Scope:
    """Return the scope of a metric's parameters that all metrics have.

    Raises
    ------
    ParameterError
        `by` is no column and no `Period`, `where` is no expression, or `since` and `until` are no
        window of time.
    """
    several = tuple(map(_column_or_period, by if isinstance(by, tuple | list) else (by,)))
    if not all(several):
        must = "the name of a column, a Period, or several in a tuple"
        raise ParameterError(who, "by", must, by)
    if where is not None:
        check_where(who, where)
    scope = Scope(several, where, window_of(who, since, until))
    called = [name for _, name in scope.keys]
    if len(set(called)) < len(called):
        raise ParameterError(who, "by", "columns with names of their own", by)
    return scope


def of_user(sessions: FromClause) -> dict[str, Any]:
    """Return the window over a user's sessions in their order."""
    order = [sessions.c.started_at, sessions.c.session_id]
    return {"partition_by": sessions.c.user_id, "order_by": order}


def is_named_as_a_unit(by: Any) -> bool:
    """Say whether `by` is a column that is called as a unit is, and so no period."""
    return isinstance(by, _Named)


def as_period(said: Any) -> Any:
    """Return the period in UTC that the name of a unit means, and all else as it is."""
    is_unit = isinstance(said, str) and not isinstance(said, _Named) and said in UNITS
    return Period(said) if is_unit else said


def period_start(time: ColumnElement[Any], period: Period) -> ColumnElement[Any]:
    """Return the first day of the period that a time falls in; of an hour, its beginning."""
    zone: ColumnElement[str] = literal_column(f"'{period.zone}'")
    if period.unit == "hour":
        return calendar_hour(time, zone)
    return calendar_period(time, literal_column(f"'{period.unit}'"), zone)


def key_of(by: str | Period, known: Mapping[str, Any], time: str = "started_at") -> Any:
    """Return what `by` is of a row, whose columns are known by name; `time` is when it was."""
    return period_start(known[time], by) if isinstance(by, Period) else known[by]


def _column_or_period(by: Any) -> str | Period:
    """Return what `by` means; nothing where it means nothing."""
    if isinstance(by, ColumnClause) and not by.is_literal:
        return _Named(by.name) if by.name in UNITS else by.name
    meant = as_period(by)
    return meant if isinstance(meant, str | Period) else ""


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


def numbered_sessions(sessions: FromClause) -> CTE:
    """Return the sessions, numbered from each user's first."""
    number = func.row_number().over(**of_user(sessions))
    return select(*sessions.c, number.label("number")).cte("numbered_sessions")
