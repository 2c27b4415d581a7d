"""What holds events: told from the object and the schema alone, and never mixed with what does not.

The forms are those that the programs named in the cases write; the values are our own.
"""

import io
import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats.json.reader import JsonReader
from tests.readers.door import ran

ROWS = [{"user_id": f"u{n}", "timestamp": f"2024-05-01T10:0{n}:00Z", "n": n} for n in range(4)]
USERS = [row["user_id"] for row in ROWS]
META = [{"name": "user_id", "type": "String"}, {"name": "timestamp", "type": "DateTime"}]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
SOURCES = cs.EventSchema(user_id="_source.user_id", timestamp="_source.timestamp")

HOLDERS: dict[str, tuple[object, cs.EventSchema]] = {
    "ClickHouse, JSON": ({"meta": META, "data": ROWS, "rows": 4}, cs.EventSchema()),
    "with errors": ({"data": ROWS, "errors": [{"code": 7, "at": "now"}]}, cs.EventSchema()),
    "errors first": ({"errors": [{"code": 7}], "data": ROWS}, cs.EventSchema()),
    "GraphQL": ({"data": {"viewer": {"events": ROWS}}, "extensions": [{"a": 1}]}, cs.EventSchema()),
    "a batch": (
        {"batch": ROWS, "writeKey": "x", "context": {"libs": [{"v": 1}]}},
        cs.EventSchema(),
    ),
    "CouchDB": ({"total_rows": 4, "offset": 0, "rows": ROWS}, cs.EventSchema()),
    "with an id of its own": ({"event_id": "request-1", "events": ROWS}, cs.EventSchema()),
    "Elasticsearch": (
        {"took": 3, "hits": {"total": 4, "hits": [{"_id": "1", "_source": row} for row in ROWS]}},
        SOURCES,
    ),
    "the time of some is missing": (
        {"events": [{"user_id": "u9"}, *ROWS], "n": 1},
        cs.EventSchema(),
    ),
    "ClickHouse, JSONColumns": (COLUMNS, cs.EventSchema()),
    "ClickHouse, JSONColumnsWithMetadata": ({"meta": META, "data": COLUMNS}, cs.EventSchema()),
}


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("name", HOLDERS)
def test_only_the_rows_of_the_list_of_events(name: str, indent: int | None, tmp_path: Path) -> None:
    value, schema = HOLDERS[name]
    (tmp_path / "log.json").write_text(json.dumps(value, indent=indent))
    expected = (["u9"] if "missing" in name else []) + USERS
    report = cs.ReadReport()
    found = cs.read_events(tmp_path / "log.json", schema=schema, report=report)
    assert found["user_id"].tolist() == expected
    assert report.rows_read == len(expected)
    assert {"meta", "data", "name", "code", "errors", "hits_hits"}.isdisjoint(found.columns)
    done = ran(str(tmp_path / "log.json"), tmp_path, schema=schema)
    assert done.users == USERS
    # A holder is one wherever it stands: behind an event, in an array, in a line of its own.
    if indent is None and schema != SOURCES:
        event = json.dumps({"user_id": "first", "timestamp": "2024-05-01"})
        text = json.dumps(value)
        for content in (
            f"{event}\n{text}\n",
            f"{text}\n{event}",
            f"[{event}, {text}]",
            event + text,
        ):
            (tmp_path / "log.json").write_text(content)
            users = cs.read_events(tmp_path / "log.json")["user_id"].tolist()
            assert sorted(users) == sorted([*expected, "first"])


@pytest.mark.parametrize("name", [name for name in HOLDERS if "Columns" not in name])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_holder_larger_than_a_row_may_be(name: str, indent: int | None, tmp_path: Path) -> None:
    value, schema = HOLDERS[name]
    (tmp_path / "log.json").write_text(json.dumps(value, indent=indent))
    found = cs.read_events(tmp_path / "log.json", schema=schema, max_row_bytes=130)
    assert found["user_id"].tolist()[-4:] == USERS
    assert {"meta", "data", "name", "code", "errors"}.isdisjoint(found.columns)


@pytest.mark.parametrize("limit", [100, 10**6])
def test_a_second_list_of_events_is_never_mixed_in(limit: int, tmp_path: Path) -> None:
    text = json.dumps({"page_views": ROWS[:2], "errors": ROWS[2:], "n": 4})
    (tmp_path / "log.json").write_text(text)
    with pytest.raises(cs.errors.BadRowError, match=r"'errors' is not the only list of events"):
        cs.read_events(tmp_path / "log.json", max_row_bytes=limit)
    report = cs.ReadReport()
    options: dict[str, Any] = {"on_error": "quarantine", "report": report, "max_row_bytes": limit}
    found = cs.read_events(tmp_path / "log.json", **options)
    assert found["user_id"].tolist() == USERS[:2]
    (bad,) = report.quarantine
    assert (bad.reason, bad.raw.decode()) == ("several_lists", json.dumps(ROWS[2:]))
    assert cs.read_events(report.quarantine)["user_id"].tolist() == USERS[2:]
    schema = cs.EventSchema(
        events="errors", user_id="errors.user_id", timestamp="errors.timestamp", drop="page_views"
    )
    assert cs.read_events(tmp_path / "log.json", schema=schema)["user_id"].tolist() == USERS[2:]


@pytest.mark.parametrize(
    "value",
    [
        {"meta": META, "data": [], "rows": 0},
        {"data": [], "errors": [{"code": 7}]},
        {"hits": {"total": 0, "hits": []}},
        {"events": []},
        [],
    ],
)
def test_an_answer_without_events_holds_none(value: object, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(json.dumps(value))
    report = cs.ReadReport()
    assert cs.read_events(tmp_path / "log.json", report=report).empty
    assert report.rows_read == 0


def test_rows_as_arrays_are_refused_by_name(tmp_path: Path) -> None:
    arrays = [list(row.values()) for row in ROWS]
    (tmp_path / "log.json").write_text(json.dumps({"meta": META, "data": arrays, "rows": 4}))
    with pytest.raises(cs.errors.BadRowError, match="it holds arrays of values, and no objects"):
        cs.read_events(tmp_path / "log.json")


def test_lists_without_a_time_are_shown_to_whoever_reads_them(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text('{"events": [{"ts": 1, "user": 2}], "n": 1}')
    with pytest.raises(cs.errors.SchemaError, match=r"Did you mean 'user'\? It has: ts, user\."):
        cs.read_events(tmp_path / "log.json")


EVENTS = [
    {"user_id": "u1", "items": [{"sku": 7}]},
    {"user_id": "u1", "timestamp": None, "events": ROWS},
    {"user_id": "u1", "timestamp": [2024, 5, 1, 10, 0, 0, 123000000]},
    {"user_id": "u1", "timestamp": [2024, 5, 1, 10, 5]},
    {"user_id": "u1", "timestamp": ["2024-05-01"], "tags": ["a"]},
    {"user_id": ["u1"], "timestamp": [2024, 5, 1], "tags": ["a", "b", "c"]},
    {"timestamp": ["2024-05-01", "2024-05-02"]},
    {"event_id": 7, "items": []},
    {"a": 1, "b": {"c": [1, 2]}},
    {},
]


@pytest.mark.parametrize("value", EVENTS, ids=range(len(EVENTS)))
def test_what_is_an_event_stays_one(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    other = json.dumps(ROWS[0])
    beside = (f"{text}\n{other}\n", f"{other}\n{text}", f"[{text}, {other}]", text + other)
    for content in (text, f"[{text}]", *beside):
        batches = list(JsonReader().read(io.BytesIO(content.encode()), "log", cs.EventSchema()))
        assert sum(batch.rows.num_rows for batch in batches) == 1 + (content in beside)
        assert not any(batch.refused for batch in batches)


def test_a_time_in_a_text_of_json_makes_an_event() -> None:
    schema = cs.EventSchema(json="log", user_id="log.user_id", timestamp="log.timestamp")
    line = {"log": json.dumps(ROWS[0]), "stream": "stdout", "attrs": [{"tag": "a"}]}
    nested = {"logGroup": "shop", "records": [line, line], "labels": [{"a": 1}]}
    for value, count in ((line, 1), (nested, 2)):
        for content in (json.dumps(value), json.dumps(value, indent=1)):
            batches = list(JsonReader().read(io.BytesIO(content.encode()), "log", schema))
            texts = [text for batch in batches for text in batch.rows["log"].to_pylist()]
            assert texts == [line["log"]] * count


def test_lists_of_pairs_hold_no_events() -> None:
    schema = cs.EventSchema(pairs="params", user_id="params.user", timestamp="params.at")
    line = {"params": [{"key": "user", "value": "u"}, {"key": "at", "value": "2024-05-01"}]}
    batches = list(JsonReader().read(io.BytesIO(json.dumps(line).encode()), "log", schema))
    assert [batch.rows.num_rows for batch in batches] == [1]


SEPARATORS = {
    "glued": "",
    "spaces": " ",
    "lines": "\n",
    "commas at the end of lines": ",\n",
    "commas at the beginning of lines": "\n,",
    "commas alone": "\n,\n",
    "byte-order marks": "\n\ufeff",
    "byte-order marks, glued": "\ufeff",
    "RFC 7464": "\n\x1e",
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", SEPARATORS)
def test_what_may_stand_between_events(name: str, indent: int | None, tmp_path: Path) -> None:
    text = SEPARATORS[name].join(json.dumps(row, indent=indent) for row in ROWS)
    for content in (text, text + "\n", text + ",\n", "\ufeff" + text):
        (tmp_path / "log.json").write_text(content)
        assert cs.read_events(tmp_path / "log.json")["user_id"].tolist() == USERS


@given(st.lists(st.sampled_from(sorted(SEPARATORS)), min_size=3, max_size=3), st.booleans())
def test_they_may_change_in_mid_file(names: list[str], is_array: bool) -> None:
    texts = [json.dumps([row] if is_array else row) for row in ROWS]
    between = [SEPARATORS[name] for name in names]
    content = texts[0] + "".join(f"{a}{b}" for a, b in zip(between, texts[1:], strict=True))
    batches = JsonReader().read(io.BytesIO(content.encode()), "log", cs.EventSchema())
    found = [user for batch in batches for user in batch.rows["user_id"].to_pylist()]
    assert found == USERS


def test_extended_json_of_mongodb(tmp_path: Path) -> None:
    lines = [
        {"_id": {"$oid": "66321a"}, "user_id": "u", "timestamp": {"$date": "2024-05-01T10:00:00Z"}},
        {"user_id": "u", "timestamp": {"$date": {"$numberLong": "1714557660000"}}},
    ]
    schema = cs.EventSchema(
        event_id="_id.$oid", timestamp=("timestamp.$date", "timestamp.$date.$numberLong")
    )
    for content in ("\n".join(map(json.dumps, lines)), json.dumps(lines)):
        (tmp_path / "log.json").write_text(content)
        done = ran(str(tmp_path / "log.json"), tmp_path, schema=schema)
        assert done.events["timestamp"].dt.minute.tolist() == [0, 1]
        assert done.users == ["u"]


START = '{"user_id": "u", "timestamp": "2024-05-01T10:00:00Z"'
LARGE = {
    "fields": lambda n: START + "".join(f', "k{i}": {i}' for i in range(n)) + "}",
    "lists": lambda n: START + "".join(f', "k{i}": [{i}]' for i in range(n)) + "}",
    "bad lines": lambda n: "{oops\n" * n,
    "bad elements": lambda n: "[" + ",".join(["oops"] * n) + "]",
    "open objects": lambda n: (START + ', "a": {\n') * n,
    "open arrays": lambda n: ('{"a": [\n' + (START + "},\n") * 3) * n,
    "open brackets": lambda n: "[\n" * n,
    "keys of their own": lambda n: "".join(f'{START}, "k{i}": 1}}\n' for i in range(n)),
}


@pytest.mark.parametrize("name", LARGE)
def test_time_grows_with_the_bytes(name: str) -> None:
    def seconds(count: int) -> float:
        content = LARGE[name](count).encode()
        began = time.thread_time()
        for _ in JsonReader().read(io.BytesIO(content), "log", cs.EventSchema()):
            pass
        return time.thread_time() - began

    seconds(500)
    small = min(seconds(1000) for _ in range(3))
    # Eight times as much; with the square, it would be 64 times.
    assert any(seconds(8000) < 24 * small + 0.1 for _ in range(2))


def test_memory_does_not_grow_with_the_square_of_keys() -> None:
    content = "".join(f'{START}, "k{i}": 1}}\n' for i in range(12_000)).encode()
    before = pa.total_allocated_bytes()
    most = 0
    for batch in JsonReader().read(io.BytesIO(content), "log", cs.EventSchema()):
        most = max(most, batch.rows.num_rows * batch.rows.num_columns)
    assert most < 2**25
    assert pa.total_allocated_bytes() - before < 2**28


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
def test_json_of_other_encodings_is_seen_by_its_mark(encoding: str, tmp_path: Path) -> None:
    row = '{"user_id": "Zoë", "timestamp": "2024-05-01T10:00:00Z"}\n'
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "log.json").write_bytes(f"{mark}{row}{row}".encode(encoding))
    found = cs.read_events(tmp_path / "log.json", drop_duplicates=None)
    assert found["user_id"].tolist() == ["Zoë", "Zoë"]


@pytest.mark.parametrize("limit", [100, 150])
def test_columns_too_large_are_refused_and_not_what_stands_beside_them(
    limit: int, tmp_path: Path
) -> None:
    (tmp_path / "log.json").write_text(json.dumps({"meta": META, "data": COLUMNS}))
    with pytest.raises(cs.errors.BadRowError, match=f"max_row_bytes is {limit}"):
        cs.read_events(tmp_path / "log.json", max_row_bytes=limit)


@pytest.mark.parametrize(
    ("value", "limit"), [(COLUMNS, 100), (COLUMNS, 10**6), ({"meta": META, "data": COLUMNS}, 10**6)]
)
def test_columns_of_several_lengths_are_refused_whole(
    value: dict[str, Any], limit: int, tmp_path: Path
) -> None:
    cut = json.loads(json.dumps(value))
    cut.get("data", cut)["user_id"].pop()
    event = json.dumps({"user_id": "first", "timestamp": "2024-05-01"})
    (tmp_path / "log.json").write_text(f"{event}\n{json.dumps(cut)}\n")
    message = "columns are not of one length: 'user_id' has 3 values, 'timestamp' has 4"
    with pytest.raises(cs.errors.BadRowError, match=rf"log\.json, line 2: .*{message}"):
        cs.read_events(tmp_path / "log.json", max_row_bytes=limit)
    report = cs.ReadReport()
    options: dict[str, Any] = {"on_error": "quarantine", "report": report, "max_row_bytes": limit}
    assert cs.read_events(tmp_path / "log.json", **options)["user_id"].tolist() == ["first"]
    assert dict(report.refused) == {"field_count": 1}
    whole = report.quarantine.repaired(lambda _: json.dumps(value).encode())
    assert cs.read_events(whole)["user_id"].tolist() == USERS


def test_of_a_second_list_that_is_long_the_beginning_is_kept_and_its_size_told() -> None:
    second = json.dumps(ROWS * 40)
    content = f'{{"data": {json.dumps(ROWS)}, "more": {second}}}'.encode()
    reader = JsonReader()
    reader.max_row_bytes = 200
    found = list(reader.read(io.BytesIO(content), "log", cs.EventSchema()))
    [bad] = [row for batch in found for row in batch.refused]
    assert (bad.reason, bad.size) == ("several_lists", len(second))
    assert second.encode().startswith(bad.raw)
    assert len(bad.raw) < len(second)


def test_a_bad_element_of_a_list_between_lines_is_refused_once() -> None:
    line, other = json.dumps(ROWS[0]), json.dumps(ROWS[1])
    content = f"{line}\n[{other}, {{oops}}, {other}]\n{line}\n{line}\n".encode()
    found = list(JsonReader().read(io.BytesIO(content), "log", cs.EventSchema()))
    assert sum(batch.rows.num_rows for batch in found) == 5
    assert [row.line for batch in found for row in batch.refused] == [2]
