"""What PostgreSQL's ``COPY … FROM STDIN`` reads: rows of Arrow in its binary form, or as CSV."""

import io
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import pyarrow as pa
import pyarrow.csv

from clicksession.arrow import is_text
from clicksession.writers.bulk.rows import naive_in_utc

__all__ = ["binary_chunks", "binary_encoder", "csv_chunks"]

# Some chunks wait until the server takes them: of long rows, each has fewer.
_ROWS_PER_CHUNK = 25_000
_BYTES_PER_CHUNK = 16 * 2**20

# In CSV a text is in quotes and a null is not, so that an empty text stays one.
_CSV = pa.csv.WriteOptions(include_header=False, quoting_style="needed")

# Into which types a value goes as the bytes that it has; elsewhere the server must read text.
_BINARY = {
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "double precision": pa.float64(),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "timestamp without time zone": pa.timestamp("us", "UTC"),
}
_BINARY_TEXTS = ("text", "character varying")


def binary_encoder(schema: pa.Schema, types: Mapping[str, str]) -> Any:
    """Return what puts rows into PostgreSQL's binary form, which it reads in half the time of CSV.

    None where a column of the table is of another type than its values, or where the package
    ``pgpq``, which the extra ``postgresql`` brings, is not installed.
    """
    fits = all(_fits(field.type, types.get(field.name, "")) for field in schema)
    if not fits or not find_spec("pgpq"):
        return None
    import pgpq

    return pgpq.ArrowToPostgresBinaryEncoder(schema)


def binary_chunks(encoder: Any, parts: Iterable[pa.Table]) -> Iterator[bytes]:
    """Yield rows in the binary form."""
    yield encoder.write_header()
    for rows in parts:
        for batch in _batches(rows):
            yield encoder.write_batch(batch)
    yield encoder.finish()


def csv_chunks(parts: Iterable[pa.Table]) -> Iterator[memoryview]:
    """Yield rows as CSV, which fits columns of any type."""
    for rows in parts:
        for batch in _batches(naive_in_utc(rows)):
            buffer = io.BytesIO()
            pa.csv.write_csv(batch, buffer, _CSV)
            yield buffer.getbuffer()


def _batches(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    fitting = _BYTES_PER_CHUNK * rows.num_rows // max(1, rows.nbytes)
    yield from rows.to_batches(max_chunksize=max(1, min(_ROWS_PER_CHUNK, fitting)))


def _fits(values: pa.DataType, there: str) -> bool:
    return there in _BINARY_TEXTS if is_text(values) else _BINARY.get(there) == values
