"""`since` and `until`: what counts, what stays history, and what is no window."""

import warnings
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from clicksession.metrics import Period
from clicksession.sql import Tables
from tests.metrics import test_any_metric as any_metric
from tests.metrics import test_order_definitions as order_definitions
from tests.metrics.check import close, plain, rows_of
from tests.metrics.logs import shop_logs
from tests.metrics.oracle import first_day, visits_of
from tests.metrics.test_any_metric import METRICS, TOGETHER
from tests.metrics.test_order_definitions import defined, definitions

ORDERS = [m.VisitsBeforeOrder, m.MinutesBeforeOrder]
ZONES = st.sampled_from(["UTC", "America/New_York"])
PERIODS = st.builds(Period, st.sampled_from(["day", "week", "month"]), ZONES)


def log(*visits: tuple[str, str, str]) -> pd.DataFrame:
    """Events: a user, a time and a type each."""
    users, times, kinds = zip(*visits, strict=True)
    moments = pd.to_datetime(times, utc=True, format="ISO8601")
    return pd.DataFrame(
        {
            "event_id": range(len(users)),
            "user_id": users,
            "timestamp": moments,
            "event_type": kinds,
            "page": "/",
        }
    )


# Two users of August who come back in the third week of September, one who is new in it.
SHOP = log(
    ("ann", "2024-08-20 10:00", "page_view"),
    ("ann", "2024-08-20 10:05", "page_view"),
    ("bob", "2024-08-21 10:00", "page_view"),
    ("ann", "2024-09-16 10:00", "page_view"),
    ("ann", "2024-09-18 10:00", "placed_order"),
    ("bob", "2024-09-18 10:00", "page_view"),
    ("cem", "2024-09-19 10:00", "page_view"),
    ("cem", "2024-09-24 10:00", "placed_order"),
)
WEEK: dict[str, Any] = {"since": "2024-09-16", "until": "2024-09-23"}
DURING = (sa.column("started_at") >= "2024-09-16") & (sa.column("started_at") < "2024-09-23")


def test_who_was_there_before_the_window_is_not_new_in_it(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(SHOP)
    weekly = m.NewAndReturning(period=Period("week"))
    for data in (SHOP, database):
        whole = rows_of(weekly.compute(data))
        in_week = [row for row in whole if row[0] == date(2024, 9, 16)]
        found = m.NewAndReturning(period=Period("week"), **WEEK).compute(data)
        assert rows_of(found) == in_week == [(date(2024, 9, 16), 1, 2)]
        # What a condition makes of it: everybody is new.
        fresh = m.NewAndReturning(period=Period("week"), where=DURING).compute(data)
        assert rows_of(fresh) == [(date(2024, 9, 16), 3, 0)]


# What each metric says of that week, counted by hand.
OF_THE_WEEK: list[tuple[Any, Any]] = [
    (m.VisitsBeforeOrder, 2.0),
    (m.MinutesBeforeOrder, 5.0),
    (m.ConversionRate, 1 / 4),
    # Of those whose first visit lies in it, who converted behind it.
    (m.TimeToConvert, 5 * 24 * 60),
    (m.TimeBetweenSessions, 27 * 24 * 60 - 5),
    (m.SessionsPerUser, 1.0),
    (m.EventsPerSession, 1.0),
    (m.SessionDuration, 0.0),
]


@pytest.mark.parametrize(("kind", "expected"), OF_THE_WEEK, ids=lambda value: str(value)[-30:])
def test_the_numbers_of_a_week(kind: Any, expected: float, database: sa.Engine) -> None:
    cs.SQLWriter(database).write(SHOP)
    for data in (SHOP, database):
        assert kind(**WEEK).compute(data) == pytest.approx(expected), data


def test_tables_of_a_week() -> None:
    retained = m.Retention(period=Period("week"), **WEEK).compute(SHOP)
    assert rows_of(retained) == [
        (date(2024, 9, 16), 0, 1, 1, 1.0),
        (date(2024, 9, 16), 1, 1, 1, 1.0),
    ]
    steps = ("page_view", "placed_order")
    assert m.Funnel(steps=steps, within="7d", **WEEK).compute(SHOP)["reached"].to_list() == [3, 2]
    assert m.Funnel(steps=steps, **WEEK).compute(SHOP)["reached"].to_list() == [3, 0]
    assert rows_of(m.LandingPages(page="page", **WEEK).compute(SHOP)) == [("/", 4, 1.0)]
    brought = SHOP.assign(campaign=["spring", *[None] * 7])
    source = m.Attribution(source="campaign", **WEEK)
    assert rows_of(source.compute(brought)) == [("spring", 1, 1.0)]


@pytest.mark.parametrize(
    "since",
    [
        "2024-09-16",
        "20240916",
        "2024-09-16T00:00Z",
        "2024-09-16 02:00+02:00",
        "2024-09-16 00:00:00.000000000",
        date(2024, 9, 16),
        datetime(2024, 9, 16),
        datetime(2024, 9, 16, tzinfo=UTC),
        datetime(2024, 9, 15, 20, tzinfo=ZoneInfo("America/New_York")),
        pd.Timestamp("2024-09-16"),
        pd.Timestamp("2024-09-16 02:00", tz="Europe/Amsterdam"),
    ],
)
def test_a_moment_may_be_said_in_several_ways(since: Any) -> None:
    metric = m.SessionDuration(since=since)
    assert metric == m.SessionDuration(since="2024-09-16")
    assert (type(metric.since), metric.since) == (datetime, datetime(2024, 9, 16, tzinfo=UTC))


NO_MOMENTS = [
    *("soon", "", "2024-13-01", "2024-05-01 25:00", "2024-05-01 00:00 Europe/Amsterdam"),
    *("2024-05-01 00:00:00.1234567", pd.Timestamp(1, unit="ns"), pd.NaT),
    *(7, True, 1714521600.0, ["2024-05-01"], "0001-01-01T00:00+14:00"),
]


@pytest.mark.parametrize("kind", [*METRICS, *ORDERS])
def test_what_is_no_moment(kind: Any) -> None:
    steps = {"steps": ("page_view", "placed_order")}
    needed: dict[Any, Any] = {m.Attribution: {"source": "page"}}
    needed |= {m.Funnel: steps, m.TimeBetweenSteps: steps}
    chosen = needed.get(kind, {"page": "page"} if "Pages" in kind.__name__ else {})
    for parameter, moment in product(("since", "until"), NO_MOMENTS):
        message = rf"{kind.__name__}: `{parameter}` must be a time to the microsecond: .*; got "
        with pytest.raises(cs.errors.ParameterError, match=message):
            kind(**chosen, **{parameter: moment})


def test_a_window_has_something_in_it() -> None:
    for until in ("2024-05-02", "2024-05-01", "2024-05-02T01:00+02:00"):
        with pytest.raises(cs.errors.ParameterError, match="later than `since`, 2024-05-02; got "):
            m.SessionDuration(since="2024-05-02", until=until)
    assert m.SessionDuration(since="2024-05-02", until="2024-05-02 00:00:00.000001")


def test_the_old_words_of_a_parameter_lead_to_the_new_name() -> None:
    for word in ("first_visit", "session"):
        with pytest.raises(cs.errors.ParameterError, match=f"`since`.*measured_from={word!r}"):
            m.TimeToConvert(since=word)
    assert m.TimeToConvert(measured_from="session", since="2024-05-01")


def test_naive_moments_are_of_utc_whatever_the_connection_says(postgresql_url: str) -> None:
    tokyo = {"options": "-c timezone=Asia/Tokyo"}
    engine = sa.create_engine(postgresql_url, connect_args=tokyo)
    edges = ("2024-05-01 23:59:59.999999", "2024-05-02", "2024-05-02 23:59:59.999999", "2024-05-03")
    cs.SQLWriter(engine).write(log(*((f"u{at}", edge, "a") for at, edge in enumerate(edges))))
    for since in ("2024-05-02", date(2024, 5, 2), datetime(2024, 5, 2)):
        found = m.SessionsPerUser(since=since, until="2024-05-03", by="user_id").compute(engine)
        assert found["user_id"].to_list() == ["u1", "u2"], since
    text = cs.to_sql(m.SessionsPerUser(since="2024-05-02", until="2024-05-03"), "postgresql")
    with engine.connect() as connection:
        assert connection.exec_driver_sql(text).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31 23:59:59.999999"])
def test_windows_as_wide_as_can_be(edge: str, database: sa.Engine) -> None:
    cs.SQLWriter(database).write(SHOP)
    everything = m.SessionsPerUser(statistic="mean", by="user_id").compute(database)
    early = edge.startswith("0")
    found, nothing = (
        m.SessionsPerUser(statistic="mean", by="user_id", **{name: edge}).compute(database)
        for name in (("since", "until") if early else ("until", "since"))
    )
    pd.testing.assert_frame_equal(found, everything)
    assert nothing.empty


COUNTING = Tables(counted_events=("placed_order",))
ALONE = [
    m.VisitsBeforeOrder(**WEEK),
    m.VisitsBeforeOrder(after_last_order="keep", never_buyers="keep", **WEEK),
    m.MinutesBeforeOrder(per="user", orders="first", **WEEK),
    m.ConversionRate(**WEEK),
]


@pytest.mark.parametrize("metric", ALONE, ids=lambda metric: type(metric).__name__)
def test_a_window_reads_the_sessions_alone(metric: Any, database: sa.Engine) -> None:
    """No event, where the sessions count the orders."""
    cs.SQLWriter(database).write(SHOP)
    before = metric.compute(database)
    cs.SQLWriter(database, tables=COUNTING).count_events()
    asked: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert metric.compute(database) == before is not None
    assert "placed_order_count" in asked[-1]
    assert "events" not in asked[-1]


def test_without_a_window_nothing_is_asked_of_time() -> None:
    for kind in (m.VisitsBeforeOrder, m.ConversionRate, m.NewAndReturning):
        text = cs.to_sql(kind(), "postgresql")
        assert "+00:00" not in text
        assert "+00:00" in cs.to_sql(kind(**WEEK), "postgresql")


def test_the_sentence_says_the_window_and_what_counts_beside_it() -> None:
    said = m.SessionDuration(**WEEK, by="page").describe()
    assert said.endswith(
        " Only sessions count that began from 2024-09-16 up to, and without, 2024-09-23 (UTC). "
        "For each page."
    )
    since = m.Retention(since="2024-09-16 10:00:00.5+02:00").describe()
    assert since.endswith(
        " Only users count whose first session began on or after 2024-09-16 08:00:00.500000 (UTC); "
        "their later sessions may be of any time."
    )
    until = m.VisitsBeforeOrder(until="2024-09-16 10:00", never_buyers="keep").describe()
    assert until.endswith(
        " Only orders count whose session, or else the user's last, began before "
        "2024-09-16 10:00 (UTC); what came before an order may be of any time."
    )
    steps = ("page_view", "placed_order")
    within = m.Funnel(steps=steps, within="7d", since="2024-09-16").describe()
    assert within.endswith("; the later steps may come at any time after it.")
    assert m.SessionDuration().describe().endswith("from a session's first event to its last.")


@st.composite
def asked(draw: st.DrawFn, events: pd.DataFrame) -> dict[str, Any]:
    """Any metric, as what makes it and its parameters, but for `by`."""
    kind = draw(st.sampled_from([*METRICS, *ORDERS]))
    if kind in ORDERS:
        made = draw(definitions(kind, events))
        return {"kind": kind, **{name: getattr(made, name) for name in made.__dataclass_fields__}}
    if kind in TOGETHER:
        return {"kind": kind, **draw(TOGETHER[kind])}
    return {"kind": kind, **{name: draw(values) for name, values in METRICS[kind].items()}}


# Whose answer in a window hangs on sessions outside of it.
HISTORY = [m.Attribution, m.TimeToConvert, m.TimeBetweenSessions]
HISTORY += [m.Funnel, m.Retention, m.NewAndReturning]


@pytest.mark.parametrize("kind", [*HISTORY, None])
@settings(max_examples=6)
@given(data=st.data(), events=shop_logs())
def test_history_of_many_sessions(kind: Any, data: st.DataObject, events: pd.DataFrame) -> None:
    """Minutes become longer than a session may pause: users have sessions before and after."""
    assume(events["timestamp"].notna().sum() > 3)
    first = events["timestamp"].min()
    events["timestamp"] = first + (events["timestamp"] - first) * 40
    visits = cs.sessionize(events)
    for _ in range(4):
        if kind is None:
            order_definitions.check(visits, events, data.draw(defined(events)))
        else:
            any_metric.check(visits, events, data.draw(any_metric.asked(kind, events)))


@settings(max_examples=15)
@given(data=st.data(), events=shop_logs(), period=PERIODS)
def test_a_window_of_periods_equals_the_rows_of_these_periods(
    data: st.DataObject, events: pd.DataFrame, period: Period
) -> None:
    """Of any metric: asked by the period, in a window and without one; of one period alone."""
    starts = sorted(
        {first_day(v.start, period) for visits in visits_of(events).values() for v in visits}
    )
    assume(starts)
    first, last = sorted(data.draw(st.sampled_from(starts)) for _ in range(2))
    chosen = data.draw(asked(events))
    kind = chosen.pop("kind")
    chosen |= {"by": period, "since": None, "until": None}
    visits = cs.sessionize(events)
    whole = rows_of(of_what_occurs(kind(**chosen), visits))
    window = {"since": midnight(first, period), "until": midnight(after(last, period), period)}
    found = rows_of(of_what_occurs(kind(**{**chosen, **window}), visits))
    same(found, [row for row in whole if first <= row[0] <= last])
    one = {"since": midnight(first, period), "until": midnight(after(first, period), period)}
    alone = of_what_occurs(kind(**{**chosen, **one, "by": ()}), visits)
    expected = [row[1:] for row in whole if row[0] == first]
    if not isinstance(alone, pd.DataFrame):
        same([(alone,)], expected or [(0.0 if kind is m.Count else None,)])
    elif expected or kind is not m.Funnel:
        same(rows_of(alone), expected)
    else:
        # With no key there is a row for each step, also where nobody reaches it.
        assert not alone["reached"].any()


def of_what_occurs(metric: Any, visits: pd.DataFrame) -> Any:
    """Return the answer of a metric that names an event of the log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cs.errors.NotFoundWarning)
        try:
            return metric.compute(visits)
        except cs.errors.NothingFoundError:
            return reject()


def same(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    assert len(found) == len(expected), (found, expected)
    for row, wanted in zip(found, expected, strict=True):
        assert all(map(close, map(plain, row), map(plain, wanted))), (row, wanted)


def after(day: date, period: Period) -> date:
    """Return the first day of the period after this one."""
    later = {"day": 1, "week": 7, "month": 31}[period.unit]
    moved = day + timedelta(days=later)
    return moved.replace(day=1) if period.unit == "month" else moved


def midnight(day: date, period: Period) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(period.zone))


def test_statements_of_every_kind_keep_the_window(database: sa.Engine) -> None:
    """What is compared, kept as a view, and written as a model."""
    cs.SQLWriter(database).write(SHOP)
    metric = m.ConversionRate(**WEEK)
    table = m.compare({"week": metric, "ever": m.ConversionRate()}, database)
    assert table["value"].to_list() == [1 / 4, 2 / 7]
    assert table["definition"].to_list()[0] == metric.describe()
    model = cs.to_dbt(metric, "duckdb")
    assert "2024-09-23 00:00:00" in model.sql
    with database.begin() as connection:
        text = cs.to_sql(metric, database.dialect.name, create="view", name="of_the_week")
        connection.exec_driver_sql(text)
        assert connection.exec_driver_sql("SELECT * FROM of_the_week").scalar() == 1 / 4
