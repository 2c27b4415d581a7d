"""From a frame of events to the rows that a table keeps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from clicksession.arrow import in_one, is_text, text_of
from clicksession.engines.columns import read_ids, read_times
from clicksession.errors import ParameterError
from clicksession.labels import require_distinct
from clicksession.quality.content import DERIVED, made_ids
from clicksession.writers.columns import INSTANT
from clicksession.writers.conflicts import WHOSE

__all__ = ["Storable", "storable"]

_WHO = "SQLWriter.write"
_RESERVED = "clicksession_"
_ALWAYS = ("event_id", "user_id", "timestamp")


@dataclass(frozen=True)
class Storable:
    """The distinct events of a frame, in the types of a table.

    Attributes
    ----------
    rows
        One row per distinct event, in the order of the frame.
    kept
        The positions in the frame that the rows came from.
    again
        The id, user and time of each row of the frame that had the id of an earlier one.
    """

    rows: pa.Table
    kept: np.ndarray
    again: pa.Table

    @property
    def duplicates(self) -> int:
        """How many rows of the frame had the id of an earlier one."""
        return len(self.again)


def storable(events: pd.DataFrame) -> Storable:
    """Return the distinct events of a frame; of several with one ``event_id``, the first.

    An event without an id gets one made of its content (`quality.with_event_ids`). Times are kept
    to the microsecond: finer ones are rounded down.
    """
    require_distinct(events.columns, _WHO)
    for name in ("user_id", "timestamp"):
        if name not in events:
            must = f"a frame of events, with the columns user_id and timestamp (no {name!r} here)"
            raise ParameterError(_WHO, "events", must, list(map(str, events.columns)))
    for name in events.columns:
        if str(name).startswith(_RESERVED):
            must = f"without columns whose names begin with {_RESERVED!r}, which are the library's"
            raise ParameterError(_WHO, "events", must, name)
    ids = _event_ids(events)
    first = ~pd.Series(ids.to_numpy(zero_copy_only=False)).duplicated().to_numpy()
    kept = np.flatnonzero(first)
    columns: dict[str, pa.Array] = {"event_id": ids}
    for name in dict.fromkeys(("user_id", "timestamp", *events.columns)):
        if name not in columns and name not in DERIVED:
            columns[str(name)] = _storable_column(events[name], str(name))
    # A column without a value says nothing yet, not even of what type it will be.
    said = {n: c for n, c in columns.items() if n in _ALWAYS or c.null_count < len(c)}
    rows = pa.table(said)
    again = rows.select(WHOSE).filter(pa.array(~first))
    if len(kept) < len(events):
        rows = rows.take(pa.array(kept))
    return Storable(rows, kept, again)


def _event_ids(events: pd.DataFrame) -> pa.Array:
    if "event_id" in events:
        ids = read_ids(events["event_id"], who=_WHO, parameter="event_id")
        if not ids.null_count:
            return _signed(ids)
        texts = ids.cast(pa.string())
        missing = np.flatnonzero(np.asarray(ids.is_null()))
        filled = np.asarray(texts.to_pylist(), dtype=object)
        filled[missing] = made_ids(events.iloc[missing], who=_WHO).to_pylist()
        return pa.array(filled, pa.string())
    return made_ids(events, who=_WHO)


def _storable_column(column: pd.Series, name: str) -> pa.Array:
    if name == "user_id":
        return _signed(read_ids(column, who=_WHO, parameter=name))
    if name == "timestamp" or pd.api.types.is_datetime64_any_dtype(column.dtype):
        times = read_times(column, who=_WHO, parameter=name)
        return pa.array(times.microseconds(times.counts), mask=~times.known).cast(INSTANT)
    array = _arrow(column)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return array.dictionary_decode()
    if pa.types.is_integer(kind):
        return _signed(array)
    if pa.types.is_floating(kind):
        return array.cast(pa.float64())
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp("us"), safe=False).cast(INSTANT)
    if pa.types.is_boolean(kind) or is_text(kind):
        return array
    if pa.types.is_null(kind):
        return array.cast(pa.string())
    return pa.array(map(_text, array.to_pylist()), pa.string())


def _arrow(column: pd.Series) -> pa.Array:
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # Objects of several types in one column.
        array = pa.array(map(_text, column.where(column.notna(), None)), pa.string())
    return in_one(array)


def _signed(ids: pa.Array) -> pa.Array:
    """Return whole numbers as BIGINT can keep them; unsigned ones beyond it as text."""
    if ids.type == pa.uint64():
        return ids.cast(pa.string())
    return ids.cast(pa.int64()) if pa.types.is_integer(ids.type) else ids


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)
