"""What tells one row from another where it has no id of its own."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.arrow import as_text, in_one, is_text, text_of
from clicksession.engines.columns import read_ids, read_times
from clicksession.keywords import keywords
from clicksession.numerals import by_value

__all__ = ["DERIVED", "content_ids", "made_ids", "texts_of"]

_KEYS = ("clicksession:one", "clicksession:two")

#: The columns that `clicksession.sessionize` adds: they are no part of what an event is.
DERIVED = ("session_id", "session_index", "start_reason")


@keywords()
def content_ids(rows: pd.DataFrame, *, exactly: bool = False) -> pa.Array:
    """Return an id for each row that is made of its content: 32 hexadecimal digits.

    Two rows have the same id when every field that is not null is the same text; a number is the
    same however it is written (``2.5``, ``2.50``), since what stands beside it decides whether its
    column is one of numbers. With `exactly`, texts are what they are: they name somebody. A column
    without a value in a row adds nothing to its id, so that a batch with one column more gives old
    rows the ids they had; the order of the columns does not matter.

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
        column = _plain(rows[name])
        texts = texts_of(column)
        present = texts.notna().to_numpy()
        # Hashing each distinct text once: most fields repeat.
        codes, distinct = pd.factorize(texts)
        is_words = pd.api.types.is_string_dtype(column.dtype)
        if not exactly and name != "user_id" and is_words and len(distinct):
            distinct = _by_value(distinct)
        for half, key in enumerate(_KEYS):
            named = np.array([f"{name}\x1f{text}" for text in distinct], dtype=object)
            hashes = pd.util.hash_array(named, hash_key=key[:16], categorize=False)
            if len(hashes):
                # Addition does not mind the order of the columns.
                halves[half][present] += hashes[codes[present]]
    return _hexadecimal(halves)


def made_ids(
    events: pd.DataFrame, *, user: str = "user_id", time: str = "timestamp", who: str
) -> pa.Array:
    """Return the ids that events without one have: in a table, and to break ties in a frame.

    Made of what a table would keep of them: times to the microsecond, and no sessions.
    """
    # As text, so that 7, 7.0 beside a null, and "7" are one user also here.
    users = read_ids(events[user], who=who, parameter="user").cast(pa.string())
    times = read_times(events[time], who=who, parameter="time")
    moments = pa.array(times.microseconds(times.counts), mask=~times.known)
    content = events.drop(columns=[n for n in (*DERIVED, "event_id", user, time) if n in events])
    # What has the name of another column steps aside, as when a log is read.
    content = content.rename(columns={n: f"source_{n}" for n in ("user_id", "timestamp")})
    return content_ids(
        content.assign(
            user_id=users.to_pandas().to_numpy(), timestamp=pd.array(moments, dtype="Int64")
        )
    )


def _by_value(texts: pd.Index) -> pd.Index:
    """Return texts with those that are numbers spelled as their columns are where all are."""
    column = pa.chunked_array([pa.array(texts.to_list(), pa.string())])
    spelled: pd.Index = pd.Index(by_value(column).to_pylist(), dtype=object)
    return spelled


def _hexadecimal(halves: npt.NDArray[np.uint64]) -> pa.Array:
    digits = halves.T.astype(">u8").tobytes().hex().encode()
    offsets = np.arange(halves.shape[1] + 1, dtype=np.int64) * 32
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digits)]
    return pa.Array.from_buffers(pa.large_string(), halves.shape[1], buffers)


def _plain(column: pd.Series) -> pd.Series:
    """Return a column of Arrow's types or of categories as pandas would hold it by itself."""
    kind = column.dtype
    if not isinstance(kind, pd.ArrowDtype | pd.CategoricalDtype):
        return column
    if isinstance(kind, pd.CategoricalDtype) and kind.categories.dtype == object:
        return column.astype(object)
    values = in_one(pa.array(column))
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_nested(values.type):
        return pd.Series(values.to_pylist(), column.index, dtype=object)
    if _is_words(values.type):
        return pd.Series(pd.array(values.cast(pa.large_string()), dtype="str"), column.index)
    if pa.types.is_integer(values.type):
        # Not through floats, which a null would make of them.
        texts = values.cast(pa.string()).to_pandas().to_numpy()
        return pd.Series(texts, column.index, dtype="str")
    if pa.types.is_boolean(values.type):
        return pd.Series(pd.array(values.to_pylist(), dtype="boolean"), column.index)
    return pd.Series(values.to_pandas().array, column.index)


def _is_words(kind: pa.DataType) -> bool:
    return pa.types.is_null(kind) or is_text(kind) or bool(pa.types.is_string_view(kind))


def texts_of(column: pd.Series) -> pd.Series:
    """Return the values of a column as text, alike whatever the type of the column is.

    What stands beside it in a batch makes 7 a float or a text, and true a text: it is spelled as
    where a column becomes text. Texts are what they are.
    """
    kind = column.dtype
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _instants(column)
    if pd.api.types.is_float_dtype(kind):
        # Narrow ones as a table keeps them.
        numbers = pa.chunked_array([pa.array(column, from_pandas=True).cast(pa.float64())])
        return pd.Series(as_text(numbers).to_pandas().to_numpy(), column.index, dtype="str")
    present = column.notna()
    if pd.api.types.is_object_dtype(kind):
        return column.map(text_of, na_action="ignore").astype("str").where(present)
    texts = column.astype("str").where(present)
    if pd.api.types.is_bool_dtype(kind):
        return texts.str.lower()
    return texts


def _instants(column: pd.Series) -> pd.Series:
    """Return microseconds since 1970, and what is finer where there is something."""
    known = column.notna()
    instants = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz else column
    unit = np.datetime_data(instants.to_numpy().dtype)[0]
    counts = instants.to_numpy().view("i8")
    if unit != "ns":
        counts = instants.to_numpy().astype("datetime64[us]").view("i8")
        return pd.Series(counts, column.index).astype("str").where(known)
    texts = pd.Series(counts // 1000, column.index).astype("str")
    finer = pd.Series(counts % 1000, column.index)
    return texts.mask(finer > 0, texts + "." + finer.astype("str").str.zfill(3)).where(known)
