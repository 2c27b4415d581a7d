"""How often people come, how long they stay, and how long they stay away."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from clicksession.keywords import keywords
from clicksession.metrics.base import StatisticMetric
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.scope import of_user
from clicksession.metrics.building.sentences import events_of
from clicksession.metrics.building.typed import B
from clicksession.metrics.building.units import TIME_UNITS, TimeUnit, in_unit
from clicksession.metrics.count import with_events
from clicksession.metrics.roles import EventTypes
from clicksession.sql.constructs import ascending, microseconds_between, previous
from clicksession.sql.statistics import words
from clicksession.sql.tables import Tables

__all__ = [
    "EventsPerSession",
    "EventsPerUser",
    "SessionDuration",
    "SessionsPerUser",
    "TimeBetweenEvents",
    "TimeBetweenSessions",
]


@keywords()
@dataclass(frozen=True, kw_only=True)
class SessionsPerUser(StatisticMetric[B]):
    """How many sessions a user has, of the users that have any.

    With `by`, a user counts in every group that they have a session in.

    Parameters
    ----------
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    by, where, since, until
        See `Metric`: each session. A user counts with those in the window.

    Examples
    --------
    >>> print(SessionsPerUser(statistic="mean").describe())
    The mean, over all users with a session, of the number of their sessions.
    """

    _measured = "sessions_per_user"

    def _values(self, tables: Tables) -> Select[Any]:
        sessions = self._scope.sessions(tables)
        keys = self._scope.keys_in(sessions)
        counted = select(*keys, func.count(sessions.c.session_id).label("value"))
        return counted.group_by(sessions.c.user_id, *keys)

    def _definition(self) -> str:
        return (
            f"The {words(self.statistic)}, over all users with a session, of the number of their "
            "sessions."
        )


@dataclass(frozen=True, kw_only=True)
class _EventsPer(StatisticMetric[B]):
    """What the numbers of events of a session and of a user share: which events."""

    events: EventTypes | None = None

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return () if self.events is None else (self._looked("events"),)

    def _check(self) -> None:
        if self.events is not None:
            self._names("events")

    def _with_number(self, tables: Tables) -> tuple[FromClause, FromClause, ColumnElement[Any]]:
        """Return the sessions, what to select them from, and how many events each has."""
        sessions = self._scope.sessions(tables)
        if self.events is None:
            return sessions, sessions, sessions.c.event_count
        return sessions, *with_events(tables, sessions, self._types("events"))


@keywords()
@dataclass(frozen=True, kw_only=True)
class EventsPerSession(_EventsPer[B]):
    """How many events a session has.

    Parameters
    ----------
    events
        The event types or roles that count; a session without any counts as 0. Left out: all
        events.
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Examples
    --------
    >>> print(EventsPerSession(statistic="p90").describe())
    The 90th percentile, over all sessions, of the number of a session's events.
    >>> print(EventsPerSession(events="search").describe())
    The median, over all sessions, of the number of a session's 'search' events.
    """

    _measured = "events_per_session"

    def _values(self, tables: Tables) -> Select[Any]:
        sessions, source, number = self._with_number(tables)
        keys = self._scope.keys_in(sessions)
        return select(*keys, number.label("value")).select_from(source)

    def _definition(self) -> str:
        events = "events" if self.events is None else events_of(self.events, several=True)
        return (
            f"The {words(self.statistic)}, over all sessions, of the number of a session's "
            f"{events}."
        )


@keywords()
@dataclass(frozen=True, kw_only=True)
class EventsPerUser(_EventsPer[B]):
    """How many events a user has, of the users that have a session.

    With `by`, a user counts in every group that they have a session in, with the events there.

    Parameters
    ----------
    events
        The event types or roles that count; a user without any counts as 0. Left out: all events.
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    by, where, since, until
        See `Metric`: each session. A user counts with those in the window, and their events.

    Examples
    --------
    >>> print(EventsPerUser(events="search", statistic="mean").describe())
    The mean, over all users with a session, of the number of their 'search' events.
    """

    _measured = "events_per_user"

    def _values(self, tables: Tables) -> Select[Any]:
        sessions, source, number = self._with_number(tables)
        keys = self._scope.keys_in(sessions)
        counted = select(*keys, func.sum(number).label("value")).select_from(source)
        return counted.group_by(sessions.c.user_id, *keys)

    def _definition(self) -> str:
        events = "events" if self.events is None else events_of(self.events, several=True)
        return (
            f"The {words(self.statistic)}, over all users with a session, of the number of their "
            f"{events}."
        )


@dataclass(frozen=True, kw_only=True)
class _Duration(StatisticMetric[B]):
    """What the metrics of time share: a unit."""

    unit: TimeUnit = "minutes"

    @property
    def _called(self) -> str:
        return self.unit

    def _check(self) -> None:
        self._choose("unit", *TIME_UNITS)


@keywords()
@dataclass(frozen=True, kw_only=True)
class SessionDuration(_Duration[B]):
    """How long a session lasts: from its first event to its last.

    A session of one event lasts 0 minutes, and counts. Without any session the answer is null.

    Parameters
    ----------
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Raises
    ------
    ParameterError
        A statistic or a unit that is not known.

    Examples
    --------
    >>> print(SessionDuration().describe())
    The median, over all sessions, of the minutes from a session's first event to its last.
    """

    @property
    def _measured(self) -> str:
        return f"session_duration_{self.unit}"

    _step = "durations"

    def _values(self, tables: Tables) -> Select[Any]:
        sessions = self._scope.sessions(tables)
        keys = self._scope.keys_in(sessions)
        duration = microseconds_between(sessions.c.started_at, sessions.c.ended_at)
        return select(*keys, in_unit(duration, self.unit).label(self._called))

    def _definition(self) -> str:
        return (
            f"The {words(self.statistic)}, over all sessions, of the {self.unit} from a session's "
            "first event to its last."
        )


@keywords()
@dataclass(frozen=True, kw_only=True)
class TimeBetweenSessions(_Duration[B]):
    """How long a user stays away: from the end of one session to the start of the next.

    A user's first session has none before it and does not count. Without any second session the
    answer is null. Sessions that a tracker gave may interleave: the pause is then from the latest
    end of all the user's earlier sessions, and a session that begins before it has none and does
    not count.

    Parameters
    ----------
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.
    by, since, until
        See `Metric`: the session after the pause; those before it may be of any time.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        A statistic or a unit that is not known.

    Examples
    --------
    >>> print(TimeBetweenSessions().describe())
    The median, over all sessions but each user's first, of the minutes from the end of the user's
    previous session to the start of this one.
    """

    @property
    def _measured(self) -> str:
        return f"{self.unit}_between_sessions"

    _step = "pauses"

    def _values(self, tables: Tables) -> Select[Any]:
        sessions = self._scope.history(tables)
        # Not the end of the session before: of sessions that interleave, an earlier one may be on.
        ended = func.max(sessions.c.ended_at).over(**of_user(sessions), rows=(None, -1))
        pauses = select(
            *self._scope.keys_in(sessions),
            sessions.c.started_at,
            ended.label("previous_ended_at"),
        ).cte("with_previous_sessions")
        was_away = pauses.c.previous_ended_at <= pauses.c.started_at
        pause = microseconds_between(pauses.c.previous_ended_at, pauses.c.started_at)
        return select(
            *self._scope.keys_in(pauses),
            in_unit(case((was_away, pause)), self.unit).label(self._called),
        ).where(*self._scope.counted(pauses))

    def _definition(self) -> str:
        return (
            f"The {words(self.statistic)}, over all sessions but each user's first, of the "
            f"{self.unit} from the end of the user's previous session to the start of this one."
        )

    _beside = "; the session before may be of any time"


@keywords()
@dataclass(frozen=True, kw_only=True)
class TimeBetweenEvents(_Duration[B]):
    """How long it takes from one event to the next of the same session.

    A session of one event has no such time. Ties in time break by ``event_id``.

    Parameters
    ----------
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.
    by, where, since, until
        See `Metric`: the session with both events.

    Examples
    --------
    >>> print(TimeBetweenEvents(unit="seconds").describe())
    The median, over all events but each session's first, of the seconds since the previous event
    of the session.
    """

    @property
    def _measured(self) -> str:
        return f"{self.unit}_between_events"

    _step = "pauses"

    def _values(self, tables: Tables) -> Select[Any]:
        events, sessions = tables.events, self._scope.sessions(tables)
        before = previous(events.c.timestamp).over(
            partition_by=events.c.session_id,
            order_by=[events.c.timestamp, ascending(events.c.event_id)],
        )
        pauses = (
            select(
                *self._scope.keys_in(sessions),
                events.c.timestamp,
                before.label("previous_timestamp"),
            )
            .select_from(events.join(sessions, sessions.c.session_id == events.c.session_id))
            .cte("with_previous_event")
        )
        pause = microseconds_between(pauses.c.previous_timestamp, pauses.c.timestamp)
        return select(*self._scope.keys_in(pauses), in_unit(pause, self.unit).label(self._called))

    def _definition(self) -> str:
        return (
            f"The {words(self.statistic)}, over all events but each session's first, of the "
            f"{self.unit} since the previous event of the session."
        )
