"""What must hold of whatever bytes a reader is given."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
from fsspec.implementations.memory import MemoryFileSystem

import clicksession as cs
from clicksession.readers import READERS

__all__ = ["CASES", "FORMATS", "FORMS", "SEEDS", "check"]

HERE = Path(__file__).parent
CASES = HERE / "cases"

# Formats with what may be particular about a source.
FORMS: dict[str, cs.formats.CSV] = {
    "csv-by-option": cs.formats.CSV(
        delimiter=";", quote="'", escape="\\", comment="#", null_values=("x", "\\N"), skip=1
    ),
    "csv-decoded": cs.formats.CSV(encoding="shift_jis", quote=None, escape="^"),
    "tsv-escaped": cs.formats.TSV(escape="\\", encoding="utf-16"),
}
FORMATS = sorted([*READERS.builtin, *FORMS])

_SCHEMAS = {
    "json": cs.EventSchema(pairs="p", events="e"),
    "snowplow": cs.EventSchema.preset("snowplow"),
    "weblog": cs.EventSchema.preset("combined"),
    **{name: cs.EventSchema.preset(name) for name in ("alb", "elb", "s3_access", "w3c")},
}
_EXPORTS = HERE.parent / "readers" / "exports"
_JSON = b'{"user_id": 7, "timestamp": "2024-05-01T10:00:00Z", "p": [{"key": "a", "value": 1}]}\n'


def _written(write: Callable[[pa.Table, io.BytesIO], object]) -> bytes:
    """Return a small file of a format of tables."""
    file = io.BytesIO()
    columns = {"user_id": [7, None], "timestamp": ["2024-05-01", "2024-05-02"], "a": [[1], []]}
    write(pa.table(columns), file)
    return file.getvalue()


def _avro() -> bytes:
    """Return a small file of Avro; nothing, where its package is missing."""
    try:
        import fastavro
    except ImportError:
        return b""
    pages = {"type": "record", "name": "Page", "fields": [{"name": "url", "type": "string"}]}
    kinds = {
        "user_id": ["null", "long"],
        "timestamp": ["string", {"type": "long", "logicalType": "timestamp-millis"}],
        "a": {"type": "array", "items": pages},
        "m": {"type": "map", "values": ["double", "Page"]},
    }
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    rows = [
        {"user_id": 7, "timestamp": 1714557600123, "a": [{"url": "/"}], "m": {"x": 0.5}},
        {"user_id": None, "timestamp": "2024-05-01", "a": [], "m": {"y": {"url": "/"}}},
    ]
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "event", "fields": fields}, rows)
    return file.getvalue()


# What a fuzzer begins with: valid files, small enough to be changed all over.
SEEDS: dict[str, list[bytes]] = {
    "arrow": [_written(feather.write_feather)],
    "avro": [_avro()],
    "csv-by-option": [
        b"line\nuser_id;timestamp;a\n7;2024-05-01;'x\\'\ny'\n#c'\n8;1714557600;\\N\n"
    ],
    "csv-decoded": [
        "user_id,timestamp,a\n表,2024-05-01,x^,y\n8,1714557600,ﾃ^n\n".encode("shift_jis")
    ],
    "csv": [b'user_id,timestamp,a\n7,2024-05-01,"x\ny"\n8,1714557600,""\n'],
    "json": [
        _JSON * 2,
        b"[" + _JSON + b"," + _JSON + b"]",
        b'{"events": [' + _JSON + b"]}",
        b'{"user_id": [7, 8], "timestamp": [1714557600, null]}',
        _JSON.strip() * 2 + b"\n\xef\xbb\xbf" + _JSON.strip() + b",\n\x1e" + _JSON,
        b'{"meta": [{"name": "a"}], "data": [' + _JSON + b'], "errors": [{"a": 1}]}',
        b'{"user_id": "7", "e": [{"timestamp": 1}, {"a": {"b": 1e400}}]}\n',
    ],
    "orc": [_written(orc.write_table)],
    "parquet": [_written(pq.write_table)],
    "snowplow": [(_EXPORTS / "snowplow.tsv").read_bytes()],
    "tsv-escaped": [
        'user_id\ttimestamp\ta\n7\t2024-05-01\tx\\\ty\\\nz\n8\t1714557600\t"\\N\n'.encode("utf-16")
    ],
    "tsv": [b"user_id\ttimestamp\n7\t2024-05-01\n"],
    "alb": [(_EXPORTS / "alb.log").read_bytes()],
    "elb": [(_EXPORTS / "elb.log").read_bytes()],
    "s3_access": [(_EXPORTS / "s3_access.log").read_bytes()],
    "w3c": [
        (_EXPORTS / "iis.log").read_bytes(),
        (_EXPORTS / "cloudfront.log").read_bytes(),
        b'#Date: 2024-05-01 10:00:00\n#Fields: time c-ip x\n10:00:00 192.0.2.1 "a ""b"" c"\n',
    ],
    "weblog": [
        (_EXPORTS / "access.log").read_bytes(),
        b"shop.example:443 192.0.2.1, 203.0.113.4 - anna b [01/May/2024:10:00:00 +0000] "
        b'"GET / HTTP/1.1" 200 7 "-" "Mozilla" 0.1\n',
    ],
}


def check(format: str, content: bytes) -> None:
    """Read a file of these bytes.

    It is read, or refused with an error that names the file; nothing else comes out. What is read
    is the same in batches, and holds an instant, or none, for every row.
    """
    MemoryFileSystem().pipe_file("/fuzz", content)
    schema = _SCHEMAS.get(format)
    form = FORMS.get(format, format)
    refused = ""
    try:
        events = cs.read_events("memory://fuzz", format=form, schema=schema)
    except cs.errors.ReadError as error:
        refused = str(error)
    if refused:
        assert "memory://" in refused, refused
        return
    assert isinstance(events["timestamp"].dtype, pd.DatetimeTZDtype)
    assert str(events["timestamp"].dtype.tz) == "UTC"
    batches = list(cs.scan_events("memory://fuzz", format=form, schema=schema, batch_rows=1))
    assert len(batches) == len(events)
    times = [time for batch in batches for time in batch["timestamp"]]
    assert all(
        pd.isna(one) if pd.isna(other) else one == other
        for one, other in zip(times, events["timestamp"], strict=True)
    )
