"""pyarrow tables: arrays see their memory."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.arrow import readable
from clicksession.engines.frames.base import Eager
from clicksession.engines.taking import taken

__all__ = ["Arrow", "column_of"]


class Arrow(Eager):
    """pyarrow.Table."""

    def columns(self, frame: pa.Table) -> list[str]:
        """Return the names of the fields."""
        return list(frame.column_names)

    def face(self, frame: pa.Table, names: Iterable[str]) -> pd.DataFrame:
        """Return columns over the same memory."""
        return pd.DataFrame({name: column_of(frame.column(name)) for name in names}, copy=False)

    def rows(self, frame: pa.Table, numbers: npt.NDArray[np.int64]) -> pa.Table:
        """Return these rows."""
        plain = {name: pa.array(column_of(frame.column(name))) for name in frame.column_names}
        return pa.table(plain).take(pa.array(numbers))

    def with_taken(
        self, frame: pa.Table, columns: dict[str, pa.Array], rows: pa.Array | None = None
    ) -> pa.Table:
        """Return a new table; what it had under these names is replaced in its place."""
        for name, values in columns.items():
            column = taken(values, rows)
            if name in frame.column_names:
                frame = frame.set_column(frame.column_names.index(name), name, column)
            else:
                frame = frame.append_column(name, column)
        return frame

    def without(self, frame: pa.Table, name: str) -> pa.Table:
        """Drop it."""
        return frame.drop_columns([name])

    def made_of(self, frame: pd.DataFrame) -> pa.Table:
        """Return a table without pandas' own metadata."""
        made = pa.Table.from_pandas(frame, preserve_index=False)
        return made.replace_schema_metadata(None)


def column_of(values: pa.ChunkedArray | pa.Array) -> pd.Series:
    """Return Arrow data as a column of pandas, over the same memory where Arrow can read it."""
    return pd.Series(pd.arrays.ArrowExtensionArray(readable(values)), copy=False)
