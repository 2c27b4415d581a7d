"""From a frame of events to the rows that a table keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one, is_text, text_of
from clicksession.engines.columns import read_ids, read_times
from clicksession.errors import ParameterError
from clicksession.labels import require_distinct
from clicksession.quality.content import DERIVED, made_ids
from clicksession.quality.fitting import (
    IDS,
    fitted,
    long_ids,
    short_id,
    short_ids,
    without_nuls,
)
from clicksession.readers.rows.ids import as_ids
from clicksession.readers.rows.types import column_of
from clicksession.writers.tables.columns import INSTANT
from clicksession.writers.tables.conflicts import WHOSE

__all__ = ["ALWAYS", "Storable", "require_names", "storable", "stored_id"]

_WHO = "SQLWriter.write"
_RESERVED = "clicksession_"
ALWAYS = ("event_id", "user_id", "timestamp")


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
    nuls_replaced, ids_shortened
        How many texts were fitted, as `WriteReport` counts them.
    """

    rows: pa.Table
    kept: np.ndarray
    again: pa.Table
    nuls_replaced: int = 0
    ids_shortened: int = 0


def storable(
    events: pd.DataFrame, *, fits: bool = True, fits_ids: bool = True, distinct: bool = True
) -> Storable:
    """Return the distinct events of a frame; of several with one ``event_id``, the first.

    An event without an id gets one made of its content (`quality.with_event_ids`). Times are kept
    to the microsecond: finer ones are rounded down. Texts lose their NULs if `fits`, and long ids
    become such as an index holds if `fits_ids`. All rows stay if not `distinct`.
    """
    require_distinct(events.columns, _WHO)
    require_names([str(name) for name in events.columns])
    fitting = Fitting(fits, fits and fits_ids)
    columns: dict[str, pa.Array] = {}
    for name in dict.fromkeys(("user_id", "timestamp", *events.columns)):
        if name not in ("event_id", *DERIVED):
            columns[str(name)] = fitting.of(_storable_column(events[name], str(name)))
    columns |= fitting.id(columns, "user_id")
    own = fitting.of(_ids(events["event_id"], "event_id")) if "event_id" in events else None
    # What was fitted is what an id of the content is made of, as where it comes from a file.
    content = fitted(events) if fitting.has_changed else events
    if content["user_id"].dtype.kind in "fO":
        # Numbers that are not whole are no users but by their texts.
        content = content.assign(user_id=columns["user_id"].to_pandas().to_numpy(dtype=object))
    ids = _event_ids(content, own)
    columns = {"event_id": ids, **columns}
    columns |= fitting.id(columns, "event_id")
    ids = columns["event_id"]
    first = np.ones(len(ids), dtype=bool)
    if distinct:
        first = ~pd.Series(ids.to_numpy(zero_copy_only=False)).duplicated().to_numpy()
    kept = np.flatnonzero(first)
    # A column without a value says nothing yet, not even of what type it will be.
    said = {n: c for n, c in columns.items() if n in ALWAYS or c.null_count < len(c)}
    rows = pa.table(said)
    again = rows.select(WHOSE).filter(pa.array(~first))
    if len(kept) < len(events):
        rows = rows.take(pa.array(kept))
    return Storable(rows, kept, again, fitting.nuls_replaced, fitting.ids_shortened)


def require_names(names: Sequence[str]) -> None:
    """Refuse events whose columns a table cannot have.

    Raises
    ------
    ParameterError
        One is missing, has no name, or one that is the library's.
    """
    for name in ("user_id", "timestamp"):
        if name not in names:
            must = f"a frame of events, with the columns user_id and timestamp (no {name!r} here)"
            raise ParameterError(_WHO, "events", must, list(names))
    for name in names:
        if not name:
            raise ParameterError(_WHO, "events", "with a name for each column", "an empty one")
        if name.startswith(_RESERVED):
            must = f"without columns whose names begin with {_RESERVED!r}, which are the library's"
            raise ParameterError(_WHO, "events", must, name)


class Fitting:
    """Fits the texts of a frame, and counts how many."""

    def __init__(self, fits: bool, fits_ids: bool) -> None:
        self.nuls_replaced = self.ids_shortened = 0
        self._fits, self._fits_ids = fits, fits_ids

    @property
    def has_changed(self) -> bool:
        """Whether some text is not what it was."""
        return bool(self.nuls_replaced or self.ids_shortened)

    def of(self, column: pa.Array) -> pa.Array:
        """Return a column without NULs."""
        if not self._fits:
            return column
        column, count = without_nuls(column)
        self.nuls_replaced += count
        return column

    def id(self, columns: Mapping[str, pa.Array], name: str) -> dict[str, pa.Array]:
        """Return a column of ids with the long ones fitted, and that of their whole texts."""
        long = long_ids(columns[name]) if self._fits_ids else None
        if long is None:
            return {}
        self.ids_shortened += int(long.sum())
        ids, texts = short_ids(columns[name], long)
        given = columns.get(IDS[name])
        if given is not None:
            texts = pc.coalesce(texts.cast(pa.large_string()), given.cast(pa.large_string()))
        return {name: ids, IDS[name]: texts}


def _ids(column: pd.Series, name: str) -> pa.Array:
    """Return ids as a reader has them: of numbers that are not whole, all are text."""
    ids = _of_objects(column) if column.dtype == object else _arrow(column)
    if pa.types.is_floating(ids.type):
        return in_one(as_ids(pa.chunked_array([ids.cast(pa.float64())])).column)
    if is_text(ids.type) or pa.types.is_integer(ids.type):
        return ids
    return read_ids(column, who=_WHO, parameter=name)


def _of_objects(column: pd.Series) -> pa.Array:
    """Return objects as a reader has them: beside a float, Arrow would make one of each number."""
    _arrow(column)
    return column_of([None if pd.isna(value) else value for value in column])


def _event_ids(events: pd.DataFrame, ids: pa.Array | None) -> pa.Array:
    if ids is not None:
        if not ids.null_count:
            return _signed(ids)
        texts = ids.cast(pa.string())
        missing = np.flatnonzero(np.asarray(ids.is_null()))
        filled = np.asarray(texts.to_pylist(), dtype=object)
        filled[missing] = made_ids(events.iloc[missing], who=_WHO).to_pylist()
        return pa.array(filled, pa.string())
    return made_ids(events, who=_WHO)


def stored_id(text: str) -> str:
    """Return the id that a table has for one that is given."""
    fitted, _ = without_nuls(pa.array([text]))
    return short_id(fitted[0].as_py())


def _storable_column(column: pd.Series, name: str) -> pa.Array:
    if name == "user_id":
        return _signed(_ids(column, name))
    if name == "timestamp" or _is_of_times(column.dtype):
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


def _is_of_times(kind: Any) -> bool:
    # pandas takes Arrow's dates for times, too.
    is_date = isinstance(kind, pd.ArrowDtype) and pa.types.is_date(kind.pyarrow_dtype)
    return not is_date and pd.api.types.is_datetime64_any_dtype(kind)


def _arrow(column: pd.Series) -> pa.Array:
    try:
        try:
            array = pa.array(column, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            # Objects of several types in one column.
            array = pa.array(map(_text, column.where(column.notna(), None)), pa.string())
    except UnicodeEncodeError as error:
        must = "with texts of whole characters"
        got = f"half a surrogate pair in {column.name!r}: {error.object[:40]!r}"
        raise ParameterError(_WHO, "events", must, got) from None
    return in_one(array)


def _signed(ids: pa.Array) -> pa.Array:
    """Return whole numbers as BIGINT can keep them; unsigned ones beyond it as text."""
    if ids.type == pa.uint64():
        return ids.cast(pa.string())
    return ids.cast(pa.int64()) if pa.types.is_integer(ids.type) else ids


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)
