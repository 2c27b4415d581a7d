"""A file is what its bytes say, whatever it is called; and a path that exists is that path."""

import gzip
import io
import json
import pickle
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from gcsfs.core import GCSFileSystem

import clicksession as cs
from clicksession.readers.formats.content import content_of, is_json
from tests.readers.door import ran
from tests.readers.sources.test_places import LINE, ids

ROWS = [{"event_id": n, "user_id": 1, "timestamp": "2024-05-01T10:00:00"} for n in (1, 2)]
TABLE = pa.Table.from_pylist(ROWS)


def as_parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(TABLE, file)
    return file.getvalue()


def as_orc() -> bytes:
    file = io.BytesIO()
    orc.write_table(TABLE, file)
    return file.getvalue()


def as_arrow() -> bytes:
    file = io.BytesIO()
    feather.write_feather(TABLE, file)
    return file.getvalue()


def as_avro() -> bytes:
    fastavro = pytest.importorskip("fastavro", reason='needs pip install "clicksession[avro]"')
    file = io.BytesIO()
    kinds = {"event_id": "long", "user_id": "long", "timestamp": "string"}
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    fastavro.writer(file, {"type": "record", "name": "event", "fields": fields}, ROWS)
    return file.getvalue()


def as_json() -> bytes:
    return "".join(LINE % n for n in (1, 2)).encode()


def as_array() -> bytes:
    return json.dumps(ROWS, indent=2).encode()


READABLE = [as_parquet, as_orc, as_arrow, as_avro, as_json, as_array]


@pytest.mark.parametrize("encode", READABLE)
@pytest.mark.parametrize(
    "name", ["log", "log.json", "log.parquet", "log.csv", "log.tsv", "log.orc"]
)
def test_content_beats_the_name(encode: Callable[[], bytes], name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(encode())
    assert ids(tmp_path / name) == [1, 2]
    for preset in ("json", "csv", cs.formats.TSV(quote=None), "parquet"):
        schema = cs.EventSchema(format=preset)
        assert ids(tmp_path / name, schema=schema) == [1, 2]


@pytest.mark.parametrize("encode", READABLE)
def test_content_in_stores_and_compressed(
    encode: Callable[[], bytes], tmp_path: Path, bucket: dict[str, Any]
) -> None:
    (tmp_path / "log.json.gz").write_bytes(gzip.compress(encode()))
    (tmp_path / "log.parquet").write_bytes(gzip.compress(encode()))
    assert ids(tmp_path / "log.json.gz") == ids(tmp_path / "log.parquet") == [1, 2]
    GCSFileSystem(**bucket).pipe_file("shop/content/log.json", encode())
    assert ids("gs://shop/content/log.json", storage_options=bucket) == [1, 2]
    fsspec.filesystem("memory").pipe_file("/content/log.json", encode())
    assert ids("memory://content/log.json") == [1, 2]


@pytest.mark.parametrize("encode", READABLE)
@pytest.mark.parametrize("format", ["json", "csv", "parquet", "avro", "snowplow"])
def test_a_format_that_the_caller_gave_is_no_guess(
    encode: Callable[[], bytes], format: str, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(encode())
    is_json = encode in (as_json, as_array)
    if encode.__name__ == f"as_{format}" or (is_json and format == "json"):
        assert ids(tmp_path / "log", format=format) == [1, 2]
        return
    said = "it is no|it has 1 fields" if is_json and format == "snowplow" else "by its first bytes"
    with pytest.raises(cs.errors.BadRowError, match=said):
        ids(tmp_path / "log", format=format)


def test_posthog_as_parquet(tmp_path: Path) -> None:
    event = {"uuid": "e", "distinct_id": "d", "person_id": "p", "event": "$pageview"}
    event |= {"timestamp": pd.Timestamp("2024-05-01T10:00Z"), "properties": '{"$os": "iOS"}'}
    pq.write_table(pa.Table.from_pylist([event]), tmp_path / "posthog.parquet")
    schema = cs.EventSchema.preset("posthog")
    assert ran(tmp_path / "posthog.parquet", tmp_path, schema=schema).users == ["p"]


def workbook(path: Path) -> None:
    pytest.importorskip("openpyxl", reason="needs pip install openpyxl")
    pd.DataFrame(ROWS).to_excel(path, index=False)


def database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (user_id)")
    connection.close()


def duck(path: Path) -> None:
    duckdb.connect(str(path)).close()


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("events.json", LINE % 1)


def tarred(path: Path) -> None:
    content = (LINE % 1).encode()
    member = tarfile.TarInfo("events.json")
    member.size = len(content)
    with tarfile.open(path, "w") as archive:
        archive.addfile(member, io.BytesIO(content))


def streamed(path: Path) -> None:
    table = pa.table({"user_id": ["u"]})
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)


def bytes_of(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


NAMED = [
    (workbook, r"it is a workbook of Excel \(xlsx\).*pandas \(read_excel\)"),
    (streamed, r"it is a stream of Arrow .*pyarrow\.ipc\.open_stream"),
    (database, r"it is a database of SQLite.*pandas \(read_sql\)"),
    (duck, r"it is a database of DuckDB"),
    (zipped, r"it is a zip archive .*Read what is in it: zip://\*::"),
    (tarred, r"it is a tar archive .*Read what is in it: tar://\*::"),
    (bytes_of(pickle.dumps(ROWS)), r"it is a pickle of Python"),
    (bytes_of(b"\n<!DOCTYPE html>\n<html>"), r"it is a web page \(HTML\).*login page"),
    (bytes_of(b'<?xml version="1.0"?><Error/>'), r"it is XML .*error of the store"),
    (bytes_of(b"%PDF-1.7\n%\xe2\xe3"), r"it is a PDF"),
    (bytes_of(b"\xef\xbb\xbf%PDF-1.7\n"), r"it is a PDF"),
    (bytes_of(b"\x89HDF\r\n\x1a\n\0\0"), r"it is HDF5 .*read_hdf"),
    (bytes_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), r"it is an old file of Office .*\.xls"),
    (
        bytes_of(b"version https://git-lfs.github.com/spec/v1\n"),
        r"pointer of Git LFS.*git lfs pull",
    ),
    (bytes_of(gzip.compress(gzip.compress(b"{}"))), r"it is compressed twice"),
]


@pytest.mark.parametrize(("write", "said"), NAMED)
@pytest.mark.parametrize("name", ["log", "log.json", "log.csv", "log.parquet"])
def test_what_no_reader_reads_is_named(
    write: Callable[[Path], Any], said: str, name: str, tmp_path: Path
) -> None:
    write(tmp_path / "made.xlsx")
    (tmp_path / "made.xlsx").rename(tmp_path / name)
    with pytest.raises(cs.errors.BadRowError, match=said) as caught:
        cs.read_events(tmp_path / name)
    assert "bytes of zero" not in str(caught.value)
    report = cs.ReadReport()
    (tmp_path / "other.json").write_text(LINE % 1)
    found = cs.read_events(tmp_path, on_error="quarantine", report=report)
    assert found["event_id"].tolist() == [1]
    assert dict(report.refused) == {"unreadable": 1}


def test_an_archive_is_read_as_the_error_says(tmp_path: Path) -> None:
    zipped(tmp_path / "log.zip")
    tarred(tmp_path / "log.tar")
    assert ids(f"zip://*::{tmp_path}/log.zip") == ids(f"tar://*::{tmp_path}/log.tar") == [1]


@pytest.mark.parametrize("header", ["ORC_ID", "PAR1", "PARE", "user", "FEA1"])
def test_a_text_that_begins_like_another_file(header: str, tmp_path: Path) -> None:
    text = f"{header},user_id,timestamp\n7,1,2024-05-01\n"
    (tmp_path / "log").write_text(text)
    assert len(cs.read_events(tmp_path / "log")) == 1
    assert content_of(b"user_id,DUCK,timestamp\n") is None


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('{"a": 1}', True),
        ('\ufeff{"a": 1}\r\n{"a": 2}', True),
        ('{"a": 1},\n{"a": 2}', True),
        ('{"a": 1}{"a": 2}', True),
        ("[]", True),
        ('[\n  {"a": 1}\n]', True),
        ('{"a": "' + "x" * 2**17 + '"}', True),
        ("{user},time\n", False),
        ('{"a": 1},u,2024-05-01\n', False),
        ("[user],[time]\n", False),
        ("user_id,timestamp\n", False),
        ("", False),
    ],
)
def test_what_is_json(text: str, holds: bool) -> None:
    assert is_json(text.encode()[: 2**16]) is holds


def test_a_schema_for_json_reads_csv(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("event_id,user_id,timestamp\n1,1,2024-05-01\n")
    assert ids(tmp_path / "log.csv", schema=cs.EventSchema(format="json")) == [1]


# A file that says nothing.


@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_one_event_of_json_under_another_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(LINE % 1)
    assert ran(tmp_path / name, tmp_path).report.events_added == 1


@pytest.mark.parametrize("text", ["1,ann,2024-05-01T10:00:00Z", "1\tann\t2024-05-01\n", "hello\n"])
def test_one_row_without_a_header(text: str, tmp_path: Path) -> None:
    for name in ("x.csv", "x.tsv"):
        (tmp_path / name).write_text(text)
        target = f"duckdb:///{tmp_path}/{name}.duckdb"
        with pytest.raises(cs.errors.ReadError, match=r"header"):
            cs.run(tmp_path / name, target)
        # It is not held as read: the next run meets it again.
        with pytest.raises(cs.errors.ReadError, match=r"header"):
            cs.run(tmp_path / name, target)
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(cs.errors.BadRowError, match="format="):
        cs.read_events(tmp_path / "x.json")


@pytest.mark.parametrize(
    "text", ["", "\n", "user_id,timestamp\n", '"event_id","user_id"\n', "\ufeffuser_id\n"]
)
def test_a_file_without_rows_is_no_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert cs.read_events(tmp_path / "x.csv").empty


@pytest.mark.parametrize("text", ["user_id,timestamp\n", "one\ntwo\nthree\n"])
def test_a_format_that_passes_over_every_line_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(cs.errors.BadRowError, match=r"no more than \d lines, and skip=3"):
        cs.read_events(tmp_path / "x.csv", format=cs.formats.CSV(skip=3))


def test_a_header_behind_other_lines_is_one(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Report\nuser_id,timestamp\n")
    assert cs.read_events(tmp_path / "x.csv", format=cs.formats.CSV(skip=1)).empty


# Encodings.


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("#Fields: date time c-ip\n2024-05-01 10:00:00 192.0.2.1\n", "w3c"),
        ('192.0.2.1 - - [01/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 10\n', "combined"),
    ],
)
def test_another_encoding_is_named(text: str, schema: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text(f"\ufeff{text}", encoding=encoding)
    said = rf"x\.log: it is {encoding.upper()} by its byte-order mark. .*convert the file"
    with pytest.raises(cs.errors.BadRowError, match=said):
        cs.read_events(tmp_path / "x.log", schema=cs.EventSchema.preset(schema))


# A path that exists.


def test_a_path_that_exists_is_no_chain_of_addresses(tmp_path: Path) -> None:
    (tmp_path / "shop::web.json").write_text(LINE % 1)
    (tmp_path / "shop").write_text(LINE % 2)
    assert ids(tmp_path / "shop::web.json") == ids(tmp_path / "*.json") == [1]


@pytest.mark.parametrize(
    "name",
    [
        "events[1].json",
        "what?.json",
        "all*.json",
        "100%.json",
        "a#1.json",
        "a b.json",
        "[x]{y}.json",
        "x.metadata.json",
    ],
)
def test_a_path_that_exists_is_that_path(
    name: str, tmp_path: Path, bucket: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(LINE % 1)
    for other in ("events1.json", "whatx.json", "all-of-it.json"):
        (tmp_path / other).write_text(LINE % 2)
    assert ids(tmp_path / name) == ids(str(tmp_path / name)) == ids([tmp_path / name]) == [1]
    assert ids(f"file://{tmp_path}/{name}") == [1]
    monkeypatch.chdir(tmp_path)
    assert ids(name) == [1]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ids(f"~/{name}") == [1]
    memory = fsspec.filesystem("memory")
    memory.pipe_file(f"/odd/{name}", (LINE % 1).encode())
    memory.pipe_file("/odd/events1.json", (LINE % 2).encode())
    assert ids(f"memory://odd/{name}") == [1]
    if not {"?", "#", "%"}.intersection(name):
        GCSFileSystem(**bucket).pipe_file(f"shop/odd/{name}", (LINE % 1).encode())
        assert ids(f"gs://shop/odd/{name}", storage_options=bucket) == [1]


@pytest.mark.parametrize("folder", ["data[1]", "what?", "all*", "x[a-z]"])
def test_a_folder_that_exists_is_that_folder(folder: str, tmp_path: Path) -> None:
    for place, number in ((folder, 1), ("data1", 2), ("whatx", 2), ("allx", 2), ("xa", 2)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "part-1.json").write_text(LINE % number)
        fsspec.filesystem("memory").pipe_file(
            f"/dirs/{place}/part-1.json", (LINE % number).encode()
        )
    for source in (folder, f"{folder}/", f"{folder}/*.json", f"{folder}/part-[0-9].json"):
        assert ids(f"{tmp_path}/{source}") == [1]
        assert ids(f"memory://dirs/{source}") == [1]


def test_a_pattern_is_still_a_pattern(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"events{number}.json").write_text(LINE % number)
    assert ids(tmp_path / "events[12].json") == [1, 2]
    assert ids(tmp_path / "events?.json") == [1, 2, 3]
    assert ids(tmp_path / "events[!1].json") == [2, 3]


def test_a_workbook_in_a_folder_of_a_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever registers a reader for what no reader here reads is trusted with it."""
    from clicksession.readers import READERS
    from clicksession.readers.formats.json.reader import JsonReader

    class Zipped(JsonReader):
        seekable = True

        def read(self, stream: Any, source: str, schema: Any) -> Any:
            with zipfile.ZipFile(stream) as archive, archive.open("events.json") as inner:
                yield from super().read(inner, source, schema)  # type: ignore[arg-type]

    monkeypatch.setitem(READERS._loaded, "zipped", Zipped)
    zipped(tmp_path / "log.json")
    assert ids(tmp_path / "log.json", format="zipped") == [1]
