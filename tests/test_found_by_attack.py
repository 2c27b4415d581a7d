"""What hostile reviews found, one test each."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa

import clicksession as cs
from tests.writers.content import content_of


def times(*texts: str) -> pd.DatetimeIndex:
    return pd.to_datetime(list(texts), utc=True)


def stored(database: sa.Engine, column: str) -> list[Any]:
    with database.connect() as connection:
        found = connection.execute(sa.text(f"SELECT {column} FROM events ORDER BY event_id"))
        return [value for (value,) in found]


def test_the_user_that_is_deleted_is_the_one_that_was_named(database: sa.Engine) -> None:
    big = 1_234_567_890_123_456_789
    writer = cs.SQLWriter(database)
    frame = pd.DataFrame({"event_id": [1, 2], "user_id": [big, 7]})
    writer.write(frame.assign(timestamp=times("2024-01-01", "2024-01-01")))
    assert writer.delete_user("007").events_deleted == 0
    assert writer.delete_user("nobody").events_deleted == 0
    assert writer.delete_user(big).events_deleted == 1
    assert stored(database, "user_id") == [7]


@pytest.mark.parametrize("dialect", ["duckdb", "mariadb", "mysql", "postgresql", "sqlite"])
def test_a_percent_sign_in_a_text_stays_one(dialect: str) -> None:
    text = cs.to_sql(cs.metrics.VisitsBeforeOrder(order_events=("50%off",)), dialect)
    assert "IN ('50%off')" in text


@pytest.mark.parametrize("as_array", [False, True])
def test_an_event_without_a_time_that_holds_a_list_stays_an_event(
    as_array: bool, tmp_path: Path
) -> None:
    lines = [
        '{"user_id": 1, "timestamp": "2024-01-01", "items": []}',
        '{"user_id": 2, "items": [{"sku": 1}, {"sku": 2}]}',
    ]
    path = tmp_path / "log.json"
    path.write_text(f"[{','.join(lines)}]" if as_array else "\n".join(lines))
    found = cs.read_events(path)
    assert found["user_id"].tolist() == [1, 2]
    assert found["timestamp"].isna().tolist() == [False, True]


def test_csv_keeps_users_apart_and_makes_numbers_of_decimals(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = "1e5,2024-01-01,1.10\n100000,2024-01-01,1.1\n-0,2024-01-01,2\n"
    path.write_text("user_id,timestamp,version\n" + rows)
    found = cs.read_events(path)
    assert found["user_id"].tolist() == ["1e5", "100000", "0"]
    # What a double tells apart at the digits written is a number.
    assert found["version"].tolist() == [1.1, 1.1, 2.0]
    assert cs.sessionize(found)["session_id"].nunique() == 3


def test_a_path_feeds_one_column_in_every_file(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(
        '{"user_id": 1, "timestamp": 1714557600, "pageURL": "A", "page_url": "b"}'
    )
    (tmp_path / "2.json").write_text(
        '{"user_id": 1, "timestamp": 1714557600, "page_url": "b", "pageURL": "A"}'
    )
    found = cs.read_events(tmp_path / "*.json", drop_duplicates=None)
    assert found["page_url"].tolist() == ["b", "b"]
    assert found["page_url_2"].tolist() == ["A", "A"]


def test_content_has_one_id_whatever_stands_beside_it(database: sa.Engine, tmp_path: Path) -> None:
    event = '{"user_id": 1, "timestamp": "2024-01-01", "flag": true, "x": 1.0}\n'
    other = '{"user_id": 2, "timestamp": "2024-01-01", "flag": "maybe", "x": "n"}\n'
    (tmp_path / "1.json").write_text(event + other)
    (tmp_path / "2.json").write_text(event)
    assert cs.run(tmp_path / "*.json", database).events_added == 2


def test_content_has_one_id_whatever_type_the_time_has(database: sa.Engine) -> None:
    moment = times("2024-01-01 12:00")
    writer = cs.SQLWriter(database)
    for column in (moment, moment.astype(object), moment.tz_convert("Asia/Tokyo")):
        frame = pd.DataFrame({"user_id": [1], "timestamp": column})
        writer.write(frame)
    assert len(stored(database, "event_id")) == 1


def test_whole_numbers_of_two_types_are_one_user() -> None:
    users = pd.Series([7, 7.0, None], dtype=object)
    frame = pd.DataFrame({"user_id": users, "timestamp": times(*["2024-01-01"] * 3)})
    assert cs.sessionize(frame)["session_id"].nunique() == 1
    mixed = frame.assign(user_id=pd.Series([7, 7.0, "a"], dtype=object))
    assert cs.sessionize(mixed)["session_id"].nunique() == 2


def test_plain_values_are_stored_plain(database: sa.Engine) -> None:
    frame = pd.DataFrame({"event_id": [1], "user_id": [1], "timestamp": times("2024-01-01")})
    frame = frame.assign(day=[date(2024, 1, 1)], price=[Decimal("1.50")], tags=[["a", 1]])
    cs.SQLWriter(database).write(frame)
    assert [stored(database, name)[0] for name in ("day", "price", "tags")] == [
        "2024-01-01",
        "1.50",
        '["a", 1]',
    ]


def test_zones_are_kept_in_sessions_of_arrow_times() -> None:
    kind = pd.ArrowDtype(pa.timestamp("us", "Europe/Berlin"))
    moments = pd.Series(times("2024-01-01").tz_convert("Europe/Berlin")).astype(kind)
    frame = pd.DataFrame({"user_id": [1], "timestamp": moments})
    sessions = cs.summarize(cs.sessionize(frame))
    assert str(sessions["started_at"].dtype) == "datetime64[us, Europe/Berlin]"


@pytest.mark.parametrize(
    "url",
    [
        "sftp://anna:s3@cr3t!@localhost/x.json",
        "sftp://anna:s3cr3t/more@localhost/x.json",
        "ftp://anna:s3cr3t@localhost:1/x.json",
    ],
)
def test_a_password_that_is_not_written_as_urls_want_it(url: str) -> None:
    with pytest.raises(cs.errors.ReadError) as caught:
        cs.read_events(url)
    assert "cr3t" not in str(caught.value)
    assert "more" not in str(caught.value)


def test_parameters_of_a_database_url_are_not_shown(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason='needs psycopg: pip install "clicksession[postgresql]"')
    writer = cs.SQLWriter("postgresql+psycopg://u@h/db?password=s3cr3t")
    assert "s3cr3t" not in repr(writer)
    with pytest.raises(cs.errors.ParameterError) as caught:
        cs.metrics.SessionDuration().compute(f"sqlite:///file:{tmp_path}/x.db?uri=true&key=s3cr3t")
    assert "s3cr3t" not in str(caught.value)


def test_a_window_over_files_of_which_one_has_a_column_of_nulls(
    database: sa.Engine, tmp_path: Path
) -> None:
    line = '{"event_id": %d, "user_id": 1, "timestamp": "2024-01-01T00:0%d:00Z", "n": %s}\n'
    (tmp_path / "1.json").write_text(line % (1, 0, "null"))
    (tmp_path / "2.json").write_text(line % (2, 1, "5"))
    cs.run(tmp_path / "*.json", database)
    before = content_of(database)
    report = cs.run(tmp_path / "*.json", database, since="2024-01-01", until="2024-01-02")
    assert (report.events_deleted, report.events_added) == (2, 2)
    assert content_of(database) == before
    assert stored(database, "n") == [None, 5]


def test_a_column_without_a_value_says_nothing_of_its_type(database: sa.Engine) -> None:
    writer = cs.SQLWriter(database)
    frame = pd.DataFrame({"event_id": [1], "user_id": [1], "timestamp": times("2024-01-01")})
    writer.write(frame.assign(amount=pd.Series([None], dtype="str")))
    writer.write(frame.assign(event_id=2, amount=7))
    assert stored(database, "amount") == [None, 7]


def test_metrics_over_a_frame_with_nanoseconds_and_numbers_for_types() -> None:
    frame = pd.DataFrame({"user_id": [1, 1], "event_type": [3, 4]})
    moments = times("2024-01-01 00:00", "2024-01-01 00:10").as_unit("ns")
    sessionized = cs.sessionize(frame.assign(timestamp=moments))
    assert cs.metrics.SessionDuration().compute(sessionized) == 10.0
    assert cs.metrics.VisitsBeforeOrder(order_events=("4",)).compute(sessionized) == 0.0


def test_a_timeout_longer_than_the_calendar(database: sa.Engine) -> None:
    frame = pd.DataFrame({"event_id": [1, 2], "user_id": [1, 1]})
    frame["timestamp"] = times("2024-01-01", "2034-01-01")
    writer = cs.SQLWriter(database, timeout="9000000d")
    writer.write(frame.iloc[:1])
    assert writer.write(frame.iloc[1:]).sessions_changed == 1


def test_half_a_surrogate_pair_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    good = '{"user_id": 1, "timestamp": 1714557600, "x": "\\ud83d\\ude00"}\n'
    path.write_text(good + good.replace("\\ude00", ""))
    with pytest.raises(cs.errors.BadRowError, match="line 2: it holds half a surrogate pair"):
        cs.read_events(path)


def test_a_time_is_the_same_whatever_stands_beside_it(tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("user_id,timestamp\n1,1714557600123456789\n")
    two.write_text("user_id,timestamp\n1,1714557600123456789\n2,1714557600.5\n3,\n")
    first, second = (cs.read_events(path)["timestamp"][0] for path in (one, two))
    assert first == second
    assert first.nanosecond == 789


def test_what_is_repaired_of_a_line_is_the_event_that_was_bad(tmp_path: Path) -> None:
    pairs = ((1, "2024-01-01"), (2, "bad"))
    good, bad = (f'{{"user_id": {user}, "timestamp": "{at}"}}' for user, at in pairs)
    (tmp_path / "log.json").write_text(
        '{"user_id": 0, "timestamp": "2024-01-01"}\n[' + good + ", " + bad + "]\n"
    )
    report = cs.ReadReport()
    read = cs.read_events(tmp_path / "log.json", on_error="quarantine", report=report)
    again = cs.read_events(
        report.quarantine.repaired(lambda raw: raw.replace(b"bad", b"2024-01-01"))
    )
    assert (read["user_id"].tolist(), again["user_id"].tolist()) == ([0, 1], [2])


def test_a_change_is_the_same_in_every_frame() -> None:
    moments = list(times("2024-01-01 00:00", "2024-01-01 00:01", "2024-01-01 00:02"))
    frame = pl.DataFrame({"user_id": ["a"] * 3, "timestamp": moments, "c": [0.0, -0.0, 0.0]})
    rules = cs.Rules(change="c")
    for events in (frame, frame.to_arrow(), frame.to_pandas(), frame.lazy()):
        found = cs.sessionize(events, rules=rules)
        ids = found.collect() if isinstance(found, pl.LazyFrame) else found
        assert (
            len(
                set(
                    ids["session_id"].to_pylist()
                    if isinstance(ids, pa.Table)
                    else ids["session_id"]
                )
            )
            == 1
        )
    named = frame.with_columns(c=pl.Series(["p", None, "q"]).cast(pl.Categorical))
    assert cs.sessionize(named, rules=rules)["session_id"].n_unique() == 2


def test_rules_in_the_place_of_a_timeout_are_told_their_name() -> None:
    events = pd.DataFrame({"user_id": ["ann"], "timestamp": times("2024-05-01")})
    with pytest.raises(cs.errors.ParameterError, match="Rules are given by name: rules="):
        cs.sessionize(events, cs.Rules())  # type: ignore[arg-type]
