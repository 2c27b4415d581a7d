"""The text of every metric, on any log: run where it can be, translated to DuckDB where not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.sql import Tables
from clicksession.sql.tables import Instant, Key, Words, session_columns
from clicksession.testing import RunningDatabase
from tests.metrics.check import check_number, check_rows
from tests.metrics.logs import shop_logs
from tests.metrics.oracle import before_order, by_key, visits_of
from tests.metrics.oracles import NUMBERS, number, rows
from tests.metrics.test_any_metric import METRICS, asked
from tests.metrics.test_order_definitions import defined
from tests.sql.running import ClickHouse, OfEngine, Spark
from tests.sql.test_meaning import GRAMMARS, MACROS, translated

# Without shrinking, which runs thousands of statements.
PHASES = (Phase.explicit, Phase.generate)
TABLES = Tables(prefix="any_")
EVENTS = TABLES.table(
    "events",
    sa.Column("event_id", sa.BigInteger, autoincrement=False),
    sa.Column("user_id", Key()),
    sa.Column("timestamp", Instant()),
    sa.Column("event_type", Words()),
    sa.Column("session_id", Key()),
    sa.Column("page", Words()),
    sa.Column("referrer", Words()),
    sa.Column("paid", sa.Boolean()),
)
COUNTING = Tables(prefix="any_", counted_events=("placed_order",))
SESSIONS = TABLES.table("sessions", *session_columns(Key(), COUNTING.kept))


def load(database: RunningDatabase, events: pd.DataFrame) -> None:
    visits = cs.sessionize(events)
    orders = visits[visits["event_type"] == "placed_order"].groupby("session_id").size()
    sessions = cs.summarize(visits)
    counts = sessions["session_id"].map(orders).fillna(0).astype(int)
    for table, frame in (
        (EVENTS, visits),
        (SESSIONS, sessions.assign(placed_order_count=counts)),
    ):
        database.load(
            table, [_plain(row) for row in _columns(frame, table).itertuples(index=False)]
        )


def _columns(frame: pd.DataFrame, table: sa.Table) -> pd.DataFrame:
    return frame[[column.name for column in table.c]].astype(object)


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(
        None
        if pd.isna(value)
        else value.to_pydatetime()
        if isinstance(value, pd.Timestamp)
        else value
        for value in row
    )


def check(database: RunningDatabase, text: str, ask: Any, events: pd.DataFrame) -> None:
    metric, kept = ask
    users = visits_of(events, kept)
    found = database.rows(text)
    if type(metric) in NUMBERS and not metric.by:
        ((value,),) = found
        check_number(metric, None if value is None else float(value), number(metric, users))
        return
    frame = _frame(metric, found)
    if type(metric) in NUMBERS:
        check_number(metric, frame, number(metric, users))
    else:
        check_rows(metric, frame, rows(metric, users))


def check_definitions(
    database: RunningDatabase, text_of: Any, events: pd.DataFrame, data: st.DataObject, count: int
) -> None:
    """Compare order metrics, over sessions that count orders and over those that do not."""
    for _ in range(count):
        metric = data.draw(defined(events))
        tables = data.draw(st.sampled_from([TABLES, COUNTING]))
        expected = by_key(before_order(metric, visits_of(events)), metric.statistic)
        found = database.rows(text_of(metric.select(tables)))
        if metric.by:
            check_number(metric, _frame(metric, found), expected)
        else:
            ((value,),) = found
            check_number(metric, None if value is None else float(value), expected)


def _frame(metric: Any, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = [column.name for column in metric.select(TABLES).selected_columns]
    hours = [name for name, period in metric.period_columns.items() if period.unit == "hour"]
    plain = [_hour if name in hours else _day for name in columns]
    found = [[make(value) for make, value in zip(plain, row, strict=True)] for row in rows]
    return pd.DataFrame(found, columns=columns, dtype=object)


def _hour(value: Any) -> Any:
    """Return an instant as an aware time: some databases keep no zone."""
    aware = value if value is None or value.tzinfo else value.replace(tzinfo=UTC)
    return aware and aware.astimezone(UTC)


def _day(value: Any) -> Any:
    """Return a first day as a date: DuckDB adds days to a date and gives a time."""
    return value.date() if isinstance(value, datetime) else value


def check_all(database: RunningDatabase, dialect: str, kinds: Any, data: st.DataObject) -> None:
    events = data.draw(shop_logs(max_size=25))
    load(database, events)
    for kind in kinds:
        ask = data.draw(asked(kind, events))
        check(database, cs.to_sql(ask[0].select(TABLES), dialect), ask, events)
    check_definitions(database, partial(cs.to_sql, dialect=dialect), events, data, 10)


@pytest.mark.parametrize("strict", [False, True])
@settings(max_examples=4, phases=PHASES)
@given(data=st.data())
def test_clickhouse(clickhouse: Any, strict: bool, data: st.DataObject) -> None:
    check_all(ClickHouse(clickhouse, strict), "clickhouse", METRICS, data)


@settings(max_examples=1, phases=(Phase.generate,))
@given(data=st.data())
def test_spark(spark: Any, data: st.DataObject) -> None:
    # One log that is not empty; a statement takes a second.
    events = data.draw(shop_logs(max_size=40).filter(lambda log: len(log) > 10))
    load(Spark(spark), events)
    for kind in METRICS:
        ask = data.draw(asked(kind, events))
        check(Spark(spark), cs.to_sql(ask[0].select(TABLES), "spark"), ask, events)
    check_definitions(Spark(spark), partial(cs.to_sql, dialect="spark"), events, data, 6)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[RunningDatabase]:
    engine = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool)
    running = OfEngine(engine)
    running.rows(MACROS)
    yield running
    engine.dispose()


@pytest.mark.parametrize("dialect", GRAMMARS)
@settings(max_examples=2, phases=PHASES)
@given(data=st.data())
def test_translated(dialect: str, duckdb: RunningDatabase, data: st.DataObject) -> None:
    events = data.draw(shop_logs(max_size=25))
    load(duckdb, events)
    for kind in METRICS:
        ask = data.draw(asked(kind, events))
        check(duckdb, translated(ask[0].select(TABLES), dialect), ask, events)
    check_definitions(duckdb, partial(translated, dialect=dialect), events, data, 5)
