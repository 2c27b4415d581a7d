"""Every shape of JSON gives the same events; what is no event is named with its line."""

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats import blocks

WEBSHOP = cs.EventSchema.preset("webshop")
EVENTS: list[dict[str, Any]] = [
    {
        "id": 452437,
        "type": "page_view",
        "event": {
            "user-agent": "Opera/9.49",
            "ip": "121.225.65.59",
            "customer-id": None,
            "timestamp": "2022-04-28T07:17:46.290271",
            "page": "https://webshop.example/cart",
        },
    },
    {
        "id": 452438,
        "type": "placed_order",
        "event": {"customer-id": 1403, "timestamp": "2022-04-28T07:18:00", "tags": ["a", "b"]},
    },
]


def read(path: Path, content: str | bytes, **options: Any) -> pd.DataFrame:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return cs.read_events(path, **{"schema": WEBSHOP, "drop_duplicates": None, **options})


def lines(events: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def columns_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": [event["id"] for event in events],
        "type": [event["type"] for event in events],
        "event": {
            "customer-id": [event["event"]["customer-id"] for event in events],
            "timestamp": [event["event"]["timestamp"] for event in events],
            "user-agent": [event["event"].get("user-agent") for event in events],
            "ip": [event["event"].get("ip") for event in events],
            "page": [event["event"].get("page") for event in events],
            "tags": [event["event"].get("tags") for event in events],
        },
    }


def zstd(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, "zstd", asbytes=True)
    return packed


SHAPES = {
    "one object per line": lines(EVENTS),
    "no newline at the end": lines(EVENTS).rstrip("\n"),
    "blank lines": "\n\n" + lines(EVENTS).replace("\n", "\n \n"),
    "carriage returns": lines(EVENTS).replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + lines(EVENTS),
    "one array": json.dumps(EVENTS),
    "one array over several lines": json.dumps(EVENTS, indent=2),
    "objects over several lines": "\n".join(json.dumps(event, indent=2) for event in EVENTS),
    "several arrays": json.dumps(EVENTS[:1]) + json.dumps(EVENTS[1:]),
    "an array per line": json.dumps(EVENTS[:1]) + "\n" + json.dumps(EVENTS[1:]) + "\n",
    "an object that holds an array": json.dumps({"events": EVENTS, "count": 2}),
    "an object that holds an array, per line": lines([{"events": [e]} for e in EVENTS]),
    "columns as arrays": json.dumps(columns_of(EVENTS)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_events(shape: str, tmp_path: Path) -> None:
    expected = read(tmp_path / "plain.json", SHAPES["one object per line"])
    found = read(tmp_path / "shape.json", SHAPES[shape])
    pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_canonical_columns_first_then_the_others_in_snake_case(tmp_path: Path) -> None:
    found = read(tmp_path / "log.json", lines(EVENTS))
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "event_id": "Int64",
        "user_id": "Int64",
        "timestamp": "datetime64[us, UTC]",
        "event_type": "str",
        "event_user_agent": "str",
        "event_ip": "str",
        "event_page": "str",
        "event_tags": "str",
    }
    assert found["user_id"].isna().tolist() == [True, False]
    assert found["event_tags"].tolist()[1] == '["a", "b"]'
    assert found["timestamp"][0] == pd.Timestamp("2022-04-28T07:17:46.290271Z")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
@pytest.mark.parametrize("name", ["log.json.gz", "log.json"])
def test_compressed(compress: Any, name: str, tmp_path: Path) -> None:
    packed = compress(lines(EVENTS).encode())
    assert len(read(tmp_path / name, packed)) == 2
    assert read(tmp_path / name, packed + packed, drop_duplicates=None)["event_id"].tolist() == [
        452437,
        452438,
        452437,
        452438,
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "[]", '{"events": []}'])
def test_a_file_without_events(content: str, tmp_path: Path) -> None:
    found = read(tmp_path / "log.json", content)
    assert found.empty
    assert {"user_id", "timestamp"} <= set(found.columns)


def bad_at(path: Path, content: str | bytes, **options: Any) -> str:
    with pytest.raises(cs.errors.BadRowError) as caught:
        read(path, content, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{oops", "is no JSON"),
        ('{"id": 1} and more', "is no JSON (Extra data"),
        ("17", "is no object but a number"),
        ('"text"', "is no object but a text"),
        ('{"id": NaN, "event": {"timestamp": "2024-05-01"}}', "NaN is no JSON number"),
        (b'{"id": "\xff"}', "is not UTF-8"),
        ('{"a":' * 101 + "1" + "}" * 101, "is nested too deep"),
        (
            '{"id": 1, "type": "x", "event": {"customer-id": 1, "timestamp": "soon"}}',
            "event.timestamp is no time: 'soon'",
        ),
    ],
)
def test_a_bad_line_is_named(line: str | bytes, reason: str, tmp_path: Path) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    content = lines(EVENTS).encode() + b"\n" + raw + b"\n" + lines(EVENTS).encode()
    message = bad_at(tmp_path / "log.json", content)
    assert "log.json, line 4: " in message
    assert reason in message


def test_a_bad_first_line_is_named(tmp_path: Path) -> None:
    assert "line 1" in bad_at(tmp_path / "log.json", "{oops\n" + lines(EVENTS))


def test_a_bad_line_of_an_array_is_named(tmp_path: Path) -> None:
    text = json.dumps(EVENTS, indent=1).replace('"placed_order"', "placed_order")
    line = text[: text.index("placed_order")].count("\n") + 1
    message = bad_at(tmp_path / "log.json", text)
    begins = text[: text.index('"id": 452438')].count("\n")
    assert f"log.json, line {begins}: it is no JSON (Expecting value, line {line})" in message


def test_a_bad_element_is_named(tmp_path: Path) -> None:
    assert "element 2, line 1: it is no object but a number: 7" in bad_at(
        tmp_path / "log.json", json.dumps([EVENTS[0], 7])
    )


def test_lines_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    content = lines(EVENTS) * 50
    found = read(tmp_path / "log.json", content, drop_duplicates=None)
    assert found["event_id"].tolist() == [452437, 452438] * 50
    assert "line 101: it is no JSON" in bad_at(tmp_path / "bad.json", content + "oops\n")


def test_a_mapped_column_that_is_in_no_row(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.SchemaError) as caught:
        read(
            tmp_path / "log.json", lines(EVENTS), schema=cs.EventSchema(user_id="event.custmer-id")
        )
    message = str(caught.value)
    assert "log.json: no row has 'event.custmer-id', which feeds 'user_id'" in message
    assert "Did you mean 'event.customer-id'?" in message


def test_a_column_under_several_paths(tmp_path: Path) -> None:
    log = '{"client_id": 1, "timestamp": 1714557600}\n{"clientId": "b", "timestamp": 1714557600}\n'
    schema = cs.EventSchema(user_id=("client_id", "clientId"))
    assert read(tmp_path / "log.json", log, schema=schema)["user_id"].tolist() == ["1", "b"]


def test_values_lose_nothing_where_types_change(tmp_path: Path) -> None:
    log = (
        '{"user_id": 1, "timestamp": 1714557600, "a": 7, "b": 12345678901234567890, "c": true}\n'
        '{"user_id": 1, "timestamp": 1714557600, "a": "007", "b": 1, "c": "yes"}\n'
        '{"user_id": 1, "timestamp": 1714557600, "a": 9007199254740993, "b": 1.5, "c": null}\n'
    )
    found = read(tmp_path / "log.json", log, schema=None)
    assert found["a"].tolist() == ["7", "007", "9007199254740993"]
    assert found["b"].tolist() == ["12345678901234567890", "1", "1.5"]
    assert found["c"].tolist()[:2] == ["true", "yes"]


def test_types_that_change_from_block_to_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 50)
    log = "".join(
        f'{{"user_id": {user}, "timestamp": 1714557600}}\n'
        for user in ("1", '"b"', "9007199254740993", "null", '"2024-05-01"')
    )
    found = read(tmp_path / "log.json", log, schema=None)
    assert found["user_id"].dropna().tolist() == ["1", "b", "9007199254740993", "2024-05-01"]


def test_text_that_looks_like_a_time_stays_as_it_is(tmp_path: Path) -> None:
    log = '{"user_id": 1, "timestamp": 1714557600, "query": "2024-05-01T00:00:00Z", '
    log += '"x": {"y": "2024-01-01"}}'
    found = read(tmp_path / "log.json", log + "\n" + log, schema=None)
    assert found["query"].tolist() == ["2024-05-01T00:00:00Z"] * 2
    assert found["x_y"].tolist() == ["2024-01-01"] * 2


def test_fields_whose_names_meet_are_told_apart(tmp_path: Path) -> None:
    log = (
        '{"user_id": 1, "timestamp": 1714557600, '
        '"a-b": 1, "a_b": 2, "session_id": "s", "a": {"b": 3}}'
    )
    found = read(tmp_path / "log.json", log, schema=None)
    assert found[["a_b", "a_b_2", "a_b_3"]].iloc[0].tolist() == [2, 1, 3]
    assert found["source_session_id"].tolist() == ["s"]


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False, width=16),
        st.text(max_size=5),
        st.sampled_from(["2024-05-01", "007", "1e5", ""]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("pq"), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(st.sampled_from("xyz"), _VALUES, max_size=3), max_size=6))
def test_lines_and_arrays_agree_on_anything(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    events = [{"user_id": "u", "timestamp": 1714557600, **row} for row in rows]
    folder = tmp_path_factory.mktemp("anything")
    by_line = read(folder / "lines.json", lines(events), schema=None)
    whole = read(folder / "array.json", json.dumps(events), schema=None)
    assert len(by_line) == len(events)
    texts = [
        {name: [_plain(value) for value in frame[name]] for name in frame}
        for frame in (by_line, whole)
    ]
    assert texts[0] == texts[1]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else str(value)
    )
