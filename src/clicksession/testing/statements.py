"""What the contract of a dialect asks: statements, a small log, and the answers by hand."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    FromClause,
    MetaData,
    Select,
    Table,
    and_,
    column,
    func,
    literal,
    literal_column,
    select,
)

import clicksession as cs
from clicksession.metrics.building.units import in_unit
from clicksession.sql.constructs import (
    calendar_period,
    calendar_periods_between,
    microseconds_between,
    percentile,
    rows_with,
)
from clicksession.sql.dialects import Ability
from clicksession.sql.statistics import Summary, aggregate, nulls_last
from clicksession.sql.tables import Instant, Key, Tables, Words
from clicksession.sql.text import Create, Selectable, to_sql
from clicksession.warehouse import incremental

__all__ = [
    "ANSWERS",
    "ASKED",
    "EVENTS",
    "LOG",
    "SESSIONS",
    "START",
    "STATEMENTS",
    "duration_by_size",
    "event_columns",
    "first_days",
    "session_columns",
]

START = datetime(2024, 5, 1, 10, tzinfo=UTC)
_UNITS = ("day", "week", "month")
_HALF = timedelta(minutes=30)
# When the second session begins.
_SECOND = START + 2 * _HALF


def event_columns() -> list[Column[Any]]:
    """Return the columns of the log."""
    return [
        Column("event_id", BigInteger, autoincrement=False),
        Column("user_id", Key()),
        Column("timestamp", Instant()),
        Column("event_type", Words()),
    ]


def session_columns() -> list[Column[Any]]:
    """Return the columns of its sessions."""
    return [
        Column("session_id", Key()),
        Column("user_id", Key()),
        Column("started_at", Instant()),
        Column("ended_at", Instant()),
        Column("duration_seconds", Double()),
        Column("event_count", BigInteger),
        Column("placed_order_count", BigInteger),
    ]


def duration_by_size(tables: Tables) -> Summary:
    """Return, for each number of events, the sessions and two percentiles of their minutes."""
    sessions = tables.sessions
    microseconds = microseconds_between(sessions.c.started_at, sessions.c.ended_at)
    step = select(sessions.c.event_count, in_unit(microseconds, "minutes").label("minutes")).cte(
        "sizes"
    )
    return (
        Summary(
            step.c.event_count,
            rows_with(step.c.minutes).label("sessions"),
            aggregate(step.c.minutes, "median").label("median_minutes"),
            aggregate(step.c.minutes, "p90").label("p90_minutes"),
            aggregate(step.c.minutes, "mean").label("mean_minutes"),
        )
        .group_by(step.c.event_count)
        .order_by(*nulls_last([step.c.event_count]))
    )


def first_days(
    source: FromClause, zone: str, name: str = "session_id", time: str = "started_at"
) -> Select[Any]:
    """Return the first day of each row's day, week and month, and how many later the last is."""
    first_days = select(
        source.c[name],
        *(
            calendar_period(source.c[time], _quoted(unit), _quoted(zone)).label(unit)
            for unit in _UNITS
        ),
    ).cte("first_days")
    return select(
        *first_days.c,
        *(
            calendar_periods_between(
                first_days.c[unit], func.max(first_days.c[unit]).over(), _quoted(unit)
            ).label(f"{unit}s_before_last")
            for unit in _UNITS
        ),
    )


def _quoted(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'")


def _created(kind: Create) -> Callable[[str], str]:
    return lambda dialect: to_sql(select(literal(1).label("x")), dialect, create=kind, name="a.b")


ASKED: Mapping[Ability, Callable[[str], str]] = {
    Ability.PERCENTILE: lambda dialect: to_sql(
        select(percentile(EVENTS.c.event_id, literal_column("0.5"))), dialect
    ),
    Ability.CREATE_VIEW: _created("view"),
    Ability.CREATE_TABLE: _created("table"),
    Ability.INCREMENTAL: lambda dialect: incremental(EVENTS, dialect).steps[0].sql,
}

#: A table for the log.
EVENTS: Table = Table("contract_log", MetaData(), *event_columns())

#: Statements that use everything a dialect spells, by the names of their golden files.
STATEMENTS: dict[str, Selectable | Select[Any]] = {
    "visits_before_order": cs.metrics.VisitsBeforeOrder(),
    "minutes_before_order": cs.metrics.MinutesBeforeOrder(),
    "minutes_before_counted_order": cs.metrics.MinutesBeforeOrder().select(
        Tables(counted_events=("placed_order",))
    ),
    "session_duration": cs.metrics.SessionDuration(),
    "session_duration_p90": cs.metrics.SessionDuration(statistic="p90"),
    "session_duration_p90_by_referrer": cs.metrics.SessionDuration(statistic="p90", by="referrer"),
    "visits_before_first_order": cs.metrics.VisitsBeforeOrder(
        per="user", orders="first", current="cut", never_buyers="keep"
    ),
    "visits_before_order_by_flag": cs.metrics.VisitsBeforeOrder(order_column="is_order"),
    "sessions_per_user": cs.metrics.SessionsPerUser(where=column("country") == "NL"),
    "events_per_session": cs.metrics.EventsPerSession(by=cs.metrics.Period("month")),
    "time_between_events": cs.metrics.TimeBetweenEvents(unit="seconds"),
    "engagement_rate": cs.metrics.EngagementRate(definition="ga4"),
    "bounce_rate": cs.metrics.BounceRate(definition="posthog"),
    "conversion_rate": cs.metrics.ConversionRate(per="user"),
    "time_to_convert": cs.metrics.TimeToConvert(unit="days"),
    "attribution": cs.metrics.Attribution(source="referrer", model="first"),
    "landing_pages": cs.metrics.LandingPages(page="page_url"),
    "exit_pages": cs.metrics.ExitPages(page="page_url"),
    "common_paths": cs.metrics.CommonPaths(length=3, repeats="drop"),
    "new_and_returning": cs.metrics.NewAndReturning(),
    "new_and_returning_in_a_week": cs.metrics.NewAndReturning(
        since="2024-04-29", until="2024-05-06"
    ),
    "minutes_before_counted_order_in_a_week": cs.metrics.MinutesBeforeOrder(
        since="2024-04-29", until="2024-05-06"
    ).select(Tables(counted_events=("placed_order",))),
    "funnel": cs.metrics.Funnel(steps=("page_view", "placed_order"), within="7d"),
    "retention": cs.metrics.Retention(),
    "time_between_sessions_mean": cs.metrics.TimeBetweenSessions(statistic="mean"),
    "count_sessions_by_hour": cs.metrics.Count(by="hour"),
    "count_users_with_search": cs.metrics.Count(of="users", events=("search",), by="day"),
    "count_events_by_hour_in_kolkata": cs.metrics.Count(
        of="events", by=(cs.metrics.Period("hour", zone="Asia/Kolkata"), "event_type")
    ),
    "count_conversions": cs.metrics.Count(of="conversions"),
    "events_per_user": cs.metrics.EventsPerUser(events=("search",), statistic="mean"),
    "searches_per_session": cs.metrics.EventsPerSession(events=("search", "filter")),
    "funnel_in_strict_order": cs.metrics.Funnel(steps=("search", "page_view"), order="strict"),
    "funnel_of_conditions": cs.metrics.Funnel(
        steps=(
            ("sign_up", "log_in"),
            and_(column("event_type") == "pay", column("browser") == "Safari"),
        ),
        within="1h",
        order="strict_steps",
        start="last",
    ),
    "time_between_steps": cs.metrics.TimeBetweenSteps(steps=("sign_up", "play", "buy"), by="week"),
    "time_since_first_step": cs.metrics.TimeBetweenSteps(
        steps=("sign_up", "buy"), from_step=1, within="7d", statistic="mean", unit="days"
    ),
    "retention_on_or_after": cs.metrics.Retention(
        period=cs.metrics.Period("day"),
        first_events=("sign_up",),
        return_events=("play",),
        returning="on_or_after",
    ),
    "retention_of_the_active": cs.metrics.Retention(cohort="active", up_to=1, by="referrer"),
    "retention_rolling": cs.metrics.Retention(period=cs.metrics.Period("day"), periods="rolling"),
    "duration_by_size": duration_by_size(Tables()),
    "sessionize": cs.sql.sessionize(Tables().events),
    # The log has no ids of visits: any column of text stands for one.
    "sessionize_given": cs.sql.sessionize(
        Tables().events, cs.Rules("30min", session_column="event_type")
    ),
    "sessionize_between": cs.sql.sessionize(
        Tables().events,
        cs.Rules(None, start_events="page_view", end_events="placed_order", between=True),
    ),
    "first_days": first_days(Tables().sessions, "UTC"),
    # Of the zones whose clocks changed, one that did so only 25 times; it skipped a day, too.
    "first_days_in_apia": first_days(Tables().sessions, "Pacific/Apia"),
}

#: Seven events: two users whose names differ by case, and two without user or time.
LOG: list[tuple[Any, ...]] = [
    (0, "ann", START, "page_view"),
    (1, "ann", START + _HALF, "page_view"),
    (2, "ann", START + 2 * _HALF + timedelta(microseconds=1), "placed_order"),
    (3, "ann", START + 4 * _HALF, "page_view"),
    (4, "Ann", START, "page_view"),
    (5, None, START, "placed_order"),
    (6, "ann", None, "placed_order"),
]

#: Its sessions, the first of them of five minutes.
SESSIONS: list[tuple[Any, ...]] = [
    ("ann:1", "ann", START, START + timedelta(minutes=5), 300.0, 2, 0),
    ("ann:2", "ann", _SECOND, _SECOND, 0.0, 1, 1),
    ("ann:3", "ann", START + 4 * _HALF, START + 4 * _HALF, 0.0, 1, 0),
    ("Ann:1", "Ann", START, START, 0.0, 1, 0),
]

#: Metrics, and what they come to over these sessions.
ANSWERS: list[tuple[Any, float]] = [
    (cs.metrics.VisitsBeforeOrder(), 1.0),
    (cs.metrics.VisitsBeforeOrder(statistic="mean"), 1.0),
    (cs.metrics.MinutesBeforeOrder(), 5.0),
    (cs.metrics.SessionDuration(), 0.0),
    (cs.metrics.SessionDuration(statistic="mean"), 1.25),
    (cs.metrics.SessionDuration(statistic="p90"), 3.5),
    (cs.metrics.SessionDuration(statistic="p99.5"), 4.925),
    (cs.metrics.TimeBetweenSessions(), 57.5),
    (cs.metrics.TimeBetweenSessions(statistic="mean"), 57.5),
    # In a window, from the second session on: what came before leads to its order.
    (cs.metrics.VisitsBeforeOrder(since=_SECOND), 1.0),
    (cs.metrics.MinutesBeforeOrder(since=_SECOND), 5.0),
    (cs.metrics.SessionDuration(until=_SECOND, statistic="mean"), 2.5),
    (cs.metrics.TimeBetweenSessions(since=_SECOND, until=_SECOND + timedelta(minutes=1)), 55.0),
]
