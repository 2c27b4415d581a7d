"""Avro, ORC and Arrow files: what their types come to, and where a damaged one ends."""

import datetime as dt
import io
import json
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs

fastavro = pytest.importorskip("fastavro", reason='needs pip install "clicksession[avro]"')

NOON = dt.datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=dt.UTC)
TIME = {"type": "long", "logicalType": "timestamp-millis"}


def avro(path: Path, fields: dict[str, Any], *rows: dict[str, Any], **options: Any) -> Path:
    kinds = [{"name": name, "type": kind} for name, kind in fields.items()]
    kind = {"type": "record", "name": "event", "namespace": "shop", "fields": kinds}
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(kind), rows, **options)
    return path


def read(path: Path, **options: Any) -> dict[str, Any]:
    found = cs.read_events(path, **options)
    return {name: found[name].tolist() for name in found}


@pytest.mark.parametrize(
    ("kind", "value", "unit"),
    [
        ("timestamp-millis", NOON, "us"),
        ("timestamp-micros", NOON, "us"),
        ("timestamp-nanos", 1714564800_123000001, "ns"),
        ("local-timestamp-millis", NOON.replace(tzinfo=None), "us"),
        ("local-timestamp-micros", NOON.replace(tzinfo=None), "us"),
    ],
)
@pytest.mark.parametrize("nullable", [True, False])
def test_times_of_avro(kind: str, value: Any, unit: str, nullable: bool, tmp_path: Path) -> None:
    time: Any = {"type": "long", "logicalType": kind}
    time = ["null", time] if nullable else time
    row = {"user_id": "ann", "timestamp": value}
    path = avro(tmp_path / "log.avro", {"user_id": "string", "timestamp": time}, row)
    found = cs.read_events(path)["timestamp"]
    assert found.dt.floor("us").tolist() == [pd.Timestamp(NOON)]
    assert found.dt.unit == unit
    assert found[0].nanosecond == (unit == "ns")


def test_types_of_avro(tmp_path: Path) -> None:
    inner = {"type": "record", "name": "Device", "fields": [{"name": "seen", "type": TIME}]}
    fields = {
        "user_id": ["null", "string"],
        "timestamp": TIME,
        "number": "int",
        "float": "float",
        "yes": "boolean",
        "kind": {"type": "enum", "name": "Kind", "symbols": ["VIEW", "ORDER"]},
        "day": {"type": "int", "logicalType": "date"},
        "clock": {"type": "int", "logicalType": "time-millis"},
        "price": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        "id": {"type": "string", "logicalType": "uuid"},
        "tags": {"type": "map", "values": "long"},
        "items": {"type": "array", "items": "string"},
        "device": ["null", inner],
        # A type that was named before.
        "other": ["null", "Device"],
        "union": ["null", "string", "long"],
        "nothing": "null",
        "late": {"type": "string", "logicalType": "datetime"},
    }
    number = uuid.UUID(int=7)
    row = {
        "user_id": "ann",
        "timestamp": NOON,
        "number": 7,
        "float": 0.5,
        "yes": True,
        "kind": "ORDER",
        "day": dt.date(2024, 5, 1),
        "clock": dt.time(12, 30),
        "price": Decimal("1.50"),
        "id": number,
        "tags": {"a": 1},
        "items": ["x", "y"],
        "device": {"seen": NOON},
        "other": {"seen": NOON},
        "union": "x",
        "nothing": None,
        "late": "2024-05-01T12:00:00",
    }
    second = {**row, "user_id": None, "tags": {}, "device": None, "union": 7}
    path = avro(tmp_path / "log", fields, row, second)
    report = cs.ReadReport()
    found = read(path, report=report)
    assert found["number"] == [7, 7]
    assert found["float"] == [0.5, 0.5]
    assert found["yes"] == [True, True]
    assert found["kind"] == ["ORDER", "ORDER"]
    assert [str(day) for day in found["day"]] == ["2024-05-01"] * 2
    assert [str(time) for time in found["clock"]] == ["12:30:00"] * 2
    assert [float(price) for price in found["price"]] == [1.5, 1.5]
    assert found["id"] == [str(number)] * 2
    assert found["tags_a"][0] == 1
    assert json.loads(found["items"][0]) == ["x", "y"]
    assert pd.Timestamp(found["device_seen"][0]) == pd.Timestamp(NOON)
    assert pd.isna(found["device_seen"][1])
    assert pd.Timestamp(found["other_seen"][1]) == pd.Timestamp(NOON)
    assert found["union"] == ["x", "7"]
    assert report.changed_types["union"] == ("number", "text")
    assert "nothing" in found


def test_a_record_within_its_own_kind(tmp_path: Path) -> None:
    page = [{"name": "url", "type": "string"}, {"name": "before", "type": ["null", "Page"]}]
    fields = {
        "user_id": "string",
        "timestamp": TIME,
        "page": {"type": "record", "name": "Page", "fields": page},
    }
    inner = {"url": "/b", "before": {"url": "/a", "before": None}}
    row = {"user_id": "ann", "timestamp": NOON, "page": inner}
    found = read(avro(tmp_path / "log", fields, row))
    assert (found["page_url"], found["page_before_url"]) == (["/b"], ["/a"])


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "snappy", "zstandard", "lz4"])
def test_codecs_of_avro(codec: str, tmp_path: Path) -> None:
    rows = [{"user_id": f"user {n}", "timestamp": NOON} for n in range(1000)]
    fields = {"user_id": "string", "timestamp": TIME}
    path = avro(tmp_path / "log", fields, *rows, codec=codec, sync_interval=500)
    assert read(path)["user_id"] == [row["user_id"] for row in rows]


@pytest.mark.parametrize("fields", [{}, {"user_id": "null"}])
def test_rows_of_avro_without_a_byte_are_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    path = avro(tmp_path / "log.avro", fields, *(dict.fromkeys(fields) for _ in range(2)))
    with pytest.raises(cs.errors.BadRowError, match="no field that takes a byte"):
        read(path)


def test_a_time_of_avro_that_is_none(tmp_path: Path) -> None:
    rows = [{"user_id": "ann", "timestamp": time} for time in (NOON, 253402214400000)]
    path = avro(tmp_path / "log", {"user_id": "string", "timestamp": TIME}, *rows)
    report = cs.ReadReport()
    assert len(cs.read_events(path, on_error="quarantine", report=report)) == 1
    assert dict(report.refused) == {"future_time": 1}


def test_the_line_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"user_id": "string", "timestamp": TIME}
    path = avro(tmp_path / "log", fields, {"user_id": "ann", "timestamp": NOON})
    monkeypatch.setitem(sys.modules, "fastavro", None)
    with pytest.raises(cs.errors.MissingExtraError, match=r'"clicksession\[avro\]"'):
        cs.read_events(path)


@pytest.mark.parametrize("format", ["avro", "orc", "arrow"])
def test_a_file_that_is_cut_short(format: str, tmp_path: Path) -> None:
    users = [str(uuid.UUID(int=n)) for n in range(1000)]
    path = tmp_path / "log"
    table = pa.table({"user_id": users, "timestamp": [NOON] * 1000})
    if format == "avro":
        rows = table.to_pylist()
        avro(path, {"user_id": "string", "timestamp": TIME}, *rows, sync_interval=1000)
    elif format == "orc":
        orc.write_table(table, path)
    else:
        feather.write_feather(table, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(cs.errors.BadRowError, match=r"log.*Is the file whole"):
        cs.read_events(path)
    report = cs.ReadReport()
    found = cs.read_events(path, on_error="quarantine", report=report)
    assert dict(report.refused) == {"unreadable": 1}
    # Avro gives what stands before the damage.
    assert bool(len(found)) is (format == "avro")
    assert found["user_id"].tolist() == users[: len(found)]


def test_stripes_of_orc(tmp_path: Path) -> None:
    users = np.random.default_rng(7).bytes(20_000).hex()
    table = pa.table(
        {
            "user_id": [users[n : n + 4] for n in range(0, len(users), 4)],
            "timestamp": pa.array([NOON] * 10_000, pa.timestamp("us", "UTC")),
            "by": [{"os": "iOS", "tags": ["a"]}] * 10_000,
        }
    )
    orc.write_table(table, tmp_path / "log.orc", stripe_size=4096)
    assert orc.ORCFile(tmp_path / "log.orc").nstripes > 1
    found = cs.read_events(tmp_path / "log.orc", drop_duplicates=None)
    assert found["user_id"].tolist() == table["user_id"].to_pylist()
    assert found["timestamp"].eq(pd.Timestamp(NOON)).all()
    assert (found["by_os"] == "iOS").all()
    assert found["by_tags"][0] == '["a"]'


VALUES = {
    "text": (st.text(), pa.string(), "string"),
    "whole": (st.integers(-(2**63), 2**63 - 1), pa.int64(), "long"),
    "number": (st.floats(allow_nan=False), pa.float64(), "double"),
    "truth": (st.booleans(), pa.bool_(), "boolean"),
}


@given(
    st.lists(
        st.fixed_dictionaries({name: st.none() | kind[0] for name, kind in VALUES.items()}),
        min_size=1,
        max_size=20,
    )
)
def test_the_same_rows_are_the_same_events_in_each_format(rows: list[dict[str, Any]]) -> None:
    kinds = {name: kind for name, (_, kind, _) in VALUES.items()}
    whole = [{"user_id": "ann", "timestamp": NOON, **row} for row in rows]
    kinds = {"user_id": pa.string(), "timestamp": pa.timestamp("ms", "UTC"), **kinds}
    table = pa.Table.from_pylist(whole, pa.schema(kinds))
    fields = [{"name": name, "type": ["null", kind]} for name, (_, _, kind) in VALUES.items()]
    fields += [{"name": "user_id", "type": "string"}, {"name": "timestamp", "type": TIME}]
    written = {name: io.BytesIO() for name in ("parquet", "orc", "arrow", "avro")}
    pq.write_table(table, written["parquet"])
    orc.write_table(table, written["orc"])
    feather.write_feather(table, written["arrow"])
    kind = {"type": "record", "name": "event", "fields": fields}
    fastavro.writer(written["avro"], kind, whole)
    import fsspec

    found = {}
    for name, file in written.items():
        fsspec.filesystem("memory").pipe_file(f"/alike/{name}", file.getvalue())
        found[name] = cs.read_events(f"memory://alike/{name}", drop_duplicates=None)
    for name in ("orc", "arrow", "avro"):
        other = found[name][list(found["parquet"])]
        # ORC's times are nanoseconds.
        other["timestamp"] = other["timestamp"].astype(found["parquet"]["timestamp"].dtype)
        pd.testing.assert_frame_equal(other, found["parquet"])


@pytest.mark.parametrize("format", ["parquet", "orc", "arrow"])
def test_two_columns_of_one_name_are_both_there(format: str, tmp_path: Path) -> None:
    columns = [
        pa.array(["u"]),
        pa.array([NOON], pa.timestamp("us", "UTC")),
        *map(pa.array, ([1], [2])),
    ]
    table = pa.table(columns, names=["user_id", "timestamp", "n", "n"])
    write = {"parquet": pq.write_table, "orc": orc.write_table, "arrow": feather.write_feather}
    write[format](table, tmp_path / "log")
    (found,) = cs.read_events(tmp_path / "log").to_dict("records")
    assert (found["n"], found["n_2"]) == (1, 2)


def test_a_schema_of_avro_that_is_none_is_named(tmp_path: Path) -> None:
    record = {"type": "record", "name": "event", "fields": [{"name": "timestamp", "type": "long"}]}
    file = io.BytesIO()
    fastavro.writer(file, record, [{"timestamp": 1714557600}])
    # A field without a type, in as many bytes.
    content = file.getvalue().replace(b'"type": "long"', b'"kind": "long"')
    assert content != file.getvalue()
    (tmp_path / "log.avro").write_bytes(content)
    with pytest.raises(cs.errors.BadRowError, match=r"log\.avro, .*its schema is none"):
        cs.read_events(tmp_path / "log.avro")
