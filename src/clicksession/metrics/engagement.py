"""How long sessions last, and how long people stay away between them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Select, select

from clicksession.metrics.base import Metric
from clicksession.sql.constructs import microseconds_between, minutes_of, previous
from clicksession.sql.statistics import Statistic, check_statistic, summary
from clicksession.sql.tables import Tables

__all__ = ["SessionDuration", "TimeBetweenSessions"]


@dataclass(frozen=True, kw_only=True)
class SessionDuration(Metric):
    """How many minutes a session lasts: from its first event to its last.

    A session of one event lasts 0 minutes, and counts. Without any session the answer is null.

    Parameters
    ----------
    statistic
        ``"median"`` or ``"mean"``.

    Raises
    ------
    ParameterError
        A statistic that is not known.

    Examples
    --------
    >>> print(SessionDuration().describe())
    The median, over all sessions, of the minutes from a session's first event to its last.
    """

    statistic: Statistic = "median"

    def __post_init__(self) -> None:
        check_statistic(self.statistic, type(self).__name__)

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement: one row, one column."""
        sessions = (tables or Tables()).sessions
        minutes = minutes_of(microseconds_between(sessions.c.started_at, sessions.c.ended_at))
        durations = select(minutes.label("minutes")).cte("durations")
        name = f"{self.statistic}_session_duration_minutes"
        return summary(durations, "minutes", self.statistic, name)

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        return (
            f"The {self.statistic}, over all sessions, of the minutes from a session's first "
            "event to its last."
        )


@dataclass(frozen=True, kw_only=True)
class TimeBetweenSessions(Metric):
    """How many minutes a user stays away: from the end of one session to the start of the next.

    A user's first session has none before it and does not count. Without any second session the
    answer is null.

    Parameters
    ----------
    statistic
        ``"median"`` or ``"mean"``.

    Raises
    ------
    ParameterError
        A statistic that is not known.

    Examples
    --------
    >>> print(TimeBetweenSessions().describe())
    The median, over all sessions but each user's first, of the minutes from the end of the user's
    previous session to the start of this one.
    """

    statistic: Statistic = "median"

    def __post_init__(self) -> None:
        check_statistic(self.statistic, type(self).__name__)

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement: one row, one column."""
        with_previous = _with_previous_end((tables or Tables()).sessions)
        minutes = minutes_of(
            microseconds_between(with_previous.c.previous_ended_at, with_previous.c.started_at)
        )
        pauses = select(minutes.label("minutes")).cte("pauses")
        name = f"{self.statistic}_minutes_between_sessions"
        return summary(pauses, "minutes", self.statistic, name)

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        return (
            f"The {self.statistic}, over all sessions but each user's first, of the minutes from "
            "the end of the user's previous session to the start of this one."
        )


def _with_previous_end(sessions: FromClause) -> FromClause:
    before = previous(sessions.c.ended_at).over(
        partition_by=sessions.c.user_id, order_by=[sessions.c.started_at, sessions.c.session_id]
    )
    return select(sessions.c.started_at, before.label("previous_ended_at")).cte(
        "with_previous_session"
    )
