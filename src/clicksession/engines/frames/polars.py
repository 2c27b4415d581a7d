"""Polars: eager frames are Arrow in other clothes."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from clicksession.engines.frames.arrow import Arrow, column_of
from clicksession.engines.frames.base import Eager

__all__ = ["Polars"]


class Polars(Eager):
    """polars.DataFrame."""

    def columns(self, frame: pl.DataFrame) -> list[str]:
        """Return the names of the columns."""
        return frame.columns

    def face(self, frame: pl.DataFrame, names: Iterable[str]) -> pd.DataFrame:
        """Return columns over the same memory, but for text, which Polars keeps in its own form."""
        columns = {name: column_of(frame.get_column(name).to_arrow()) for name in names}
        return pd.DataFrame(columns, copy=False)

    def rows(self, frame: pl.DataFrame, numbers: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Return these rows."""
        return frame[numbers]

    def with_taken(
        self, frame: pl.DataFrame, columns: dict[str, pa.Array], rows: pa.Array | None = None
    ) -> pl.DataFrame:
        """Return a new frame; Polars takes texts without copying their characters."""
        added = [pl.Series(name, values) for name, values in columns.items()]
        if rows is not None:
            numbers = pl.Series(rows)
            added = [column.gather(numbers) for column in added]
        return frame.with_columns(added)

    def without(self, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        """Drop it."""
        return frame.drop(name)

    def made_of(self, frame: pd.DataFrame) -> pl.DataFrame:
        """Return it through Arrow."""
        made = pl.from_arrow(Arrow().made_of(frame))
        assert isinstance(made, pl.DataFrame)
        return made
