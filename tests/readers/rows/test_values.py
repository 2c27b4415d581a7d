"""Who is nobody, which ids are one, what joins and adds up: by the main job and in frames."""

import datetime
import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession import EventSchema, Join, Sum
from clicksession.engines.users import joined
from clicksession.numerals import by_value, number_of
from tests.readers.door import ran

AT = "2024-05-01T10:00:00Z"


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows in the format that the name of the file says."""
    if path.suffix == ".json":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        pd.DataFrame(rows).astype("object").to_csv(path, index=False)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def users(source: Any, **schema: Any) -> list[str | None]:
    """Return whose the events of a source are, as text."""
    found = cs.read_events(source, schema=EventSchema(**schema), drop_duplicates=None)
    return [None if pd.isna(user) else str(user) for user in found["user_id"]]


NOBODY: list[tuple[Any, str]] = [("", ""), (" \t", ""), (False, "false"), (True, "true")]


@pytest.mark.parametrize("beside", [[], [{"user_id": "ann", "timestamp": AT}]])
@pytest.mark.parametrize(("value", "said"), NOBODY)
def test_who_is_nobody(value: Any, said: str, beside: list[Any], tmp_path: Path) -> None:
    rows = [{"user_id": value, "timestamp": AT}, *beside]
    found = ran(written(tmp_path / "log.json", rows), tmp_path)
    assert found.users == [row["user_id"] for row in beside]
    assert len(found.events) == len(rows)
    assert found.report.reading.nobody == {said: 1}
    assert f"1 of nobody ({said!r}: 1)" in str(found.report.reading)
    assert users(rows) == users(tmp_path / "log.json") == [None, *found.users]


def test_nobody_in_frames_of_any_objects() -> None:
    values = [False, "ann", np.True_, None, 7.0]
    frame = pd.DataFrame({"user_id": pd.Series(values, dtype=object), "timestamp": AT})
    rows = [{"user_id": value, "timestamp": AT} for value in values]
    report = cs.ReadReport()
    assert users(frame) == users(rows) == [None, "ann", None, None, "7"]
    cs.read_events(frame, report=report)
    assert report.nobody == {"false": 1, "true": 1}


def test_the_next_path_where_the_first_is_nobody() -> None:
    rows = [
        {"userId": user, "visitorId": visitor, "timestamp": AT}
        for user in ("", None, False, " ", "ann")
        for visitor in ("v", False)
    ]
    found = users(rows, user_id=("userId", "visitorId"))
    assert found == ["v", None] * 4 + ["ann", "ann"]
    report = cs.ReadReport()
    cs.read_events(rows, schema=EventSchema(user_id=("userId", "visitorId")), report=report)
    # By the first of what stood there.
    assert report.nobody == {"": 2, "false": 2}


def test_an_empty_text_is_no_event(tmp_path: Path) -> None:
    rows = [
        {"event_id": text, "user_id": n, "timestamp": AT} for n, text in enumerate(["", "", " "])
    ]
    found = ran(written(tmp_path / "log.json", rows), tmp_path)
    assert (found.report.events_added, found.report.duplicates) == (3, 0)
    assert len(cs.read_events(rows)) == 3
    again = [{"event_id": text, "user_id": 1, "timestamp": AT} for text in ("7", 7, "7.0")]
    assert len(cs.read_events(again)) == 1


def test_nan_is_nobody(tmp_path: Path) -> None:
    table = pa.table({"user_id": [7.0, float("nan"), None], "timestamp": [AT] * 3})
    pq.write_table(table, tmp_path / "log.parquet")
    found = ran(tmp_path / "log.parquet", tmp_path)
    assert found.users == [7]
    assert found.report.reading.nobody == {"NaN": 1}


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_texts_that_stand_for_null(form: str, tmp_path: Path) -> None:
    rows = [
        {"user_id": "NULL", "timestamp": AT, "price": 1.5, "n": -1},
        {"user_id": "ann", "timestamp": AT, "price": 2.0, "n": 7},
        {"user_id": "bob", "timestamp": "NULL", "price": 2.5, "n": 7},
    ]
    path, schema = tmp_path / f"log.{form}", EventSchema(null_values=("NULL", "-1"))
    report = cs.ReadReport()
    found = cs.read_events(written(path, rows), schema=schema, report=report)
    assert found["user_id"].tolist()[1:] == ["ann", "bob"]
    assert found.isna().to_dict("list") == {
        "user_id": [True, False, False],
        "timestamp": [False, False, True],
        "price": [False] * 3,
        "n": [True, False, False],
    }
    assert report.nobody == {"NULL": 1}


def test_a_null_beside_numbers_makes_no_text_of_them(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"user_id,timestamp,n\na,{AT},NULL\nb,{AT},7\n")
    found = cs.read_events(tmp_path / "log.csv", schema=EventSchema(null_values="NULL"))
    assert str(found["n"].dtype) == "Int64"


SEVEN: list[Any] = [7, 7.0, "7", "7.0", Decimal("7.00"), np.float64(7)]


@pytest.mark.parametrize(("one", "other"), [*itertools.permutations(["7", "7.0", "7.00"], 2)])
def test_one_user_in_all_files_and_runs(one: str, other: str, tmp_path: Path) -> None:
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    paths[0].write_text(f"user_id,timestamp\n{one},{AT}\n")
    paths[1].write_text(f"user_id,timestamp\n{other},{AT}\n,{AT}\n")
    assert ran(paths, tmp_path).users == [7]
    target = f"duckdb:///{tmp_path / 'twice.duckdb'}"
    assert [cs.run(path, target).sessions_added for path in paths] == [1, 0]


@given(st.lists(st.sampled_from([*SEVEN, None, "ann", 1.5, "1.5"]), min_size=1, max_size=6))
def test_an_id_is_what_it_is_whatever_stands_beside_it(values: list[Any]) -> None:
    rows = [{"user_id": value, "timestamp": AT} for value in values]
    alone = [users([row])[0] for row in rows]
    assert users(rows) == alone
    assert alone == [None if v is None else "7" if v in SEVEN else str(v) for v in values]


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_numbers_that_are_no_whole_ones(form: str, tmp_path: Path) -> None:
    rows = [{"user_id": value, "timestamp": AT} for value in (1.5, 7.0, 2.0)]
    found = ran(written(tmp_path / f"log.{form}", rows), tmp_path)
    assert found.users == ["1.5", "2", "7"]
    second = ran([written(tmp_path / f"{n}.{form}", [row]) for n, row in enumerate(rows)], tmp_path)
    assert second.users == found.users


def test_bytes_of_a_fixed_length(tmp_path: Path) -> None:
    raw = bytes(range(16))
    table = pa.table(
        {
            "user_id": pa.array([raw], pa.binary(16)),
            "timestamp": [AT],
            "event_id": pa.array([raw], pa.uuid()),
            "name": pa.array([b"caf\xc3\xa9"]),
            "both": pa.array([[b"a"]], pa.list_(pa.binary(1))),
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    for source in (table, tmp_path / "log.parquet"):
        (found,) = cs.read_events(source).to_dict("records")
        assert found["user_id"] == "000102030405060708090a0b0c0d0e0f"
        assert found["event_id"] == str(UUID(bytes=raw))
        assert found["name"] == "café"
    assert users([{"user_id": UUID(bytes=raw), "timestamp": AT}]) == [str(UUID(bytes=raw))]


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_two_halves_of_a_visitor(form: str, tmp_path: Path) -> None:
    rows = [{"high": 1, "low": low, "timestamp": AT} for low in (2, 3)]
    rows.append({"high": 1, "low": None, "timestamp": AT})
    schema = EventSchema(user_id=Join("high", "low", separator="-"))
    found = ran(written(tmp_path / f"log.{form}", rows), tmp_path, schema=schema)
    assert found.users == ["1-2", "1-3"]
    assert "high" not in found.events


@given(
    st.lists(st.text("ab-\\", max_size=5), min_size=2, max_size=2),
    st.sampled_from(["-", "--", "-a", "ab", "aba"]),
)
def test_different_parts_are_never_one(parts: list[str], separator: str) -> None:
    plain = separator.join(parts)
    places = [n for n in range(len(plain)) if plain.startswith(separator, n)]
    # All that would come to the same text, were nothing written before a separator in a part.
    alike = [[plain[:n], plain[n + len(separator) :]] for n in places]
    escaped = [[text.replace("-", "\\-") for text in each] for each in alike]
    different = [*map(list, dict.fromkeys(map(tuple, [*alike, *escaped])))]
    columns = [pa.chunked_array([list(each)]) for each in zip(*different, strict=True)]
    assert len(set(joined(columns, separator).to_pylist())) == len(different)


def test_a_separator_that_cannot_be_told_from_what_is_escaped() -> None:
    with pytest.raises(cs.errors.ParameterError, match="without a backslash"):
        Join("a", "b", separator="\\")


def test_parts_of_any_type_are_one_id(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"site": 7, "who": "ann", "timestamp": AT},
        {"site": "7.0", "who": "ann", "timestamp": AT},
        {"site": 7, "who": "", "timestamp": AT},
        {"site": 7, "who": False, "timestamp": AT},
    ]
    report = cs.ReadReport()
    schema = EventSchema(user_id=Join("site", "who", separator="/"), event_type=Join("site", "who"))
    found = cs.read_events(rows, schema=schema, report=report, drop_duplicates=None)
    assert found["user_id"].tolist()[:2] == ["7/ann", "7/ann"]
    assert found["user_id"].isna().tolist() == [False, False, True, True]
    assert report.nobody == {"": 1, "false": 1}


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "times.parquet"])
def test_a_date_and_a_time_apart(form: str, tmp_path: Path) -> None:
    rows = [{"user_id": "u", "date": "2024-05-01", "time": "10:00:05"}]
    rows += [{"user_id": "u", "date": "2024-05-01", "time": None}]  # type: ignore[dict-item]
    path, schema = tmp_path / f"log.{form}", EventSchema(timestamp=Join("date", "time"))
    if form == "times.parquet":
        table = pa.Table.from_pylist(rows)
        times = [clock and datetime.time.fromisoformat(clock) for clock in ("10:00:05", None)]
        table = table.set_column(2, "time", pa.array(times, pa.time64("us")))
        table = table.set_column(1, "date", table["date"].cast(pa.date32()))
        pq.write_table(table, path)
    else:
        written(path, rows)
    found = ran(path, tmp_path, schema=schema)
    # A date alone is no midnight.
    assert found.times == ["2024-05-01 10:00:05.000000"]
    assert len(found.events) == 2


def test_a_start_and_an_offset(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"user_id": 1, "start": 1714557600, "hits": {"time": time}} for time in (0, 2_500_000, "x")
    ]
    schema = EventSchema(timestamp=Sum({"start": "s", "hits.time": "ms"}))
    path = written(tmp_path / "log.json", rows)
    found = ran(path, tmp_path, schema=schema, on_error="skip")
    assert found.times == ["2024-05-01 10:00:00.000000", "2024-05-01 10:41:40.000000"]
    assert found.report.reading.refused == {"bad_time": 1}
    with pytest.raises(cs.errors.BadRowError, match=r"line 3: .* is no time: '1714557600 \+ x'"):
        cs.read_events(path, schema=schema)


def test_rows_that_are_left_out_are_counted(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"user_id": 1, "timestamp": AT, "exclude_hit": 0},
        {"user_id": 1, "timestamp": "never", "exclude_hit": 1},
        {"user_id": 1, "timestamp": AT, "exclude_hit": 1.0},
    ]
    schema = EventSchema(exclude={"exclude_hit": "1"})
    for form in ("json", "csv"):
        found = ran(written(tmp_path / f"log.{form}", rows), tmp_path, schema=schema)
        assert (len(found.events), found.report.excluded, found.report.rows_read) == (1, 2, 3)
        assert "2 left out" in str(found.report)
    report = cs.ReadReport()
    assert len(cs.read_events(rows, schema=schema, report=report)) == 1
    assert (report.rows_read, report.rows_out, report.excluded) == (3, 1, 2)


def test_events_in_no_session(tmp_path: Path) -> None:
    times = [f"2024-05-01T{time}:00Z" for time in ("10:00", "10:20", "10:40")]
    rows = [
        {"amplitude_id": 5, "timestamp": time, "session_id": session}
        for time, session in zip(times, (9, -1, 9), strict=True)
    ]
    schema = EventSchema(user_id="amplitude_id", outside={"session_id": "-1"})
    found = ran(written(tmp_path / "log.json", rows), tmp_path, schema=schema)
    assert found.report.events_without_session == 1
    assert found.report.reading.outside == 1
    # 40 minutes apart, with nothing between them that counts.
    assert len(found.sessions) == 2
    assert found.events["amplitude_id"].tolist() == [5, 5, 5]


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_a_file_of_anonymous_views(order: list[str], tmp_path: Path) -> None:
    written(tmp_path / "a.json", [{"user_id": "ann", "timestamp": AT}])
    written(tmp_path / "b.json", [{"page": "/", "timestamp": AT}])
    paths = [tmp_path / f"{name}.json" for name in order]
    found = ran(paths, tmp_path)
    assert found.report.events_added == 2
    assert found.report.events_without_session == 1
    assert len(cs.read_events(paths)) == 2
    target = f"duckdb:///{tmp_path / 'later.duckdb'}"
    cs.run(tmp_path / "a.json", target)
    assert cs.run(tmp_path / "b.json", target).events_added == 1
    with pytest.raises(cs.errors.SchemaError, match="no row has 'user_id'"):
        cs.run(tmp_path / "b.json", f"duckdb:///{tmp_path / 'first.duckdb'}")


def test_what_is_left_out_need_hold_no_list(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"type": "beat", "text": "no JSON"},
        {"type": "visit", "text": "{}", "hits": [{"user_id": 1, "timestamp": AT, "kind": "view"}]},
        {"type": "visit", "text": "{}", "hits": [{"user_id": 1, "timestamp": AT, "kind": "debug"}]},
    ]
    schema = EventSchema(
        user_id="hits.user_id",
        timestamp="hits.timestamp",
        events="hits",
        json="text",
        exclude={"type": "beat", "hits.kind": "debug"},
    )
    report = cs.ReadReport()
    found = cs.read_events(written(tmp_path / "log.json", rows), schema=schema, report=report)
    assert found["hits_kind"].tolist() == ["view"]
    assert (report.rows_read, report.excluded) == (3, 2)


_CELLS = st.sampled_from(["7", "7.0", "ann", "", "007", "2.50", "1e3", "n/a", "-0", " "])


@given(rows=st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6), data=st.data())
def test_a_row_means_the_same_wherever_its_file_is_cut(
    rows: list[tuple[str, str]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    folder = tmp_path_factory.mktemp("cut")
    names = ("whole", "first", "second")
    for name, some in zip(names, (rows, rows[:cut], rows[cut:]), strict=True):
        lines = "".join(f"{user},{AT},{value}\n" for user, value in some)
        (folder / f"{name}.csv").write_text(f"user_id,timestamp,x\n{lines}")
    whole, first, second = (folder / f"{name}.csv" for name in names)
    assert users(whole) == users([first, second])
    one, other = (
        cs.read_events(each, drop_duplicates=None)["x"] for each in (whole, [first, second])
    )
    # Where its column became text later, a number is spelled by its value.
    spelled = [
        by_value(pa.chunked_array([pa.array(x.astype("str"), from_pandas=True)])).to_pylist()
        for x in (one.where(one.notna()), other.where(other.notna()))
    ]
    assert [floats(text) for text in spelled[0]] == [floats(text) for text in spelled[1]]


def floats(text: str | None) -> Any:
    """Return a text as the number that it is, or as it is."""
    return number_of(None if text in ("nan", "<NA>") else text)


@pytest.mark.parametrize(
    "schema",
    [
        EventSchema(user_id=Join("a", "b")),
        EventSchema(user_id=("a", "b"), null_values="-"),
        EventSchema(user_id=("a", "b"), drop="c"),
    ],
)
def test_what_stored_events_do_not_tell_is_not_mapped_anew(
    schema: EventSchema, tmp_path: Path
) -> None:
    target = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    rows = [{"a": "x", "b": "y", "timestamp": AT, "c": 1}]
    cs.run(rows, target, schema=EventSchema(user_id=("a", "b")))
    with pytest.raises(cs.errors.RulesChangedError, match="cannot be mapped anew"):
        cs.SQLWriter(target).rebuild(schema)
