"""A log that waits in its own order: all of it comes back, and what comes twice is found."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.errors import ParameterError
from clicksession.memory import as_bytes, usual_memory
from clicksession.sql.tables import Tables
from clicksession.writers.logs import ids, keys
from clicksession.writers.logs.ids import Ids
from clicksession.writers.logs.keys import Keys
from clicksession.writers.logs.kinds import Kinds
from clicksession.writers.logs.shelf import Shelf
from clicksession.writers.merging import first_load, row_ids
from tests.writers.content import content_at

_START = pd.Timestamp("2024-05-01", tz="UTC")

_EVENT = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 30),
        "user_id": st.one_of(st.none(), st.integers(0, 4)),
        "timestamp": st.integers(0, 6).map(lambda n: _START + pd.Timedelta(minutes=20 * n)),
        "event_type": st.sampled_from(["page_view", "order", None]),
        "price": st.sampled_from([None, 1, 2.5]),
    }
)
_BATCHES = st.lists(st.lists(_EVENT, min_size=1, max_size=8), min_size=1, max_size=5)


@settings(max_examples=12)
@given(
    batches=_BATCHES,
    memory=st.sampled_from([1, 10**9]),
    as_texts=st.booleans(),
    rules=st.sampled_from(
        [
            cs.Rules(),
            cs.Rules(max_events=2),
            cs.Rules(start_events=("order",)),
            cs.Rules(change="event_type"),
        ]
    ),
)
def test_a_first_load_gives_what_one_frame_gives(
    batches: list[list[dict[str, Any]]], memory: int, as_texts: bool, rules: cs.Rules
) -> None:
    # In parts of a few rows, also those that memory holds.
    tables = Tables(counted_events=("order",), last={"exit_type": "event_type"})
    events = [
        {**event, "event_id": f"e{event['event_id']}" if as_texts else event["event_id"]}
        for batch in batches
        for event in batch
    ]
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_ROWS_PER_PART", 3)
        patch.setattr(row_ids, "_ROWS_PER_CHUNK", 4)
        frames = [pd.DataFrame(batch) for batch in _batches_of(events, batches)]
        paths = [Path(name, f"{n}.parquet") for n in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            frame.to_parquet(path)
        log, whole = (f"duckdb:///{Path(name, part)}" for part in ("log.db", "whole.db"))
        report = cs.run(list(map(str, paths)), log, rules=rules, tables=tables, memory=memory)
        written = cs.SQLWriter(whole, rules=rules, tables=tables).write(
            cs.read_events(list(map(str, paths)), drop_duplicates=None)
        )
        assert content_at(log) == content_at(whole)
    for count in ("events_added", "duplicates", "conflicting", "sessions_added"):
        assert getattr(report, count) == getattr(written, count), count
    assert report.events_without_session == written.events_without_session


def _batches_of(
    events: list[dict[str, Any]], batches: list[list[dict[str, Any]]]
) -> list[list[dict[str, Any]]]:
    ends = np.cumsum([len(batch) for batch in batches])
    return [events[end - len(batch) : end] for end, batch in zip(ends, batches, strict=True)]


@given(
    batches=st.lists(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9)), max_size=5),
    as_texts=st.booleans(),
    room=st.sampled_from([8, 10**6]),
)
def test_words_that_come_again_are_those_of_ids_that_do(
    batches: list[list[int]], as_texts: bool, room: int
) -> None:
    kind = pa.string() if as_texts else pa.int64()
    with TemporaryDirectory() as name:
        seen = Ids(Path(name), room)
        columns = [
            pa.chunked_array([pa.array([str(n) if as_texts else n for n in batch], kind)])
            for batch in batches
        ]
        for column in columns:
            seen.put(column)
        again = set(seen.again().tolist())
        words = [seen.words_of(column).tolist() for column in columns]
    flat = [number for batch in batches for number in batch]
    twice = {number for number in flat if flat.count(number) > 1}
    expected = {
        word
        for batch, theirs in zip(batches, words, strict=True)
        for number, word in zip(batch, theirs, strict=True)
        if number in twice
    }
    assert again == expected


def test_a_log_of_which_much_comes_again_is_taken_user_by_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"event_id": [3, 1, 2, 3, 2, 1], "user_id": 7, "timestamp": _START})
    frame.to_parquet(tmp_path / "log.parquet")
    monkeypatch.setattr(first_load, "_MOST", 2)
    parts: list[int] = []
    monkeypatch.setattr(
        "clicksession.writers.merging.first_load.FirstLoad.load", lambda _: parts.append(1)
    )
    report = cs.run(tmp_path / "log.parquet", f"duckdb:///{tmp_path / 'a.db'}")
    assert (report.events_added, report.duplicates, parts) == (3, 3, [])


def test_two_texts_of_one_hash_are_two_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids.Hashing, "of", lambda _, values: np.zeros(len(values), np.uint64))
    frame = pd.DataFrame({"event_id": ["a", "b", "a"], "user_id": [1, 2, 3], "timestamp": _START})
    frame.to_parquet(tmp_path / "log.parquet")
    report = cs.run(tmp_path / "log.parquet", f"duckdb:///{tmp_path / 'a.db'}")
    assert (report.events_added, report.duplicates, report.conflicting) == (2, 1, 1)


@pytest.mark.parametrize("room", [0, 100, 10**6])
def test_a_shelf_gives_back_what_was_put_on_it(tmp_path: Path, room: int) -> None:
    tables = [pa.table({f"c{n % 3}": list(range(n))}) for n in range(1, 20)]
    shelf = Shelf(tmp_path / "rows", room)
    for table in tables:
        shelf.put(table)
    assert list(shelf.tables()) == tables
    assert [shelf.at(n) for n in range(len(shelf))] == tables
    shelf.close()


@pytest.mark.parametrize("rows_per_part", [3, 10])
def test_keys_are_parted_by_user_and_stay_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_part: int
) -> None:
    monkeypatch.setattr(keys, "_ROWS_PER_PART", rows_per_part)
    users = [n % 7 for n in range(50)]
    for number, room in enumerate((1, 10**6)):
        folder = tmp_path / str(number)
        folder.mkdir()
        waiting = Keys(folder, (), room)
        for start in range(0, 50, 8):
            part = users[start : start + 8]
            times = pa.array(range(start, start + len(part)), pa.timestamp("us", "UTC"))
            waiting.put(pa.table({"user_id": part, "timestamp": times, "other": times}))
        parts = list(waiting.parts(without=np.array([3, 20])))
        rows = [row for part, _ in parts for row in part.tolist()]
        assert sorted(rows) == sorted({*range(50)} - {3, 20})
        assert len(parts) > 1
        assert all(len(part) for part, _ in parts)
        seen: set[int] = set()
        for part, columns in parts:
            assert part.tolist() == sorted(part.tolist())
            assert columns["user_id"].to_pylist() == [users[row] for row in part]
            assert columns.column_names == ["user_id", "timestamp"]
            assert not seen & set(columns["user_id"].to_pylist())
            seen |= set(columns["user_id"].to_pylist())


def test_columns_have_one_type_or_none() -> None:
    def kinds_of(*values: list[Any]) -> pa.Schema | None:
        kinds = Kinds()
        for column in values:
            kinds.add(pa.table({"x": column}))
        return kinds.schema()

    fits, long = kinds_of([1], [2.5]), kinds_of([2**60 + 1], [2.5])
    assert fits is not None
    assert fits.field("x").type == pa.float64()
    assert long is None
    assert kinds_of([1], ["a"]) is None
    assert kinds_of([1], [None]) is not None


@pytest.mark.parametrize(
    ("size", "expected"), [("64MB", 64_000_000), ("1.5 GiB", 1_610_612_736), (7, 7), ("9", 9)]
)
def test_a_size_is_a_number_with_its_unit(size: int | str, expected: int) -> None:
    assert as_bytes(size, who="run", parameter="memory") == expected
    assert 0 < usual_memory() <= 512 * 2**20


@pytest.mark.parametrize("size", [0, -1, True, "much", "0MB", "5 apples", 1.5])
def test_what_is_no_size_is_refused(size: Any, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"`memory` must be a number of bytes"):
        cs.run([], f"duckdb:///{tmp_path / 'a.db'}", memory=size)


def test_what_is_taken_from_a_shelf_is_gone(tmp_path: Path) -> None:
    tables = [pa.table({"number": [number]}) for number in range(4)]
    kept = Shelf(tmp_path / "rows", 2 * tables[0].nbytes)
    for table in tables:
        kept.put(table)
    assert list(kept.tables()) == list(kept.tables()) == tables
    assert list(kept.taken()) == tables
    with pytest.raises(RuntimeError, match="gone"):
        list(kept.taken())
    kept.close()
