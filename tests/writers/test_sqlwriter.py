"""`SQLWriter`: however a log is cut and ordered, the tables are those of one write."""

from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.sql import Tables
from clicksession.sql.vocabulary import vocabulary_in
from clicksession.writers.sqlalchemy import WriteReport
from tests.logs import THIRTY_MINUTES, as_lists, logs, microseconds
from tests.oracle import sessions_of
from tests.writers.content import content_of


def events(times: list[str | None], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": range(1, len(times) + 1),
            "user_id": ["ann"] * len(times),
            "timestamp": pd.to_datetime(times, utc=True, format="ISO8601"),
            **columns,
        }
    )


def rows(engine: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        if engine.dialect.name == "mariadb":
            quotes = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"
            connection.execute(sa.text(quotes))
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def test_the_tables_hold_events_and_their_sessions(database: sa.Engine) -> None:
    log = events(
        ["2024-05-01 10:00", "2024-05-01 10:30", "2024-05-01 10:59:59.999999", None],
        page=["a", "", 'it\'s; "b"\n', None],
        n=pd.array([1, None, 2**62, 3], dtype="Int64"),
        ok=[True, False, True, True],
        share=[0.1, 1e300, -0.0, None],
    )
    report = cs.SQLWriter(database).write(log)
    assert report == WriteReport(
        rows=4,
        events_added=4,
        duplicates=0,
        events_without_session=1,
        sessions_added=1,
        sessions_changed=0,
        sessions_removed=0,
    )
    found = rows(database, "SELECT event_id, page, n, ok, share, session_id FROM events ORDER BY 1")
    assert found == [
        (1, "a", 1, True, 0.1, "ann:1714557600000000"),
        (2, "", None, False, 1e300, "ann:1714557600000000"),
        (3, 'it\'s; "b"\n', 2**62, True, 0.0, "ann:1714557600000000"),
        (4, None, 3, True, None, None),
    ]
    found = rows(
        database, "SELECT session_id, duration_seconds, event_count, start_reason FROM sessions"
    )
    assert found == [("ann:1714557600000000", 3599.999999, 3, "first")]


def test_a_second_write_changes_nothing(database: sa.Engine) -> None:
    log = events(["2024-05-01 10:00", "2024-05-01 10:10", "2024-05-01 12:00"])
    writer = cs.SQLWriter(database)
    writer.write(log)
    before = content_of(database)
    report = writer.write(log)
    assert (report.events_added, report.duplicates) == (0, 3)
    assert (report.sessions_added, report.sessions_changed, report.sessions_removed) == (0, 0, 0)
    assert content_of(database) == before


def test_a_late_event_joins_two_sessions(database: sa.Engine) -> None:
    log = events(["2024-05-01 10:00", "2024-05-01 10:50", "2024-05-01 10:25"])
    writer = cs.SQLWriter(database)
    writer.write(log.iloc[:2])
    report = writer.write(log.iloc[2:])
    assert (report.sessions_added, report.sessions_changed, report.sessions_removed) == (0, 1, 1)
    assert rows(database, "SELECT event_count, start_reason FROM sessions") == [(3, "first")]
    assert rows(database, "SELECT DISTINCT session_id FROM events") == [("ann:1714557600000000",)]


def test_an_earlier_event_takes_the_first_session_over(database: sa.Engine) -> None:
    log = events(["2024-05-03 10:00", "2024-05-01 10:00"])
    writer = cs.SQLWriter(database)
    writer.write(log.iloc[:1])
    report = writer.write(log.iloc[1:])
    assert (report.sessions_added, report.sessions_changed) == (1, 1)
    reasons = rows(database, "SELECT start_reason FROM sessions ORDER BY started_at")
    assert reasons == [("first",), ("timeout",)]


def test_a_frame_that_was_sessionized_by_the_same_rules(database: sa.Engine) -> None:
    log = events(["2024-05-01 10:00", "2024-05-01 10:45"])
    cs.SQLWriter(database, timeout="1h").write(cs.sessionize(log, "1h"))
    assert rows(database, "SELECT count(*) FROM sessions") == [(1,)]


def test_a_frame_that_was_sessionized_by_other_rules_is_refused(database: sa.Engine) -> None:
    log = events(["2024-05-01 10:00", "2024-05-01 10:45"])
    with pytest.raises(cs.errors.ParameterError, match="with those that the writer would cut"):
        cs.SQLWriter(database, timeout="1h").write(cs.sessionize(log))


def test_events_without_an_id_are_told_apart_by_their_content(database: sa.Engine) -> None:
    log = events(["2024-05-01 10:00"] * 4, page=["a", "b", "a", None]).drop(columns="event_id")
    writer = cs.SQLWriter(database)
    assert writer.write(log).events_added == 3
    assert writer.write(log[::-1]).events_added == 0
    wider = log.assign(referrer=None, page=log["page"].astype(object))
    assert writer.write(wider).events_added == 0
    assert writer.write(wider.assign(referrer="x").iloc[:1]).events_added == 1


def test_columns_that_come_later_are_added(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    writer.write(events(["2024-05-01 10:00"]))
    later = events(["2024-05-01 10:00", "2024-05-01 10:10"], **{'we"ird; DROP': ["x", "y"]})
    writer.write(later)
    found = rows(database, 'SELECT event_id, "we""ird; DROP" FROM events ORDER BY 1')
    assert found == [(1, None), (2, "y")]


def test_a_type_that_does_not_fit_is_refused_and_nothing_is_written(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database, on_misfit="raise")
    writer.write(events(["2024-05-01 10:00"], n=[1]))
    before = content_of(database)
    bad = events(["2024-05-01 10:00", "2024-05-01 10:10"], n=["x", "y"], new=[1, 2])
    with pytest.raises(cs.errors.WriteError, match=r"column 'n' does not fit.*Nothing was written"):
        writer.write(bad)
    assert content_of(database) == before


def test_a_failure_in_mid_write_leaves_nothing_behind(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = cs.SQLWriter(database)
    writer.write(events(["2024-05-01 10:00"]))
    before = content_of(database)
    load, calls = writer._target.loader.load, []

    def failing(connection: sa.Connection, table: sa.Table, data: Any) -> None:
        calls.append(table.name)
        if table.name == "sessions":
            raise RuntimeError("power cut")
        load(connection, table, data)

    monkeypatch.setattr(writer._target.loader, "load", failing)
    with pytest.raises(RuntimeError, match="power cut"):
        writer.write(events(["2024-05-01 10:00", "2024-05-01 10:10"], new=["a", "b"]))
    assert "events" in calls
    after = content_of(database)
    for row in after["events"]:
        # MariaDB cannot take back a column that was added; it is empty.
        assert row.pop("new", None) is None
    assert after == before


def test_a_prefix_keeps_families_of_tables_apart(database: sa.Engine) -> None:
    web, app = Tables(prefix="web_"), Tables(prefix='a"pp ')
    cs.SQLWriter(database, tables=web).write(events(["2024-05-01 10:00"]))
    cs.SQLWriter(database, tables=app).write(events(["2024-05-01 10:00"] * 2))
    assert rows(database, "SELECT count(*) FROM web_events") == [(1,)]
    assert rows(database, 'SELECT count(*) FROM "a""pp events"') == [(2,)]


def test_a_schema_of_the_database(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema("shop"))
    writer = cs.SQLWriter(engine, tables=Tables(schema="shop"))
    writer.write(events(["2024-05-01 10:00"]))
    writer.write(events(["2024-05-01 10:00", "2024-05-01 10:10"]))
    assert rows(engine, "SELECT count(*) FROM shop.events") == [(2,)]
    engine.dispose()


def test_an_empty_frame_does_nothing(database: sa.Engine) -> None:
    report = cs.SQLWriter(database).write(events([]))
    assert report.rows == 0
    with database.connect() as connection:
        assert not Tables().exist(connection)


def test_an_empty_frame_brings_the_words_of_its_schema(database: sa.Engine) -> None:
    schema = cs.EventSchema(vocabulary={"order": "purchase"})
    assert cs.SQLWriter(database).write(events([]), schema=schema).rows == 0
    with database.connect() as connection:
        assert vocabulary_in(connection, Tables()) == {"order": ("purchase",)}
    # An empty one leaves what is there.
    cs.SQLWriter(database).write(events([]), schema=cs.EventSchema())
    with database.connect() as connection:
        assert vocabulary_in(connection, Tables()) == {"order": ("purchase",)}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (7, "must be a SQLAlchemy Engine or a database URL"),
        ("no url with s3cr3t", "a text that is no such URL"),
        ("nosuchdb://u:s3cr3t@h/d", "a text that is no such URL"),
    ],
)
def test_a_target_that_is_none(target: Any, message: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=message) as caught:
        cs.SQLWriter(target)
    assert "s3cr3t" not in str(caught.value)


def test_a_database_that_is_down_is_named_without_its_password(free_port: int) -> None:
    writer = cs.SQLWriter(f"postgresql+psycopg://anna:s3cr3t@127.0.0.1:{free_port}/shop")
    assert "s3cr3t" not in repr(writer)
    with pytest.raises(cs.errors.WriteError, match="onnection") as caught:
        writer.write(events(["2024-05-01 10:00"]))
    assert "s3cr3t" not in str(caught.value)


def test_a_frame_without_users_is_refused(database: sa.Engine) -> None:
    with pytest.raises(cs.errors.ParameterError, match="no 'user_id' here"):
        cs.SQLWriter(database).write(events(["2024-05-01 10:00"]).drop(columns="user_id"))


@settings(max_examples=10)
@given(data=st.data())
@pytest.mark.parametrize("kind", ["text", "numbers"])
def test_any_cut_in_any_order_equals_one_write(
    data: st.DataObject, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check_any_cut(data, kind, f"duckdb:///{tmp_path_factory.mktemp('cut') / 'a.db'}")


@settings(max_examples=20)
@given(data=st.data())
def test_any_cut_in_any_order_equals_one_write_on_sqlite(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check_any_cut(data, "text", f"sqlite:///{tmp_path_factory.mktemp('cut') / 'a.db'}")


@settings(max_examples=10)
@given(data=st.data())
def test_any_cut_in_any_order_equals_one_write_on_postgresql(
    data: st.DataObject, postgresql_server: str
) -> None:
    _check_any_cut(data, "numbers", postgresql_server)


def _check_any_cut(data: st.DataObject, kind: str, url: str) -> None:
    users = st.sampled_from([1, -7, 2**60]) if kind == "numbers" else None
    log = data.draw(logs(users=users, max_size=14))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(log)), max_size=4)) | {0, len(log)})
    batches = [log.iloc[start:end] for start, end in pairwise(cuts)]
    repeated = data.draw(st.lists(st.sampled_from(batches), max_size=2)) if batches else []
    engine = sa.create_engine(url)
    tables = Tables(prefix="cut_")
    _drop(engine, tables)
    writer = cs.SQLWriter(engine, tables=tables)
    reports = [writer.write(batch) for batch in [*batches, *repeated]]
    assert sum(report.events_added for report in reports) == len(log)
    users_list, times = as_lists(log)
    expected = sessions_of(users_list, times, THIRTY_MINUTES)
    if len(log):
        found = content_of(engine, tables)
        assert [row["session_id"] for row in found["sessions"]] == sorted(s.id for s in expected)
        by_id = {row["session_id"]: row for row in found["sessions"]}
        for session in expected:
            row = by_id[session.id]
            assert row["event_count"] == session.count
            assert microseconds(pd.Timestamp(row["started_at"])) == session.start
            assert microseconds(pd.Timestamp(row["ended_at"])) == session.end
            assert row["start_reason"] == ("first" if session.index == 1 else "timeout")
        whole = cs.sessionize(log).set_index("event_id")["session_id"]
        got = {row["event_id"]: row["session_id"] for row in found["events"]}
        assert got == {k: None if pd.isna(v) else v for k, v in whole.items()}
    engine.dispose()


def _drop(engine: sa.Engine, tables: Tables) -> None:
    with engine.begin() as connection:
        for table in (tables.events, tables.sessions):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
