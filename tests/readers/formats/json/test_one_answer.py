"""What a line of JSON comes to depends on that line alone: not on its file, block or neighbours."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats import blocks
from clicksession.readers.formats.json import lines as json_lines
from clicksession.readers.formats.json import window as json_window
from clicksession.readers.formats.json.reader import JsonReader
from tests.readers.door import ran

LIMIT = 400


def event(number: int, **more: Any) -> bytes:
    time = f"2024-05-01T10:00:{number % 60:02}Z"
    return json.dumps({"user_id": f"u{number}", "timestamp": time, **more}).encode()


LINES = [
    event(0),
    event(1, page="/a"),
    event(2, tags=["x", "y"], items=[{"sku": 7}]),
    b"  " + event(3),
    event(4) + b" \t\r",
    event(5) + event(6),
    event(7) + b", " + event(8) + b",",
    event(9) + b",",
    b"," + event(10),
    b",",
    b"\xef\xbb\xbf" + event(11),
    event(12) + b"\xef\xbb\xbf" + event(13),
    b"\x1e" + event(14),
    b"[" + event(15) + b", " + event(16) + b"]",
    b"[" + event(17) + b", 17, " + event(18) + b"],",
    b"[" + event(19) + b", oops, " + event(20) + b"]",
    b"[[" + event(21) + b"], []] " + event(22),
    b'{"events": [' + event(23) + b", " + event(24) + b'], "errors": [{"code": 1}], "n": 2}',
    b'{"data": {"hits": [' + event(25) + b']}, "meta": [{"name": "user_id"}]}',
    b'{"data": [' + event(26) + b'], "errors": [' + event(27) + b"]}",
    b'{"user_id": ["u28", "u29"], "timestamp": ["2024-05-01", "2024-05-02"]}',
    b'{"user_id": "u30", "timestamp": [2024, 5, 1, 10, 0, 0, 123000000]}',
    b'{"user_id": "u31", "timestamp": [2024, 5, 1, 10, 5]}',
    b'{"user_id": "u32", "items": [{"sku": 7}]}',
    b'{"meta": [{"name": "user_id"}], "data": [["u33", "2024-05-01"]], "rows": 1}',
    b'{"meta": [{"name": "user_id"}], "data": [], "rows": 0}',
    b"[]",
    b"{}",
    b"",
    b"  ",
    # What is no event, whatever stands around it.
    event(40) + b" and more",
    event(41) + event(42) + b" and more",
    event(43) + b" 17",
    event(44) + b",,",
    event(45)[:-9],
    event(46)[:-2],
    b'{"user_id": 47,',
    b'{"user_id": 48, "tags": [1,',
    b"{oops",
    b"oops}",
    b"17",
    b"null",
    b'"text"',
    b"]",
    b"}",
    b"[" + event(50) + b", " + event(51),
    b"[" + event(52) + b", " + event(53)[:-9],
    b'{"user_id": "\xff", "timestamp": 0}',
    b"\0" * 9,
    event(54, a=float("nan")),
    b'{"user_id": 55, "user_id": 56}',
    event(57, long="x" * LIMIT),
    b"{" + b"x" * LIMIT,
    b"x" * LIMIT,
]  # fmt: skip

# What may be the beginning of an array over several lines, if the next one goes on with it.
TOGETHER = [
    line for line in LINES if not line.startswith((b'[{"user_id": "u50"', b'[{"user_id": "u52"'))
]

Answer = tuple[list[tuple[Any, ...]], list[tuple[str, bytes]]]


def read(content: bytes) -> Answer:
    """Return the rows of a file, and those that were refused, whatever block they came in."""
    reader = JsonReader()
    reader.max_row_bytes = LIMIT
    rows: list[tuple[Any, ...]] = []
    refused = []
    for batch in reader.read(io.BytesIO(content), "log", cs.EventSchema()):
        refused += [(str(row.reason), row.raw) for row in batch.refused]
        assert len(batch.numbers) == batch.rows.num_rows
        for row in batch.rows.to_pylist():
            rows.append(tuple(sorted((name, str(v)) for name, v in row.items() if v is not None)))
    return rows, refused


def answers(lines: list[bytes]) -> Answer:
    """Return what lines come to, each by itself."""
    alone = [read(line) for line in lines]
    return [row for rows, _ in alone for row in rows], [bad for _, found in alone for bad in found]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n"])
def test_a_line_among_others_is_what_it_is_alone(line: bytes, end: bytes) -> None:
    rows, refused = read(line)
    for lines in ([line, event(60)], [event(60), line], [event(60), line, event(61), line]):
        assert read(end.join(lines)) == answers(lines)
        assert read(end.join(lines) + end) == answers(lines)
    many = [event(number) for number in range(30)]
    assert read(end.join([*many, line, *many])) == (
        [*answers(many)[0], *rows, *answers(many)[0]],
        refused,
    )


@settings(max_examples=150)
@given(data=st.data(), lines=st.lists(st.sampled_from(TOGETHER), max_size=12))
def test_a_log_cut_anywhere_gives_the_same_rows(data: st.DataObject, lines: list[bytes]) -> None:
    expected = answers(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", data.draw(st.integers(1, 900)))
        patch.setattr(json_lines, "FEW_BYTES", data.draw(st.integers(1, 900)))
        patch.setattr(json_window, "CHUNK", data.draw(st.integers(1, 900)))
        files = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
        found = [read(b"\n".join(file) + b"\n") for file in files]
    assert sorted(row for rows, _ in found for row in rows) == sorted(expected[0])
    assert [bad for _, refused in found for bad in refused] == expected[1]


@settings(max_examples=50)
@given(lines=st.lists(st.sampled_from(TOGETHER), max_size=12), random=st.randoms())
def test_order_makes_no_difference(lines: list[bytes], random: Any) -> None:
    expected = answers(lines)
    random.shuffle(lines)
    rows, refused = read(b"\n".join(lines))
    assert (sorted(rows), sorted(refused)) == (sorted(expected[0]), sorted(expected[1]))


TEN = [event(number) for number in range(10)]
GLUED = b"\n".join([*TEN[:2], b"".join(TEN[2:])]) + b"\n"


def test_glued_objects_in_every_mode(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(GLUED)
    expected = [f"u{number}" for number in range(10)]
    for mode in ("raise", "quarantine", "skip"):
        report = cs.ReadReport()
        options: dict[str, Any] = {"on_error": mode, "report": report}
        found = cs.read_events(tmp_path / "log.json", **options)
        assert found["user_id"].tolist() == expected
        assert (report.rows_read, report.rows_out, report.rows_refused) == (10, 10, 0)
    assert ran(str(tmp_path / "log.json"), tmp_path).users == expected


def test_glued_objects_have_the_line_in_which_they_stand(tmp_path: Path) -> None:
    late = event(0).replace(b"2024", b"2999")
    (tmp_path / "log.json").write_bytes(GLUED.replace(TEN[7], late))
    report = cs.ReadReport()
    cs.read_events(tmp_path / "log.json", on_error="quarantine", report=report)
    (bad,) = report.quarantine
    assert (bad.line, bad.raw, bad.reason) == (3, late, "future_time")
    assert bad.offset == GLUED.index(TEN[7])
    with pytest.raises(cs.errors.BadRowError, match="line 3: "):
        cs.read_events(tmp_path / "log.json")


def test_what_was_set_aside_brings_back_what_was_missing(tmp_path: Path) -> None:
    lines = [line for line in LINES if line.strip() and not line.startswith(b'{"meta"')]
    content = b"\n".join(lines)
    (tmp_path / "log.json").write_bytes(content)
    report = cs.ReadReport()
    options: dict[str, Any] = {"drop_duplicates": None, "report": report, "max_row_bytes": 10**6}
    first = cs.read_events(tmp_path / "log.json", on_error="quarantine", **options)
    assert report.rows_read == report.rows_out + report.rows_refused

    def repair(raw: bytes) -> bytes | None:
        return raw[: raw.index(b"}") + 1] if b"and more" in raw else None

    fixed = cs.read_events(report.quarantine.repaired(repair), drop_duplicates=None)
    assert sorted(fixed["user_id"]) == ["u40", "u42"]
    assert "u41" in set(first["user_id"])
    assert not set(first["user_id"].dropna()) & {"u40", "u42"}


def test_a_log_of_several_files_comes_to_the_same_tables(tmp_path: Path) -> None:
    lines = [line for line in LINES if b"user_id" in line and b'"meta"' not in line]
    (tmp_path / "whole.json").write_bytes(b"\n".join(lines))
    for number in range(0, len(lines), 5):
        (tmp_path / f"part-{number:02}.json").write_bytes(b"\n".join(lines[number : number + 5]))
    options: dict[str, Any] = {"on_error": "quarantine", "max_row_bytes": LIMIT}
    whole = ran(str(tmp_path / "whole.json"), tmp_path, **options)
    parts = ran(str(tmp_path / "part-*.json"), tmp_path, **options)
    pd.testing.assert_frame_equal(whole.sessions, parts.sessions)
    read = [found.report.reading for found in (whole, parts)]
    assert read[0].rows_read == read[1].rows_read
    assert dict(read[0].refused) == dict(read[1].refused)


def test_a_block_that_adds_up_is_looked_at_line_by_line() -> None:
    # Three lines, three objects, but not one in each.
    lines = [
        event(0) + event(1),
        b'{"user_id": "u2", "timestamp": "2024-05-01", "x":',
        b'{"y": 1}}',
        event(3),
    ]
    batches = list(JsonReader().read(io.BytesIO(b"\n".join(lines)), "log", cs.EventSchema()))
    found = pa.concat_tables([b.rows for b in batches], promote_options="default")
    assert found["user_id"].to_pylist() == ["u0", "u1", "u2", "u3"]
    assert [number for batch in batches for number in batch.numbers] == [1, 1, 2, 4]
