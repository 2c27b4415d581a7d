"""Times as real systems export them, by the main job: right, or refused by name."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clicksession as cs
from tests.readers.door import ran

_TEN = "2024-05-01 10:00:00.000000"


def written(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines) + "\n")
    return str(folder / name)


def as_json(folder: Path, *values: Any) -> str:
    lines = (json.dumps({"user_id": "u", "timestamp": value}) for value in values)
    return written(folder, "log.json", *lines)


def as_csv(folder: Path, *values: Any) -> str:
    return written(folder, "log.csv", "user_id,timestamp", *(f"u,{value}" for value in values))


def refusals(source: Any, folder: Path, **options: Any) -> dict[str, int]:
    """Return how many rows the main job refuses, by reason, and check that others say the same."""
    file = folder / f"refusals-{len(list(folder.glob('refusals-*.duckdb')))}.duckdb"
    came = cs.run(source, f"duckdb:///{file}", on_error="skip", **options).reading
    report = cs.ReadReport()
    events = cs.read_events(source, on_error="skip", report=report, drop_duplicates=None, **options)
    assert report.refused == came.refused
    assert len(events) == came.rows_out
    return dict(report.refused)


def test_eight_digits_are_a_date_whatever_stands_beside_them(tmp_path: Path) -> None:
    dates = ["2024-05-01 00:00:00.000000", "2024-05-02 00:00:00.000000"]
    assert ran(as_csv(tmp_path, 20240501, 20240502), tmp_path).times == dates
    mixed = ran(as_csv(tmp_path, 20240501, "2024-05-02T10:00:00Z"), tmp_path)
    assert mixed.times == [dates[0], "2024-05-02 10:00:00.000000"]
    assert ran(as_json(tmp_path, 20240501, "20240502"), tmp_path).times == dates
    frame = pa.table({"user_id": ["u", "u"], "timestamp": [20240501.0, 20240502.0]})
    assert ran(frame, tmp_path).times == dates


@pytest.mark.parametrize("value", [0, -5, 1.5, 1234, "0", "1234"])
def test_small_numbers_are_of_the_past(tmp_path: Path, value: Any) -> None:
    for make in (as_json, as_csv):
        assert refusals(make(tmp_path, value), tmp_path) == {"past_time": 1}
        beside = make(tmp_path, value, "2024-05-01T10:00Z")
        assert refusals(beside, tmp_path) == {"past_time": 1}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (638501472000000000, "past_time"),  # ticks of .NET
        (133590240000000000, "past_time"),  # Windows' file times
        (45413.4166, "past_time"),  # days of a spreadsheet
        (202405011000, "past_time"),
        (20240501100000, "future_time"),
        (2024050110, "ambiguous_time"),
    ],
)
def test_counts_of_something_else(tmp_path: Path, value: Any, reason: str) -> None:
    for source in ([{"user_id": "u", "timestamp": value}], as_csv(tmp_path, value)):
        assert refusals(source, tmp_path) == {reason: 1}
    for text in (value, str(value)):
        assert refusals(as_json(tmp_path, text), tmp_path) == {reason: 1}


def test_a_count_that_reads_as_a_date_too_is_told_by_the_user(tmp_path: Path) -> None:
    log = as_csv(tmp_path, 2024050110)
    with pytest.raises(cs.errors.BadRowError) as error:
        cs.read_events(log)
    assert "may be either of two times: '2024050110'" in str(error.value)
    assert "time_format" in str(error.value)
    assert "time_unit" in str(error.value)
    as_date = ran(log, tmp_path, schema=cs.EventSchema(time_format="%Y%m%d%H"))
    assert as_date.times == [_TEN]
    assert ran(log, tmp_path, time_unit="s").times == ["2034-02-20 12:08:30.000000"]
    # It is no hour of a day: nothing else than a second.
    assert ran(as_csv(tmp_path, 2024050130), tmp_path).times == ["2034-02-20 12:08:50.000000"]


@pytest.mark.parametrize("decimals", ["", ".0", ".000000"])
def test_utc_in_words(tmp_path: Path, decimals: str) -> None:
    text = f"2024-05-01 10:00:00{decimals} UTC"
    for make in (as_json, as_csv):
        assert ran(make(tmp_path, text), tmp_path).times == [_TEN]


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal128(38, 9), pa.decimal256(60, 3)])
def test_decimals(tmp_path: Path, kind: pa.DataType) -> None:
    count = Decimal(1714557600123)
    table = pa.table({"user_id": ["u"], "timestamp": pa.array([count], kind)})
    pq.write_table(table, tmp_path / "log.parquet")
    for source in (str(tmp_path / "log.parquet"), table, [{"user_id": "u", "timestamp": count}]):
        assert ran(source, tmp_path).times == ["2024-05-01 10:00:00.123000"]


def test_the_old_times_of_parquet(tmp_path: Path) -> None:
    times = [dt.datetime(2024, 5, 1, 10, 0, 0, 123456), dt.datetime(9999, 12, 31)]
    table = pa.table({"user_id": ["u", "u"], "timestamp": pa.array(times, pa.timestamp("us"))})
    file = tmp_path / "log.parquet"
    pq.write_table(table, file, use_deprecated_int96_timestamps=True)
    assert refusals(str(file), tmp_path) == {"future_time": 1}
    # Spark writes them in UTC, and does not say so.
    schema = cs.EventSchema(zone="Europe/Berlin")
    came = ran(str(file), tmp_path, on_error="skip", schema=schema)
    assert came.times == ["2024-05-01 10:00:00.123456"]


def test_arrays_of_java(tmp_path: Path) -> None:
    arrays = [[2024, 5, 1, 10, 0, 0, 123000000], [2024, 5, 1, 10, 5], [2024, 5, 2]]
    expected = [
        "2024-05-01 10:00:00.123000",
        "2024-05-01 10:05:00.000000",
        "2024-05-02 00:00:00.000000",
    ]
    assert ran(as_json(tmp_path, *map(str, arrays)), tmp_path).times == expected
    dicts = [{"user_id": "u", "timestamp": array} for array in arrays]
    assert ran(dicts, tmp_path).times == expected
    table = pa.table({"user_id": ["u"] * 3, "timestamp": arrays})
    pq.write_table(table, tmp_path / "log.parquet")
    assert ran(str(tmp_path / "log.parquet"), tmp_path).times == expected
    zoned = ran(dicts, tmp_path, schema=cs.EventSchema(zone="Europe/Berlin"))
    assert zoned.times[0] == "2024-05-01 08:00:00.123000"


def test_times_of_web_servers_anywhere(tmp_path: Path) -> None:
    log = written(tmp_path, "log.json", '{"user_id":"u","time":"01/May/2024:12:00:00 +0200"}')
    assert ran(log, tmp_path, schema=cs.EventSchema(timestamp="time")).times == [_TEN]


def test_words_for_times_are_none(tmp_path: Path) -> None:
    words = ("now", "today", "epoch", "infinity")
    assert refusals(as_json(tmp_path, *words), tmp_path) == {"bad_time": 4}
    assert refusals(as_csv(tmp_path, *words, "2024-05-01"), tmp_path) == {"bad_time": 4}


def test_years_that_no_store_holds_are_refused(tmp_path: Path) -> None:
    years = ("0001-01-01", "0000-01-01", "1677-01-01", "9999-12-31", "2262-04-12")
    found = {"past_time": 3, "future_time": 2}
    for make in (as_json, as_csv):
        assert refusals(make(tmp_path, *years), tmp_path) == found
        bounds = {"earliest": "1700-01-01", "latest": "2261-12-31"}
        assert refusals(make(tmp_path, *years), tmp_path, **bounds) == found


def test_an_infinite_time_of_a_database_has_no_session(tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "log.parquet"
    duckdb.sql(
        "SELECT 'u' AS user_id, unnest(['infinity', '-infinity', '2024-05-01']::TIMESTAMP[])"
        " AS timestamp"
    ).write_parquet(str(file))
    for source in (str(file), pq.read_table(file)):
        assert refusals(source, tmp_path) == {"future_time": 1, "past_time": 1}


@pytest.mark.parametrize("make", [as_json, as_csv])
def test_the_bound_of_the_past_moves(tmp_path: Path, make: Any) -> None:
    log = make(tmp_path, "1994-12-31T23:59:59Z", "1995-01-01", 0)
    assert refusals(log, tmp_path) == {"past_time": 2}
    assert refusals(log, tmp_path, earliest="1970-01-01") == {}
    assert refusals(log, tmp_path, earliest="1995-01-02") == {"past_time": 3}
    assert refusals(log, tmp_path, time_unit="s", earliest="1970-01-01") == {}
    batches = cs.scan_events(log, earliest="1990-01-01", on_error="skip")
    assert sum(map(len, batches)) == 2
    with pytest.raises(cs.errors.BadRowError, match=r"is in the far past: .*earliest="):
        cs.read_events(log)


@pytest.mark.parametrize("earliest", ["soon", 5.0, "1600-01-01", "2101-01-01", None])
def test_a_bound_that_cannot_be_meant(earliest: Any) -> None:
    with pytest.raises(cs.errors.ParameterError, match=r"earliest|latest"):
        cs.read_events([], earliest=earliest)


def test_stored_times_are_within_their_own_bounds(tmp_path: Path) -> None:
    log = written(tmp_path, "log.json", '{"user_id":"u","timestamp":"1970-01-02","who":"w"}')
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    cs.run(log, target, earliest="1970-01-01")
    schema = cs.EventSchema(user_id="who")
    cs.run([], target, schema=schema, rebuild=True)
    assert cs.run([], target, schema=schema).rows_read == 0


@pytest.mark.parametrize(
    "paths",
    [
        *[("date", "time"), ("eventDate", "eventTime"), ("log.date", "log.time"), ("day", "hour")],
        *[("logdate", "logtime"), ("Date", "Time (UTC)"), ("date_utc", "time_utc"), ("dt", "tm")],
        *[("ts", "date", "time"), ("cs-date", "cs-time"), ("date", "time_of_day")],
    ],
)
def test_halves_of_a_time_are_to_be_joined(paths: tuple[str, ...]) -> None:
    with pytest.raises(cs.errors.ParameterError) as error:
        cs.EventSchema(timestamp=paths)
    assert f"Join({paths[-2]!r}, {paths[-1]!r})" in str(error.value)


@pytest.mark.parametrize(
    "paths",
    [
        *[("timestamp", "date"), ("time", "date"), ("date", "timestamp"), ("updated", "time")],
        *[("event_time", "ingest_time"), ("derived_tstamp", "collector_tstamp")],
        *[("timestamp", "originalTimestamp"), ("date", "time-taken"), ("datetime", "time")],
    ],
)
def test_whole_times_are_one_after_another(paths: tuple[str, ...]) -> None:
    assert cs.EventSchema(timestamp=paths).paths("timestamp") == paths


def test_stored_texts_are_mapped_anew_as_the_schema_says(tmp_path: Path) -> None:
    line = '{"user_id":"u","timestamp":"2024-05-01","local":"02/05/2024 10:00"}'
    log = written(tmp_path, "log.json", line)
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    cs.run(log, target)
    schema = cs.EventSchema(
        timestamp="local", time_format="%d/%m/%Y %H:%M", zone="Europe/Berlin", ambiguous="order"
    )
    cs.run([], target, schema=schema, rebuild=True)
    import duckdb

    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        stored = connection.execute("SELECT timestamp FROM events").fetchall()
    assert [str(time)[:16] for (time,) in stored] == ["2024-05-02 08:00"]
