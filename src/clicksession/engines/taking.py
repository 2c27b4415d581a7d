"""Values at many rows, taken by all cores."""

import os

import pyarrow as pa

from clicksession.engines.threads import in_threads, slices

__all__ = ["taken"]

_ROWS_PER_THREAD = 500_000


def taken(values: pa.Array, rows: pa.Array) -> pa.ChunkedArray:
    """Return the values at these rows, or null: in a chunk for each thread that took some."""
    parts = min(os.cpu_count() or 1, 1 + len(rows) // _ROWS_PER_THREAD)
    found = in_threads(
        lambda part: values.take(rows[part]), slices(len(rows), -(-len(rows) // parts) or 1)
    )
    return pa.chunked_array(found)
