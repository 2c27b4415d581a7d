"""Hashes of a column, of 64 bits each: DuckDB makes them, and of texts faster than pandas."""

from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Hashes", "Hashing"]

Hashes = npt.NDArray[np.uint64]


class Hashing:
    """Makes hashes: the same for the same value of one type, in every column and process."""

    @cached_property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        # Made when the first hash is asked for: it takes as long as reading a small file. One
        # thread, which keeps the order of the rows.
        return duckdb.connect(config={"threads": 1})

    def of(self, values: pa.Array) -> Hashes:
        """Return the hash of each value; nulls have one too."""
        rows = self._duckdb.from_arrow(pa.table({"value": values}))
        found = rows.project("hash(value) AS hash").to_arrow_table()["hash"]
        return np.asarray(found, dtype=np.uint64).copy()
