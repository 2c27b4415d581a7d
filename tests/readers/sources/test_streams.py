"""Arrays of any size in flat memory; reading ahead; no thread left behind."""

import io
import json
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.feeds import small_files
from clicksession.readers.formats import blocks
from clicksession.readers.formats.json import reader as json_reader
from clicksession.readers.formats.json import window as json_window
from clicksession.readers.formats.json.reader import JsonReader
from clicksession.readers.sources import ahead
from clicksession.readers.sources.ahead import Ahead
from clicksession.schema import EventSchema

EVENT = {"user_id": 1, "timestamp": 1714557600, "x": '},]"{[é\\', "y": {"z": [1, {"a": 2}]}}


class Endless(io.RawIOBase):
    """A stream that makes what it gives."""

    def __init__(self, start: bytes, piece: bytes, times: int, end: bytes) -> None:
        self._parts = [start, *[piece] * times, end]
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        if self.given == len(self._parts):
            return b""
        self.given += 1
        return self._parts[self.given - 1]


@pytest.mark.parametrize("wrap", [("[", "]"), ('{"n": 1, "events": [', '], "m": 2}')])
@pytest.mark.parametrize("between", [",", ",\n  "])
def test_an_array_larger_than_memory(
    wrap: tuple[str, str], between: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(EVENT, indent=1 if "\n" in between else None)
    piece = (between + text).encode() * 100
    monkeypatch.setattr(json_window, "CHUNK", 2**13)
    monkeypatch.setattr(json_reader, "_BLOCK", 2**14)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 2**14)

    def peak(times: int) -> int:
        stream = Endless((wrap[0] + text).encode(), piece, times, wrap[1].encode())
        reader = JsonReader()
        reader.max_row_bytes = 2**14
        tracemalloc.start()
        rows = 0
        for batch in reader.read(stream, "log", EventSchema()):  # type: ignore[arg-type]
            assert not batch.refused
            rows += batch.rows.num_rows
            assert set(batch.rows["x"].to_pylist()) == {EVENT["x"]}
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == 100 * times + 1
        return held

    peak(5)
    assert peak(60) < 1.2 * peak(15)


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {"user_id": st.integers(0, 3), "timestamp": st.just(1714557600)},
        optional={
            "t": st.text('a"\\{}[],:\n é', max_size=6),
            "l": st.lists(st.text("[]{}", max_size=2), max_size=2),
        },
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(
    events=_EVENTS,
    shape=st.sampled_from(["array", "arrays", "holder", "objects", "columns", "array per line"]),
    indent=st.sampled_from([None, 1]),
    chunk=st.integers(10, 300),
    small=st.booleans(),
)
def test_any_shape_however_it_is_cut(
    events: list[dict[str, Any]],
    shape: str,
    indent: int | None,
    chunk: int,
    small: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "lines.json").write_text(lines)
    expected = cs.read_events(folder / "lines.json", drop_duplicates=None)
    if shape == "columns":
        expected = expected.drop(columns="l", errors="ignore")
    texts = [json.dumps(event, indent=indent) for event in events]
    content = {
        "array": json.dumps(events, indent=indent),
        "arrays": " ".join(json.dumps([event], indent=indent) for event in events),
        "holder": json.dumps({"a": [1], "events": events, "n": []}, indent=indent)
        if events
        else "",
        "objects": "\n".join(texts),
        "columns": columns(events, indent),
        "array per line": "\n".join(json.dumps([event]) for event in events),
    }[shape]
    (folder / "shape.json").write_text(content)
    note(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_window, "CHUNK", chunk)
        patch.setattr(json_reader, "_BLOCK", chunk)
        patch.setattr(ahead, "_CHUNK_BYTES", chunk)
        patch.setattr(blocks, "BLOCK_BYTES", chunk)
        # Holders larger than a row may be are read in parts.
        limit = 200 if small else 2**20
        found = cs.read_events(folder / "shape.json", max_row_bytes=limit, drop_duplicates=None)
    pd.testing.assert_frame_equal(found[expected.columns.intersection(found.columns)], expected)


def columns(events: list[dict[str, Any]], indent: int | None) -> str:
    names = dict.fromkeys(name for event in events for name in event if name != "l")
    table = {name: [event.get(name) for event in events] for name in names}
    return json.dumps(table or [], indent=indent)


def test_a_slow_source_and_a_slow_parser_overlap() -> None:
    @contextmanager
    def slow() -> Iterator[BinaryIO]:
        yield SlowStream(20, 0.02)  # type: ignore[misc]

    began = time.perf_counter()
    chunks = 0
    with closing(Ahead([slow, slow])) as streams:
        for number in (0, 1):
            stream = streams.stream(number)
            while stream.read(10**6):
                time.sleep(0.02)
                chunks += 1
    taken = time.perf_counter() - began
    assert chunks == 40
    # One after the other: 40 times 0.02 s twice.
    assert taken < 1.35
    assert no_threads()


class SlowStream(io.RawIOBase):
    def __init__(self, chunks: int, seconds: float) -> None:
        self._left, self._seconds = chunks, seconds

    def read(self, size: int = -1) -> bytes:
        time.sleep(self._seconds)
        self._left -= 1
        return b"x" * 100 if self._left >= 0 else b""


def no_threads() -> bool:
    return all(thread.name != "clicksession-read-ahead" for thread in threading.enumerate())


def files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.json" for number in range(count)]
    for number, path in enumerate(paths):
        rows = [json.dumps({"user_id": number, "timestamp": 1714557600 + n}) for n in range(2000)]
        path.write_text("\n".join(rows))
    return paths


def test_no_thread_stays_whoever_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_CHUNK_BYTES", 1000)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(small_files, "_SMALL_BYTES", 1000)
    paths = files(tmp_path, 4)
    batches = cs.scan_events(paths, batch_rows=10)
    assert no_threads()
    next(batches)
    assert not no_threads()
    batches.close()  # type: ignore[attr-defined]
    assert no_threads()
    (tmp_path / "1.json").write_text("{oops")
    with pytest.raises(cs.errors.BadRowError):
        cs.read_events(paths)
    assert no_threads()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clicksession.readers.reading.as_instants", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cs.read_events(paths[0])
    assert no_threads()


def test_a_file_that_disappears_is_an_error_in_its_turn(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    paths[1].unlink()
    found = []

    def take() -> None:
        for batch in cs.scan_events([str(path) for path in paths]):
            found.extend(batch["user_id"])

    with pytest.raises(cs.errors.SourceNotFoundError, match=r"1\.json: there is no such file"):
        take()
    assert found == [0] * 2000
    assert no_threads()
