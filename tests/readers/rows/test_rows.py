"""Duplicates, rows without a user, and fields that change: counted, reported, nothing lost."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.arrow import as_text
from clicksession.quality.content import made_ids
from clicksession.readers.formats import blocks
from clicksession.readers.formats.json import lines as json_lines
from clicksession.readers.rows.duplicates.fingerprints import fingerprints
from clicksession.readers.rows.duplicates.seen import Seen
from clicksession.readers.rows.frames import to_pandas


def log(path: Path, rows: list[dict[str, Any]]) -> Path:
    events = [{"user_id": 1, "timestamp": 1714557600, **row} for row in rows]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def read(source: Any, **options: Any) -> tuple[pd.DataFrame, cs.ReadReport]:
    report = cs.ReadReport()
    return cs.read_events(source, report=report, **options), report


def test_the_first_of_an_id_is_kept(tmp_path: Path) -> None:
    first = log(tmp_path / "1.json", [{"event_id": 1, "n": 1}, {"event_id": 1, "n": 2}])
    second = log(tmp_path / "2.json", [{"event_id": "1", "n": 3}, {"event_id": "x", "n": 4}])
    found, report = read([first, second])
    assert found["n"].tolist() == [1, 4]
    assert (report.rows_read, report.duplicates, report.rows_out) == (4, 2, 2)
    assert read([first, second], drop_duplicates=None)[0]["n"].tolist() == [1, 2, 3, 4]
    report = cs.ReadReport()
    batches = list(cs.scan_events([first, second], report=report, batch_rows=1))
    assert [batch["n"].tolist() for batch in batches] == [[1], [4]]
    assert report.duplicates == 2


def test_of_rows_without_an_id_the_identical_ones_are_one(tmp_path: Path) -> None:
    rows = [{"event_id": None}, {"event_id": None}, {"event_id": 1}]
    assert len(read(log(tmp_path / "log.json", rows))[0]) == 2
    assert len(read(log(tmp_path / "log.json", rows), drop_duplicates=None)[0]) == 3
    found, report = read([log(tmp_path / f"{n}.json", [{}, {"n": n}]) for n in (1, 2)])
    assert found["n"].dropna().tolist() == [1, 2]
    assert (report.duplicates, report.conflicting) == (1, 0)


def test_an_id_of_several_events(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"event_id": kind, "user_id": user} for user in "ab" for kind in ("x", "x", "y")]
    path = log(tmp_path / "log.json", [*rows, {"event_id": "x", "user_id": "a"}])
    found, report = read(path)
    assert found["event_id"].tolist() == ["x", "y"]
    assert (report.duplicates, report.conflicting, report.conflict) == (5, 3, "x")
    assert "3 of the duplicates have the event_id of another" in str(report)
    assert "3 of the duplicates" in caplog.text
    moment = ["event_id", "user_id", "timestamp"]
    for key, kept in ((moment, 4), (tuple(moment), 4), ("row", 4), (None, 7)):
        found, report = read(path, drop_duplicates=key)
        assert (len(found), report.conflicting) == (kept, 0), key


def test_whole_rows_on_request(tmp_path: Path) -> None:
    rows = [{"a": 1}, {"a": 1}, {"a": 2}, {"a": 1, "b": 1}, {"a": "1"}]
    found, report = read(log(tmp_path / "log.json", rows), drop_duplicates="row")
    assert report.duplicates == 2
    assert found["a"].tolist() == ["1", "2", "1"]


def test_users_that_are_null(tmp_path: Path) -> None:
    path = log(tmp_path / "log.json", [{"event_id": 1, "user_id": None}, {"event_id": 1}])
    found, report = read(path, drop_duplicates=None)
    assert found["user_id"].isna().tolist() == [True, False]
    found, report = read(path, drop_null_users=True)
    # What is dropped first repeats nothing.
    assert (report.null_users_dropped, report.duplicates, report.rows_out) == (1, 0, 1)
    assert found["user_id"].tolist() == [1]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("drop_duplicates", "id"),
        ("drop_null_users", 1),
        ("time_unit", "minutes"),
        ("latest", "soon"),
        ("latest", "9999-01-01"),
        ("max_row_bytes", 0),
        ("report", {}),
    ],
)
def test_what_cannot_be_meant(option: str, value: Any) -> None:
    for function in (cs.read_events, cs.scan_events):
        with pytest.raises(cs.errors.ParameterError, match=f"{function.__name__}: `{option}`"):
            function("none.json", **{option: value})


_IDS = st.lists(
    st.one_of(
        st.none(),
        st.integers(-3, 6),
        st.integers(-(2**63), 2**63 - 1),
        st.text("ab0é", max_size=3),
        st.integers(0, 9).map(str),
    ),
    max_size=30,
)


@given(st.lists(_IDS, max_size=5), st.booleans(), st.randoms(use_true_random=False))
def test_any_ids_in_any_batches(batches: list[list[Any]], ordered: bool, random: Random) -> None:
    seen, before = Seen(), {}
    for ids in batches:
        same = [i for i in ids if isinstance(i, int)]
        kind: list[list[Any]] = [sorted(same) if ordered else same]
        kind.append([i if i is None else str(i) for i in ids])
        for values in kind:
            column = pa.chunked_array([pa.array(values, pa.int64() if values is kind[0] else None)])
            marks = [random.randint(0, 2) for _ in values]
            repeated, differing = [], []
            for value, mark in zip(values, marks, strict=True):
                repeated.append(value is not None and str(value) in before)
                differing.append(repeated[-1] and before[str(value)] != mark)
                before.setdefault(str(value), mark)
            words = np.array(marks, dtype=np.uint64)
            found, first = seen.repeats(column, words)
            assert [found.tolist(), (found & (first != words)).tolist()] == [repeated, differing]


@pytest.mark.parametrize("texts", [False, True])
def test_many_ids(texts: bool) -> None:
    random = np.random.default_rng(1)
    ids, marks = random.integers(0, 60_000, 100_000), random.integers(0, 3, 100_000)
    seen = Seen()
    found = []
    for part, words in zip(np.array_split(ids, 13), np.array_split(marks, 13), strict=True):
        column = pa.chunked_array([pa.array(part)])
        words = words.astype(np.uint64)
        again, first = seen.repeats(pc_text(column) if texts else column, words)
        found.append(np.array([again, again & (first != words)]))
    rows = pd.DataFrame({"id": ids, "mark": marks})
    repeated = rows["id"].duplicated()
    differing = repeated & (rows["mark"] != rows.groupby("id")["mark"].transform("first"))
    expected = [repeated.tolist(), differing.tolist()]
    assert np.concatenate(found, axis=1).tolist() == expected


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0.5, -0.0, 1e17, 2.0**53, float("nan"), float("inf")]),
    st.sampled_from(["", "7", "2.50", "0.5", "007", "true", "é", "1e5", "100000"]),
)


@given(st.lists(st.tuples(_VALUES, _VALUES), max_size=8))
def test_rows_are_told_apart_as_tables_tell_them(rows: list[tuple[Any, ...]]) -> None:
    """Each row alone and all as texts: what they are must not depend on their neighbours."""
    time = pa.scalar(0, pa.timestamp("us", "UTC"))
    singles = [pa.table({"user_id": [1], "timestamp": [time], "a": [a], "b": [b]}) for a, b in rows]
    texts = [single.set_column(3, "b", _as_words(single["b"])) for single in singles]
    words, ids = [], []
    for table in [*singles, *texts]:
        first, second = fingerprints(table, table.column_names)
        words.append((int(first[0]), int(second[0])))
        ids.append(made_ids(to_pandas(table), who="test")[0].as_py())
    for one in range(len(ids)):
        for other in range(one):
            assert (words[one] == words[other]) == (ids[one] == ids[other]), (one, other)


def _as_words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return as_text(column)


def pc_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([f"id-{value}" for value in column.to_pylist()])])


def test_a_field_that_begins_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    rows: list[dict[str, Any]] = [{"n": n} for n in range(9)]
    rows += [{"n": 9, "new": "x"}]
    found, report = read(log(tmp_path / "1.json", rows))
    assert found["new"].tolist()[9] == "x"
    assert found["new"].isna().sum() == 9
    second = log(tmp_path / "2.json", [{"n": 10, "newer": 2**62 + 1}])
    found, report = read([tmp_path / "1.json", second])
    assert found["newer"].dropna().tolist() == [2**62 + 1]
    assert report.changed_types == {}


CHANGES: list[tuple[list[Any], list[str], tuple[str, ...]]] = [
    ([7, "007"], ["7", "007"], ("number", "text")),
    (["007", 7], ["007", "7"], ("text", "number")),
    ([2**62 + 1, "x"], [str(2**62 + 1), "x"], ("number", "text")),
    ([2**70, 1.5, "x"], [str(2**70), "1.5", "x"], ("number", "text")),
    ([True, "x"], ["true", "x"], ("true or false", "text")),
    ([7.0, "x", 0.1], ["7", "x", "0.1"], ("number", "text")),
    ([1, True], ["1", "true"], ("number", "true or false")),
]


@pytest.mark.parametrize("few", [1, 10**6])
@pytest.mark.parametrize("apart", ["in one block", "in two", "in two files"])
@pytest.mark.parametrize(("values", "texts", "kinds"), CHANGES)
def test_a_field_whose_type_changes(
    values: list[Any],
    texts: list[str],
    kinds: tuple[str, ...],
    apart: str,
    few: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_lines, "FEW_BYTES", few)
    if apart == "in two":
        monkeypatch.setattr(blocks, "BLOCK_BYTES", 20)
    rows = [{"x": value} for value in values]
    path: Any = log(tmp_path / "log.json", rows)
    if apart == "in two files":
        path = [log(tmp_path / "1.json", rows[:1]), log(tmp_path / "2.json", rows[1:])]
    found, report = read(path)
    assert found["x"].tolist() == texts
    assert set(report.changed_types["x"]) == set(kinds)
    assert "'x' became text: its values were " in str(report)


def test_a_user_whose_type_changes_is_reported(tmp_path: Path) -> None:
    rows = [{"by": 1}, {"by": "ann"}]
    schema = cs.EventSchema(user_id="by")
    for row in rows:
        row["timestamp"] = 1714557600
    (tmp_path / "log.json").write_text("\n".join(map(json.dumps, rows)))
    found, report = read(tmp_path / "log.json", schema=schema)
    assert found["user_id"].tolist() == ["1", "ann"]
    assert set(report.changed_types) == {"user_id"}


def test_several_readings_add_up(tmp_path: Path) -> None:
    path = log(tmp_path / "log.json", [{}])
    report = cs.ReadReport()
    for _ in range(2):
        cs.read_events(path, report=report)
    assert (report.rows_read, report.rows_out) == (2, 2)


def test_a_row_that_is_lost_is_noticed(tmp_path: Path) -> None:
    path = log(tmp_path / "log.json", [{}])
    with pytest.raises(AssertionError, match="2 rows read, 1 accounted for"):
        cs.read_events(path, report=cs.ReadReport(rows_read=1))
