"""What tells one row from another where it has no id of its own."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.arrow import as_text

__all__ = ["content_ids", "texts_of"]

_KEYS = ("clicksession:one", "clicksession:two")


def content_ids(rows: pd.DataFrame) -> pa.Array:
    """Return an id for each row that is made of its content: 32 hexadecimal digits.

    Two rows have the same id when every field that is not null is the same text. A column without
    a value in a row adds nothing to its id, so that a batch with one column more gives old rows
    the ids they had; the order of the columns does not matter.

    An event without an id of its own is identified so, rather than by its place in a file or by
    a count of its occurrences: those change with the way a log is cut into files and batches, and
    with them the events that a table ends up with would.

    Examples
    --------
    >>> rows = pd.DataFrame({"user_id": [1, 1, 2], "page": ["a", "a", None]})
    >>> ids = content_ids(rows)
    >>> bool(ids[0] == ids[1]), bool(ids[1] == ids[2]), len(str(ids[0]))
    (True, False, 32)
    """
    halves = np.zeros((2, len(rows)), dtype=np.uint64)
    for name in rows.columns:
        texts = texts_of(rows[name])
        present = texts.notna().to_numpy()
        # Hashing each distinct text once: most fields repeat.
        codes, distinct = pd.factorize(texts)
        for half, key in enumerate(_KEYS):
            named = np.array([f"{name}\x1f{text}" for text in distinct], dtype=object)
            hashes = pd.util.hash_array(named, hash_key=key[:16], categorize=False)
            if len(hashes):
                # Addition does not mind the order of the columns.
                halves[half][present] += hashes[codes[present]]
    return _hexadecimal(halves)


def _hexadecimal(halves: npt.NDArray[np.uint64]) -> pa.Array:
    digits = halves.T.astype(">u8").tobytes().hex().encode()
    offsets = np.arange(halves.shape[1] + 1, dtype=np.int64) * 32
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digits)]
    return pa.Array.from_buffers(pa.large_string(), halves.shape[1], buffers)


def texts_of(column: pd.Series) -> pd.Series:
    """Return the values of a column as text, alike whatever the type of the column is."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        instants = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz else column
        counts = pd.Series(instants.to_numpy().astype("datetime64[us]").view("i8"), column.index)
        return counts.astype("str").where(column.notna())
    if pd.api.types.is_float_dtype(column.dtype):
        # In Arrow's spelling, as where a column of numbers became text beside one.
        numbers = pa.chunked_array([pa.array(column, from_pandas=True)])
        return pd.Series(as_text(numbers).to_pandas().to_numpy(), column.index, dtype="str")
    texts = column.astype("str").where(column.notna())
    # The same value has one text whatever the type of its column is in this batch: what stands
    # beside it makes 7 a float or a text, and true a text.
    whole = texts.str.fullmatch(r"-?\d+\.0").fillna(False).astype(bool)
    texts = texts.mask(whole, texts.str.removesuffix(".0"))
    return texts.replace({"True": "true", "False": "false"})
