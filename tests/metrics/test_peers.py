"""What others' own tests and documents expect of funnels, retention and counts.

The inputs are our own; which source says what is right stands with each case.
"""

import time
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.metrics import (
    Count,
    EventsPerSession,
    EventsPerUser,
    Funnel,
    Period,
    Retention,
    TimeBetweenSteps,
)

EVENT, BROWSER = sa.column("event_type"), sa.column("browser")
DAY = Period("day")


def log(*rows: tuple[Any, float, str], **columns: Any) -> pd.DataFrame:
    """Events of a user, so many seconds after ten o'clock, of a type."""
    start = pd.Timestamp("2024-05-01 10:00", tz="UTC")
    return pd.DataFrame(
        {
            "event_id": range(len(rows)),
            "user_id": [user for user, _, _ in rows],
            "timestamp": [start + pd.Timedelta(seconds=seconds) for _, seconds, _ in rows],
            "event_type": [kind for _, _, kind in rows],
            **columns,
        }
    )


def in_turn(kinds: str) -> pd.DataFrame:
    """Events of one user, a minute apart."""
    return log(*(("u", 60 * number, kind) for number, kind in enumerate(kinds)))


def visits(days: dict[str, list[int]]) -> pd.DataFrame:
    """One event of each user on each of these days."""
    return log(*((user, 86_400 * day, "view") for user, there in days.items() for day in there))


@pytest.mark.parametrize(
    ("kinds", "order", "reached"),
    [
        # Without an order: any events may lie between.
        ("abbc", "loose", [1, 1, 1]),
        ("adbc", "loose", [1, 1, 1]),
        # ClickHouse 26.9, windowFunnel with strict_deduplication; duckdb-behavioral the same.
        ("abbc", "strict_steps", [1, 1, 0]),
        ("adbc", "strict_steps", [1, 1, 1]),
        # ClickHouse 26.9, windowFunnel with strict_order; duckdb-behavioral the same.
        ("abbc", "strict", [1, 1, 0]),
        ("adbc", "strict", [1, 0, 0]),
    ],
)
def test_strict_funnels(kinds: str, order: Any, reached: list[int]) -> None:
    found = Funnel(steps=("a", "b", "c"), order=order).compute(in_turn(kinds))
    assert found["reached"].tolist() == reached


def test_steps_that_are_conditions(database: sa.Engine) -> None:
    """PostHog, funnel tests: a property on each step of its own."""
    events = log(
        *(("x", 0, "sign up"), ("x", 60, "pay"), ("y", 0, "sign up"), ("y", 60, "pay")),
        browser=["Safari", "Safari", "Safari", "Opera"],
    )
    steps = tuple(sa.and_(kind == EVENT, BROWSER == "Safari") for kind in ("sign up", "pay"))
    cs.SQLWriter(database).write(events)
    found = Funnel(steps=steps, within="1h").compute(database)
    assert found["reached"].tolist() == [2, 1]
    assert found["event_type"].tolist()[1] == "event_type = 'pay' AND browser = 'Safari'"
    with pytest.warns(cs.errors.NotFoundWarning, match="looks for 'buy' events"):
        either = Funnel(steps=(steps[0], ("pay", "buy")), within="1h").compute(database)
    assert either["reached"].tolist() == [2, 2]


def test_time_between_steps(database: sa.Engine) -> None:
    """PostHog, time to convert: sign up, play an hour later, buy two hours after that."""
    events = log(("u", 0, "sign up"), ("u", 3_600, "play"), ("u", 10_800, "buy"))
    cs.SQLWriter(database).write(events)
    way = {"steps": ("sign up", "play", "buy"), "within": "1d", "unit": "seconds"}
    since_previous = TimeBetweenSteps(**way).compute(database)
    assert since_previous[["step", "median_seconds"]].to_numpy().tolist() == [[2, 3600], [3, 7200]]
    since_first = TimeBetweenSteps(**way, from_step=1, statistic="mean").compute(database)
    assert since_first["mean_seconds"].tolist() == [3_600, 10_800]


def test_from_the_last_start() -> None:
    """retentioneering 5.2.4, get_conversion_rate: ``occurrence`` says which start counts."""
    reached = {
        start: Funnel(steps=("a", "b"), within="1h", start=start).compute(in_turn("aba"))["reached"]
        for start in ("any", "first", "last")
    }
    assert {start: found.tolist() for start, found in reached.items()} == {
        "any": [1, 1],
        "first": [1, 1],
        "last": [1, 0],
    }


def test_the_hour() -> None:
    """PostHog, trends by hour."""
    events = log(("x", 0, "a"), ("x", 1_800, "a"), ("x", 3_600, "b"), ("y", 3_601, "a"))
    found = Count(of="events", events=("a",), by="hour").compute(events)
    assert found["events"].tolist() == [2, 1]
    assert [hour.hour for hour in found["hour"]] == [10, 11]


COMING_BACK = {"a": [0, 1, 2], "b": [0, 2], "c": [0]}


def test_returned_on_or_after() -> None:
    """OpenPanel, retention: unbounded."""
    found = Retention(period=DAY, returning="on_or_after").compute(visits(COMING_BACK))
    assert found["returned"].tolist() == [3, 2, 2]
    assert Retention(period=DAY).compute(visits(COMING_BACK))["returned"].tolist() == [3, 1, 2]


def test_a_period_without_a_return_has_a_row_where_later_ones_count() -> None:
    found = Retention(period=DAY, returning="on_or_after").compute(visits({"a": [0, 12]}))
    assert found["period"].tolist() == list(range(13))
    assert set(found["returned"]) == {1}


def test_another_first_event() -> None:
    """PostHog, retention tests: who signed up, and views the next day."""
    events = log(
        *(("a", 0, "sign up"), ("b", 60, "view")),
        *(("a", 86_400, "view"), ("b", 86_400, "view")),
    )
    metric = Retention(period=DAY, first_events=("sign up",), return_events=("view",))
    found = metric.compute(events)
    assert found[["period", "users", "returned"]].to_numpy().tolist() == [[0, 1, 1], [1, 1, 1]]


def test_period_over_period() -> None:
    """OpenPanel, retention: of all who were active, not of new users alone."""
    found = Retention(period=DAY, cohort="active", up_to=1).compute(visits(COMING_BACK))
    following = found[found["period"] == 1]
    assert following[["returned", "users"]].to_numpy().tolist() == [[1, 3], [1, 1]]


def test_rolling_days() -> None:
    """Amplitude, retention: days are 24 hours from a user's first event on."""
    events = log(("a", 43_200, "view"), ("a", 43_200 + 14 * 3_600, "view"))
    assert Retention(period=DAY, periods="rolling").compute(events)["period"].tolist() == [0]
    assert Retention(period=DAY).compute(events)["period"].tolist() == [0, 1]
    exactly = log(("a", 0, "view"), ("a", 86_400, "view"))
    found = Retention(period=DAY, periods="rolling").compute(exactly)
    assert found["period"].tolist() == [0, 1]


def test_events_of_a_type_per_session_and_user() -> None:
    """dbt-ga4: the count of each event, in its tables of sessions and of users."""
    events = log(("x", 0, "a"), ("x", 1, "a"), ("x", 90_000, "a"), ("y", 0, "b"))
    per_session = Count(of="events", events=("a",), by=("user_id", "session_id")).compute(events)
    assert per_session["events"].tolist() == [2, 1, 0]
    assert Count(of="events", events=("a",), by="user_id").compute(events)["events"].tolist() == [
        3,
        0,
    ]
    assert EventsPerSession(events=("a",), statistic="mean").compute(events) == 1
    assert EventsPerUser(events=("a",), statistic="mean").compute(events) == 1.5


def test_counts(database: sa.Engine) -> None:
    """A user of several groups counts in each, and an event where it itself is."""
    events = log(
        *(("x", 0, "a"), ("x", 90_000, "placed_order"), ("y", 0, "a")),
        *(("y", 60, "placed_order"), ("y", 120, "placed_order")),
        campaign=["p", "q", "p", "q", "q"],
    )
    cs.SQLWriter(database).write(events)
    assert Count().compute(database) == 3
    assert Count(of="users").compute(database) == 2
    assert Count(of="users", events=("placed_order",)).compute(database) == 2
    assert Count(of="sessions", events=("placed_order",)).compute(database) == 2
    assert Count(of="events").compute(database) == 5
    assert Count(of="conversions").compute(database) == 3
    assert Count(of="events", where=sa.column("campaign") == "q").compute(database) == 1
    users = Count(of="users", by="campaign").compute(database)
    assert users.to_numpy().tolist() == [["p", 2], ["q", 1]]
    of_events = Count(of="events", by="campaign").compute(database)
    assert of_events.to_numpy().tolist() == [["p", 2], ["q", 3]]


@pytest.mark.parametrize(
    ("metric", "parameters", "message"),
    [
        (Funnel, {"steps": ()}, "Funnel: `steps` must be event types or roles, tuples"),
        (Funnel, {"steps": ("a", ())}, "`steps` must be event types"),
        (Funnel, {"steps": (sa.column("timestamp") > "soon",)}, "`steps` must be with times"),
        (Funnel, {"steps": "a", "order": "tight"}, "`order` must be 'loose' or 'strict_steps'"),
        (Funnel, {"steps": "a", "start": "next"}, "`start` must be 'any' or 'first' or 'last'"),
        (TimeBetweenSteps, {"steps": "a"}, "`steps` must be at least two steps"),
        (TimeBetweenSteps, {"steps": ("a", "b"), "from_step": 2}, "`from_step` must be 'previous'"),
        (TimeBetweenSteps, {"steps": ("a", "b"), "from_step": True}, "`from_step` must be"),
        (Retention, {"period": Period("hour")}, "`period` must be a day, week or month, unless"),
        (Retention, {"period": "fortnight"}, "`period` must be a Period, or the name of its unit"),
        (Retention, {"period": "month", "periods": "rolling"}, "`period` must be an hour, day or"),
        (Retention, {"cohort": "active", "periods": "rolling"}, "`cohort` must be 'first' with"),
        (Retention, {"up_to": -1}, "`up_to` must be a whole number"),
        (Retention, {"first_events": ()}, "`first_events` must be event types"),
        (Count, {"of": "visits"}, "`of` must be 'sessions' or 'users' or 'events'"),
        (Count, {"events": ""}, "`events` must be event types"),
        (Count, {"of": "users", "by": sa.column("users")}, "names that columns of the answer have"),
    ],
)
def test_what_is_refused(metric: Any, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        metric(**parameters)


def test_many_steps_are_soon_said() -> None:
    """Where percentiles are taken by rank, no step is walked once for every way to it."""
    steps = tuple(f"step {number}" for number in range(12))
    began = time.process_time()
    assert cs.to_sql(TimeBetweenSteps(steps=steps), "sqlite")
    assert time.process_time() - began < 5
