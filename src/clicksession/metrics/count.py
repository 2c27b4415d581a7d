"""How many there are: sessions, users, events, conversions."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)

from clicksession.keywords import keywords
from clicksession.metrics.base import NumberMetric
from clicksession.metrics.building.asked import SESSION_COLUMNS, event_column
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.scope import Scope, key_of
from clicksession.metrics.building.sentences import events_of, with_article
from clicksession.metrics.building.typed import B
from clicksession.metrics.building.window import Window
from clicksession.metrics.roles import ORDER, EventTypes, Name
from clicksession.sql.conversions import conversion_column
from clicksession.sql.statistics import nulls_last
from clicksession.sql.tables import Tables

__all__ = ["Count", "with_events"]


@keywords()
@dataclass(frozen=True, kw_only=True)
class Count(NumberMetric[B]):
    """How many sessions, users, events or conversions there are.

    Only what is in a session counts: events without a user or a time are in none.

    Parameters
    ----------
    of
        ``"sessions"``; ``"users"`` with a session, each once; ``"events"``; or ``"conversions"``,
        which are events too.
    events
        Event types or roles. Of events and conversions, those that count; left out: all events, and
        orders as conversions. Of sessions and users, those with such an event.
    by, since, until
        Of sessions and users as in `Metric`; a user counts in each group that they have a session
        in. Of events and conversions, a period is the one that the *event* is in, and a column that
        sessions do not have is the event's own; the window is asked of the event, too.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        Something else is to be counted, or a name of an event type is none.

    Examples
    --------
    >>> print(Count(of="events", events="search", by="hour").describe())
    The number of 'search' events. For each hour in UTC of the event.
    >>> print(Count(of="users", by="day").describe())
    The number of users with a session. For each day in UTC.
    """

    of: Literal["sessions", "users", "events", "conversions"] = "sessions"
    events: EventTypes | None = None

    _step = "counted"

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        values = self._values(self._tables(tables)).cte(self._step)
        keys = self._scope.keys_in(values)
        number = self._counted(values.c[self._called]).label(self.column)
        counted = select(*self._scope.called_in(values), number)
        return counted.group_by(*keys).order_by(*nulls_last(keys)) if keys else counted

    @property
    def column(self) -> str:
        """What the column of the number is called."""
        return self.of

    @property
    def _counts_events(self) -> bool:
        return self.of in ("events", "conversions")

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return () if self.events is None else (self._looked("events"),)

    def shown_by(self, answer: Any) -> frozenset[Name]:
        """Return the events that it names of which an answer shows that they occur."""
        names: Any = self.events or ()
        found = bool((answer[self.of] > 0).any() if self.gives_table else answer)
        return self._shown(names, found)

    @property
    def _asked(self) -> tuple[str, ...] | None:
        """The event types that it asks for; None: for any."""
        return None if self.events is None else self._types("events")

    def _of_session(self, tables: Tables) -> tuple[str, ...]:
        """Return those of `by` that are the session's where events are counted."""
        known = (*SESSION_COLUMNS, *tables.kept.names)
        return tuple(by for by in self._scope.by if isinstance(by, str) and by in known)

    def _check(self) -> None:
        self._choose("of", "sessions", "users", "events", "conversions")
        if self.of == "conversions" and self.events is None:
            object.__setattr__(self, "events", ORDER)
        if self.events is not None:
            self._names("events")

    def _counted(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        if self._counts_events:
            return cast(func.coalesce(func.sum(value), 0), BigInteger)
        return func.count(value.distinct() if self.of == "users" else value)

    def _values(self, tables: Tables) -> Select[Any]:
        own = self._of_session(tables)
        if self._counts_events and (len(own) < len(self._scope.by) or self._scope.window):
            return self._of_events(tables, own)
        sessions = self._scope.sessions(tables)
        keys = self._scope.keys_in(sessions)
        source: FromClause = sessions
        number: ColumnElement[Any] = sessions.c.event_count
        if self._asked is not None:
            source, number = with_events(tables, sessions, self._asked)
        counted = number
        if not self._counts_events:
            one = sessions.c.user_id if self.of == "users" else sessions.c.session_id
            counted = one if self._asked is None else case((number > 0, one))
        return select(*keys, counted.label(self._called)).select_from(source)

    def _of_events(self, tables: Tables, own: tuple[str, ...]) -> Select[Any]:
        """Return a row for each event: with its session's keys, and others of its own."""
        scope = Scope(own, self.where, Window(None, None))
        events, sessions = tables.events, scope.sessions(tables)
        of_session = {by: sessions.c[key] for by, (key, _) in zip(own, scope.keys, strict=True)}
        named = [by for by in self._scope.by if isinstance(by, str)]
        of_event = {name: event_column(events, name) for name in named if name not in of_session}
        known = {"timestamp": events.c.timestamp, **of_event, **of_session}
        keys = [
            key_of(by, known, "timestamp").label(key)
            for by, (key, _) in zip(self._scope.by, self._scope.keys, strict=True)
        ]
        rows = select(*keys, literal_column("1").label(self._called)).select_from(
            events.join(sessions, sessions.c.session_id == events.c.session_id)
        )
        rows = rows.where(*self._scope.window.holds(events.c.timestamp))
        return rows if self._asked is None else rows.where(events.c.event_type.in_(self._asked))

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        said = super().describe()
        is_own = self._counts_events and len(self._of_session(Tables())) < len(self._scope.by)
        return f"{said[:-1]} of the event." if is_own else said

    @property
    def _counts(self) -> str:
        return "events count that were" if self._counts_events else super()._counts

    def _definition(self) -> str:
        events = None if self.events is None else events_of(self.events, several=True)
        if self._counts_events:
            return f"The number of {events or 'events in sessions'}."
        if self.events is None:
            return (
                f"The number of {'sessions' if self.of == 'sessions' else 'users with a session'}."
            )
        one = with_article(events_of(self.events))
        who = "sessions that have" if self.of == "sessions" else "users with a session that has"
        return f"The number of {who} {one}."


def with_events(
    tables: Tables, sessions: FromClause, types: tuple[str, ...]
) -> tuple[FromClause, ColumnElement[Any]]:
    """Return the sessions, and how many events of these types each has: from what they count.

    Where they do not count these, with a step beside them that does.
    """
    if tables.counts(types):
        first, *rest = (sessions.c[conversion_column(name)] for name in dict.fromkeys(types))
        return sessions, sum(rest, start=first)
    events = tables.events
    found = (
        select(events.c.session_id, func.count().label("number"))
        .where(and_(events.c.event_type.in_(types), events.c.session_id.is_not(None)))
        .group_by(events.c.session_id)
        .cte("events_of_sessions")
    )
    joined = sessions.outerjoin(found, found.c.session_id == sessions.c.session_id)
    return joined, func.coalesce(found.c.number, 0)
