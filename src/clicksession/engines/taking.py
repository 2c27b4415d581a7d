"""Values at many rows, taken by all cores."""

import os

import pyarrow as pa

from clicksession.engines.threads import in_threads, slices

__all__ = ["shares", "taken"]

_ROWS_PER_THREAD = 500_000


def taken(values: pa.Array | pa.ChunkedArray, rows: pa.Array | None) -> pa.ChunkedArray:
    """Return the values at these rows, or null: in a chunk for each thread that took some.

    Without rows, all of them.
    """
    if rows is None:
        return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
    return pa.chunked_array(
        in_threads(lambda part: values.take(rows[part]), shares(len(rows))), values.type
    )


def shares(rows: int) -> list[slice]:
    """Return as many equal parts of so many rows as are worth a thread of their own."""
    parts = min(os.cpu_count() or 1, 1 + rows // _ROWS_PER_THREAD)
    return slices(rows, -(-rows // parts) or 1)
