"""The users of each cohort, and the periods later in which they come back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from clicksession.metrics.building.scope import (
    Period,
    Scope,
    numbered_sessions,
    period_start,
)
from clicksession.sql.constructs import (
    as_float,
    ascending,
    calendar_periods_between,
    microseconds_between,
    remainder,
)
from clicksession.sql.tables import Tables

__all__ = ["HOURS", "Cohorts"]

#: The hours of each period whose length is fixed.
HOURS = {"hour": 1, "day": 24, "week": 168}

# A number of so many digits counts the periods of more than a hundred years.
_DIGITS = {"hour": 6, "day": 5, "week": 4, "month": 4}


@dataclass(frozen=True)
class Cohorts:
    """The cohorts of a `Retention`, whose parameters these are."""

    tables: Tables
    scope: Scope
    period: Period
    first_events: tuple[str, ...] | None
    return_events: tuple[str, ...] | None
    cohort: Literal["first", "active"]
    is_rolling: bool
    is_since: bool

    @cached_property
    def counted(self) -> CTE:
        """For each cohort and period later, how many users returned in it, or since it."""
        if self.is_since:
            return self._counted_since
        pairs = self._pairs
        groups = [*self.scope.keys_in(pairs), pairs.c.cohort, pairs.c.period]
        return select(*groups, func.count().label("returned")).group_by(*groups).cte("counted")

    @property
    def _counted_since(self) -> CTE:
        pairs = self._pairs
        user = [*self.scope.keys_in(pairs), pairs.c.user_id, pairs.c.cohort]
        last = func.max(pairs.c.period).label("last_period")
        lasts = select(*user, last).group_by(*user).cte("last_returns")
        groups = [*self.scope.keys_in(lasts), lasts.c.cohort, lasts.c.last_period]
        left = select(*groups, func.count().label("users")).group_by(*groups).cte("users_by_last")
        numbers = _numbers(left, self.period.unit)
        cohort = [*self.scope.keys_in(left), left.c.cohort]
        returned = cast(func.sum(left.c.users), BigInteger).label("returned")
        return (
            select(*cohort, numbers.c.period, returned)
            .select_from(left.join(numbers, numbers.c.period <= left.c.last_period))
            .group_by(*cohort, numbers.c.period)
            .cte("counted")
        )

    @property
    def _is_plain(self) -> bool:
        """Whether each user has one cohort, and one row for each period already."""
        plain = self.cohort == "first" and not self.is_rolling
        return plain and self.first_events is None and self.return_events is None

    @cached_property
    def _firsts(self) -> CTE:
        """The users of each cohort."""
        first, at = self._first_moments
        start = period_start(first.c[at], self.period).label("cohort")
        columns = [*self.scope.keys_in(first), first.c.user_id, start]
        if self.cohort == "active":
            active = select(*columns).where(*self.scope.counted(first))
            return active.distinct().cte("active_users")
        if self.is_rolling:
            columns.append(first.c[at].label("first_at"))
        called = "first_sessions" if self.first_events is None else "first_events_of_users"
        firsts = select(*columns).where(first.c.number == 1, *self.scope.counted(first))
        return firsts.cte(called)

    @cached_property
    def _pairs(self) -> CTE:
        """Each user with each period later in which they returned."""
        firsts = self._firsts
        columns = [*self.scope.keys_in(firsts), firsts.c.cohort]
        if self.is_since or not self._is_plain:
            columns = [*self.scope.keys_in(firsts), firsts.c.user_id, firsts.c.cohort]
        there, later, follows = self._later(firsts)
        of_user = there.c.user_id == firsts.c.user_id
        joined = firsts.join(there, of_user if self._is_plain else and_(of_user, follows))
        pairs = select(*columns, later.label("period")).select_from(joined)
        if self._is_plain:
            return pairs.cte("users_in_periods")
        if self.first_events == self.return_events:
            return pairs.distinct().cte("users_in_periods")
        # The first event itself is none that returns; all are there in period 0.
        at_first = select(*columns, literal_column("0").label("period"))
        there_or_first = union_all(pairs, at_first).cte("returns_of_users")
        return select(*there_or_first.c).distinct().cte("users_in_periods")

    def _later(self, firsts: CTE) -> tuple[Any, ColumnElement[Any], ColumnElement[bool]]:
        """Return when users were there, how many periods later, and that it was not before."""
        returns, at = self._returns
        if self.is_rolling:
            passed = microseconds_between(firsts.c.first_at, returns.c[at])
            later = _whole(passed, HOURS[self.period.unit] * 3_600_000_000)
            return returns, later, returns.c[at] >= firsts.c.first_at
        start = period_start(returns.c[at], self.period).label("start")
        there = select(returns.c.user_id, start).distinct().cte("periods_of_users")
        unit: ColumnElement[str] = literal_column(f"'{self.period.unit}'")
        later = calendar_periods_between(firsts.c.cohort, there.c.start, unit)
        return there, later, there.c.start >= firsts.c.cohort

    @cached_property
    def _first_moments(self) -> tuple[Any, str]:
        """The sessions or events that make users part of a cohort, and when they were."""
        if self.first_events is None:
            return numbered_sessions(self._sessions), "started_at"
        return self._events(self.first_events, "first_moments"), "timestamp"

    @cached_property
    def _returns(self) -> tuple[Any, str]:
        """The sessions or events that are a return, and when they were."""
        if self.return_events == self.first_events:
            return self._first_moments
        if self.return_events is None:
            return self._sessions, "started_at"
        return self._events(self.return_events, "returns"), "timestamp"

    @cached_property
    def _sessions(self) -> FromClause:
        return self.scope.history(self.tables)

    def _events(self, types: tuple[str, ...], name: str) -> CTE:
        """Return the events of these types, numbered from each user's first."""
        events, sessions = self.tables.events, self._sessions
        number = func.row_number().over(
            partition_by=sessions.c.user_id,
            order_by=[events.c.timestamp, ascending(events.c.event_id)],
        )
        columns = [*self.scope.keys_in(sessions), sessions.c.user_id, events.c.timestamp]
        numbers = [number.label("number")] if name == "first_moments" else []
        return (
            select(*columns, *numbers, *self.scope.placed_by(sessions))
            .select_from(events.join(sessions, sessions.c.session_id == events.c.session_id))
            .where(events.c.event_type.in_(types))
            .cte(name)
        )


def _whole(microseconds: ColumnElement[Any], unit: int) -> ColumnElement[Any]:
    """Return how many whole units of time have passed: what is left out is taken off before."""
    rest = remainder(microseconds, literal_column(str(unit), BigInteger()))
    whole = as_float(microseconds - rest).op("/", precedence=8)(literal_column(str(unit)))
    return cast(whole, BigInteger)


def _numbers(left: CTE, unit: str) -> CTE:
    """Return the numbers from 0 to the last period, digit by digit."""
    digits = union_all(
        *(select(literal_column(str(digit)).label("digit")) for digit in range(10))
    ).cte("digits")
    farthest = select(func.max(left.c.last_period).label("last_period")).cte("farthest")
    joined: Any = farthest
    number: ColumnElement[Any] = literal_column("0", BigInteger())
    for power in range(_DIGITS[unit]):
        place = digits.alias(f"digits_{10**power}")
        value = literal_column(str(10**power), BigInteger()) * place.c.digit
        number = value if power == 0 else number + value
        # No more digits than the last period has, lest there be a hundred thousand rows.
        joined = joined.join(place, value <= farthest.c.last_period)
    numbers = (
        select(number.label("period"), farthest.c.last_period).select_from(joined).cte("numbers")
    )
    return select(numbers.c.period).where(numbers.c.period <= numbers.c.last_period).cte("periods")
