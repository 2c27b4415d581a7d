"""What is set aside can be looked at, written anywhere, repaired and read again."""

import json
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest
import sqlalchemy as sa
from gcsfs.core import GCSFileSystem

import clicksession as cs
from clicksession import formats
from clicksession.readers import quarantine as module
from clicksession.readers.base import BadRow

LOG = (
    b'{"user_id": 1, "timestamp": "2024-05-01T10:00:00Z", "n": 1}\n'
    b'{"user_id": 1, "timestamp": "2024-05-01T10:00:00Z", "n": 2\n'
    b'{"user_id": "\xff", "timestamp": "2024-05-01T10:00:00Z", "n": 3}\n'
    b'{"user_id": 1, "timestamp": "yesterday", "n": 4}\n'
)


def quarantine_of(path: Path, content: bytes, **options: Any) -> cs.Quarantine:
    path.write_bytes(content)
    report = cs.ReadReport()
    cs.read_events(path, on_error="quarantine", report=report, **options)
    return report.quarantine


def test_it_can_be_looked_at(tmp_path: Path) -> None:
    kept = quarantine_of(tmp_path / "log.json", LOG)
    assert len(kept) == 3
    assert repr(kept) == "<Quarantine of 3 rows>"
    frame = kept.to_frame()
    assert frame["reason"].tolist() == ["not_json", "not_utf8", "bad_time"]
    assert frame["line"].tolist() == [2, 3, 4]
    assert (
        frame["raw"].tolist()[1]
        == r'{"user_id": "\xff", "timestamp": "2024-05-01T10:00:00Z", "n": 3}'
    )
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "file": "str",
        "place": "str",
        "line": "Int64",
        "offset": "Int64",
        "reason": "str",
        "detail": "str",
        "raw": "str",
        "size": "Int64",
        "format": "str",
    }
    assert cs.Quarantine().to_frame().dtypes.equals(frame.dtypes)


@pytest.mark.parametrize("place", ["file", "memory", "bucket"])
def test_it_can_be_written_anywhere(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept = quarantine_of(tmp_path / "log.json", LOG)
    options = request.getfixturevalue("bucket") if place == "bucket" else {}
    url = {"file": str(tmp_path / "bad.ndjson"), "memory": "memory://kept/bad.ndjson"}.get(
        place, "gs://shop/kept/bad.ndjson"
    )
    kept.write(url, storage_options=options)
    files = (
        GCSFileSystem(**options)
        if place == "bucket"
        else fsspec.filesystem("memory" if place == "memory" else "file")
    )
    rows = [json.loads(line) for line in files.cat_file(url).splitlines()]
    assert [row["line"] for row in rows] == [2, 3, 4]
    assert list(cs.Quarantine.read(url, storage_options=options)) == list(kept)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.ReadError, match="no-folder"):
        cs.Quarantine().write(tmp_path / "no-folder" / "bad.ndjson")


def test_what_is_no_quarantine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.ndjson").write_text('{"a": 1}\n')
    with pytest.raises(cs.errors.ReadError, match="line 1: it is no row of a quarantine"):
        cs.Quarantine.read(tmp_path / "bad.ndjson")


def test_it_can_be_repaired_and_read_again(tmp_path: Path) -> None:
    kept = quarantine_of(tmp_path / "log.json", LOG)

    def repair(raw: bytes) -> bytes | None:
        if b"yesterday" in raw:
            return None
        return raw.replace(b"\xff", b"bob") if b"\xff" in raw else raw + b"}"

    found = cs.read_events(kept.repaired(repair))
    assert found["n"].tolist() == [2, 3]
    assert found["user_id"].tolist() == ["1", "bob"]


def test_it_can_be_repaired_by_hand(tmp_path: Path) -> None:
    quarantine_of(tmp_path / "log.json", LOG).write(tmp_path / "bad.ndjson")
    text = (tmp_path / "bad.ndjson").read_text().replace("yesterday", "2024-05-02")
    (tmp_path / "bad.ndjson").write_text(text)
    report = cs.ReadReport()
    again = cs.Quarantine.read(tmp_path / "bad.ndjson")
    found = cs.read_events(again, on_error="quarantine", report=report)
    assert found["n"].tolist() == [4]
    # What is still bad stands where it stood.
    where = [(row.file, row.line, row.offset, row.reason, row.raw) for row in report.quarantine]
    before = [(row.file, row.line, row.offset, row.reason, row.raw) for row in again]
    assert where == before[:2]
    with pytest.raises(cs.errors.BadRowError, match=r"log\.json, line 2: it is no JSON"):
        cs.read_events(again)


def test_rows_of_csv_keep_their_header(tmp_path: Path) -> None:
    content = b'user_id;timestamp,"time, stamp"\n'.replace(b";", b",")
    content += b'ann,2024-05-01,"x\ny"\nbob,then,"p\nq"\ncat,2024-05-03\n'
    kept = quarantine_of(tmp_path / "log.csv", content)
    assert [row.line for row in kept] == [4, 6]
    kept.write(tmp_path / "bad.ndjson")
    again = cs.Quarantine.read(tmp_path / "bad.ndjson")
    fixed = again.repaired(
        lambda raw: raw.replace(b"then", b"2024-05-02") if b"then" in raw else raw + b",z"
    )
    found = cs.read_events(fixed)
    assert found["time_stamp"].tolist() == ["p\nq", "z"]
    report = cs.ReadReport()
    cs.read_events(again, on_error="quarantine", report=report)
    assert [(row.line, row.raw) for row in report.quarantine] == [
        (row.line, row.raw) for row in kept
    ]


def test_elements_of_an_array(tmp_path: Path) -> None:
    events = [json.loads(line) for line in LOG.splitlines()[::3]]
    kept = quarantine_of(tmp_path / "log.json", json.dumps(events, indent=2).encode())
    (bad,) = kept
    assert (bad.line, bad.place) == (7, "element 2, line 7")
    found = cs.read_events(kept.repaired(lambda raw: raw.replace(b"yesterday", b"2024-05-01")))
    assert found["n"].tolist() == [4]


def test_rows_of_a_frame(tmp_path: Path) -> None:
    rows = pd.DataFrame({"user_id": [1, 2], "timestamp": ["soon", "2024-05-01"], "n": [1, 2]})
    report = cs.ReadReport()
    assert len(cs.read_events(rows, on_error="quarantine", report=report)) == 1
    (bad,) = report.quarantine
    assert (bad.place, bad.file) == ("row 1", "the DataFrame")
    found = cs.read_events(
        report.quarantine.repaired(lambda raw: raw.replace(b"soon", b"2024-01-01"))
    )
    assert found[["user_id", "n"]].to_numpy().tolist() == [[1, 1]]


def test_beyond_memory_it_lives_in_a_file_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY", 100)
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    kept = quarantine_of(tmp_path / "log.json", LOG * 20)
    assert [row.line for row in kept][:4] == [2, 3, 4, 6]
    assert len(list(kept)) == 60
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_run_with_bad_rows_and_after_repair(database: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(LOG)
    report = cs.run(tmp_path / "log.json", database, on_error="quarantine")
    assert (report.rows_read, report.events_added, report.refused) == (4, 1, 3)
    assert dict(report.reading.refused) == {"not_json": 1, "not_utf8": 1, "bad_time": 1}
    assert "3 refused" in str(report)
    fixed = report.reading.quarantine.repaired(
        lambda raw: raw.replace(b"yesterday", b"2024-05-01T10:05:00").replace(b'"\xff"', b"2")
    )
    again = cs.run(fixed, database, on_error="skip")
    assert (again.rows_read, again.events_added, again.refused) == (3, 2, 1)
    assert cs.run(tmp_path / "log.json", database).files_skipped == 1


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        (formats.CSV(), ['a,1714557600,"open', 'b,c"', 'd,1714557600,"e"f', 'g,"', 'h"']),
        (formats.CSV(), ['a,1714557600,"two\nlines', 'b,c"', '"\nd"']),
        (formats.CSV(quote=None, escape="\\"), ["a,1714557600,open\\", "b,c", "d\\\\", "e"]),
    ],
)
def test_no_row_of_csv_goes_on_in_the_next(form: formats.CSV, rows: list[str]) -> None:
    """They were no neighbours in their file."""
    facts: dict[str, Any] = {"file": "x.csv", "place": "", "offset": None, "detail": ""}
    kept = cs.Quarantine(
        BadRow(
            **facts,
            line=line,
            reason="open_quote",
            raw=row.encode(),
            size=len(row),
            format=formats.format_to_text(form),
            header=b"user_id,timestamp,q\n",
        )
        for line, row in enumerate(rows)
    )
    report = cs.ReadReport()
    assert cs.read_events(kept, on_error="quarantine", report=report).empty
    assert report.rows_refused >= len(rows)
    good = kept.repaired(lambda raw: b'z,1714557600,x"' if raw[:1] == b"b" else raw)
    found = cs.read_events(good, on_error="skip")
    assert found[["user_id", "q"]].values.tolist() == [["z", 'x"']]


def test_a_path_is_read_by_another_name() -> None:
    with pytest.raises(cs.errors.ParameterError, match=r"Quarantine\.read\("):
        cs.Quarantine("bad.ndjson")  # type: ignore[arg-type]
