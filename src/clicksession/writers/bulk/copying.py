"""What PostgreSQL's ``COPY … FROM STDIN`` reads: rows of Arrow in its binary form, or as CSV."""

import io
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

import pyarrow as pa
import pyarrow.csv

from clicksession.arrow import is_text
from clicksession.writers.bulk.rows import naive_in_utc

__all__ = ["binary_chunks", "csv_chunks"]

_ROWS_PER_CHUNK = 25_000

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


def binary_chunks(rows: pa.Table, types: Mapping[str, str]) -> Iterator[bytes] | None:
    """Return the rows in PostgreSQL's binary form, which it reads in half the time of CSV.

    None where a column of the table is of another type than its values, or where the package
    ``pgpq``, which the extra ``postgresql`` brings, is not installed.
    """
    fits = all(_fits(field.type, types.get(field.name, "")) for field in rows.schema)
    return _encoded(rows) if fits and find_spec("pgpq") else None


def csv_chunks(rows: pa.Table) -> Iterator[memoryview]:
    """Return the rows as CSV, which fits columns of any type."""
    for batch in naive_in_utc(rows).to_batches(max_chunksize=_ROWS_PER_CHUNK):
        buffer = io.BytesIO()
        pa.csv.write_csv(batch, buffer, _CSV)
        yield buffer.getbuffer()


def _fits(values: pa.DataType, there: str) -> bool:
    return there in _BINARY_TEXTS if is_text(values) else _BINARY.get(there) == values


def _encoded(rows: pa.Table) -> Iterator[bytes]:
    import pgpq

    encoder = pgpq.ArrowToPostgresBinaryEncoder(rows.schema)
    yield encoder.write_header()
    for batch in rows.to_batches(max_chunksize=_ROWS_PER_CHUNK):
        yield encoder.write_batch(batch)
    yield encoder.finish()
