"""Sessions that count conversions: from the start, from later on, and for whoever asks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.metrics import ConversionRate, MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.sql import Tables
from clicksession.sql.conversions import conversion_column
from clicksession.writers.tables import conversions
from tests.writers.content import content_of

ORDERS = Tables(counted_events=("placed_order",))
KINDS = ["page_view", "placed_order", "placed_order", None, "Order Completed", "placed_order"]

# A visit before one with an order.
SECOND = ["page_view"] * 3 + ["placed_order"]


def log(kinds: list[Any] = KINDS, first: int = 0) -> pd.DataFrame:
    """An event of one user every quarter of an hour, but a pause before the fourth."""
    size = len(kinds)
    minutes = [15 * n + 60 * (n > 2) for n in range(first, first + size)]
    moments = pd.Timestamp("2024-05-01", tz="UTC") + pd.to_timedelta(minutes, "min")
    events = {"event_id": range(first, first + size), "user_id": 7, "timestamp": moments}
    return pd.DataFrame(events).assign(event_type=pd.Series(kinds))


def counts(engine: sa.Engine, column: str = "placed_order_count") -> list[int]:
    return [row[column] for row in content_of(engine)["sessions"]]


def test_a_new_target_counts_from_the_start(database: sa.Engine) -> None:
    tables = Tables(counted_events=("placed_order", "Order Completed", "refund"))
    cs.SQLWriter(database, tables=tables).write(log())
    assert counts(database) == [2, 1]
    assert counts(database, "order_completed_count") == [0, 1]
    assert counts(database, "refund_count") == [0, 0]
    with database.connect() as connection:
        expected = ("Order Completed", "placed_order", "refund")
        assert Tables().counted_in(connection) == expected


def test_a_target_that_begins_later_equals_one_that_counted_from_the_start(
    database: sa.Engine, tmp_path: Path
) -> None:
    cs.SQLWriter(database).write(log())
    cs.SQLWriter(database, tables=ORDERS).count_events()
    assert counts(database) == [2, 1]
    # Who does not know of it goes on with it: an event that joins both sessions into one.
    moments = pd.to_datetime(["2024-05-01 00:55", "2024-05-01 01:20"], utc=True)
    late = log(["placed_order", "page_view"], first=50).assign(timestamp=moments)
    assert cs.SQLWriter(database).write(late).sessions_removed == 1
    assert counts(database) == [4]
    whole = sa.create_engine(f"duckdb:///{tmp_path / 'whole.db'}")
    cs.SQLWriter(whole, tables=ORDERS).write(pd.concat([log(), late]))
    assert content_of(database) == content_of(whole)
    whole.dispose()


def test_run_counts_also_where_no_file_is_new(tmp_path: Path) -> None:
    path, target = tmp_path / "events.csv", f"sqlite:///{tmp_path / 'shop.db'}"
    log().to_csv(path, index=False)
    cs.run(path, target)
    assert cs.run(path, target, tables=ORDERS).files_skipped == 1
    engine = sa.create_engine(target)
    assert counts(engine) == [2, 1]
    engine.dispose()


def test_an_event_type_that_is_a_number_is_told_by_its_text(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log([1, 1, 2]))
    writer = cs.SQLWriter(database, tables=Tables(counted_events=(1,)))
    writer.write(log([1, "x", "1"], first=3))
    assert counts(database, "1_count") == [2, 2]


class PowerCutError(Exception):
    """What ends a process."""


def test_a_power_cut_while_stored_events_are_counted(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where adding a column commits, the next write finds a column that nobody filled."""
    cs.SQLWriter(database).write(log())

    def fail(*_: Any) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(conversions, "_fill", fail)
        with pytest.raises(PowerCutError):
            cs.SQLWriter(database, tables=ORDERS).count_events()
    # Nobody takes the column for what it is not yet.
    assert ConversionRate().compute(database) == 1
    with database.connect() as connection:
        assert Tables().counted_in(connection) == ()
    cs.SQLWriter(database, tables=ORDERS).write(log(["page_view"], first=50))
    assert counts(database) == [2, 1, 0]


def test_a_column_of_somebody_else_is_not_taken(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    with database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE sessions ADD COLUMN placed_order_count INTEGER"))
    with pytest.raises(cs.errors.WriteError, match="'placed_order_count' that does not count"):
        cs.SQLWriter(database, tables=ORDERS).count_events()
    with pytest.raises(cs.errors.WriteError, match="'placed_order_count' that does not count"):
        cs.SQLWriter(database, tables=ORDERS).write(log(first=20))
    cs.SQLWriter(database).write(log(first=20))
    assert counts(database) == [None] * 3
    # Nobody is told that it counts orders, and nobody may say so.
    assert VisitsBeforeOrder().compute(database) == 0
    with pytest.raises(cs.errors.ParameterError, match="event types that the sessions count"):
        VisitsBeforeOrder().compute(database, tables=ORDERS)


def test_a_field_of_the_log_is_not_hidden(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log().assign(placed_order_count=7))
    with pytest.raises(cs.errors.WriteError, match="'placed_order_count' that does not count"):
        cs.SQLWriter(database, tables=ORDERS).count_events()
    refunds = Tables(counted_events=("refund",))
    cs.SQLWriter(database, tables=refunds).write(log(first=20))
    with pytest.raises(cs.errors.WriteError, match="'refund_count', which counts events"):
        cs.SQLWriter(database).write(log(first=40).assign(refund_count=1))


def test_a_type_is_not_taken_for_another_of_the_same_column(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=Tables(counted_events=("placed order",))).write(log())
    assert ConversionRate().compute(database) == 1
    with pytest.raises(cs.errors.ParameterError, match="event types that the sessions count"):
        ConversionRate().compute(database, tables=ORDERS)


def test_counting_ends_and_begins_anew(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database, tables=ORDERS)
    writer.write(log())
    cs.SQLWriter(database).stop_counting("placed_order", "nothing")
    assert "placed_order_count" not in content_of(database)["sessions"][0]
    assert ConversionRate().compute(database) == 1
    cs.SQLWriter(database).write(log(["placed_order"], first=30))
    writer.write(log(["placed_order"], first=60))
    assert counts(database) == [2, 1, 1, 1]


def test_a_column_that_somebody_dropped_is_counted_anew(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=ORDERS).write(log())
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            connection.execute(sa.text("DROP INDEX sessions_placed_order_count"))
        connection.execute(sa.text("ALTER TABLE sessions DROP COLUMN placed_order_count"))
    cs.SQLWriter(database).write(log(["placed_order"], first=60))
    assert counts(database) == [2, 1, 1]


def test_a_refused_write_counts_nothing(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    other = cs.SQLWriter(database, timeout="5min", tables=ORDERS)
    for refused in (lambda: other.write(log(first=20)), lambda: other.delete_user(7)):
        with pytest.raises(cs.errors.RulesChangedError):
            refused()
    assert "placed_order_count" not in content_of(database)["sessions"][0]


def test_a_reader_of_events_and_sessions_alone(postgresql_url: str) -> None:
    """What the target counts is not theirs to know; their transaction goes on."""
    engine = sa.create_engine(postgresql_url)
    cs.SQLWriter(engine, tables=ORDERS).write(log(SECOND))
    with engine.connect() as connection:
        for statement in ("CREATE ROLE reader", "GRANT SELECT ON events, sessions TO reader"):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SET ROLE reader")
        assert ConversionRate().compute(connection) == 0.5
        assert VisitsBeforeOrder().compute(connection) == 1
        # Who is told may say so.
        assert VisitsBeforeOrder().compute(connection, tables=ORDERS) == 1
        asked: list[str] = []
        sa.event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        assert VisitsBeforeOrder().compute(connection) == 1
        assert "placed_order_count" not in asked[-1]
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("GRANT SELECT ON clicksession_conversions TO reader")
        connection.exec_driver_sql("SET ROLE reader")
        assert VisitsBeforeOrder().compute(connection) == 1
        assert "placed_order_count" in asked[-1]
    engine.dispose()


def test_a_reader_of_mariadb(mariadb_url: str) -> None:
    admin = sa.create_engine(mariadb_url)
    cs.SQLWriter(admin, tables=ORDERS).write(log(SECOND))
    with admin.begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE USER reader@localhost")
        for name in ("events", "sessions"):
            connection.exec_driver_sql(f"GRANT SELECT ON {name} TO reader@localhost")
    reader = sa.create_engine(sa.make_url(mariadb_url).set(username="reader"))
    assert ConversionRate().compute(reader) == 0.5
    assert VisitsBeforeOrder().compute(reader) == 1
    assert VisitsBeforeOrder().compute(admin) == 1
    reader.dispose()
    admin.dispose()


def test_a_long_type_is_counted_in_every_batch(database: sa.Engine) -> None:
    long = "x" * 80
    writer = cs.SQLWriter(database, tables=Tables(counted_events=(long, "placed_order")))
    writer.write(log([long, long, "a", long]))
    late = pd.to_datetime(["2024-05-01 00:40"], utc=True)
    writer.write(log([long], first=50).assign(timestamp=late))
    assert counts(database, conversion_column(long)) == [3, 1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("event",), "'event_count' is another column of the sessions"),
        (("placed order", "placed_order"), "'placed_order_count' counts 'placed order' already"),
        (("---",), "'count' says of no type what it counts"),
        (("",), "must be event types to count in each session"),
        (7.5, "must be event types to count in each session"),
        (None, "must be event types to count in each session"),
    ],
)
def test_what_is_no_conversion(given: Any, message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=f"Tables: `counted_events`.*{message}"):
        Tables(counted_events=given)


def test_a_conversion_beside_a_stored_one_of_the_same_column(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=ORDERS).write(log())
    other = Tables(counted_events=("placed order",))
    with pytest.raises(cs.errors.ParameterError, match="counts 'placed order' already"):
        cs.SQLWriter(database, tables=other).write(log(first=20))


def test_one_type_may_stand_alone() -> None:
    assert Tables(counted_events="placed_order") == ORDERS
    long = "x" * 80
    assert len(conversion_column(long)) == 63


METRICS = [VisitsBeforeOrder(), MinutesBeforeOrder(per="user", orders="first"), ConversionRate()]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: type(metric).__name__)
def test_metrics_read_the_sessions_alone(metric: Any, database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    before = metric.compute(database)
    cs.SQLWriter(database, tables=ORDERS).count_events()
    asked: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert metric.compute(database) == before
    assert "placed_order_count" in asked[-1]
    assert "events" not in asked[-1]


def test_postgresql_touches_no_event(postgresql_url: str) -> None:
    """The server says so: it counts the rows that were read of each table."""
    engine = sa.create_engine(postgresql_url)
    cs.SQLWriter(engine, tables=ORDERS).write(log())
    with engine.connect() as connection:
        for metric in METRICS:
            plan = cs.to_sql(metric.select(ORDERS), "postgresql")
            found = connection.exec_driver_sql(f"EXPLAIN {plan}").scalars().all()
            assert any(" on sessions" in line for line in found)
            assert not any(" on events" in line for line in found)
    engine.dispose()


def test_users_who_convert_have_an_index_of_their_own(database: sa.Engine) -> None:
    """Where an index can hold a part of the rows; from the start, later, and after a change."""
    if database.dialect.name not in ("postgresql", "sqlite"):
        pytest.skip("the database has no indexes of a part of the rows")
    new, long = "sessions_placed_order_count", "x" * 70
    writer = cs.SQLWriter(database, tables=ORDERS)
    writer.write(log())
    assert new in index_names(database)
    writer.delete_between("2024-01-01", "2025-01-01")
    writer.write(log())
    cs.SQLWriter(database, tables=Tables(counted_events=(long,))).count_events()
    assert len(index_names(database)) == 6
    # The column of users is another one now.
    writer.write(log(first=20).assign(user_id="ann"))
    assert len(index_names(database)) == 6
    assert counts(database) == [2, 1, 3]


def index_names(database: sa.Engine) -> set[str | None]:
    inspector = sa.inspect(database)
    tables = ("events", "sessions")
    return {index["name"] for table in tables for index in inspector.get_indexes(table)}


def test_conversions_that_are_not_counted_are_refused(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    with pytest.raises(cs.errors.ParameterError, match="`tables` must be event types that the ses"):
        VisitsBeforeOrder().compute(database, tables=ORDERS)


def test_counts_are_columns_to_ask_by(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=replace(ORDERS)).write(log())
    by = cs.metrics.SessionsPerUser(by="placed_order_count").compute(database)
    assert by["placed_order_count"].to_list() == [1, 2]
    several = sa.column("placed_order_count") > 1
    assert cs.metrics.EventsPerSession(where=several).compute(database) == 3
    assert VisitsBeforeOrder(where=several).compute(database) == 0
