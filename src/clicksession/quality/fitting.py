"""Whether a row fits the bounds of databases, and how it is made to.

What becomes of a row depends on the row alone: not on the rows beside it, nor on the database.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one, is_text
from clicksession.bounds import LONGEST_ID, Bounds

__all__ = [
    "IDS",
    "far_times",
    "fitted",
    "infinite",
    "long_ids",
    "long_texts",
    "short_id",
    "short_ids",
    "wide_rows",
    "without_nuls",
]

Column: TypeAlias = pa.Array | pa.ChunkedArray
Flags = npt.NDArray[np.bool_]
Sizes = npt.NDArray[np.int64]

#: The columns that indexes hold, and where the whole text of one that is too long stands.
IDS = {"user_id": "user_id_text", "event_id": "event_id_text"}

_NUL, _INSTEAD = "\x00", "\ufffd"
_CUT = "…"
_KEPT = LONGEST_ID - len(_CUT.encode()) - sha256().digest_size * 2

# A text of up to so many bytes stands in its row whole, and one of more as what points to it:
# 18 bytes in PostgreSQL, 20 in InnoDB, and what goes before them.
_WHOLE, _BESIDE, _POINTER = 40, 2, 28

# What else a row has: its header, a bit for each null, the id of its session.
_OVERHEAD = 300


def without_nuls(column: Column) -> tuple[Column, int]:
    r"""Return a column with U+FFFD for each NUL in its texts, and how many texts had one.

    Examples
    --------
    >>> column, count = without_nuls(pa.chunked_array([["a\0b", "c", None]]))
    >>> column.to_pylist(), count
    (['a�b', 'c', None], 1)
    """
    if not is_text(column.type) or not any(map(_may_hold_nul, _chunks(column))):
        return column, 0
    count = pc.sum(pc.match_substring(column, _NUL)).as_py() or 0
    return (pc.replace_substring(column, _NUL, _INSTEAD), count) if count else (column, 0)


def fitted(events: pd.DataFrame, user: str = "user_id") -> pd.DataFrame:
    """Return a frame whose texts are as a table keeps them, to be told apart by their content."""
    changes: dict[str, Any] = {}
    for name in events.columns:
        column = events[name]
        if column.dtype == object:
            if column.map(lambda value: isinstance(value, str) and _NUL in value).any():
                changes[name] = column.map(_without_nul)
        elif pd.api.types.is_string_dtype(column.dtype):
            texts, count = without_nuls(in_one(pa.array(column, from_pandas=True)))
            if count:
                changes[name] = pd.Series(pd.array(texts.to_pylist(), dtype="str"), events.index)
    users = changes.get(user, events[user])
    if pd.api.types.is_string_dtype(users.dtype) or users.dtype == object:
        whole = users.map(lambda value: value if _is_long(value) else None)
        if whole.notna().any():
            changes[user] = users.map(lambda value: short_id(value) if _is_long(value) else value)
            name = IDS["user_id"]
            changes[name] = whole.where(whole.notna(), events[name]) if name in events else whole
    return events.assign(**changes) if changes else events


def _without_nul(value: object) -> object:
    return value.replace(_NUL, _INSTEAD) if isinstance(value, str) else value


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) > LONGEST_ID


def short_id(text: str) -> str:
    """Return an id that every index holds: a long one is its first part and its SHA-256.

    Examples
    --------
    >>> short_id("ann")
    'ann'
    >>> len(short_id("x" * 4_000).encode())
    480
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= LONGEST_ID:
        return text
    return f"{data[:_KEPT].decode(errors='ignore')}{_CUT}{sha256(data).hexdigest()}"


def long_ids(column: Column) -> Flags | None:
    """Return which ids are too long for an index; None where there is none."""
    if not is_text(column.type) or _longest(column) <= LONGEST_ID:
        return None
    return np.asarray(pc.fill_null(pc.greater(pc.binary_length(column), LONGEST_ID), False))


def short_ids(column: Column, long: Flags) -> tuple[Column, Column]:
    """Return ids with the long ones fitted, and the whole texts of these: null for the others."""
    texts = pc.if_else(pa.array(long), column, pa.scalar(None, column.type))
    fitted = [short_id(text) for text in texts.drop_null().to_pylist()]
    return pc.replace_with_mask(
        in_one(column), pa.array(long), pa.array(fitted, column.type)
    ), texts


def wide_rows(rows: pa.Table, bounds: Bounds) -> Sizes | None:
    """Return how many bytes of a page those rows take that no page holds, and 0 for the others.

    Estimated from above, the same for all databases; None where all rows fit.
    """
    room = (bounds.row_bytes or 2**62) - _OVERHEAD
    columns = rows.columns
    if sum(map(_most, columns)) <= room:
        return None
    width = np.zeros(rows.num_rows, dtype=np.int64)
    uneven, numbers = np.zeros_like(width), np.zeros_like(width)
    for column in columns:
        known = np.asarray(column.is_valid())
        if is_text(column.type):
            size = _sizes(column)
            width += np.where(size > _WHOLE, _POINTER, size + _BESIDE) * known
            uneven += known
        elif pa.types.is_boolean(column.type):
            width += known
            uneven += known
        else:
            width += 8 * known
            numbers += known
    # A number begins at a multiple of eight bytes: up to seven stay free behind what is no number.
    width += 7 * np.minimum(numbers, uneven + 1)
    return _beyond(width, room)


def long_texts(rows: pa.Table, bounds: Bounds) -> Sizes | None:
    """Return the bytes of text of those rows that no statement takes, as `wide_rows` does."""
    room = bounds.statement_bytes or 2**62
    texts = [column for column in rows.columns if is_text(column.type)]
    # All texts of a block together are mostly fewer.
    if sum(map(_total, texts)) <= room or sum(map(_longest, texts)) <= room:
        return None
    size = sum((_sizes(column) for column in texts), np.zeros(rows.num_rows, dtype=np.int64))
    return _beyond(size, room)


def far_times(column: Column, bounds: Bounds) -> Flags | None:
    """Return which times some database does not know; None where there is none."""
    if not pa.types.is_timestamp(column.type) or column.null_count == len(column):
        return None
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    first, end = (int(each.timestamp()) * per_second for each in (bounds.first, bounds.end))
    if column.type.unit == "ns":
        # 64 bits end in the year 2262.
        return None
    counts = column.cast(pa.timestamp(column.type.unit)).cast(pa.int64())
    least = pc.min_max(counts).as_py()
    if least["min"] >= first and least["max"] < end:
        return None
    far = pc.or_(pc.less(counts, first), pc.greater_equal(counts, end))
    return np.asarray(pc.fill_null(far, False))


def infinite(column: Column, bounds: Bounds) -> Flags | None:
    """Return which numbers are infinite, where some database keeps none; None where there is none.

    NaN is none: tables have a null in its place.
    """
    if not bounds.finite or not pa.types.is_floating(column.type):
        return None
    flags = np.asarray(pc.fill_null(pc.is_inf(column), False))
    return flags if flags.any() else None


def _beyond(sizes: Sizes, room: int) -> Sizes | None:
    beyond: Sizes = np.where(sizes > room, sizes, 0)
    return beyond if beyond.any() else None


def _most(column: Column) -> int:
    """Return the most that a value of a column adds to its row."""
    if column.null_count == len(column):
        return 0
    return _WHOLE + _BESIDE if is_text(column.type) else 15


def _chunks(column: Column) -> Iterator[pa.Array]:
    yield from column.chunks if isinstance(column, pa.ChunkedArray) else (column,)


def _may_hold_nul(chunk: pa.Array) -> bool:
    """Say whether a byte of the texts is zero; one under a null may be."""
    ends, data = _ends(chunk), chunk.buffers()[2]
    if data is None or ends[-1] == ends[0]:
        return False
    return not np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]].min()


def _ends(chunk: pa.Array) -> npt.NDArray[np.int64]:
    """Return where each text of a chunk begins, and where the last one ends."""
    if not len(chunk):
        return np.zeros(1, dtype=np.int64)
    kind = np.int32 if pa.types.is_string(chunk.type) else np.int64
    ends: npt.NDArray[np.int64] = np.frombuffer(chunk.buffers()[1], dtype=kind)
    return ends[chunk.offset : chunk.offset + len(chunk) + 1]


def _total(column: Column) -> int:
    """Return the bytes of all texts of a column."""
    return sum(int(ends[-1] - ends[0]) for ends in map(_ends, _chunks(column)))


def _longest(column: Column) -> int:
    """Return the bytes of the longest text of a column, or more."""
    return max((int(np.diff(_ends(c)).max(initial=0)) for c in _chunks(column)), default=0)


def _sizes(column: Column) -> npt.NDArray[np.int64]:
    """Return the bytes of each text; none for a null."""
    return np.asarray(pc.fill_null(pc.binary_length(column), 0), dtype=np.int64)
