"""Sessions that keep first and last values: from the start, from later on, and for metrics."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from pandas.testing import assert_frame_equal
from sqlalchemy import column

import clicksession as cs
from clicksession.errors import ParameterError, WriteError
from clicksession.metrics import ConversionRate
from clicksession.sql import Tables
from clicksession.writers.merging import edges
from clicksession.writers.tables import keeping
from tests.writers.content import content_of

KEPT: dict[str, Any] = {
    "first": {"landing_page": "page", "referrer": "referrer"},
    "last": {"exit_page": "page"},
    "counted_events": ("placed_order",),
}
TABLES = Tables(**KEPT)


def log() -> pd.DataFrame:
    """Two visits, the first of which has two events at one time, and its referrer in the second."""
    minutes = [0, 0, 10, 100]
    return pd.DataFrame(
        {
            "event_id": [2, 1, 3, 4],
            "user_id": 7,
            "timestamp": pd.Timestamp("2024-05-01", tz="UTC") + pd.to_timedelta(minutes, "min"),
            "event_type": ["page_view", "page_view", "placed_order", "page_view"],
            "page": ["/b", "/a", None, "/c"],
            "referrer": [None, None, "ads", None],
        }
    )


def values(engine: sa.Engine, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in content_of(engine)["sessions"]]


def _as_the_frame(engine: sa.Engine, events: pd.DataFrame) -> None:
    expected = cs.summarize(cs.sessionize(events), **KEPT)
    found = cs.load_sessions(engine, session_index=True)
    times = dict.fromkeys(("started_at", "ended_at"), "datetime64[us, UTC]")
    expected = expected.astype({**times, "user_id": "Int64"})
    assert_frame_equal(found[list(expected)], expected)
    assert set(found) == set(expected)


def test_a_new_target_keeps_from_the_start(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=TABLES).write(log())
    assert values(database, "landing_page", "exit_page", "referrer") == [
        ("/a", "/b", "ads"),
        ("/c", "/c", None),
    ]
    _as_the_frame(database, log())


def test_a_target_that_begins_later_goes_on_for_whoever_writes(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    cs.SQLWriter(database, tables=TABLES).count_events()
    _as_the_frame(database, log())
    # Before the first event, between two of one time, and such as joins both visits.
    moments = pd.to_datetime(["2024-04-30 23:50", "2024-05-01 00:00", "2024-05-01 00:40"], utc=True)
    late = (
        log()
        .iloc[:3]
        .assign(
            event_id=[9, 0, 8],
            timestamp=moments,
            page=[None, "/0", None],
            referrer=["mail", None, None],
        )
    )
    cs.SQLWriter(database).write(late)
    last = (
        log()
        .iloc[:1]
        .assign(event_id=10, timestamp=pd.Timestamp("2024-05-01 01:10", tz="UTC"), page="/z")
    )
    cs.SQLWriter(database).write(last)
    everything = pd.concat([log(), late, last])
    _as_the_frame(database, everything)
    assert values(database, "landing_page", "referrer", "exit_page") == [("/0", "mail", "/c")]
    writer = cs.SQLWriter(database)
    writer.delete_events(late)
    _as_the_frame(database, pd.concat([log(), last]))


def test_an_event_that_changes_nothing_changes_no_session(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database, tables=TABLES)
    writer.write(log())
    far = log().iloc[:1].assign(event_id=20, timestamp=pd.Timestamp("2024-06-01", tz="UTC"))
    report = writer.write(far)
    assert (report.sessions_added, report.sessions_changed) == (1, 0)


def test_a_column_that_no_event_has_had_yet(database: sa.Engine) -> None:
    tables = Tables(first={"plan": "plan"}, last={"paid": "price"})
    cs.SQLWriter(database, tables=tables).write(log())
    assert values(database, "plan", "paid") == [(None, None)] * 2
    # It turns out to hold whole numbers; later some with a fraction; later texts.
    for event_id, price, expected in ((30, 7, 7), (31, 0.5, 0.5), (32, "free", "free")):
        moment = pd.Timestamp("2024-05-01 00:05", tz="UTC") + pd.Timedelta(minutes=event_id)
        event = log().iloc[:1].assign(event_id=event_id, timestamp=moment, price=price)
        cs.SQLWriter(database).write(event)
        found = cs.load_sessions(database)["paid"]
        assert found[0] == expected
        assert found.isna().tolist() == [False, True]


def test_a_column_that_is_misspelt_is_said(
    database: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    tables = Tables(first={"landing": "pge"}, last={"exit": "page", "odd": "zzz"})
    writer = cs.SQLWriter(database, tables=tables)
    writer.write(log())
    assert [record.getMessage() for record in caplog.records] == [
        "Sessions keep the first 'pge' in 'landing', and no event in table 'events' has such a "
        "column so far: all are null. Did you mean 'page'?",
        "Sessions keep the last 'zzz' in 'odd', and no event in table 'events' has such a column "
        "so far: all are null.",
    ]
    assert {record.name for record in caplog.records} == {"clicksession"}
    caplog.clear()
    # Once by each writer, and also by one that names none of them, as long as no event has it.
    writer.write(log().assign(event_id=range(11, 15)))
    assert not caplog.records
    cs.SQLWriter(database).write(log().assign(event_id=range(21, 25), zzz="late"))
    assert ["'pge' in 'landing'" in each.getMessage() for each in caplog.records] == [True]
    assert all(value == "late" for (value,) in values(database, "odd"))
    caplog.clear()
    cs.SQLWriter(database, tables=tables).write(log())
    assert not caplog.records, "nothing came"


def test_a_run_says_so_where_nothing_is_new(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source, target = tmp_path / "log.csv", f"sqlite:///{tmp_path / 'shop.db'}"
    log().to_csv(source, index=False)
    cs.run(source, target)
    tables = Tables(first={"landing": "pge", "page": "page"})
    assert cs.run(source, target, tables=tables).files_skipped == 1
    assert "'pge' in 'landing'" in caplog.text
    assert len(caplog.records) == 1
    fresh = f"sqlite:///{tmp_path / 'other.db'}"
    caplog.clear()
    cs.run(source, fresh, tables=tables)
    assert len(caplog.records) == 1


def test_values_of_every_type(database: sa.Engine) -> None:
    """As they come, and read again because a later event joins their session."""
    events = log().assign(
        whole=pd.array([None, 2**62 + 1, 3, 4], "Int64"),
        share=[0.1, None, 2.0, None],
        flag=pd.array([None, False, True, True], "boolean"),
        moment=pd.to_datetime(
            ["2024-05-01T00:00:00.000001Z", None, None, "1969-12-31"], format="ISO8601", utc=True
        ),
    )
    names = ("whole", "share", "flag", "moment", "event_id", "timestamp", "event_type")
    kept: dict[str, Any] = {
        "first": {f"first_{name}": name for name in names},
        "last": {f"last_{name}": name for name in names},
    }
    writer = cs.SQLWriter(database, tables=Tables(**kept))
    for part in (events.iloc[[0, 3]], events.iloc[[2]], events.iloc[[1]]):
        writer.write(part.astype({"moment": "datetime64[us, UTC]"}))
        done = events[events["event_id"].isin(cs.load_events(database)["event_id"])]
        expected = cs.summarize(cs.sessionize(done), **kept)
        found = cs.load_sessions(database, session_index=True)
        times = [name for name in expected if "ed_at" in name or "moment" in name]
        types = dict.fromkeys([*times, "first_timestamp", "last_timestamp"], "datetime64[us, UTC]")
        ids = dict.fromkeys(("user_id", "first_event_id", "last_event_id"), "Int64")
        assert_frame_equal(found[list(expected)], expected.astype({**types, **ids}))


def test_ids_that_become_texts_sort_as_texts(database: sa.Engine) -> None:
    events = log().iloc[:2].assign(event_id=[9, 10])
    cs.SQLWriter(database, tables=TABLES).write(events)
    assert values(database, "landing_page") == [("/b",)]
    far = log().iloc[:1].assign(event_id="x", timestamp=pd.Timestamp("2024-06-01", tz="UTC"))
    cs.SQLWriter(database).write(far)
    assert values(database, "landing_page")[0] == ("/a",)


class PowerCutError(Exception):
    """What ends a process."""


def test_a_power_cut_while_stored_events_are_looked_at(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cs.SQLWriter(database).write(log())

    def fail(*_: Any) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_fill", fail)
        with pytest.raises(PowerCutError):
            cs.SQLWriter(database, tables=TABLES).count_events()
    # Nobody takes the column for what it is not yet.
    assert "landing_page" not in cs.load_sessions(database)
    cs.SQLWriter(database, tables=TABLES).write(log())
    _as_the_frame(database, log())


def test_a_column_of_somebody_else_is_not_taken(database: sa.Engine) -> None:
    cs.SQLWriter(database).write(log())
    with database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE sessions ADD COLUMN landing_page INTEGER"))
    with pytest.raises(WriteError, match="'landing_page' that is not the library's"):
        cs.SQLWriter(database, tables=TABLES).write(log())
    cs.SQLWriter(database).write(log())
    assert values(database, "landing_page") == [(None,)] * 2


def test_another_meaning_of_a_name_is_refused(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=TABLES).write(log())
    other = Tables(last={"landing_page": "page"})
    with pytest.raises(WriteError, match=r"keep in 'landing_page' the first 'page' already.*stop"):
        cs.SQLWriter(database, tables=other).write(log())
    cs.SQLWriter(database).stop_keeping("landing_page", "never")
    assert "landing_page" not in content_of(database)["sessions"][0]
    cs.SQLWriter(database, tables=other).count_events()
    assert values(database, "landing_page") == [("/b",), ("/c",)]


def test_metrics_find_the_columns(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=TABLES).write(log())
    rate = ConversionRate(by="landing_page").compute(database)
    assert rate.set_index("landing_page")["session_conversion_rate"].to_dict() == {
        "/a": 1.0,
        "/c": 0.0,
    }
    # Not that of the first event, which has none.
    by_ads = ConversionRate(where=column("referrer") == "ads")
    assert by_ads.compute(database) == 1
    with pytest.raises(ParameterError, match="columns that the sessions keep"):
        ConversionRate().compute(database, tables=Tables(first={"campaign": "utm"}))


def test_columns_and_filters_of_what_is_kept(database: sa.Engine) -> None:
    cs.SQLWriter(database, tables=TABLES).write(log())
    found = cs.load_sessions(database, columns=("exit_page",), where=column("landing_page") == "/a")
    assert found["exit_page"].tolist() == ["/b"]


def test_a_target_without_what_is_remembered_is_as_before(database: sa.Engine) -> None:
    """As today's version wrote it: no table says what sessions keep."""
    writer = cs.SQLWriter(database)
    writer.write(log().iloc[:2])
    with database.connect() as connection:
        assert not Tables().holds(connection, Tables().kept_columns)
    cs.SQLWriter(database, tables=replace(TABLES, counted_events=())).write(log())
    assert values(database, "exit_page") == [("/b",), ("/c",)]


def test_given_sessions_that_meet_in_one_moment_keep_their_own(database: sa.Engine) -> None:
    times = ["10:00", "10:05", "10:05", "10:06"]
    events = pd.DataFrame(
        {
            "event_id": ["5", "9", "1", "6"],
            "user_id": "ann",
            "timestamp": pd.to_datetime([f"2024-05-01 {time}" for time in times], utc=True),
            "page": ["/a1", "/a2", "/b1", "/b2"],
            "visit": ["1", "1", "2", "2"],
        }
    )
    rules = cs.Rules(None, session_column="visit")
    tables = Tables(first={"landing": "page"}, last={"exit": "page"})
    writer = cs.SQLWriter(database, rules=rules, tables=tables)
    for again in (lambda: writer.write(events), writer.rebuild):
        again()
        kept = cs.load_sessions(database)[["landing", "exit"]].to_numpy().tolist()
        assert kept == [["/a1", "/a2"], ["/b1", "/b2"]]


def test_how_many_events_memory_holds_at_a_time_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = [log().assign(user_id=user, event_id=log()["event_id"] + 10 * user) for user in range(5)]
    events = pd.concat(each, ignore_index=True)

    def stored(at_a_time: int) -> list[Any]:
        monkeypatch.setattr(edges, "_EVENTS_PER_PART", at_a_time)
        engine = sa.create_engine("duckdb:///:memory:")
        writer = cs.SQLWriter(engine, tables=TABLES)
        writer.write(events.drop(index=events.index[::4]))
        # These join sessions whose values are read again; then all users are cut anew.
        writer.write(events.iloc[::4])
        joined = content_of(engine)
        cs.SQLWriter(engine, tables=TABLES, timeout="5min").rebuild()
        return [joined, content_of(engine)]

    assert stored(2) == stored(1_000_000)
