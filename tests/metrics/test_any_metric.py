"""Every metric on any log equals the oracle: over frames and in databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from clicksession.metrics import Period
from clicksession.sql import Tables
from tests.metrics.check import check_number, check_rows
from tests.metrics.found import NOTHING, answered
from tests.metrics.logs import shop_logs, windows
from tests.metrics.oracle import visits_of
from tests.metrics.oracles import NUMBERS, ROWS, number, rows

WAY = ("page_view", "search", "placed_order", m.Role("found", ("search", "page_view")))
STATISTICS = st.sampled_from(["median", "mean", "p90", "p99.9", "p1"])
UNITS = st.sampled_from(["seconds", "minutes", "hours", "days"])
ENGAGEMENT = {
    "definition": st.sampled_from(["ga4", "snowplow", "posthog"]),
    "conversion_events": st.sampled_from([m.Role("order"), ("search", "placed_order"), ()]),
    "heartbeat_events": st.sampled_from([("search",), ()]),
    "autocapture_events": st.just(("search",)),
}
GOAL_TYPES = [("placed_order",), ("search", "page_view")]
GOALS = st.sampled_from([*GOAL_TYPES, m.Role("order"), ("search", m.Role("order"), "nothing")])
ZONES = st.sampled_from(["UTC", "America/New_York"])
UNITS_OF_TIME = st.sampled_from(["hour", "day", "week", "month"])
DAYS = st.builds(Period, st.sampled_from(["day", "week", "month"]), ZONES)
PERIODS = st.builds(Period, UNITS_OF_TIME, ZONES)
SOME_GOALS = st.sampled_from([None, *GOAL_TYPES])
CONDITIONS = [
    sa.column("page") == "/a",
    sa.and_(sa.column("event_type") == "search", sa.column("referrer").is_not(None)),
]
STEPS = st.sampled_from([*WAY, *WAY, ("search", "placed_order"), *CONDITIONS])
ALONG: dict[str, Any] = {
    "within": st.sampled_from(["session", "1min", "30min", "1d", "40d"]),
    "order": st.sampled_from(["loose", "strict_steps", "strict"]),
    "start": st.sampled_from(["any", "first", "last"]),
}


@st.composite
def retentions(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of a `Retention` that go together."""
    rolling = draw(st.booleans())
    units = st.sampled_from(["hour", "day", "week"])
    return {
        "period": draw(st.builds(Period, units, ZONES) if rolling else DAYS),
        "periods": "rolling" if rolling else "calendar",
        "cohort": "first" if rolling else draw(st.sampled_from(["first", "active"])),
        "first_events": draw(SOME_GOALS),
        "return_events": draw(SOME_GOALS),
        "returning": draw(st.sampled_from(["on", "on_or_after"])),
        "up_to": draw(st.sampled_from([None, None, 0, 1, 30])),
    }


@st.composite
def times_between_steps(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of a `TimeBetweenSteps` that go together."""
    steps = tuple(draw(st.lists(STEPS, min_size=2, max_size=4)))
    since = st.sampled_from(["previous", *range(1, len(steps))])
    chosen = {name: draw(values) for name, values in ALONG.items()}
    return {
        **chosen,
        "steps": steps,
        "from_step": draw(since),
        "unit": draw(UNITS),
        "statistic": draw(STATISTICS),
    }


METRICS: dict[type, dict[str, Any]] = {
    m.SessionsPerUser: {"statistic": STATISTICS},
    m.EventsPerSession: {"statistic": STATISTICS, "events": SOME_GOALS},
    m.EventsPerUser: {"statistic": STATISTICS, "events": SOME_GOALS},
    m.Count: {
        "of": st.sampled_from(["sessions", "users", "events", "conversions"]),
        "events": SOME_GOALS,
    },
    m.SessionDuration: {"statistic": STATISTICS, "unit": UNITS},
    m.TimeBetweenSessions: {"statistic": STATISTICS, "unit": UNITS},
    m.TimeBetweenEvents: {"statistic": STATISTICS, "unit": UNITS},
    m.EngagementRate: ENGAGEMENT,
    m.BounceRate: ENGAGEMENT,
    m.ConversionRate: {"events": GOALS, "per": st.sampled_from(["session", "user"])},
    m.TimeToConvert: {
        "events": GOALS,
        "unit": UNITS,
        "statistic": STATISTICS,
        "measured_from": st.sampled_from(["first_visit", "session"]),
    },
    m.Attribution: {
        "source": st.sampled_from(["referrer", "page"]),
        "events": GOALS,
        "model": st.sampled_from(["first", "last"]),
    },
    m.LandingPages: {"page": st.just("page")},
    m.ExitPages: {"page": st.just("page")},
    m.CommonPaths: {
        "of": st.sampled_from(["event_type", "page"]),
        "length": st.integers(1, 4),
        "repeats": st.sampled_from(["keep", "drop"]),
        "top": st.integers(1, 4),
    },
    m.Funnel: {"steps": st.lists(STEPS, min_size=1, max_size=4).map(tuple), **ALONG},
    m.TimeBetweenSteps: {},
    m.Retention: {},
    m.NewAndReturning: {"period": PERIODS},
}
# Of which not all parameters go with all others.
TOGETHER: dict[type, Any] = {
    m.TimeBetweenSteps: times_between_steps(),
    m.Retention: retentions(),
}
# Whose answers have a column called page.
PAGES = (m.LandingPages, m.ExitPages)
BY = st.sampled_from(
    [
        (),
        (),
        ("referrer",),
        ("user_id",),
        ("day",),
        (Period("week"), "page"),
        (Period("hour", "America/St_Johns"),),
        ("hour", "user_id"),
        ("event_count",),
    ]
)
LATE = datetime(1970, 1, 2, tzinfo=UTC)
WHERE: dict[str, tuple[Any, Any]] = {
    "all": (None, None),
    "ads": (sa.column("referrer") == "ads", lambda visit: visit.events[0]["referrer"] == "ads"),
    "longer": (sa.column("event_count") > 1, lambda visit: len(visit.events) > 1),
    "late": (
        sa.and_(sa.column("started_at") >= LATE, sa.column("page").is_not(None)),
        lambda visit: visit.start >= 86_400_000_000 and visit.events[0]["page"] is not None,
    ),
}


def test_every_metric_is_tried() -> None:
    numbers = {m.VisitsBeforeOrder, m.MinutesBeforeOrder}  # tried on their own
    named = {getattr(m, name) for name in m.__all__} - {m.Metric, m.Period, m.Role, m.compare}
    assert named - numbers == set(METRICS) == {*NUMBERS, *ROWS}


@st.composite
def asked(draw: st.DrawFn, kind: Any, events: pd.DataFrame) -> tuple[Any, Any]:
    """Any metric with any parameters, and which sessions `where` keeps."""
    where, kept = WHERE[draw(st.sampled_from(list(WHERE)))]
    chosen = {name: draw(values) for name, values in METRICS[kind].items()}
    chosen |= draw(TOGETHER[kind]) if kind in TOGETHER else {}
    by = draw(BY.filter(lambda by: kind not in PAGES or "page" not in by))
    return kind(**chosen, **draw(windows(events)), by=by, where=where), kept


def check(data: Any, events: pd.DataFrame, ask: Any, tables: Tables | None = None) -> None:
    metric, kept = ask
    users = visits_of(events, kept)
    found = answered(metric, visits_of(events), lambda: metric.compute(data, tables=tables))
    if found is NOTHING:
        return
    if type(metric) in NUMBERS:
        check_number(metric, found, number(metric, users))
    else:
        check_rows(metric, found, rows(metric, users))


@pytest.mark.parametrize("kind", METRICS)
@settings(max_examples=15)
@given(data=st.data(), events=shop_logs())
def test_any_frame_equals_the_oracle(kind: Any, data: st.DataObject, events: pd.DataFrame) -> None:
    check(cs.sessionize(events), events, data.draw(asked(kind, events)))


def in_database(url: str | sa.URL, events: pd.DataFrame, data: st.DataObject) -> None:
    assume(len(events) > 0)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tables = Tables(prefix="any_")
    with engine.begin() as connection:
        for table in (tables.events, tables.sessions, tables.counted):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    counting = replace(tables, counted_events=data.draw(st.sampled_from([(), *GOAL_TYPES])))
    cs.SQLWriter(engine, tables=counting).write(events)
    for kind in METRICS:
        check(engine, events, data.draw(asked(kind, events)), tables)


@settings(max_examples=10)
@given(data=st.data(), events=shop_logs())
def test_any_log_in_sqlite_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    in_database(f"sqlite:///{tmp_path_factory.mktemp('metric') / 'a.db'}", events, data)


@settings(max_examples=5)
@given(data=st.data(), events=shop_logs())
def test_any_log_in_postgresql_equals_the_oracle(
    data: st.DataObject, events: pd.DataFrame, postgresql_server: str
) -> None:
    in_database(postgresql_server, events, data)


@settings(max_examples=3)
@given(data=st.data(), events=shop_logs())
def test_some_logs_in_mariadb_equal_the_oracle(
    data: st.DataObject, events: pd.DataFrame, mariadb_server: str
) -> None:
    in_database(sa.make_url(mariadb_server).set(database="test"), events, data)
