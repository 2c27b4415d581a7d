"""How a target lies in its database: indexes, those of earlier versions, the order of rows."""

import time

import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql import Tables
from clicksession.writers.merging import addition
from clicksession.writers.tables.target import stored_target
from tests.writers.content import content_of

NOW = {"events_event_id", "events_user_id", "sessions_session_id", "sessions_user_start"}
BEFORE = NOW - {"events_user_id"} | {"events_user_time"}


def events(*rows: tuple[int, object, int]) -> pd.DataFrame:
    """Return events of an id, a user and a minute."""
    ids, users, minutes = zip(*rows, strict=True)
    moments = pd.Timestamp("2024-05-01", tz="UTC") + pd.to_timedelta(minutes, "min")
    return pd.DataFrame({"event_id": ids, "user_id": users, "timestamp": moments})


FIRST = events((1, 7, 0), (2, 8, 5), (3, 7, 45), (4, 8, 90))
LATE = events((5, 7, 20), (6, 8, 60), (7, 9, 61))
TEXT = events((8, "x", 10), (9, "7", 70), (10, "8", 1))


def index_names(database: sa.Engine) -> set[str | None]:
    inspector = sa.inspect(database)
    tables = ("events", "sessions")
    return {index["name"] for table in tables for index in inspector.get_indexes(table)}


def made_by_an_earlier_version(database: sa.Engine) -> None:
    """Give a target the indexes that it had before: of users, one that has the time too."""
    with database.begin() as connection:
        target = stored_target(connection, Tables())
        assert target is not None
        now = next(
            index for index in target.indexes(partial=False) if index.name == "events_user_id"
        )
        connection.execute(sa.schema.DropIndex(now))
        for index in target.former_indexes():
            connection.execute(sa.schema.CreateIndex(index))
    assert index_names(database) == BEFORE


@pytest.fixture
def indexed(database: sa.Engine) -> sa.Engine:
    """Each database whose tables have indexes."""
    if database.dialect.name == "duckdb":
        pytest.skip("a column store scans faster than it keeps indexes")
    return database


def test_a_target_of_an_earlier_version_goes_on(indexed: sa.Engine) -> None:
    writer = cs.SQLWriter(indexed)
    writer.write(FIRST)
    made_by_an_earlier_version(indexed)
    late = writer.write(LATE)
    assert (late.sessions_added, late.sessions_changed, late.sessions_removed) == (2, 1, 2)
    assert index_names(indexed) == BEFORE
    writer.write(TEXT)
    # The column of users is another one now, and has the indexes of today.
    assert index_names(indexed) == NOW
    assert cs.SQLWriter(indexed).delete_user(9).events_deleted == 1
    whole = cs.SQLWriter(indexed, tables=Tables(prefix="whole_"))
    together = pd.concat([FIRST, LATE, TEXT]).astype({"user_id": "str"})
    whole.write(together[together["user_id"] != "9"])
    assert content_of(indexed) == content_of(indexed, Tables(prefix="whole_"))


def test_a_rebuilt_target_of_an_earlier_version_gets_no_index_twice(indexed: sa.Engine) -> None:
    writer = cs.SQLWriter(indexed)
    writer.write(FIRST.assign(kind=["a", "b", "c", "d"]), schema=cs.EventSchema())
    made_by_an_earlier_version(indexed)
    assert writer.rebuild(cs.EventSchema(event_type="kind")).sessions_added == 4
    assert index_names(indexed) == BEFORE


def test_an_index_of_some_rows_does_not_do(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    writer = cs.SQLWriter(engine)
    writer.write(FIRST)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX events_user_id")
        connection.exec_driver_sql("CREATE INDEX few ON events (user_id) WHERE event_id IS NULL")
    writer.delete_between("2024-01-01", "2025-01-01")
    writer.write(FIRST)
    assert index_names(engine) == {*NOW, "few"}
    engine.dispose()


def test_postgresql_has_the_events_of_a_user_together(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    cs.SQLWriter(engine).write(events((1, 8, 0), (2, 7, 1), (3, None, 2), (4, 8, 3), (5, 7, 0)))
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT event_id FROM events ORDER BY ctid"))
        assert [number for (number,) in found] == [5, 2, 1, 4, 3]
    engine.dispose()


def test_a_session_that_grows_concerns_no_index(postgresql_url: str) -> None:
    """The server says so: it counts the updates that stayed on their page."""
    # By URL: the connection that counted them is closed after the write, and hands them in.
    writer = cs.SQLWriter(postgresql_url)
    writer.write(FIRST)
    assert writer.write(events((11, 8, 100))).sessions_changed == 1
    engine = sa.create_engine(postgresql_url)
    counts = sa.text(
        "SELECT n_tup_upd, n_tup_hot_upd, n_tup_del FROM pg_stat_user_tables "
        "WHERE relname = 'sessions'"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until = time.monotonic() + 10
        while not any(found := connection.execute(counts).one()) and time.monotonic() < until:
            time.sleep(0.05)
        assert tuple(found) == (1, 1, 0)
    engine.dispose()


@pytest.mark.parametrize(("large", "described"), [(len(FIRST), True), (len(FIRST) + 1, False)])
def test_a_large_first_load_tells_the_server_what_is_in_the_tables(
    postgresql_url: str, large: int, described: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addition, "_LARGE", large)
    engine = sa.create_engine(postgresql_url)
    cs.SQLWriter(engine).write(FIRST)
    with engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT DISTINCT tablename FROM pg_stats").scalars()
        assert ({"events", "sessions"} <= set(known)) is described
    engine.dispose()
