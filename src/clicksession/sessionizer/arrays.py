"""Columns of batches as arrays, one below the other."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.engines.columns import as_arrow

__all__ = ["as_column", "is_empty", "together", "values_of"]


def values_of(column: pd.Series) -> pa.Array:
    """Return a column as an array of plain values."""
    if column.dtype == object:
        return as_arrow(column.convert_dtypes())
    values = as_arrow(column)
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def together(first: pa.Array, second: pa.Array) -> pa.Array:
    """Return two arrays one below the other; of different types, as text."""
    if pa.types.is_null(first.type):
        first = first.cast(second.type)
    elif pa.types.is_null(second.type):
        second = second.cast(first.type)
    elif first.type != second.type:
        first, second = first.cast(pa.large_string()), second.cast(pa.large_string())
    return pa.concat_arrays([first, second])


def as_column(values: pa.Array) -> pd.Series:
    """Return an array as a column of its own type."""
    return pd.Series(pd.arrays.ArrowExtensionArray(values), copy=False)


def is_empty(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Say of each value whether it is an empty text."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return np.zeros(len(values), dtype=bool)
    texts = values.to_numpy(zero_copy_only=False)
    empty: npt.NDArray[np.bool_] = texts == ""
    return empty
