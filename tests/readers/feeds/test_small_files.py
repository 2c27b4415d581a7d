"""Neighbouring small files: what comes of them together is what comes of each by itself."""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.feeds import small_files
from clicksession.readers.reading import Piece, Reading
from clicksession.readers.rows.types import concatenated

_BOM = b"\xef\xbb\xbf"


def event(number: int, **more: Any) -> bytes:
    time = f"2024-05-01T10:00:{number % 60:02}Z"
    return json.dumps({"event_id": number, "user_id": "ann", "timestamp": time, **more}).encode()


_GOOD = (
    *(event(number, page="/a") for number in range(6)),
    event(10),
    event(11, page="/a", price=1),
    event(12, price=1.5, by={"name": "x"}),
    event(13, by=None),
    event(14, user_id=None),
    event(15, user_id=""),
    event(16, user_id=7),
    event(0, page="/other", extra=1),
    event(1, user_id="bob"),
    event(17, page='"quoted" \\ \u00e9'),
    event(18, tags=["x", {"y": 1}]),
    event(19, bot=True),
    event(20, page="x" * 300),
    event(21, user_id="u" * 2000),
    event(22, page="a\0b"),
    event(23, late=5, page="/b", early="x"),
    event(24, timestamp="2024-10-27T02:30:00"),
    event(25, timestamp=1714557600),
    event(26, dt="2024-05-02"),
    b"",
    b"  ",
)
_REFUSED = (
    event(32, timestamp="yesterday"),
    event(33, timestamp="2190-01-01"),
    event(34, timestamp=None),
    b'{"event_id": 35, "timestamp": "1980-01-01", "user_id": "ann"}',
)
_ODD = (
    event(30, page=5),
    event(31, price="much"),
    b"{oops",
    b'{"event_id": 35}',
    b'{"event_id": 36, "user_id": "ann", "timestamp": "2024-05-01", "x": "}',
    b'{"events": [' + event(37) + b"]}",
    b"[" + event(38) + b"]",
    event(39) + event(40),
    event(41) + b" ",
    b'{"a": {"b": 1}',
    b"17",
    b"\xff{}",
)


@st.composite
def _contents(draw: st.DrawFn) -> bytes:
    plain = _GOOD[:8]
    pools = [plain, plain, _GOOD, (*plain, *_REFUSED), (*_GOOD, *_REFUSED, *_ODD)]
    pool = draw(st.sampled_from(pools))
    lines = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
    end = draw(st.sampled_from([b"\n", b"\n", b"\n", b"\r\n"]))
    content = end.join(lines) + draw(st.sampled_from([end, end, b"", end + end]))
    odd = draw(st.integers(0, 39))
    if odd < 6:
        return [
            b"",
            b"\n",
            _BOM + content,
            gzip.compress(content),
            gzip.compress(content)[:-10],
            b"event_id,user_id,timestamp\n90,ann,2024-05-01\n",
        ][odd]
    return content


_SCHEMAS = (
    {},
    {},
    {"exclude": {"bot": "true"}},
    {"zone": "Europe/Berlin", "ambiguous": "order"},
    {"zone": "Europe/Berlin", "ambiguous": "later"},
    {"user_id": "by.name"},
    {"order": ("price",)},
    {"null_values": ["ann"]},
    {"outside": {"page": "/a"}},
    {"pack": "by"},
)


@st.composite
def _asked(draw: st.DrawFn) -> dict[str, Any]:
    asked: dict[str, Any] = {"on_error": draw(st.sampled_from(["raise", "quarantine", "skip"]))}
    asked["schema"] = cs.EventSchema(**draw(st.sampled_from(_SCHEMAS)))
    keys = ["event_id", "event_id", ["event_id", "user_id", "timestamp"], "row", None]
    asked["drop_duplicates"] = draw(st.sampled_from(keys))
    asked["max_row_bytes"] = draw(st.sampled_from([2**24, 2**24, 350]))
    return asked


_names = st.sampled_from(
    ["{}.json", "{}.json", "{}.json", "dt=1/{}.json", "dt=2/{}.json", "{}.csv"]
)
_files = st.lists(st.tuples(_names, _contents()), min_size=1, max_size=12)


@contextmanager
def _written(files: Sequence[tuple[str, bytes]]) -> Iterator[list[Path]]:
    with TemporaryDirectory() as name:
        paths = [Path(name, form.format(f"{n:02}")) for n, (form, _) in enumerate(files)]
        for path, (_, content) in zip(paths, files, strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        yield paths


@contextmanager
def _together(size: int, few: int = 1) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_files, "_GROUP_BYTES", size)
        patch.setattr(small_files, "_FEW", few)
        yield


def _read(paths: list[Path], asked: dict[str, Any]) -> tuple[Any, ...]:
    """Return what comes of files: events, an error, the report, and what was set aside."""
    report, batches, failure = cs.ReadReport(), [], None
    try:
        for batch in cs.scan_events(paths, report=report, frame="arrow", **asked):
            batches.append(batch)
    except cs.errors.ReadError as error:
        failure = (type(error), str(error))
    counts = {n: v for n, v in vars(report).items() if n != "quarantine"}
    # In one type each: that of a column may differ from batch to batch.
    events = _with_values(concatenated(batches)) if batches else []
    return events, failure, counts, list(report.quarantine)


def _with_values(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows with the columns in which something stands.

    Whether a column is there of which nobody says anything but null is a matter of how a log is
    cut: where an object stands beside the null, its fields stand for it.
    """
    names = [name for name in table.column_names if table[name].null_count < table.num_rows]
    rows: list[dict[str, Any]] = table.select(names).to_pylist()
    return rows


@given(_files, _asked(), st.sampled_from([10_000, 2**22]), st.sampled_from([1, 4]))
@settings(max_examples=120)
def test_read(files: list[tuple[str, bytes]], asked: dict[str, Any], size: int, few: int) -> None:
    with _written(files) as paths:
        with _together(0):
            expected = _read(paths, asked)
        with _together(size, few):
            found = _read(paths, asked)
    for one, other in zip(found, expected, strict=True):
        assert one == other


def _ran(paths: list[Path], asked: dict[str, Any], target: Path) -> tuple[Any, ...]:
    """Return what comes of files by `run`: the report and all tables, or the error."""
    try:
        report = cs.run(paths, f"duckdb:///{target}", **asked)
    except cs.errors.ReadError as error:
        return (type(error), str(error))
    counts = {**vars(report), "reading": None, "seconds": 0}
    reading = {n: v for n, v in vars(report.reading).items() if n != "quarantine"}
    tables = {}
    with duckdb.connect(str(target)) as connection:
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            frame = connection.execute(f"SELECT * FROM {name} ORDER BY ALL").df()
            frame = frame.drop(columns="written_at", errors="ignore")
            tables[name] = _with_values(pa.Table.from_pandas(frame, preserve_index=False))
    return counts, reading, list(report.reading.quarantine), tables


@given(_files, _files, _asked(), st.sampled_from([10_000, 2**22]))
@settings(max_examples=25)
def test_run(
    files: list[tuple[str, bytes]], later: list[tuple[str, bytes]], asked: dict[str, Any], size: int
) -> None:
    """What comes later goes into tables that are there, beside what they hold."""
    with _written([*files, *later]) as paths, TemporaryDirectory() as folder:
        both = []
        for number, bytes_ in enumerate([0, size]):
            target = Path(folder, f"{number}.duckdb")
            with _together(bytes_):
                both.append(_ran(paths[: len(files)], asked, target))
                both.append(_ran(paths, asked, target))
    for found, expected in zip(both[2:], both[:2], strict=True):
        for one, other in zip(found, expected, strict=True):
            assert one == other


def test_a_bad_row_is_where_it_stands_in_its_own_file() -> None:
    late, past = _REFUSED[0], _REFUSED[3]
    contents = [_GOOD[0], b"\n".join([_GOOD[1], b"", late]), past + b"\n" + _GOOD[2] + b"\n"]
    report = cs.ReadReport()
    with _written([("{}.json", content) for content in contents]) as paths:
        cs.read_events(paths, on_error="quarantine", report=report)
        found = [(Path(row.file), row.place, row.line, row.offset) for row in report.quarantine]
        assert found == [
            (paths[1], "line 3", 3, len(_GOOD[1]) + 2),
            (paths[2], "line 1", 1, 0),
        ]
        with pytest.raises(cs.errors.BadRowError, match=r"01\.json, line 3"):
            cs.read_events(paths)


def test_files_are_counted_each_by_itself(tmp_path: Path) -> None:
    contents = [_GOOD[0], b"\n".join(_GOOD[1:4]) + b"\n", _REFUSED[0], b"\n".join(_GOOD[3:5])]
    target = tmp_path / "target.duckdb"
    with _written([("{}.json", content) for content in contents]) as paths:
        cs.run(paths, f"duckdb:///{target}", on_error="skip")
    with duckdb.connect(str(target)) as connection:
        question = "SELECT row_count, duplicates, state FROM clicksession_files ORDER BY name"
        found = connection.execute(question).fetchall()
    assert found == [(1, 0, "done"), (3, 0, "done"), (0, 0, "done"), (2, 1, "done")]


def test_small_files_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other tests compare is two ways, and not one with itself."""
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_bytes(event(number) + b"\n")
    (tmp_path / "07.json").write_bytes(b"{oops}\n")
    sizes = []
    together = Reading._together

    def counting(reading: Reading, group: small_files.Group) -> Piece | None:
        found = together(reading, group)
        sizes.append((len(group.files), found is not None))
        return found

    monkeypatch.setattr(Reading, "_together", counting)
    assert len(cs.read_events(tmp_path, on_error="skip")) == 19
    assert sizes == [
        (20, False),
        (10, False),
        (5, True),
        (5, False),
        (2, True),
        (3, False),
        (10, True),
    ]


def test_an_id_of_a_place_names_the_file(tmp_path: Path) -> None:
    found = []
    with _written([("{}.json", event(number % 2)) for number in range(4)]) as paths:
        for size in (0, 2**22):
            target = tmp_path / f"{size}.duckdb"
            with _together(size):
                cs.run(paths, f"duckdb:///{target}", drop_duplicates=None)
            with duckdb.connect(str(target)) as connection:
                question = "SELECT event_id FROM events ORDER BY 1"
                found.append(connection.execute(question).fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == 4
