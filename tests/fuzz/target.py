"""What must hold of whatever bytes a reader is given."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.memory import MemoryFileSystem

import clicksession as cs
from clicksession.readers import READERS

__all__ = ["CASES", "FORMATS", "SEEDS", "check"]

HERE = Path(__file__).parent
CASES = HERE / "cases"
FORMATS = sorted(READERS.builtin)

_SCHEMAS = {
    "json": cs.EventSchema(pairs="p", events="e"),
    "snowplow": cs.EventSchema.preset("snowplow"),
    "weblog": cs.EventSchema.preset("combined"),
}
_EXPORTS = HERE.parent / "readers" / "exports"
_JSON = b'{"user_id": 7, "timestamp": "2024-05-01T10:00:00Z", "p": [{"key": "a", "value": 1}]}\n'


def _parquet() -> bytes:
    """Return a small file of Parquet."""
    file = io.BytesIO()
    columns = {"user_id": [7, None], "timestamp": ["2024-05-01", "2024-05-02"], "a": [[1], []]}
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


# What a fuzzer begins with: valid files, small enough to be changed all over.
SEEDS: dict[str, list[bytes]] = {
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
    "parquet": [_parquet()],
    "snowplow": [(_EXPORTS / "snowplow.tsv").read_bytes()],
    "tsv": [b"user_id\ttimestamp\n7\t2024-05-01\n"],
    "weblog": [(_EXPORTS / "access.log").read_bytes()],
}


def check(format: str, content: bytes) -> None:
    """Read a file of these bytes.

    It is read, or refused with an error that names the file; nothing else comes out. What is read
    is the same in batches, and holds an instant, or none, for every row.
    """
    MemoryFileSystem().pipe_file("/fuzz", content)
    schema = _SCHEMAS.get(format)
    refused = ""
    try:
        events = cs.read_events("memory://fuzz", format=format, schema=schema)
    except cs.errors.ReadError as error:
        refused = str(error)
    if refused:
        assert "memory://" in refused, refused
        return
    assert isinstance(events["timestamp"].dtype, pd.DatetimeTZDtype)
    assert str(events["timestamp"].dtype.tz) == "UTC"
    batches = list(cs.scan_events("memory://fuzz", format=format, schema=schema, batch_rows=1))
    assert len(batches) == len(events)
    times = [time for batch in batches for time in batch["timestamp"]]
    assert all(
        pd.isna(one) if pd.isna(other) else one == other
        for one, other in zip(times, events["timestamp"], strict=True)
    )
