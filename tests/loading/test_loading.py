"""What was written comes back: equal to the path over frames, row by row, types included."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import column

import clicksession as cs
from clicksession.errors import ParameterError
from clicksession.sql import Tables
from tests.conftest import DATABASES
from tests.logs import logs

_TEXTS = st.sampled_from([None, "", "a,b", 'say "so"', "two\nlines", "\\N", "50% of", "'", "é☕"])
_VALUES = {
    "words": _TEXTS,
    "whole": st.one_of(st.none(), st.sampled_from([0, -1, 2**53 + 1, 2**63 - 1])),
    "share": st.one_of(st.none(), st.sampled_from([0.1, -0.5, 1e300, 2.0])),
    "flag": st.sampled_from([None, True, False]),
    "moment": st.sampled_from([None, 0, 1_714_557_600_000_001, -1]),
}
_FIRST = {"words": "x", "whole": 1, "share": 0.5, "flag": True, "moment": 1}


@st.composite
def rich_logs(draw: st.DrawFn) -> pd.DataFrame:
    """A log with a column of each type that a table keeps, in which some value always is."""
    events = draw(logs(max_size=15))
    if not len(events):
        return events
    for name, values in _VALUES.items():
        drawn = [_FIRST[name], *(draw(values) for _ in range(len(events) - 1))]
        events[name] = _typed(name, drawn)
    return events


def _typed(name: str, values: list[Any]) -> pd.Series:
    if name == "moment":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="Int64"), unit="us", utc=True))
    kinds = {"words": "str", "whole": "Int64", "share": "float64", "flag": "boolean"}
    return pd.Series(values, dtype=kinds[name])


def _in_order(events: pd.DataFrame) -> pd.DataFrame:
    ordered = events.sort_values(["timestamp", "event_id"], na_position="last", ignore_index=True)
    kept = [name for name in ordered if name != "session_id"]
    return ordered[[*kept, "session_id"]].astype({"timestamp": "datetime64[us, UTC]"})


@pytest.fixture(scope="module", params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An engine on a database of each kind, for many examples."""
    if request.param in ("postgresql", "mariadb"):
        url = request.getfixturevalue(f"{request.param}_server")
    else:
        url = f"{request.param}:///{tmp_path_factory.mktemp('loading') / 'shop.db'}"
    engine = sa.create_engine(url)
    if request.param == "mariadb":
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE DATABASE IF NOT EXISTS loading"))
        engine.dispose()
        engine = sa.create_engine(sa.make_url(url).set(database="loading"))
    yield engine
    _drop(engine, Tables(prefix="loaded_"))
    engine.dispose()


def _drop(engine: sa.Engine, tables: Tables) -> None:
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_table_names():
            if name.startswith(tables.prefix):
                connection.execute(sa.schema.DropTable(sa.table(name)))  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None)
@given(events=rich_logs(), cut=st.integers(0, 15), rows=st.integers(1, 20))
def test_what_was_written_comes_back(
    engine: sa.Engine, events: pd.DataFrame, cut: int, rows: int
) -> None:
    tables = Tables(prefix="loaded_")
    _drop(engine, tables)
    writer = cs.SQLWriter(engine, tables=tables)
    # The later part first: what comes out is in order, whatever came first.
    for part in (events.iloc[cut:], events.iloc[:cut]):
        writer.write(part)
    if not len(events):
        return
    visits = cs.sessionize(events)
    found = cs.load_events(engine, tables=tables)
    expected = _in_order(visits.drop(columns="session_index"))
    assert_frame_equal(found, expected[list(found)])
    sessions = cs.load_sessions(engine, tables=tables, session_index=True)
    _assert_same_sessions(sessions, cs.summarize(visits))
    _assert_same_sessions(sessions, cs.summarize(cs.sessionize(found)))
    parts = list(cs.load_events(engine, tables=tables, batch_rows=rows))
    assert all(len(part) <= rows and (part.dtypes == found.dtypes).all() for part in parts)
    assert_frame_equal(pd.concat(parts, ignore_index=True), found)
    unordered = cs.load_events(engine, tables=tables, in_order=False)
    unordered = unordered.sort_values(["timestamp", "event_id"], na_position="last")
    assert_frame_equal(unordered.reset_index(drop=True), found)
    indexes = cs.load_events(engine, tables=tables, session_index=True)["session_index"]
    expected = visits.sort_values(["timestamp", "event_id"], na_position="last")
    assert indexes.tolist() == expected["session_index"].tolist()


def _assert_same_sessions(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    times = dict.fromkeys(("started_at", "ended_at"), "datetime64[us, UTC]")
    assert_frame_equal(found, expected.astype(times))


@pytest.fixture
def shop(database: sa.Engine, tmp_path: Path) -> sa.Engine:
    """A database of each kind with a log that `run` brought there."""
    rows = [
        {
            "event_id": number,
            "user_id": user,
            "timestamp": f"2024-05-01T{hour:02}:00:00.000001Z",
            "event_type": "page_view",
            "price": price,
            "is_new": hour == 10,
        }
        for number, (user, hour, price) in enumerate(
            [("ann", 10, 1.5), ("ann", 11, None), ("bob", 10, 2.0), ("bob", 12, 7.25)]
        )
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    target = database.url.render_as_string(hide_password=False)
    cs.run(path, target)
    return database


def _url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_run_equals_the_frames(shop: sa.Engine, tmp_path: Path) -> None:
    events = cs.read_events(tmp_path / "events.jsonl")
    visits = cs.sessionize(events)
    found = cs.load_events(_url(shop), session_index=True)
    expected = visits.sort_values(["timestamp", "event_id"], ignore_index=True)
    assert_frame_equal(found[list(expected)], expected.astype({"timestamp": "datetime64[us, UTC]"}))
    _assert_same_sessions(cs.load_sessions(_url(shop), session_index=True), cs.summarize(visits))


def test_filters_and_columns(shop: sa.Engine) -> None:
    found = cs.load_sessions(
        shop,
        columns=("user_id", "started_at"),
        where=column("user_id").in_(["ann", "bob"]) & (column("started_at") > "2024-05-01 10:30"),
        until="2024-05-01 12:00",
        session_index=True,
        zone="Europe/Amsterdam",
    )
    assert list(found) == ["user_id", "session_index", "started_at"]
    assert found["user_id"].tolist() == ["ann"]
    # Of all sessions of the user, whatever was asked for.
    assert found["session_index"].tolist() == [2]
    assert str(found["started_at"].dtype) == "datetime64[us, Europe/Amsterdam]"
    assert found["started_at"][0] == pd.Timestamp("2024-05-01T11:00:00.000001Z")
    later = cs.load_events(shop, where=column("is_new").is_(sa.false()), since="2024-05-01 11:00")
    assert later["event_id"].tolist() == [1, 3]


def test_columns_may_come_from_an_iterator(shop: sa.Engine) -> None:
    names = (name for name in ("user_id", "event_id", "user_id"))
    assert list(cs.load_events(shop, columns=names)) == ["user_id", "event_id"]


def test_a_window_is_half_open(shop: sa.Engine) -> None:
    moment = pd.Timestamp("2024-05-01T11:00:00.000001Z").to_pydatetime()
    assert cs.load_events(shop, since=moment)["event_id"].tolist() == [1, 3]
    assert cs.load_events(shop, until=moment)["event_id"].tolist() == [0, 2]
    assert len(cs.load_sessions(shop, until=moment)) == 2


def test_other_libraries(shop: sa.Engine) -> None:
    frame = cs.load_events(shop, frame="polars", zone="Asia/Tokyo")
    assert isinstance(frame, pl.DataFrame)
    assert frame.schema["timestamp"] == pl.Datetime("us", "Asia/Tokyo")
    assert frame["price"].to_list() == [1.5, 2.0, None, 7.25]
    table = cs.load_events(shop, frame="arrow")
    assert table.schema.field("is_new").type == pa.bool_()
    assert table.schema.field("timestamp").type == pa.timestamp("us", "UTC")
    parts = list(cs.load_sessions(shop, frame="arrow", batch_rows=3))
    assert [part.num_rows for part in parts] == [3, 1]


def test_to_parquet(shop: sa.Engine, tmp_path: Path) -> None:
    path = tmp_path / "sessions.parquet"
    assert cs.export_sessions(shop, path, batch_rows=3, session_index=True) == 4
    assert pq.ParquetFile(path).num_row_groups == 2
    assert pq.read_table(path).equals(
        cs.load_sessions(shop, frame="arrow", session_index=True), check_metadata=False
    )
    assert cs.export_events(shop, path, since="2025-01-01") == 0
    assert pq.read_table(path).column_names == list(cs.load_events(shop))
    again = cs.read_events(_exported(shop, tmp_path / "events.parquet"))
    assert_frame_equal(again[["event_id", "price"]], cs.load_events(shop)[["event_id", "price"]])


def test_a_failure_leaves_no_file(
    shop: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(cs.errors.ReadError, match="the power went"):
        cs.export_events(shop, tmp_path / "events.parquet")
    assert not (tmp_path / "events.parquet").exists()


def _exported(engine: sa.Engine, path: Path) -> Path:
    cs.export_events(engine, path)
    return path


def test_an_iterator_that_is_left_gives_the_connection_back(shop: sa.Engine) -> None:
    frames = cs.load_events(shop, batch_rows=1)
    assert len(next(frames)) == 1
    frames.close()
    assert len(cs.load_events(shop)) == 4


def test_within_a_transaction_of_ones_own(shop: sa.Engine) -> None:
    with shop.connect() as connection:
        connection.execute(sa.text("DELETE FROM events WHERE user_id = 'ann'"))
        assert cs.load_events(connection)["user_id"].tolist() == ["bob", "bob"]
        connection.rollback()
        assert len(cs.load_events(connection)) == 4


def test_settings_of_a_connection_change_nothing(shop: sa.Engine) -> None:
    settings = {"postgresql": "SET TIME ZONE 'Asia/Tokyo'", "mariadb": "SET time_zone = '+09:00'"}
    settings["duckdb"] = "SET TimeZone = 'Asia/Tokyo'"
    if shop.dialect.name not in settings:
        settings["sqlite"] = "SELECT 1"
    is_server = shop.dialect.name in ("postgresql", "mariadb")
    level = {"isolation_level": "AUTOCOMMIT"} if is_server else {}
    with shop.execution_options(**level).connect() as connection:
        connection.execute(sa.text(settings[shop.dialect.name]))
        if shop.dialect.name == "postgresql":
            connection.execute(sa.text("SET DateStyle = 'German'"))
        found = cs.load_events(connection, since="2024-05-01 11:00")
    assert_frame_equal(found, cs.load_events(shop, since="2024-05-01 11:00"))
    assert len(found) == 2


def test_what_is_no_target_is_refused(database: sa.Engine) -> None:
    with pytest.raises(ParameterError, match="with the tables 'events' and 'sessions'"):
        cs.load_sessions(database)
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE events (x INTEGER)"))
        connection.execute(sa.text("CREATE TABLE sessions (y INTEGER)"))
    with pytest.raises(ParameterError, match=r"target of this library.*no column 'event_id'"):
        cs.load_events(database, batch_rows=10)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_mistyped_path_makes_no_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "shup.db"
    with pytest.raises(ParameterError, match="a database file that is there"):
        cs.load_sessions(f"{kind}:///{path}")
    assert not path.exists()


def test_two_readers_do_not_block_each_other(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path / 'shop.db'}"
    time = pd.to_datetime(["2024-05-01"], utc=True)
    cs.SQLWriter(url).write(pd.DataFrame({"user_id": ["ann"], "timestamp": time}))
    frames = cs.load_events(url, batch_rows=1)
    assert len(cs.load_sessions(url)) == len(next(frames)) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": ("user",)}, r"`columns` must be .*user_id.*Did you mean 'user_id'\?"),
        ({"columns": "user_id"}, "`columns` must be the names of columns"),
        ({"columns": ()}, r"`columns` must be the names of columns.*left out for all"),
        ({"columns": iter(())}, "`columns` must be the names of columns"),
        ({"columns": (7,)}, "`columns` must be the names of columns"),
        ({"columns": 7}, "`columns` must be the names of columns"),
        ({"columns": ("session_index",)}, "comes with session_index=True"),
        ({"where": column("usr_id") == 1}, r"`where` must be .*Did you mean 'user_id'\?"),
        ({"where": "user_id = 1"}, "`where` must be a SQLAlchemy expression"),
        ({"zone": "Europe/Amsterdm"}, "Did you mean 'Europe/Amsterdam'"),
        ({"since": "soon"}, "`since` must be a time"),
        ({"since": "2024-05-02", "until": "2024-05-01"}, "`until` must be later than `since`"),
        ({"since": 2024}, "`since` must be a time"),
        ({"frame": "spark"}, "`frame` must be 'pandas', 'polars' or 'arrow'"),
        ({"batch_rows": 0}, "`batch_rows` must be a whole number of rows"),
        ({"tables": "web_"}, r"Tables\(prefix='web_'\)"),
    ],
)
def test_what_is_refused(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    url = f"duckdb:///{tmp_path / 'shop.db'}"
    time = pd.to_datetime(["2024-05-01"], utc=True)
    cs.SQLWriter(url).write(pd.DataFrame({"user_id": ["ann"], "timestamp": time}))
    with pytest.raises(ParameterError, match=message):
        cs.load_sessions(url, **given)
    with pytest.raises(ParameterError, match=message):
        cs.load_events(url, **given)
    path = tmp_path / "out.parquet"
    if "frame" not in given:
        with pytest.raises(ParameterError, match=message):
            cs.export_sessions(url, path, **given)
    assert not path.exists()


def test_no_rows_have_the_same_types(shop: sa.Engine) -> None:
    nothing = cs.load_sessions(shop, since="2030-01-01")
    assert_frame_equal(nothing, cs.load_sessions(shop).iloc[:0])
    assert np.dtype("int64") == nothing["event_count"].dtype


def test_a_row_longer_than_a_block(database: sa.Engine) -> None:
    time = pd.to_datetime(["2024-05-01", "2024-05-02"], utc=True)
    words = ["a" * 3_000_000, "b"]
    events = pd.DataFrame({"user_id": ["ann"] * 2, "timestamp": time, "words": words})
    cs.SQLWriter(database).write(events)
    assert cs.load_events(database)["words"].tolist() == words


def test_a_file_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    moment = pd.to_datetime(["2024-05-01", "2024-05-02"], utc=True)
    cs.SQLWriter(target).write(pd.DataFrame({"user_id": "ann", "timestamp": moment}))
    with pytest.raises(cs.errors.SourceNotFoundError, match=r"out/s\.parquet: the folder .* not"):
        cs.export_sessions(target, tmp_path / "out" / "s.parquet")


def test_a_target_whose_iterator_is_open(tmp_path: Path) -> None:
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    moment = pd.to_datetime(["2024-05-01", "2024-05-02"], utc=True)
    events = pd.DataFrame({"user_id": "ann", "timestamp": moment})
    cs.SQLWriter(target).write(events)
    parts = iter(cs.load_events(target, batch_rows=1))
    next(parts)
    with pytest.raises(cs.errors.WriteError, match=r"or an iterator of load_events\(\)"):
        cs.SQLWriter(target).write(events)
    list(parts)
    assert cs.SQLWriter(target).write(events).duplicates == 2
