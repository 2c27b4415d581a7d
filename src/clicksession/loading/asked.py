"""What of a table is asked for: which rows, which columns, and the statement that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict, cast
from zoneinfo import available_timezones

import pyarrow as pa
from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, func, select

from clicksession.errors import ParameterError, did_you_mean
from clicksession.metrics.building.where import check_where, columns_of, kept_by
from clicksession.moments import Moment, as_window
from clicksession.sql.constructs import ascending, epoch_microseconds
from clicksession.sql.tables import Tables
from clicksession.writers.tables.columns import INSTANT, arrow_type
from clicksession.writers.tables.target import Target

__all__ = ["Asked", "Filters", "Moment"]

_INDEX = "session_index"
_FIRST_OF_EVENTS = ("event_id", "user_id", "timestamp", "event_type")


class Filters(TypedDict, total=False):
    """What the functions of this part take in common, for their overloads."""

    columns: Iterable[str] | None
    where: ColumnElement[bool] | None
    since: Moment | None
    until: Moment | None
    session_index: bool
    zone: str
    in_order: bool
    tables: Tables | None


@dataclass(frozen=True)
class Asked:
    """What a caller asks for, as it was given and checked as far as it can be without a target.

    Attributes
    ----------
    who
        Named in errors.
    table
        Which of the two tables.
    time
        The column that `since` and `until` are about.
    """

    who: str
    table: Literal["events", "sessions"]
    columns: Iterable[str] | None
    where: ColumnElement[bool] | None
    since: Moment | None
    until: Moment | None
    session_index: bool
    zone: str
    in_order: bool

    def __post_init__(self) -> None:
        if self.columns is not None:
            object.__setattr__(self, "columns", self._distinct(self.columns))
        if self.where is not None:
            check_where(self.who, self.where)
        if self.zone not in available_timezones():
            nearest = did_you_mean(str(self.zone), available_timezones())
            must = "the name of a time zone, such as 'Europe/Amsterdam'"
            raise ParameterError(self.who, "zone", must, self.zone, nearest)
        self._window()

    def _distinct(self, columns: object) -> tuple[str, ...]:
        """Return the names, each once, which may come from an iterator."""
        is_one = isinstance(columns, str) or not isinstance(columns, Iterable)
        names: list[Any] = [] if is_one else list(cast(Iterable[Any], columns))
        if not names or not all(isinstance(name, str) for name in names):
            must = "the names of columns, such as ('user_id',), or left out for all"
            raise ParameterError(self.who, "columns", must, columns)
        return tuple(dict.fromkeys(names))

    @property
    def time(self) -> str:
        """The column that `since` and `until` are about."""
        return "started_at" if self.table == "sessions" else "timestamp"

    def statement(self, target: Target) -> Select[Any]:
        """Return the statement; instants come as microseconds since 1970, which all spell alike."""
        known, source = self._source(target)
        rows = getattr(target, self.table).c
        chosen = [_plain(known[name]).label(name) for name in self._names(target)]
        statement = select(*chosen).select_from(source).where(*self._conditions(known))
        if not self.in_order:
            return statement
        if self.table == "sessions":
            return statement.order_by(rows.started_at, rows.session_id)
        return statement.order_by(ascending(rows.timestamp), ascending(rows.event_id))

    def schema(self, target: Target) -> pa.Schema:
        """Return the types of what comes out; of times, in the zone that was asked for."""
        known, _ = self._source(target)
        kinds = {name: arrow_type(known[name].type) for name in self._names(target)}
        here = pa.timestamp("us", self.zone)
        return pa.schema({n: here if kind == INSTANT else kind for n, kind in kinds.items()})

    def _names(self, target: Target) -> list[str]:
        """Return the columns that are wanted, in their order.

        Raises
        ------
        ParameterError
            One is not there.
        """
        there = self._there(target)
        names = there if self.columns is None else list(self.columns)
        for name in names:
            self._require(name, there, "columns")
        if self.session_index and _INDEX not in names:
            place = names.index("user_id") + 1 if "user_id" in names else len(names)
            place = place if self.table == "sessions" else len(names)
            names = [*names[:place], _INDEX, *names[place:]]
        return names

    def _there(self, target: Target) -> list[str]:
        if self.table == "sessions":
            return list(target.sessions.c.keys())
        names = list(target.events.c.keys())
        return [*_FIRST_OF_EVENTS, *(name for name in names if name not in _FIRST_OF_EVENTS)]

    def _source(self, target: Target) -> tuple[dict[str, ColumnElement[Any]], FromClause]:
        """Return the columns by their names, and what they are of."""
        rows = getattr(target, self.table)
        known: dict[str, ColumnElement[Any]] = dict(rows.c.items())
        if not self.session_index:
            return known, rows
        numbered = _numbered(target.sessions)
        is_same = numbered.c.session_id == rows.c.session_id
        return {**known, _INDEX: numbered.c[_INDEX]}, rows.outerjoin(numbered, is_same)

    def _conditions(self, known: dict[str, ColumnElement[Any]]) -> list[ColumnElement[bool]]:
        since, until = self._window()
        conditions = []
        if since is not None:
            conditions.append(known[self.time] >= since)
        if until is not None:
            conditions.append(known[self.time] < until)
        if self.where is not None:
            for column in columns_of(self.where):
                self._require(column.name, list(known), "where")
            conditions.append(kept_by(self.where, known))
        return conditions

    def _require(self, name: str, known: list[str], parameter: str) -> None:
        if name not in known:
            must = f"about columns of the {self.table} ({', '.join(known)})"
            hint = did_you_mean(str(name), known)
            if name == _INDEX:
                hint = "The ordinal of a session comes with session_index=True."
            raise ParameterError(self.who, parameter, must, name, hint)

    def _window(self) -> tuple[datetime | None, datetime | None]:
        since, until = as_window(self.since, self.until, who=self.who)
        return since and since.to_pydatetime(), until and until.to_pydatetime()


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column so that every database writes it alike."""
    return epoch_microseconds(column) if arrow_type(column.type) == INSTANT else column


def _numbered(sessions: FromClause) -> FromClause:
    """Return the ordinal of each session within its user: of all, whatever is asked for."""
    # Of two that begin in one microsecond the later one has a suffix, or a higher one.
    order = [sessions.c.started_at, func.length(sessions.c.session_id), sessions.c.session_id]
    ordinal = func.row_number(type_=BigInteger()).over(
        partition_by=sessions.c.user_id, order_by=order
    )
    return select(sessions.c.session_id, ordinal.label(_INDEX)).cte("numbered_sessions")
