"""Batches that a thread takes: the same ones, and nothing of it stays."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

import clicksession as cs
from clicksession.readers.base import Batch
from clicksession.readers.feeds import batches_ahead
from clicksession.readers.feeds.batches_ahead import BatchesAhead

_THREAD = "clicksession-batches"


@pytest.fixture(autouse=True)
def for_all_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a thread also for sources of a few rows."""
    monkeypatch.setattr(batches_ahead, "_MANY_ROWS", 1)


def _batch(number: int) -> Batch:
    return Batch(pa.table({"number": [number]}), range(number, number + 1), "row")


def _is_at_work() -> bool:
    return any(thread.name == _THREAD for thread in threading.enumerate())


def test_they_come_in_their_order() -> None:
    with closing(BatchesAhead(map(_batch, range(100)))) as ahead:
        assert [batch.numbers[0] for batch in ahead] == list(range(100))
    assert not _is_at_work()


def test_no_more_than_a_few_wait() -> None:
    made: list[int] = []

    def batches() -> Iterator[Batch]:
        for number in range(50):
            made.append(number)
            yield _batch(number)

    with closing(BatchesAhead(batches())) as ahead:
        for taken, _ in enumerate(ahead, 1):
            # One waits, and one is at work.
            assert len(made) <= taken + 2


def test_what_goes_wrong_comes_in_its_place() -> None:
    def batches() -> Iterator[Batch]:
        yield from map(_batch, range(3))
        raise cs.errors.ReadError("log", "it broke off", "")

    found: list[int] = []
    with closing(BatchesAhead(batches())) as ahead, pytest.raises(cs.errors.ReadError):
        found.extend(batch.numbers[0] for batch in ahead)
    assert found == [0, 1, 2]


def test_whoever_stops_early_leaves_no_thread() -> None:
    with closing(BatchesAhead(map(_batch, range(1_000)))) as ahead:
        next(iter(ahead))
        assert _is_at_work()
    assert not _is_at_work()


@pytest.mark.parametrize("name", ["log.csv", "log.parquet", "log.json"])
def test_a_scan_that_is_dropped_leaves_no_thread(tmp_path: Path, name: str) -> None:
    rows = pa.table({"user_id": range(20_000), "timestamp": [1_714_557_600] * 20_000})
    path = tmp_path / name
    if name == "log.csv":
        rows.to_pandas().to_csv(path, index=False)
    elif name == "log.parquet":
        rows.to_pandas().to_parquet(path, row_group_size=100)
    else:
        rows.to_pandas().to_json(path, orient="records", lines=True)
    events = cs.scan_events(path, batch_rows=10)
    assert len(next(events)) == 10
    del events
    for _ in range(100):
        if not _is_at_work():
            break
        time.sleep(0.01)
    assert not _is_at_work()
