"""`by` and `where`: days in zones where clocks change, names, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import metrics as m
from clicksession.metrics import Period
from clicksession.sql import Tables
from tests.metrics.check import plain
from tests.metrics.oracle import first_day

EAST = timezone(timedelta(hours=2))
ZONES = ["UTC", "Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
# Around the hours in which clocks change, to the microsecond.
CHANGES = ["2024-03-31 01:00", "2024-10-27 01:00", "2024-03-10 05:30", "2024-04-06 15:00"]
MOMENTS = st.builds(
    lambda change, hours, microseconds: int(
        (datetime.fromisoformat(change).replace(tzinfo=UTC).timestamp() + hours * 3600) * 10**6
        + microseconds
    ),
    st.sampled_from(CHANGES),
    st.integers(-72, 72),
    st.sampled_from([-1, 0, 1, 999_999]),
)
ZONED = st.builds(Period, st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES))


def in_turn(moments: list[int]) -> pd.DataFrame:
    """One session of one event each."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    times = [start + timedelta(microseconds=moment) for moment in moments]
    users = [f"u{number}" for number in range(len(moments))]
    return pd.DataFrame({"event_id": range(len(users)), "user_id": users, "timestamp": times})


def expected(moments: list[int], period: Period) -> dict[Any, int]:
    days = [first_day(moment, period) for moment in moments]
    return {day: days.count(day) for day in sorted(set(days))}


def counted(data: Any, period: Period, tables: Tables | None = None) -> dict[Any, int]:
    found = m.NewAndReturning(period=period).compute(data, tables=tables)
    return dict(zip(map(plain, found["period"]), found["new_users"], strict=True))


LISTS = st.lists(MOMENTS, min_size=1, max_size=8)


@settings(max_examples=60)
@given(moments=LISTS, period=ZONED)
def test_days_in_a_zone_over_a_frame(moments: list[int], period: Period) -> None:
    assert counted(cs.sessionize(in_turn(moments)), period) == expected(moments, period)


@settings(max_examples=15)
@given(moments=LISTS, periods=st.lists(ZONED, min_size=4, max_size=4))
def test_days_in_a_zone_in_postgresql(
    postgresql_server: str, moments: list[int], periods: list[Period]
) -> None:
    # The connection's own zone must not matter.
    tokyo = {"options": "-c timezone=Asia/Tokyo"}
    engine = sa.create_engine(postgresql_server, poolclass=sa.NullPool, connect_args=tokyo)
    tables = Tables(prefix="zoned_")
    with engine.begin() as connection:
        for table in (tables.events, tables.sessions):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    cs.SQLWriter(engine, tables=tables).write(in_turn(moments))
    for period in periods:
        assert counted(engine, period, tables) == expected(moments, period)


def test_days_in_utc_and_in_a_zone_everywhere(database: sa.Engine) -> None:
    # The last microsecond of a day, which a rounding database would push into the next one.
    moments = [1_711_843_199_999_999, 1_711_843_200_000_000, 1_704_067_200_000_000]
    cs.SQLWriter(database).write(in_turn(moments))
    for unit in ("day", "week", "month"):
        period = Period(unit)  # type: ignore[arg-type]
        assert counted(database, period) == expected(moments, period)
    zoned = Period("day", zone="Europe/Amsterdam")
    assert counted(database, zoned) == expected(moments, zoned)


def test_names_that_mean_something_else_inside() -> None:
    events = in_turn([0, 10**13]).assign(value=["x", None], number=[1, 2], page="/")
    for name in ("value", "number"):
        found = m.SessionsPerUser(by=name).compute(events)
        assert list(found.columns) == [name, "median_sessions_per_user"]
        assert len(found) == 2
    orders = m.VisitsBeforeOrder(by="value", where=sa.column("value").is_(None))
    assert orders.compute(events.assign(event_type=["placed_order", None])).empty
    assert m.LandingPages(page="page", by="value").compute(events)["value"].iloc[0] == "x"


def test_where_is_said_in_the_sentence_and_asked_of_the_database(database: sa.Engine) -> None:
    events = in_turn([0, 10**13, 2 * 10**13]).assign(page=["/", "/a", "it's"])
    cs.SQLWriter(database).write(events)
    late = datetime(1970, 3, 1, tzinfo=UTC)
    for where, count in [
        (sa.column("page") == "it's", 1),
        (sa.column("page").in_(["/", "/a"]), 2),
        (sa.column("started_at") >= late, 2),
        (sa.column("started_at") >= late.astimezone(), 2),
        (sa.column("started_at") >= late.date(), 2),
        (sa.column("started_at").between("1970-03-01", "1970-12-31T23:59:59Z"), 2),
        (sa.column("ended_at") < "1970-03-01 00:00", 1),
        (sa.column("started_at").in_(["1970-01-01", date(1970, 1, 2)]), 1),
        (sa.column("started_at").not_in([datetime(1970, 1, 1, 2, tzinfo=EAST)]), 2),
        (sa.column("started_at") >= sa.func.coalesce(sa.column("ended_at"), None), 3),
        (sa.column("started_at") == sa.case((sa.column("page") == "/", late), else_=None), 0),
        (Tables().sessions.c.event_count == 1, 3),
    ]:
        metric = m.SessionsPerUser(where=where, by="page")
        assert len(metric.compute(database)) == count, str(where)
    sentence = m.SessionsPerUser(where=sa.column("page") == "/", by="page").describe()
    assert sentence.endswith("Only sessions with page = '/' exist for it. For each page.")
    longer = sa.column("ended_at") - sa.column("started_at") > timedelta(minutes=3)
    sentence = m.SessionsPerUser(where=longer, by=(Period("day"), "event_count")).describe()
    assert "with ended_at - started_at > '0:03:00' exist for it." in sentence
    assert sentence.endswith("For each day in UTC and event_count.")


def test_a_day_in_where_is_one_of_utc(postgresql_url: str) -> None:
    """Whatever the zone of the connection is."""
    tokyo = {"options": "-c timezone=Asia/Tokyo"}
    engine = sa.create_engine(postgresql_url, connect_args=tokyo)
    day = 86_400_000_000
    cs.SQLWriter(engine).write(in_turn([day - 1, day, day + 1]))
    for said in (date(1970, 1, 2), "1970-01-02", datetime(1970, 1, 2)):
        metric = m.SessionsPerUser(where=sa.column("started_at") >= said, by="user_id")
        assert list(metric.compute(engine)["user_id"]) == ["u1", "u2"], said
    engine.dispose()


def test_a_subquery_in_where_keeps_its_own_columns(database: sa.Engine) -> None:
    events = in_turn([0, 10**13, 2 * 10**13]).assign(page=["/", "/a", "/a"])
    cs.SQLWriter(database).write(events)
    vip = sa.Table("vip", sa.MetaData(), sa.Column("user_id", sa.String(9)), sa.Column("page"))
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE vip (user_id VARCHAR(9), page VARCHAR(9))"))
        connection.execute(sa.insert(vip), [{"user_id": "u1", "page": "/a"}])
    of_vip = sa.column("user_id").in_(sa.select(vip.c.user_id).where(vip.c.page == "/a"))
    both = of_vip & (sa.column("page") != "/")
    assert list(m.SessionsPerUser(by="user_id", where=both).compute(database)["user_id"]) == ["u1"]
    tables = Tables()
    for reaching in (sa.column("user_id"), tables.sessions.c.user_id):
        loose = sa.exists().where(vip.c.user_id == reaching)
        with pytest.raises(cs.errors.ParameterError, match="whose subqueries stand alone"):
            m.SessionsPerUser(where=loose)
    long = sa.select(tables.sessions.c.user_id).where(tables.sessions.c.event_count > 1)
    metric = m.SessionsPerUser(by="user_id", where=~sa.column("user_id").in_(long))
    for told in (None, tables):
        assert len(metric.compute(database, tables=told)) == 3
    with database.connect() as connection:
        assert len(connection.execute(metric.select(tables)).all()) == 3


def test_whole_numbers_beside_a_null_stay_whole(database: sa.Engine) -> None:
    large = pd.array([2**53 + 1, 2**53, None], dtype="Int64")
    events = in_turn([0, 10**13, 2 * 10**13]).assign(campaign=large)
    cs.SQLWriter(database).write(events)
    for data in (events, database):
        found = m.SessionsPerUser(by="campaign").compute(data)["campaign"]
        assert found.to_list() == [2**53, 2**53 + 1, pd.NA], data


def test_columns_with_names_of_ours(database: sa.Engine) -> None:
    events = in_turn([0, 10**13]).assign(event_number=["x", "y"], first_events="z", observations=7)
    cs.SQLWriter(database).write(events)
    for name in ("event_number", "first_events", "observations"):
        for data in (events, database):
            found = m.SessionDuration(by=name, where=sa.column(name).is_not(None)).compute(data)
            assert len(found) == events[name].nunique()


def test_names_that_differ_by_case_are_not_taken_for_each_other() -> None:
    events = in_turn([0]).assign(page="/", Page="/Up", rest=1, REST=2)
    with pytest.raises(cs.errors.ParameterError, match=r"one column called 'Page'.*'page' and 'P"):
        m.LandingPages(page="Page").compute(events)
    assert m.SessionsPerUser().compute(events) == 1


def test_a_percentile_makes_a_name_that_every_database_takes() -> None:
    assert m.SessionDuration(statistic="p99.9").column == "p99_9_session_duration_minutes"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"by": 7}, "SessionsPerUser: `by` must be the name of a column"),
        ({"by": ""}, "`by` must be"),
        ({"by": ("page", "page")}, "`by` must be columns with names of their own"),
        ({"by": "median_sessions_per_user"}, "`by` must be without names that columns of the ans"),
        ({"where": "page = 1"}, "`where` must be a SQLAlchemy expression"),
        ({"where": sa.column("started_at") > "soon"}, "`where` must be with times"),
        (
            {"where": sa.column("started_at") > "2024-05-01 00:00:00.0000001"},
            "to the microsecond",
        ),
    ],
)
def test_what_is_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message):
        m.SessionsPerUser(**parameters)


def test_periods_that_are_none() -> None:
    with pytest.raises(cs.errors.ParameterError, match="Period: `unit` must be"):
        Period("minute")  # type: ignore[arg-type]
    for zone in ("Europe/Amsterdan", "'; DROP TABLE", "", 7, "localtime", "posix/UTC"):
        with pytest.raises(cs.errors.ParameterError, match="Period: `zone` must be"):
            Period("day", zone=zone)  # type: ignore[arg-type]
    with pytest.raises(cs.errors.ParameterError, match="Retention: `period` must be a Period"):
        m.Retention(period="weeks")  # type: ignore[arg-type]


def test_the_name_of_a_unit_is_a_period_and_a_column_has_its_own_way() -> None:
    events = in_turn([0, 10**13]).assign(day=["x", "y"])
    for unit in ("hour", "day", "week", "month"):
        named, meant = m.Count(by=unit), m.Count(by=Period(unit))  # type: ignore[arg-type]
        assert named.by == meant.by
        assert named.compute(events).equals(meant.compute(events))
    of_column = m.Count(by=sa.column("day"))
    for metric in (of_column, replace(of_column, of="users")):
        assert list(metric.compute(events)["day"]) == ["x", "y"], metric
    assert of_column.describe() == "The number of sessions. For each day."
    assert m.Retention(period="week") == m.Retention()  # type: ignore[arg-type]


def test_the_hour_that_comes_twice() -> None:
    hours = [datetime(2024, 10, 27, hour, 30, tzinfo=UTC) for hour in (0, 1, 1)]
    events = pd.DataFrame({"user_id": ["a", "b", "c"], "timestamp": hours})
    period = Period("hour", zone="Europe/Amsterdam")
    for found in (
        m.Count(by=period).compute(events).rename(columns={"hour": "period"}),
        m.NewAndReturning(period=period).compute(events),
    ):
        assert [hour.isoformat() for hour in found["period"]] == [
            "2024-10-27T02:00:00+02:00",
            "2024-10-27T02:00:00+01:00",
        ]
        assert found.iloc[:, 1].tolist() == [1, 2]
    nothing = m.Count(by=period, where=sa.column("user_id") == "z").compute(events)
    assert nothing.empty
    assert str(nothing["hour"].dt.tz) == "Europe/Amsterdam"


KEPT = Tables(first={"landing_page": "page", "campaign": "campaign"}, last={"exit_page": "page"})


@pytest.fixture
def keeping(database: sa.Engine) -> sa.Engine:
    """A target whose sessions keep values: of two users, who order in their second session."""
    minutes = pd.to_timedelta([0, 1, 2, 600, 601] * 2, "min")
    events = pd.DataFrame(
        {
            "event_id": range(10),
            "user_id": ["ann"] * 5 + ["bob"] * 5,
            "timestamp": pd.Timestamp("2024-05-01", tz="UTC") + minutes,
            "event_type": ["view", "view", "view", "view", "placed_order"] * 2,
            "page": ["/", "/a", "/b", "/a", "/pay", "/a", "/", "/", "/", "/pay"],
            "campaign": [None, "ads", None, None, None, "mail", "ads", None, None, None],
        }
    )
    cs.SQLWriter(database, tables=KEPT).write(events)
    return database


def test_a_source_that_sessions_keep(keeping: sa.Engine) -> None:
    for model in ("first", "last"):
        metric = m.Attribution(source="campaign", model=model)  # type: ignore[arg-type]
        for asked in (metric, replace(metric, by="week")):
            found = asked.compute(keeping)
            counts = dict(zip(found["source"].fillna("none"), found["conversions"], strict=True))
            # Of the first event, as where nothing is kept: that of one has none.
            assert counts == {"none": 1, "mail": 1}, asked
    # Or that all sessions have.
    found = m.Attribution(source="start_reason", model="first").compute(keeping)
    assert found[["source", "conversions"]].to_numpy().tolist() == [["first", 2]]


def test_events_counted_by_what_sessions_keep(keeping: sa.Engine) -> None:
    for of, counts in [("events", {"/": 5, "/a": 5}), ("conversions", {"/": 1, "/a": 1})]:
        metric = m.Count(of=of, by="landing_page")  # type: ignore[arg-type]
        for asked in (metric, replace(metric, since="2024-05-01")):
            found = asked.compute(keeping)
            assert dict(zip(found["landing_page"], found[of], strict=True)) == counts, asked
    both = m.Count(of="events", by=("landing_page", "page"), where=sa.column("exit_page") == "/b")
    assert [tuple(row) for row in both.compute(keeping).itertuples(index=False)] == [
        ("/", "/", 1),
        ("/", "/a", 1),
        ("/", "/b", 1),
    ]


@pytest.mark.parametrize(
    ("metric", "parameter"),
    [
        (m.LandingPages(page="landing_page"), "page"),
        (m.ExitPages(page="landing_page", by="landing_page"), "page"),
        (m.CommonPaths(of="landing_page"), "of"),
        (m.Funnel(steps=(sa.column("landing_page") == "/", "placed_order")), "steps"),
        (m.VisitsBeforeOrder(order_column="landing_page"), "order_column"),
    ],
)
def test_what_only_sessions_have_is_not_asked_of_events(
    keeping: sa.Engine, metric: m.Metric, parameter: str
) -> None:
    with pytest.raises(cs.errors.ParameterError) as caught:
        metric.compute(keeping)
    says = f"must be events with the column 'landing_page', which `{parameter}` asks for; got 'only"
    assert says in str(caught.value)
    assert f"The sessions have it, but `{parameter}` asks the events." in str(caught.value)


def test_a_column_that_nobody_has_is_said_with_who_asks_for_it(keeping: sa.Engine) -> None:
    wrong = sa.column("landing_pge") == "/"
    for metric, parameter in [
        (m.SessionsPerUser(where=wrong), "where"),
        (m.SessionsPerUser(by=("user_id", "landing_pge")), "by"),
        (m.Attribution(source="landing_pge"), "source"),
    ]:
        with pytest.raises(cs.errors.ParameterError) as caught:
            metric.compute(keeping)
        says = str(caught.value)
        asks = f"sessions or events with the column 'landing_pge', which `{parameter}` asks for"
        assert asks in says
        for known in ("started_at", "exit_page", "event_type", "page"):
            assert known in says
        assert says.endswith("Did you mean 'landing_page'?")
    with pytest.raises(cs.errors.ParameterError, match=r"Did you mean 'page'\?$"):
        m.LandingPages(page="paeg").compute(keeping)


def test_a_source_is_of_the_first_event_whatever_sessions_keep(database: sa.Engine) -> None:
    times = ["2024-05-01 10:00", "2024-05-01 10:05", "2024-05-03 12:00", "2024-05-03 12:01"]
    events = pd.DataFrame(
        {
            "event_id": [1, 2, 3, 4],
            "user_id": "ann",
            "timestamp": pd.to_datetime(times, utc=True),
            "event_type": ["page_view"] * 3 + ["placed_order"],
            "referrer": ["google", None, None, "paypal"],
        }
    )
    cs.SQLWriter(database, tables=Tables(last=("referrer",))).write(events)
    metric = m.Attribution(source="referrer", by="day")
    for data in (database, events):
        assert metric.compute(data)["source"].tolist() == ["google"]
