"""JSON inside JSON, and fields that are packed, dropped, renamed, or too many."""

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession import EventSchema
from clicksession.readers.formats import blocks
from clicksession.readers.formats.json import lines as json_lines
from clicksession.readers.rows import flattening as records
from clicksession.readers.rows.naming import named
from tests.readers.door import ran

AT = "2024-05-01T10:00:00Z"
LOG = EventSchema(user_id="log.user_id", timestamp="log.timestamp", json="log")


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows in the format that the name of the file says."""
    if path.suffix == ".json":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        pd.DataFrame(rows).astype("object").to_csv(path, index=False)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def event(**fields: Any) -> str:
    return json.dumps({"user_id": "u", "timestamp": AT, **fields})


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "dicts"])
def test_json_inside_a_field(form: str, tmp_path: Path) -> None:
    rows = [{"log": event(n=2**60, price=2.5) + "\n", "stream": "stdout"}]
    rows += [{"log": event(deep={"a": [1, 2.0]}), "stream": "stderr"}]
    source: Any = rows if form == "dicts" else written(tmp_path / f"log.{form}", rows)
    found = ran(source, tmp_path, schema=LOG)
    assert found.users == ["u"]
    frame = cs.read_events(source, schema=LOG)
    assert frame["log_n"].tolist()[0] == 2**60
    assert frame["log_deep_a"].tolist()[1] == "[1, 2.0]"
    assert frame["stream"].tolist() == ["stdout", "stderr"]
    assert "log" not in frame


BAD = [
    ("starting", "not_json"),
    ("[1]", "not_object"),
    ("7", "not_object"),
    ("null", "not_object"),
    ('{"user_id": 1, "user_id": 2}', "duplicate_keys"),
    ('{"user_id": NaN}', "not_a_number"),
    ("[" * 102 + "]" * 102, "too_deep"),
    (event() + event(), "not_json"),
]


@pytest.mark.parametrize(("text", "reason"), BAD)
@pytest.mark.parametrize("form", ["json", "csv", "parquet", "dicts"])
def test_a_text_that_is_no_json_object(form: str, text: str, reason: str, tmp_path: Path) -> None:
    rows = [{"log": event(n=n)} for n in range(3)]
    rows.insert(1, {"log": text})
    source: Any = rows if form == "dicts" else written(tmp_path / f"log.{form}", rows)
    report = cs.ReadReport()
    found = cs.read_events(source, schema=LOG, on_error="quarantine", report=report)
    assert found["log_n"].tolist() == [0, 1, 2]
    assert report.refused == {reason: 1}
    (bad,) = report.quarantine
    assert "'log'" in bad.detail
    with pytest.raises(cs.errors.BadRowError, match=r"(line|row) [23]"):
        cs.read_events(source, schema=LOG)


def test_a_text_with_nothing_in_it(tmp_path: Path) -> None:
    rows = [{"log": text, "n": 1} for text in (event(), "", " \n", None)]
    found = cs.read_events(written(tmp_path / "log.json", rows), schema=LOG, drop_duplicates=None)
    assert found["user_id"].isna().tolist() == [False, True, True, True]


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), _VALUES | st.lists(_VALUES)), max_size=5),
    st.booleans(),
)
def test_inside_or_not_it_means_the_same(rows: list[dict[str, Any]], one_by_one: bool) -> None:
    given_ = [{"user_id": 1, "timestamp": AT, **row} for row in rows]
    broken = [{"log": "no JSON"}] if one_by_one else []
    inside = [{"log": json.dumps(row)} for row in given_] + broken
    found = cs.read_events(inside, schema=LOG, on_error="skip")
    schema = EventSchema(user_id="log.user_id", timestamp="log.timestamp")
    expected = cs.read_events([{"log": row} for row in given_], schema=schema)
    nothing = [None] * len(rows)
    for name in {*expected, *found}:
        one, other = (f[name].tolist() if name in f else nothing for f in (found, expected))
        for value, same in zip(one, other, strict=True):
            assert (pd.isna(value) and pd.isna(same)) or value == same


def test_json_in_a_list_in_json(tmp_path: Path) -> None:
    messages = [event(n=1), event(n=2), "no JSON"]
    payload = json.dumps({"owner": 7, "events": [{"message": message} for message in messages]})
    schema = EventSchema(
        user_id="payload.events.message.user_id",
        timestamp="payload.events.message.timestamp",
        json=("payload.events.message", "payload"),
        events="payload.events",
    )
    path = written(tmp_path / "log.json", [{"payload": payload}])
    report = cs.ReadReport()
    found = cs.read_events(path, schema=schema, on_error="skip", report=report)
    assert found["payload_events_message_n"].tolist() == [1, 2]
    assert found["payload_owner"].tolist() == [7, 7]
    assert (report.rows_read, report.refused) == (3, {"not_json": 1})


ROW: dict[str, Any] = {
    "user_id": 1,
    "timestamp": AT,
    "ctx": {"b": 2.5, "a": {"x": None, "y": True}},
    "name": "7",
    "n": 1,
}


@pytest.mark.parametrize("form", ["json", "parquet", "dicts"])
def test_fields_in_one_column(form: str, tmp_path: Path) -> None:
    source: Any = [ROW] if form == "dicts" else written(tmp_path / f"log.{form}", [ROW])
    found = cs.read_events(source, schema=EventSchema(pack="ctx"))
    assert found["ctx"].tolist() == ['{"b": 2.5, "a": {"y": true}}']
    assert list(found.columns) == ["user_id", "timestamp", "ctx", "name", "n"]
    found = cs.read_events(source, schema=EventSchema(pack="*", keep="n", rename={"n": "number"}))
    assert found["fields"].tolist() == ['{"ctx": {"b": 2.5, "a": {"y": true}}, "name": "7"}']
    assert found["number"].tolist() == [1]
    assert ran(source, tmp_path, schema=EventSchema(pack="*")).users == [1]


def test_cells_in_one_column(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        f"user_id,timestamp,c.a,c.b,c\n1,{AT},2.50,007,x\n2,{AT},,,\n"
    )
    found = cs.read_events(tmp_path / "log.csv", schema=EventSchema(pack="*"))
    assert found["fields"].tolist()[0] == '{"c": "x", "c.a": 2.5, "c.b": "007"}'
    assert pd.isna(found["fields"].tolist()[1])


@given(st.lists(st.dictionaries(st.sampled_from("abc"), _VALUES | st.lists(_VALUES)), max_size=4))
def test_what_is_packed_is_what_the_row_says(rows: list[dict[str, Any]]) -> None:
    given_ = [{"user_id": 1, "timestamp": AT, "c": row} for row in rows]
    together = (
        cs.read_events(given_, schema=EventSchema(pack="*"), drop_duplicates=None)
        if rows
        else pd.DataFrame()
    )
    for number, row in enumerate(rows):
        text = together["fields"][number] if "fields" in together else None
        kept = {name: value for name, value in row.items() if value is not None}
        assert (None if pd.isna(text) else json.loads(text)["c"]) == (kept or None)


def test_packed_from_pairs_and_events(tmp_path: Path) -> None:
    row = {
        "user_id": 1,
        "actions": [{"timestamp": AT, "url": "/a"}, {"timestamp": AT, "url": 7}],
        "params": [{"key": "k", "value": {"int_value": "7"}}],
        "other": 1,
    }
    schema = EventSchema(timestamp="actions.timestamp", events="actions", pairs="params", pack="*")
    found = cs.read_events(written(tmp_path / "log.json", [row]), schema=schema)
    assert [json.loads(text) for text in found["fields"]] == [
        {"other": 1, "actions": {"url": "/a"}, "params": {"k": 7}},
        {"other": 1, "actions": {"url": 7}, "params": {"k": 7}},
    ]


def test_fields_that_are_left_out_or_renamed(tmp_path: Path) -> None:
    schema = EventSchema(user_id="ctx.b", drop=("ctx", "n"), rename={"name": "label"})
    found = cs.read_events(written(tmp_path / "log.json", [ROW]), schema=schema)
    assert found.drop(columns="timestamp").to_dict("records") == [
        {"user_id": "2.5", "source_user_id": 1, "label": "7"}
    ]


def test_a_name_that_another_field_has() -> None:
    rows = [{"user_id": 1, "timestamp": AT, "page": "b", "url": "a"}]
    found = cs.read_events(rows, schema=EventSchema(rename={"url": "page"}))
    assert found[["page", "page_2"]].iloc[0].tolist() == ["a", "b"]


@pytest.mark.parametrize("name", ["user_id", "session_id", "ctid", "clicksession_x", "x" * 64])
def test_names_that_are_taken(name: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match="`rename` must be names"):
        EventSchema(rename={"a": name})
    with pytest.raises(cs.errors.ParameterError, match="no two alike"):
        EventSchema(rename={"a": "b", "c": "b"})


def test_fields_called_as_a_database_calls_its_own(tmp_path: Path) -> None:
    rows = [{"user_id": 1, "timestamp": AT, "ctid": 7, "clicksession_x": 8}]
    found = ran(rows, tmp_path).events
    assert found[["source_ctid", "source_clicksession_x"]].iloc[0].tolist() == [7, 8]


@pytest.mark.parametrize("form", ["json", "dicts"])
def test_a_row_of_too_many_fields(form: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"user_id": 1, "timestamp": AT, "n": n} for n in range(20)]
    rows[7] |= {f"k{n}": n for n in range(records.MAX_FIELDS)}
    source: Any = rows if form == "dicts" else written(tmp_path / "log.json", rows)
    report = cs.ReadReport()
    found = cs.read_events(source, on_error="quarantine", report=report)
    assert found["n"].tolist() == [n for n in range(20) if n != 7]
    assert list(found.columns) == ["user_id", "timestamp", "n"]
    (bad,) = report.quarantine
    assert (bad.reason, json.loads(bad.raw)) == ("too_many_fields", rows[7])
    with pytest.raises(cs.errors.BadRowError, match=r"(line|row) 8: it has 4,099 fields"):
        cs.read_events(source)
    packed = cs.read_events(source, schema=EventSchema(pack="*"))
    assert json.loads(packed["fields"][7])["k4095"] == 4095
    few = cs.read_events(source, schema=EventSchema(drop=tuple(f"k{n}" for n in range(99))))
    assert len(few) == 20


@pytest.mark.parametrize("form", ["json", "dicts"])
def test_too_many_fields_over_many_rows(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 2**14)
    monkeypatch.setattr(json_lines, "FEW_BYTES", 2**10)
    rows = [{"user_id": 1, "timestamp": AT, f"k{n}": n} for n in range(5_000)]
    rows.append({"user_id": 1, "timestamp": AT, "k0": 1})
    source: Any = rows if form == "dicts" else written(tmp_path / "log.json", rows)
    report = cs.ReadReport()
    found = cs.read_events(source, on_error="skip", report=report)
    # With the user and the time, so many columns.
    assert found.shape[1] == records.MAX_FIELDS
    assert report.refused == {"too_many_fields": len(rows) - len(found)}
    # A row without a fresh field is an event, whatever came before it.
    assert found["k0"].dropna().tolist() == [0, 1]


@pytest.mark.parametrize("form", ["json", "dicts"])
def test_too_many_pairs(form: str, tmp_path: Path) -> None:
    def row(keys: int) -> dict[str, Any]:
        pairs = [{"key": f"k{n}", "value": {"int_value": n}} for n in range(keys)]
        return {"user_id": 1, "timestamp": AT, "params": pairs}

    rows = [row(1), row(records.MAX_FIELDS + 1), row(2)]
    source: Any = rows if form == "dicts" else written(tmp_path / "log.json", rows)
    report = cs.ReadReport()
    schema = EventSchema(pairs="params")
    found = cs.read_events(source, schema=schema, on_error="quarantine", report=report)
    assert found["params_k0"].tolist() == [0, 0]
    assert report.refused == {"too_many_fields": 1}
    (bad,) = report.quarantine
    # With what it was refused for.
    assert b"k4096" in bad.raw
    assert cs.read_events(report.quarantine, schema=EventSchema())["user_id"].tolist() == [1]


@pytest.mark.parametrize("form", ["json", "dicts"])
def test_time_grows_with_the_fields_and_not_with_their_square(form: str, tmp_path: Path) -> None:
    def seconds(fields: int) -> float:
        rows: list[dict[str, Any]] = [{"user_id": 1, "timestamp": AT, "n": n} for n in range(200)]
        rows[100] |= {f"k{n}": n for n in range(fields)}
        path = written(tmp_path / f"{fields}.json", rows)
        began = time.process_time()
        cs.read_events(rows if form == "dicts" else path)
        return time.process_time() - began

    few = min(seconds(500) for _ in range(3))
    # Eight times the fields: 64 times the time, were it their square.
    assert any(seconds(4_000) < 32 * few for _ in range(3))


def test_many_paths_that_come_out_alike() -> None:
    marks = ["!" * n + "k" for n in range(1, 2_000)]
    fields = [(mark, pa.chunked_array([[n]])) for n, mark in enumerate(marks)]
    began = time.process_time()
    found = named(fields)
    assert time.process_time() - began < 5
    assert {column[0].as_py() for column in found.values()} == set(range(1_999))


_ALIKE = st.sampled_from(["k", "K", "k!", "k_2", "k-2", "k_2_2", "k_3"])


@given(st.lists(st.dictionaries(_ALIKE, st.integers(0, 9), max_size=5), max_size=4))
def test_each_row_alone_decides_where_its_values_go(rows: list[dict[str, int]]) -> None:
    def columns(some: list[dict[str, int]]) -> list[dict[str, int]]:
        paths = dict.fromkeys(path for row in some for path in row)
        given_ = [(path, pa.chunked_array([[row.get(path) for row in some]])) for path in paths]
        table = pa.table(named(given_)) if given_ else pa.table({})
        found = table.to_pylist() or [{} for _ in some]
        return [{k: v for k, v in row.items() if v is not None} for row in found]

    assert columns(rows) == [columns([row])[0] for row in rows]
