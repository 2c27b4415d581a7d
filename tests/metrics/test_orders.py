"""The order metrics: their examples, their nulls, and any log against the oracle."""

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.metrics import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.sql import Tables
from tests.logs import THIRTY_MINUTES, as_lists, logs
from tests.oracle import before_orders, sessions_of, statistic


def log(*visits: list[tuple[str, str]]) -> pd.DataFrame:
    """One user's visits: times of the day and types, a visit a day."""
    rows = [
        (f"2024-05-{day:02} {time}", kind)
        for day, visit in enumerate(visits, start=1)
        for time, kind in visit
    ]
    times, kinds = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "event_id": range(len(rows)),
            "user_id": 7,
            "timestamp": pd.to_datetime(times, utc=True, format="ISO8601"),
            "event_type": kinds,
        }
    )


VIEW, ORDER = [("10:00", "page_view")], [("10:00", "page_view"), ("10:01", "placed_order")]
CASES: dict[str, tuple[pd.DataFrame, float | None, float | None]] = {
    "first order in session 7": (log(*[VIEW] * 6, ORDER), 6.0, 0.0),
    "orders in sessions 7 and 8": (log(*[VIEW] * 6, ORDER, ORDER), 3.0, 0.0),
    "an order in the first session": (log(ORDER), 0.0, 0.0),
    "several orders in one session count once": (
        log(VIEW, [("10:00", "placed_order"), ("10:05", "placed_order")]),
        1.0,
        0.0,
    ),
    "sessions after the last order do not count": (log(VIEW, ORDER, VIEW, VIEW), 1.0, 0.0),
    "10:00-10:05 and 10:50-11:00 before an order": (
        log(
            [
                ("10:00", "page_view"),
                ("10:05", "page_view"),
                ("10:50", "page_view"),
                ("11:00", "page_view"),
                ("12:00", "placed_order"),
            ]
        ),
        2.0,
        15.0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_examples_over_a_frame(case: str) -> None:
    events, visits, minutes = CASES[case]
    sessionized = cs.sessionize(events)
    assert VisitsBeforeOrder().compute(sessionized) == visits
    assert MinutesBeforeOrder().compute(sessionized) == minutes


@pytest.mark.parametrize("case", CASES)
def test_examples_in_every_database(case: str, database: sa.Engine) -> None:
    events, visits, minutes = CASES[case]
    cs.SQLWriter(database).write(events)
    assert VisitsBeforeOrder().compute(database) == visits
    assert MinutesBeforeOrder().compute(database) == minutes
    with database.connect() as connection:
        assert connection.execute(VisitsBeforeOrder().select()).scalar() == visits
        assert VisitsBeforeOrder().compute(connection) == visits


def test_a_url_will_do(database_url: str) -> None:
    cs.SQLWriter(database_url).write(log(VIEW, ORDER))
    assert VisitsBeforeOrder().compute(database_url) == 1.0


def test_an_order_without_a_user_counts_for_nobody(database: sa.Engine) -> None:
    events = log(VIEW, ORDER).astype({"user_id": "Int64"})
    events.loc[events["event_type"] == "placed_order", "user_id"] = pd.NA
    cs.SQLWriter(database).write(events)
    says = "page_view' .2.* There are 1 in no session"
    with pytest.raises(cs.errors.NothingFoundError, match=says):
        VisitsBeforeOrder().compute(database)


def test_other_event_types_can_be_orders() -> None:
    sessionized = cs.sessionize(log(VIEW, [("10:00", "bought")], VIEW, VIEW, [("10:00", "paid")]))
    assert VisitsBeforeOrder(order_events=("bought", "paid")).compute(sessionized) == 1.5
    assert VisitsBeforeOrder(order_events="paid").compute(sessionized) == 4.0


@pytest.mark.parametrize("metric", [VisitsBeforeOrder, MinutesBeforeOrder])
def test_bad_parameters_are_named(metric: Any) -> None:
    with pytest.raises(cs.errors.ParameterError, match=f"{metric.__name__}: `statistic` must be"):
        metric(statistic="mode")
    with pytest.raises(cs.errors.ParameterError, match=f"{metric.__name__}: `order_events` must"):
        metric(order_events=())


@pytest.mark.parametrize("data", [7, None, pd.DataFrame({"user_id": []})])
def test_data_that_is_no_place_for_sessions(data: Any) -> None:
    with pytest.raises(cs.errors.ParameterError, match="compute: `data` must be"):
        VisitsBeforeOrder().compute(data)


def check(events: pd.DataFrame, data: Any, tables: Tables | None = None) -> None:
    users, times = as_lists(events)
    kinds = events["event_type"].tolist()
    sessions = sessions_of(users, times, THIRTY_MINUTES, kinds)
    if sessions and not any("placed_order" in session.event_types for session in sessions):
        with pytest.raises(cs.errors.NothingFoundError):
            VisitsBeforeOrder().compute(data, tables=tables)
        return
    observations = before_orders(sessions)
    for name in ("median", "mean"):
        visits = statistic([visits for visits, _ in observations], name)
        minutes = statistic([micros / 60e6 for _, micros in observations], name)
        found = VisitsBeforeOrder(statistic=name).compute(data, tables=tables)  # type: ignore[arg-type]
        assert found == (None if visits is None else pytest.approx(visits, rel=1e-12))
        found = MinutesBeforeOrder(statistic=name).compute(data, tables=tables)  # type: ignore[arg-type]
        assert found == (None if minutes is None else pytest.approx(minutes, rel=1e-12))


@settings(max_examples=30)
@given(logs(max_size=40))
def test_any_frame_equals_the_oracle(events: pd.DataFrame) -> None:
    check(events, cs.sessionize(events))


@settings(max_examples=20)
@given(events=logs(max_size=40))
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_any_log_in_a_file_equals_the_oracle(
    kind: str, events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = sa.create_engine(f"{kind}:///{tmp_path_factory.mktemp('metric') / 'a.db'}")
    cs.SQLWriter(engine).write(events)
    if len(events):
        check(events, engine)
    engine.dispose()


@settings(max_examples=10)
@given(data=st.data())
def test_any_log_in_postgresql_equals_the_oracle(
    data: st.DataObject, postgresql_server: str
) -> None:
    events = data.draw(logs(max_size=40))
    engine = sa.create_engine(postgresql_server)
    tables = Tables(prefix="metric_")
    with engine.begin() as connection:
        for table in (tables.events, tables.sessions):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    cs.SQLWriter(engine, tables=tables).write(events)
    if len(events):
        check(events, engine, tables)
    engine.dispose()


@pytest.mark.parametrize("lasted", [1, 1_500_000, 1_577_836_800_000_001])
def test_what_lasted_is_exact_to_the_microsecond(database: sa.Engine, lasted: int) -> None:
    """Also of a session of fifty years, counted among many or not."""
    start = -3_786_912_000_000_000  # 1850
    times = pd.to_datetime(
        [start, start + lasted, start + 2 * 10**15 + lasted], unit="us", utc=True
    )
    kinds = ["page_view", "page_view", "placed_order"]
    events = pd.DataFrame({"user_id": 7, "timestamp": times, "event_type": kinds})
    writer = cs.SQLWriter(database, timeout="20000d")
    writer.write(events)
    for conversions in ((), ("placed_order",)):
        tables = Tables(counted_events=conversions)
        cs.SQLWriter(database, timeout="20000d", tables=tables).count_events()
        found = MinutesBeforeOrder(unit="seconds").compute(database)
        assert found == lasted / 1_000_000, conversions


@pytest.mark.parametrize("current", ["cut", "begun"])
def test_an_earlier_session_of_the_same_moment_leads_to_an_order(current: Any) -> None:
    events = log([("10:00", "page_view")], [("10:00", "page_view"), ("10:00", "placed_order")])
    visits = cs.sessionize(events, rules=cs.Rules(max_events=1))
    assert VisitsBeforeOrder(current="cut").compute(visits) == 2
    clock = MinutesBeforeOrder(current=current, aggregate="wall_clock", unit="hours")
    assert clock.compute(visits) == 24
