"""What a value comes to depends on it and on the schema: on no neighbour, and on no format."""

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import clicksession as cs
from clicksession import EventSchema, Join
from tests.readers.door import ran

AT = "2024-05-01T10:00:00Z"
NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


def read(source: Any, **schema: Any) -> pd.DataFrame:
    return cs.read_events(source, schema=EventSchema(**schema), drop_duplicates=None)


def in_parquet(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("other", [{}, {"first": "b", "at": AT}, {"second": "c", "then": AT}])
def test_an_empty_text_of_several_paths_whatever_is_beside_it(other: dict[str, str]) -> None:
    rows = [{"user_id": 1, "first": "", "at": ""}, {"user_id": 2, "first": "b", "at": AT}]
    if other:
        rows.append({"user_id": 3, **other})
    schema: dict[str, Any] = {"event_type": ("first", "second"), "timestamp": ("at", "then")}
    found = read(rows, **schema)
    assert pd.isna(found["event_type"][0])
    assert pd.isna(found["timestamp"][0])


@pytest.mark.parametrize("then", [None, "2024-05-02"])
def test_a_time_that_is_nan_is_none_of_several(then: str | None, tmp_path: Path) -> None:
    path = in_parquet(
        tmp_path / "log.parquet",
        user_id=[1, 2],
        at=[math.nan, 1714557600.0],
        then=pa.array([then, None], pa.string()),
    )
    found = read(path, timestamp=("at", "then"))
    assert pd.isna(found["timestamp"][0]) if then is None else found["timestamp"][0].day == 2
    assert found["timestamp"][1].hour == 10


@pytest.mark.parametrize("null", ["-1", "-1.0"])
@pytest.mark.parametrize("value", [-1, -1.0, "-1", "-1.0", "-1.00", Decimal("-1.00")])
def test_a_number_stands_for_null_however_it_is_written(
    null: str, value: Any, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(f"user_id,timestamp,price\n{value},{AT},{value}\n")
    rows = [{"user_id": value, "timestamp": AT, "price": value}]
    in_parquet(tmp_path / "log.parquet", user_id=[value], timestamp=[AT], price=[value])
    for source in (rows, tmp_path / "log.csv", tmp_path / "log.parquet"):
        found = read(source, null_values=null)
        assert found[["user_id", "price"]].isna().all(axis=None)


@pytest.mark.parametrize("beside", ["", f"3,{AT},x,y,z\n"])
def test_numbers_in_a_join_and_an_order_are_spelled_by_their_value(
    beside: str, tmp_path: Path
) -> None:
    (tmp_path / "log.csv").write_text(
        f"user_id,timestamp,one,two,place\n1,{AT},9.0,2.50,9.0\n1,{AT},1E1,.5,10.0\n{beside}"
    )
    found = read(tmp_path / "log.csv", event_type=Join("one", "two"), order="place")
    assert found["event_type"].tolist()[:2] == ["9 2.5", "10 0.5"]
    assert [event.partition("-")[0] for event in found["event_id"]][:2] == ["a9", "b10"]


@pytest.mark.parametrize("date", [20240501, 20240501.0, "20240501.0", "20240501"])
def test_a_date_to_be_joined_may_be_any_number(date: Any, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"user_id,date,time\n1,{date},10:00:00\n")
    rows = [{"user_id": 1, "date": date, "time": "10:00:00"}]
    for source in (rows, tmp_path / "log.csv"):
        assert ran(source, tmp_path, schema=EventSchema(timestamp=Join("date", "time"))).times == [
            "2024-05-01 10:00:00.000000"
        ]


def test_a_whole_decimal_is_exact_in_every_type(tmp_path: Path) -> None:
    time = Decimal("1714557600123456789.000")
    path = in_parquet(
        tmp_path / "log.parquet", user_id=[1], timestamp=pa.array([time], pa.decimal128(38, 3))
    )
    for source in (path, [{"user_id": 1, "timestamp": time}]):
        assert read(source)["timestamp"][0].value == 1714557600123456789


def test_numbers_of_numpy_are_numbers() -> None:
    found = read([{"user_id": 1, "timestamp": AT, "a": np.float64(1.5), "b": np.float64("nan")}])
    assert found["a"].dtype == "float64"
    assert pd.isna(found["b"][0])


EVENT = pa.struct(
    [
        ("user", pa.binary(2)),
        ("at", pa.timestamp("us", "UTC")),
        ("price", pa.decimal128(10, 2)),
        ("rate", pa.float64()),
    ]
)


def test_a_value_in_a_list_of_parquet_is_what_it_is_outside(tmp_path: Path) -> None:
    event = {"user": b"\x01\xff", "at": NOON, "price": Decimal("2.50"), "rate": math.nan}
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"hits": pa.array([[event, event]], pa.list_(EVENT))}), path)
    found = read(path, events="hits", user_id="hits.user", timestamp="hits.at")
    assert found["user_id"].tolist() == ["01ff", "01ff"]
    assert found["hits_price"].tolist() == [2.5, 2.5]
    assert found["hits_rate"].isna().all()
    as_text = read(pa.table({"user_id": [1], "timestamp": [AT], "l": [[1.5, math.nan]]}))["l"]
    assert json.loads(as_text[0]) == [1.5, None]


def test_what_was_set_aside_of_a_table_keeps_its_numbers(tmp_path: Path) -> None:
    path = in_parquet(
        tmp_path / "log.parquet",
        user_id=[1, 2],
        timestamp=["soon", AT],
        price=[Decimal("2.50"), Decimal("3.25")],
        rate=[math.nan, 1.5],
    )
    report = cs.ReadReport()
    cs.read_events(path, on_error="quarantine", report=report)
    fixed = report.quarantine.repaired(lambda raw: raw.replace(b"soon", AT.encode()))
    found = read(fixed)
    assert found["price"].tolist() == [2.5]
    assert found["rate"].isna().all()


@pytest.mark.parametrize("name", ["1.50", "1e3", "7", "7.0"])
@pytest.mark.parametrize("other", [None, "2.5", "ann", "3"])
def test_a_user_of_a_folder_is_one_beside_any_other(
    name: str, other: str | None, tmp_path: Path
) -> None:
    for folder in filter(None, [name, other]):
        (tmp_path / f"user_id={folder}").mkdir()
        (tmp_path / f"user_id={folder}" / "log.json").write_text(json.dumps({"timestamp": AT}))
    (tmp_path / "log.csv").write_text(f"user_id,timestamp\n{name},{AT}\n")
    expected = str(read(tmp_path / "log.csv")["user_id"][0])
    found = read(tmp_path / f"user_id={name}", timestamp="timestamp")
    both = read([tmp_path / f"user_id={each}" for each in (name, other) if each])
    assert str(found["user_id"][0]) == str(both["user_id"][0]) == expected


def test_numbers_of_csv_stay_numbers_where_a_folder_says_them_too(tmp_path: Path) -> None:
    (tmp_path / "price=2.50").mkdir()
    (tmp_path / "price=2.50" / "log.csv").write_text(f"user_id,timestamp,price\n1,{AT},1.5\n")
    found = read(tmp_path / "price=2.50")
    assert found["price"].tolist() == [1.5]
    assert found["partition_price"].tolist() == [2.5]


def test_times_of_avro_beside_another_type(tmp_path: Path) -> None:
    for kind, value in (
        ({"type": "int", "logicalType": "date"}, NOON.date()),
        ({"type": "long", "logicalType": "timestamp-micros"}, NOON),
    ):
        fields = [
            {"name": "user_id", "type": "long"},
            {"name": "timestamp", "type": ["null", kind, "string"]},
        ]
        rows = [{"user_id": 1, "timestamp": value}, {"user_id": 2, "timestamp": "2024-05-02"}]
        with (tmp_path / "log.avro").open("wb") as file:
            fastavro.writer(file, {"type": "record", "name": "row", "fields": fields}, rows)
        found = cs.read_events(tmp_path / "log.avro", time_unit="s")
        assert found["timestamp"].dt.day.tolist() == [1, 2]


def test_packed_numbers_are_one_in_every_format(tmp_path: Path) -> None:
    values = {"a": [math.nan, 1.5], "b": [Decimal("7.00"), Decimal("2.50")]}
    path = in_parquet(tmp_path / "log.parquet", user_id=[1, 2], timestamp=[AT, AT], **values)
    rows = pq.read_table(path).to_pylist()
    for source in (path, rows):
        assert read(source, pack="*")["fields"].tolist() == ['{"b": 7}', '{"a": 1.5, "b": 2.5}']


def test_types_of_arrow_that_files_seldom_have() -> None:
    users = pc.run_end_encode(pa.array(["ann", "ann", "bob"]))
    clock = pa.array([1, 2_000, None], pa.time64("ns"))
    found = read(pa.table({"user_id": users, "timestamp": [AT] * 3, "clock": clock}))
    assert found["user_id"].tolist() == ["ann", "ann", "bob"]
    assert found["clock"].tolist()[:2] == ["00:00:00.000000001", "00:00:00.000002000"]
    whole = read(pa.table({"user_id": ["ann"], "timestamp": [AT], "clock": clock[1:2]}))
    assert whole["clock"].tolist() == [datetime.time(microsecond=2)]


@pytest.mark.parametrize("other", [{"site": "s"}, {"site": "s", "visitor": "v"}, {"visitor": ""}])
def test_nobody_in_part_of_a_join_is_counted_once(other: dict[str, Any]) -> None:
    rows = [
        {"timestamp": AT, "site": "", "visitor": "v"},
        {"timestamp": AT, "site": False, "visitor": ""},
        {"timestamp": AT, "visitor": ""},
        {"timestamp": AT, **other},
    ]
    schema = EventSchema(user_id=Join("site", "visitor"), null_values="")
    counted = []
    for parts in ([rows], [[row] for row in rows], [rows[:2], rows[2:]]):
        total: dict[str, int] = {}
        for part in parts:
            report = cs.ReadReport()
            for batch in cs.scan_events([*part, rows[0]], schema=schema, report=report):
                assert set(batch["user_id"].dropna()) <= {"s v"}
            for what, count in report.nobody.items():
                total[what] = total.get(what, 0) + count
        total[""] -= len(parts)
        counted.append(total)
    assert counted == [{"": 2 + (other.get("visitor") == ""), "false": 1}] * 3


@pytest.mark.parametrize("pack", ["*", "props", ("props", "*")])
def test_what_was_set_aside_is_packed_as_it_would_have_been(
    pack: str | tuple[str, ...], tmp_path: Path
) -> None:
    props = {"a": 1, "b": {"c": 2.5}}
    rows = [{"user_id": n, "timestamp": "soon", "x": "y", "props": props} for n in range(2)]
    schema = EventSchema(pack=pack)
    good = read([{**row, "timestamp": AT} for row in rows], pack=pack)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    for source in (rows, tmp_path / "log.parquet"):
        report = cs.ReadReport()
        cs.read_events(source, schema=schema, on_error="quarantine", report=report)
        fixed = report.quarantine.repaired(lambda raw: raw.replace(b"soon", AT.encode()))
        pd.testing.assert_frame_equal(read(fixed, pack=pack), good, check_like=True)


@pytest.mark.parametrize("wanted", ["1.5", "1.50", "15e-1"])
@pytest.mark.parametrize("value", [1.5, "1.5", "1.50", Decimal("1.50")])
@pytest.mark.parametrize("beside", ["x", 2, None, "None"])
def test_a_number_is_excluded_however_it_is_written(
    value: Any, wanted: str, beside: Any, tmp_path: Path
) -> None:
    rows = [{"user_id": n, "timestamp": AT, "hit": hit} for n, hit in enumerate((value, beside))]
    pd.DataFrame(rows).to_csv(tmp_path / "log.csv", index=False)
    for source in (rows, tmp_path / "log.csv"):
        assert read(source, exclude={"hit": (wanted, " ")})["user_id"].tolist() == [1]


def test_categories_and_periods_of_frames() -> None:
    users = polars.Series(["ann", "bob", None], dtype=polars.Categorical)
    found = read(polars.DataFrame({"user_id": users, "timestamp": [AT] * 3}))
    assert found["user_id"].tolist()[:2] == ["ann", "bob"]
    assert pd.isna(found["user_id"][2])
    days = pd.Series(pd.PeriodIndex(["2024-05-01", "NaT"], freq="D"))
    found = read(pd.DataFrame({"user_id": [1, 2], "timestamp": days, "day": days}))
    assert found["timestamp"].dt.day.tolist()[0] == 1
    assert pd.isna(found["timestamp"][1])
    assert found["day"].tolist()[0] == "2024-05-01"


def test_an_array_of_numpy_is_a_list() -> None:
    found = read([{"user_id": 1, "timestamp": np.array([2024, 5, 1]), "a": np.array([[1.5]])}])
    assert found["timestamp"][0].day == 1
    assert found["a"].tolist() == ["[[1.5]]"]


@pytest.mark.parametrize("pack", ["*", "props"])
def test_what_stands_for_null_is_null_in_what_is_packed(pack: str, tmp_path: Path) -> None:
    props = {"a": "NULL", "b": -1, "c": -1.0, "d": "-1.0", "e": "x", "f": {"g": "NULL"}}
    rows = [{"user_id": 1, "timestamp": AT, "props": props}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    (tmp_path / "log.json").write_text(json.dumps(rows[0]))
    for source in (rows, tmp_path / "log.json", tmp_path / "log.parquet"):
        found = read(source, pack=pack, null_values=("NULL", "-1")).iloc[0, -1]
        assert json.loads(found) == ({"e": "x"} if pack == "props" else {"props": {"e": "x"}})


def test_an_event_that_was_set_aside_keeps_the_types_of_its_record(tmp_path: Path) -> None:
    lines = [
        {"visitor": visitor, "hits": [{"at": "soon"}, {"at": "soon"}]}
        for visitor in (False, 7, "ann")
    ]
    (tmp_path / "log.json").write_text("\n".join(map(json.dumps, lines)))
    schema: dict[str, Any] = {"events": "hits", "user_id": "visitor", "timestamp": "hits.at"}
    for source in (tmp_path / "log.json", lines):
        report = cs.ReadReport()
        cs.read_events(source, schema=EventSchema(**schema), on_error="quarantine", report=report)
        fixed = report.quarantine.repaired(lambda raw: raw.replace(b"soon", AT.encode()))
        users = [None if pd.isna(user) else user for user in read(fixed, **schema)["user_id"]]
        assert users == [None, None, "7", "7", "ann", "ann"]


def test_an_infinite_number_is_text_in_json_that_we_write(tmp_path: Path) -> None:
    time = "2024-05-01T10:00:00Z"
    rows = [{"user_id": 1, "timestamp": time, "x": math.inf, "y": -math.inf}]
    found = cs.read_events(rows, schema=cs.EventSchema(pack="*"))
    assert json.loads(found["fields"][0]) == {"x": "Infinity", "y": "-Infinity"}
    report = cs.ReadReport()
    table = pa.table({"user_id": [1], "timestamp": ["soon"], "x": [math.inf]})
    cs.read_events(table, on_error="quarantine", report=report)
    again = report.quarantine.repaired(lambda raw: raw.replace(b"soon", time.encode()))
    assert cs.read_events(again)["x"].tolist() == ["Infinity"]
