"""Rows in memory, and Parquet: what has types already."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clicksession as cs
from clicksession.readers.sources import memory

TIME = datetime(2024, 5, 1, 10, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"event_id": 1, "user_id": "ann", "timestamp": TIME, "at": {"page": "/a", "tags": ["x"]}},
    {"event_id": 2, "user_id": None, "timestamp": TIME, "at": {"page": None, "tags": []}},
]


def generated() -> Iterator[dict[str, Any]]:
    yield from ROWS


def parquet(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


SOURCES: dict[str, Any] = {
    "list": lambda _: ROWS,
    "generator": lambda _: generated(),
    "pandas": lambda _: pd.DataFrame(ROWS),
    "arrow": lambda _: pa.Table.from_pylist(ROWS),
    "polars": lambda _: pl.DataFrame(ROWS),
    "parquet": lambda folder: parquet(folder / "log.parquet"),
    "parquet by its bytes": lambda folder: parquet(folder / "log"),
    "parquet among files": lambda folder: [parquet(folder / "log.pq")],
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_events(kind: str, tmp_path: Path) -> None:
    report = cs.ReadReport()
    found = cs.read_events(SOURCES[kind](tmp_path), report=report)
    assert {name: str(type_) for name, type_ in found.dtypes.items()} == {
        "event_id": "Int64",
        "user_id": "str",
        "timestamp": "datetime64[us, UTC]",
        "at_page": "str",
        "at_tags": "str",
    }
    assert found["user_id"].tolist()[0] == "ann"
    assert found["at_tags"].tolist() == ['["x"]', "[]"]
    assert found["timestamp"].tolist() == [pd.Timestamp(TIME)] * 2
    assert (report.rows_read, report.rows_out) == (2, 2)
    assert len(list(cs.scan_events(SOURCES[kind](tmp_path), batch_rows=1))) == 2


@pytest.mark.parametrize("rows", [[], iter([]), pd.DataFrame({"user_id": [], "timestamp": []})])
def test_nothing(rows: Any) -> None:
    assert cs.read_events(rows).empty


def test_values_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_ROWS_PER_BATCH", 1)
    values: list[Any] = [
        Decimal("1.10"),
        UUID(int=1),
        date(2024, 5, 1),
        b"\xff",
        np.int64(7),
        (1, 2),
    ]
    rows = [{"user_id": 1, "timestamp": 1714557600 + n, "x": v} for n, v in enumerate(values)]
    assert cs.read_events(rows)["x"].tolist() == [
        "1.1", "00000000-0000-0000-0000-000000000001", "2024-05-01", r"\xff", "7", "[1, 2]",
    ]  # fmt: skip
    rows = [
        {"user_id": 1, "timestamp": 1714557600, "x": v}
        for v in (float("nan"), pd.NaT, np.nan, None)
    ]
    assert cs.read_events(rows)["x"].isna().all()


def test_what_is_no_dict_is_a_bad_row() -> None:
    report = cs.ReadReport()
    source: Any = [ROWS[0], 7, ROWS[1]]
    found = cs.read_events(source, on_error="quarantine", report=report)
    assert len(found) == 2
    assert [(row.place, row.reason) for row in report.quarantine] == [("row 2", "not_object")]


@pytest.mark.parametrize("source", [7, None, {"a": 1}, b"log.json", [7], [None]])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(cs.errors.ParameterError, match="`source` must be a path, a URL"):
        cs.read_events(source)


def test_a_column_of_objects_of_several_types() -> None:
    frame = pd.DataFrame({"user_id": [1, 2], "timestamp": [TIME, TIME], "x": [7, "a"]})
    assert cs.read_events(frame)["x"].tolist() == ["7", "a"]


def test_types_of_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "user_id": pa.array([2**63], pa.uint64()),
            "timestamp": pa.array([1714557600123456789], pa.timestamp("ns")),
            "small": pa.array([7], pa.int8()),
            "kind": pa.array(["a"]).dictionary_encode(),
            "price": pa.array([Decimal("1.10")]),
            "raw": pa.array([b"x"]),
            "day": pa.array([date(2024, 5, 1)]),
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    (found,) = cs.read_events(tmp_path / "log.parquet").to_dict("records")
    assert found == {
        "user_id": str(2**63),
        "timestamp": pd.Timestamp("2024-05-01T10:00:00.123456789Z"),
        "small": 7,
        "kind": "a",
        "price": 1.1,
        "raw": "x",
        "day": date(2024, 5, 1),
    }


def test_parquet_that_is_cut_short(tmp_path: Path) -> None:
    parquet(tmp_path / "log.parquet")
    whole = (tmp_path / "log.parquet").read_bytes()
    (tmp_path / "log.parquet").write_bytes(whole[:-10])
    good = SOURCES["parquet by its bytes"](tmp_path)
    with pytest.raises(cs.errors.BadRowError, match=r"log\.parquet: .*Is the file whole"):
        cs.read_events([tmp_path / "log.parquet", good])
    report = cs.ReadReport()
    found = cs.read_events([tmp_path / "log.parquet", good], on_error="quarantine", report=report)
    assert len(found) == 2
    assert dict(report.refused) == {"unreadable": 1}
    assert (report.rows_read, report.rows_out) == (3, 2)


def test_a_run_of_rows_in_memory(tmp_path: Path) -> None:
    target = f"duckdb:///{tmp_path / 'shop.db'}"
    assert cs.run(ROWS, target).events_added == 2
    report = cs.run(pd.DataFrame(ROWS), target)
    assert (report.events_added, report.duplicates) == (0, 2)


class _Pausing:
    """Records that come in threes, as from a queue that is asked again."""

    def __init__(self) -> None:
        self.asked = 0

    def __iter__(self) -> Iterator[dict[str, int]]:
        return self

    def __next__(self) -> dict[str, int]:
        self.asked += 1
        if self.asked % 4 == 0 or self.asked > 12:
            raise StopIteration
        return {"user_id": self.asked, "timestamp": 1_714_557_600}


def test_records_that_have_ended_are_not_asked_again() -> None:
    found = [batch.rows.num_rows for batch in memory.record_batches(_Pausing(), "them")]
    assert found == [3]
