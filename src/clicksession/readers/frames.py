"""From Arrow tables to the pandas frames that users see."""

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["to_pandas"]


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
