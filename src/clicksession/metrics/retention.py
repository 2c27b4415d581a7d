"""Who comes back: cohorts, and new and returning users."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sqlalchemy import Select, case, func, select

from clicksession.errors import did_you_mean
from clicksession.keywords import keywords
from clicksession.metrics.base import TableMetric
from clicksession.metrics.building.cohorts import HOURS, Cohorts
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.scope import UNITS, Period, Unit, as_period, period_start
from clicksession.metrics.building.sentences import events_of, with_article
from clicksession.metrics.roles import EventTypes
from clicksession.sql.statistics import nulls_last, share
from clicksession.sql.tables import Tables

__all__ = ["NewAndReturning", "Retention"]

_DAY, _WEEK = Period("day"), Period("week")

# What the numbers of periods go up to.
_MOST = 99_999


class _ByPeriod(TableMetric):
    """What the metrics of this module share: a period, of which a caller may give the unit."""

    period: Any

    #: What the column of the period is called.
    _named: ClassVar[str]

    @property
    def period_columns(self) -> dict[str, Period]:
        """The columns of the answer that are periods, each with what it is."""
        return {**super().period_columns, self._named: self._period}

    @property
    def _period(self) -> Period:
        kept: Period = self.period
        return kept

    def _check(self) -> None:
        """Keep the name of a unit as the period that it means."""
        period = as_period(self.period)
        if not isinstance(period, Period):
            near = did_you_mean(str(self.period), UNITS)
            must = f"a Period, or the name of its unit: {', '.join(map(repr, UNITS))}"
            raise self._refuse("period", must, near)
        object.__setattr__(self, "period", period)


@keywords()
@dataclass(frozen=True, kw_only=True)
class Retention(_ByPeriod):
    """How many users of a cohort come back, period by period.

    As it stands, a user's cohort is the day, week or month that their first session begins in, and
    they are there in each period in which a session of theirs begins.

    Columns: the keys of `by`; ``cohort``, the first day of its period; ``period``, how many periods
    later, from 0; ``users`` in the cohort; how many of them ``returned`` in that period; their
    ``share``, from 0 to 1. In period 0 all are there, by what makes them part of the cohort.
    Periods in which nobody returned have no row.

    Parameters
    ----------
    period
        A `Period`: ``Period("week", zone="Europe/Amsterdam")``; its unit alone is one in UTC.
    first_events
        The event types or roles whose first one, of each user, says their cohort. Left out: their
        first session.
    return_events
        The event types or roles that are a return, in the period that the event is in. Left out: a
        session.
    cohort
        ``"first"``: each user is in one cohort. ``"active"``: in that of each period that they have
        such an event, or session, in: with ``up_to=1`` that is from each period to the next.
    returning
        ``"on"``: who returned in that period. ``"on_or_after"``: in it or in a later one; then no
        period up to the last has no row.
    periods
        ``"calendar"``; or ``"rolling"``: a day is 24 hours from the user's first event, or start of
        their first session, on, and a week 7 times that. Only then `period` may be an hour.
    up_to
        How many periods later the last row of a cohort may be; left out: all.
    by, since, until
        See `Metric`: the session that makes the user part of the cohort, or that has the event
        which does. With ``cohort="active"``, a user counts for each of their keys. Returns count
        whenever they are, also behind the window; the last cohorts have had less time to come back.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        A period is none, months or all active users are to be rolling, or a choice is not known.

    Examples
    --------
    >>> print(Retention(period=Period("month")).describe())
    For the users whose first session began in the same month in UTC: how many have a session that
    began so many months later.
    >>> print(Retention(period="day", first_events="sign_up", returning="on_or_after").describe())
    For the users whose first 'sign_up' event was on the same day in UTC: how many have a session
    that began so many days later, or after that.
    """

    period: Period | Unit = _WEEK
    first_events: EventTypes | None = None
    return_events: EventTypes | None = None
    cohort: Literal["first", "active"] = "first"
    returning: Literal["on", "on_or_after"] = "on"
    periods: Literal["calendar", "rolling"] = "calendar"
    up_to: int | None = None

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        cohorts = Cohorts(
            *(self._tables(tables), self._scope, self._period),
            first_events=self._types_if_any("first_events"),
            return_events=self._types_if_any("return_events"),
            cohort=self.cohort,
            is_rolling=self.periods == "rolling",
            is_since=self.returning == "on_or_after",
        )
        counted = cohorts.counted
        cohort = [*self._scope.keys_in(counted), counted.c.cohort]
        # Everybody is there in period 0, so that no period has more.
        users = func.max(counted.c.returned).over(partition_by=cohort)
        found = select(
            *self._scope.called_in(counted),
            *(counted.c.cohort, counted.c.period, users.label("users"), counted.c.returned),
            share(counted.c.returned, users).label("share"),
        ).order_by(*nulls_last(cohort), counted.c.period)
        return found if self.up_to is None else found.where(counted.c.period <= self.up_to)

    _named = "cohort"

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        given = [name for name in ("first_events", "return_events") if getattr(self, name)]
        return tuple(map(self._looked, given))

    def _check(self) -> None:
        super()._check()
        for parameter in ("first_events", "return_events"):
            if getattr(self, parameter) is not None:
                self._names(parameter)
        self._choose("cohort", "first", "active")
        self._choose("returning", "on", "on_or_after")
        self._choose("periods", "calendar", "rolling")
        if self.periods == "calendar" and self._period.unit == "hour":
            raise self._refuse("period", "a day, week or month, unless periods='rolling'")
        if self.periods == "rolling" and self._period.unit not in HOURS:
            raise self._refuse("period", "an hour, day or week with periods='rolling'")
        if self.periods == "rolling" and self.cohort == "active":
            must = "'first' with periods='rolling', which run from a user's first event on"
            raise self._refuse("cohort", must)
        is_whole = isinstance(self.up_to, int) and not isinstance(self.up_to, bool)
        if self.up_to is not None and not (is_whole and 0 <= self.up_to <= _MOST):
            raise self._refuse("up_to", f"a whole number from 0 to {_MOST}")

    def _definition(self) -> str:
        at = "on" if self._period.unit == "day" else "in"
        theirs = (
            "session began" if self.first_events is None else f"{events_of(self.first_events)} was"
        )
        whose = f"whose first {theirs}"
        if self.cohort == "active":
            whose = f"with {_moment(self.first_events)}"
        units = f"{self._period.unit}s"
        later = f"so many {units} later"
        if self.periods == "rolling":
            length = {"hour": "", "day": " of 24 hours", "week": " of 7 times 24 hours"}
            later = f"so many {units}{length[self._period.unit]} after it"
        if self.returning == "on_or_after":
            later += ", or after that"
        most = self._period.unit if self.up_to == 1 else units
        limit = "" if self.up_to is None else f" At most {self.up_to} {most} later."
        return (
            f"For the users {whose} {at} the same {self._period}: how many have "
            f"{_moment(self.return_events)} {later}.{limit}"
        )

    @property
    def _counts(self) -> str:
        event = self.first_events is not None
        if self.cohort == "active":
            return f"users count with {'such an event in ' if event else ''}a session that began"
        if event:
            return "users count whose first such event is in a session that began"
        return "users count whose first session began"

    @property
    def _beside(self) -> str:
        if self.return_events is None:
            return "; their later sessions may be of any time"
        return "; they may return at any time after it"

    def _types_if_any(self, parameter: str) -> tuple[str, ...] | None:
        return None if getattr(self, parameter) is None else self._types(parameter)


@keywords()
@dataclass(frozen=True, kw_only=True)
class NewAndReturning(_ByPeriod):
    """How many users of each hour, day, week or month are new, and how many were there before.

    A user is new in the period that their first session begins in, and returning in each later one
    in which a session of theirs begins.

    Columns: the keys of `by`; the first day of the period, called ``period``; ``new_users``;
    ``returning_users``. Periods without any session have no row.

    Parameters
    ----------
    period
        A `Period`: ``Period("day", zone="Europe/Amsterdam")``; its unit alone is one in UTC.
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

    period: Period | Unit = _DAY

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        sessions = self._scope.history(self._tables(tables))
        placed = select(
            *self._scope.keys_in(sessions),
            sessions.c.user_id,
            period_start(sessions.c.started_at, self._period).label("start"),
            *self._scope.placed_by(sessions),
        ).cte("placed_sessions")
        first = func.min(placed.c.start).over(partition_by=placed.c.user_id)
        known = select(*placed.c, first.label("first_start")).cte("known_sessions")
        groups = [*self._scope.keys_in(known), known.c.start]
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
        ordered = [*self._scope.keys_in(counted), counted.c.start]
        return select(
            *self._scope.called_in(counted),
            counted.c.start.label("period"),
            *(counted.c.new_users, counted.c.returning_users),
        ).order_by(*nulls_last(ordered))

    _named = "period"

    def _definition(self) -> str:
        return (
            f"For each {self._period}: how many users with a session that began in it had their "
            "first session in it, and how many had it before."
        )

    _beside = "; the first session of a user may be of any time"


def _moment(types: EventTypes | None) -> str:
    return "a session that began" if types is None else with_article(events_of(types))
