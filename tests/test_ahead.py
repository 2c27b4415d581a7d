"""Pieces that a thread takes: the same ones, no more than asked for, and nothing of it stays."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

import clicksession as cs
from clicksession.ahead import Ahead, ahead
from clicksession.readers.feeds import files

_THREAD = "clicksession-ahead"


def _is_at_work() -> bool:
    return any(thread.name == _THREAD for thread in threading.enumerate())


def test_they_come_in_their_order() -> None:
    # Also those that are nothing.
    pieces = [None, 0, "", *range(100)]
    assert list(ahead(iter(pieces))) == pieces
    assert not _is_at_work()


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_no_more_than_a_few_are_ahead(depth: int) -> None:
    made: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    for taken, _ in enumerate(ahead(pieces(), depth), 1):
        time.sleep(0.002)
        assert len(made) <= taken + depth


def test_one_is_made_while_another_is_in_use() -> None:
    second = threading.Event()

    def pieces() -> Iterator[int]:
        yield 0
        second.set()
        yield 1

    coming = ahead(pieces())
    assert next(coming) == 0
    assert second.wait(5), "the second piece is not made while the first is in use"
    assert list(coming) == [1]


def test_what_goes_wrong_comes_in_its_place() -> None:
    def pieces() -> Iterator[int]:
        yield from range(3)
        raise cs.errors.ReadError("log", "it broke off", "")

    found: list[int] = []
    with pytest.raises(cs.errors.ReadError):
        found.extend(ahead(pieces()))
    assert found == [0, 1, 2]


def test_behind_the_end_nothing_comes() -> None:
    given = Ahead(iter("ab"))
    assert list(given) == ["a", "b"]
    assert list(given) == []
    given.close()
    stopped = Ahead(iter(range(9)))
    stopped.close()
    assert len(list(stopped)) <= 1


def test_whoever_stops_early_leaves_no_thread() -> None:
    coming = ahead(iter(range(1_000)))
    next(coming)
    assert _is_at_work()
    del coming
    assert not _is_at_work()


def test_whoever_has_no_patience_leaves_what_does_not_answer() -> None:
    asked, answer = threading.Event(), threading.Event()

    def pieces() -> Iterator[int]:
        yield 0
        asked.set()
        answer.wait(30)

    with closing(Ahead(pieces(), patience=0.01)) as given:
        assert next(iter(given)) == 0
        assert asked.wait(5)
    assert _is_at_work()
    answer.set()
    given.close()


@pytest.mark.parametrize("name", ["log.csv", "log.parquet", "log.json"])
def test_a_scan_that_is_dropped_leaves_no_thread(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MANY_ROWS", 1)
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


def test_what_went_wrong_holds_nothing_that_was_read() -> None:
    class Read:
        """Something large."""

    held: list[weakref.ref[Read]] = []

    def pieces() -> Iterator[int]:
        read = Read()
        held.append(weakref.ref(read))
        yield 0
        raise ValueError("the second")

    def failed() -> bool:
        try:
            return bool(list(ahead(pieces())))
        except ValueError:
            return True

    gc.disable()
    try:
        assert failed()
        assert held[0]() is None
    finally:
        gc.enable()
