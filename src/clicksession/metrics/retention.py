"""Who comes back: cohorts, and new and returning users."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select

from clicksession.metrics.base import TableMetric
from clicksession.metrics.conversion import numbered_sessions
from clicksession.metrics.scope import Period, period_start
from clicksession.sql.constructs import calendar_periods_between
from clicksession.sql.statistics import nulls_last, share
from clicksession.sql.tables import Tables

__all__ = ["NewAndReturning", "Retention"]

_DAY, _WEEK = Period("day"), Period("week")


@dataclass(frozen=True, kw_only=True)
class Retention(TableMetric):
    """How many users of a cohort come back, period by period.

    A user's cohort is the day, week or month that their first session begins in; they are there in
    each period in which a session of theirs begins.

    Columns: the keys of `by`; ``cohort``, the first day of its period; ``period``, how many periods
    later, from 0; ``users`` in the cohort; how many of them ``returned`` in that period; their
    ``share``, from 0 to 1. Periods in which nobody returned have no row.

    Parameters
    ----------
    period
        A `Period`: ``Period("week", zone="Europe/Amsterdam")``.
    by, since, until
        See `Metric`: the user's first session. Later ones count whenever they began, also behind
        the window; the last cohorts have had less time to come back.
    where
        See `Metric`.

    Examples
    --------
    >>> print(Retention(period=Period("month")).describe())
    For the users whose first session began in the same month in UTC: how many have a session that
    began so many months later.
    """

    period: Period = _WEEK

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        numbered = numbered_sessions(self._scope.history(tables or Tables()))
        start = period_start(numbered.c.started_at, self.period)
        keys = [key for key, _ in self._scope.keys]
        firsts = (
            select(*(numbered.c[key] for key in keys), numbered.c.user_id, start.label("cohort"))
            .where(numbered.c.number == 1, *self._scope.counted(numbered))
            .cte("first_sessions")
        )
        there = select(numbered.c.user_id, start.label("start")).distinct().cte("periods_of_users")
        later = calendar_periods_between(
            firsts.c.cohort, there.c.start, literal_column(f"'{self.period.unit}'")
        )
        pairs = (
            select(*(firsts.c[key] for key in keys), firsts.c.cohort, later.label("period"))
            .select_from(firsts.join(there, there.c.user_id == firsts.c.user_id))
            .cte("users_in_periods")
        )
        groups = [*(pairs.c[key] for key in keys), pairs.c.cohort, pairs.c.period]
        counted = select(*groups, func.count().label("returned")).group_by(*groups).cte("counted")
        cohort = [*(counted.c[key] for key in keys), counted.c.cohort]
        # Everybody is there in period 0, so that no period has more.
        users = func.max(counted.c.returned).over(partition_by=cohort)
        return select(
            *(counted.c[key].label(called) for key, called in self._scope.keys),
            *(counted.c.cohort, counted.c.period, users.label("users"), counted.c.returned),
            share(counted.c.returned, users).label("share"),
        ).order_by(*nulls_last(cohort), counted.c.period)

    def _check(self) -> None:
        if not isinstance(self.period, Period):
            raise self._refuse("period", "a Period")

    def _definition(self) -> str:
        at = "on" if self.period.unit == "day" else "in"
        return (
            f"For the users whose first session began {at} the same {self.period}: how many have "
            f"a session that began so many {self.period.unit}s later."
        )

    @property
    def _counts(self) -> str:
        return "users count whose first session"

    @property
    def _beside(self) -> str:
        return "; their later sessions may be of any time"


@dataclass(frozen=True, kw_only=True)
class NewAndReturning(TableMetric):
    """How many users of each day, week or month are new, and how many were there before.

    A user is new in the period that their first session begins in, and returning in each later one
    in which a session of theirs begins.

    Columns: the keys of `by`; the first day of the period, called ``period``; ``new_users``;
    ``returning_users``. Periods without any session have no row.

    Parameters
    ----------
    period
        A `Period`: ``Period("day", zone="Europe/Amsterdam")``.
    by, since, until
        See `Metric`: the session in that period. A user counts for each of their keys. Who is new
        is judged by all of their sessions, also those outside of the window.
    where
        See `Metric`.

    Examples
    --------
    >>> print(NewAndReturning().describe())
    For each day in UTC: how many users with a session that began in it had their first session in
    it, and how many had it before.
    """

    period: Period = _DAY

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        sessions = self._scope.history(tables or Tables())
        keys = [key for key, _ in self._scope.keys]
        placed = select(
            *(sessions.c[key] for key in keys),
            sessions.c.user_id,
            period_start(sessions.c.started_at, self.period).label("start"),
            *self._scope.placed_by(sessions),
        ).cte("placed_sessions")
        first = func.min(placed.c.start).over(partition_by=placed.c.user_id)
        known = select(*placed.c, first.label("first_start")).cte("known_sessions")
        groups = [*(known.c[key] for key in keys), known.c.start]
        is_new = known.c.start == known.c.first_start
        counted = (
            select(
                *groups,
                func.count(case((is_new, known.c.user_id)).distinct()).label("new_users"),
                func.count(case((~is_new, known.c.user_id)).distinct()).label("returning_users"),
            )
            .where(*self._scope.counted(known))
            .group_by(*groups)
            .cte("counted")
        )
        ordered = [*(counted.c[key] for key in keys), counted.c.start]
        return select(
            *(counted.c[key].label(called) for key, called in self._scope.keys),
            counted.c.start.label("period"),
            *(counted.c.new_users, counted.c.returning_users),
        ).order_by(*nulls_last(ordered))

    def _check(self) -> None:
        if not isinstance(self.period, Period):
            raise self._refuse("period", "a Period")

    def _definition(self) -> str:
        return (
            f"For each {self.period}: how many users with a session that began in it had their "
            "first session in it, and how many had it before."
        )

    @property
    def _beside(self) -> str:
        return "; the first session of a user may be of any time"
