"""From the tables of a reading to the frames that users see."""

from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa

from clicksession.errors import MissingExtraError, ParameterError

__all__ = ["Library", "checked_library", "to_frame", "to_pandas"]

Library = Literal["pandas", "polars", "arrow"]
"""Whose frame comes out: what users give as `frame`."""


def checked_library(who: str, frame: Library) -> Library:
    """Return what a user gave as `frame`.

    Raises
    ------
    ParameterError
        It is none of these.
    MissingExtraError
        Polars is not installed.
    """
    if frame not in get_args(Library):
        raise ParameterError(who, "frame", "'pandas', 'polars' or 'arrow'", frame)
    if frame == "polars" and find_spec("polars") is None:
        raise MissingExtraError("frame='polars'", "polars", "polars")
    return frame


def to_frame(table: pa.Table, library: Library) -> Any:
    """Return a table as a frame of a library.

    A column of nulls alone is text, as in the frames of pandas.
    """
    if library == "pandas":
        return to_pandas(table)
    kinds = [pa.string() if pa.types.is_null(kind) else kind for kind in table.schema.types]
    table = table.cast(pa.schema(zip(table.column_names, kinds, strict=True)))
    if library == "arrow":
        return table
    import polars as pl

    return pl.from_arrow(table)


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a table as a frame in which a null changes no column's type.

    Whole numbers are ``Int64`` and booleans ``boolean``, also where no null is: the batches of a
    source then have one type, and an id never passes through a float.
    """
    frame: pd.DataFrame = table.to_pandas(types_mapper=_types().get)
    return frame


def _types() -> dict[pa.DataType, object]:
    text = pd.StringDtype("pyarrow", na_value=np.nan)
    return {
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): text,
        pa.large_string(): text,
        pa.null(): text,
    }
