"""Values at many rows, taken by all cores."""

import os

import pyarrow as pa

from clicksession.engines.threads import in_threads, slices

__all__ = ["shares", "taken"]

_ROWS_PER_THREAD = 500_000


def taken(values: pa.Array, rows: pa.Array) -> pa.ChunkedArray:
    """Return the values at these rows, or null: in a chunk for each thread that took some."""
    return pa.chunked_array(
        in_threads(lambda part: values.take(rows[part]), shares(len(rows))), values.type
    )


def shares(rows: int) -> list[slice]:
    """Return as many equal parts of so many rows as are worth a thread of their own."""
    parts = min(os.cpu_count() or 1, 1 + rows // _ROWS_PER_THREAD)
    return slices(rows, -(-rows // parts) or 1)
