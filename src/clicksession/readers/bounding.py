"""Whether the events of a reading fit the databases that they may go to."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.bounds import LONGEST_ID, Bounds
from clicksession.quality.fitting import (
    IDS,
    far_times,
    long_ids,
    long_texts,
    short_ids,
    wide_rows,
    without_nuls,
)
from clicksession.readers.base import Reason, plain_value

__all__ = [
    "HINTS",
    "Beyond",
    "Misfit",
    "Takes",
    "beyond",
    "crowded",
    "rows_without_nuls",
    "shortened",
]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Misfit:
    """Why a row does not fit: the column that does not, or `WHOLE_ROW`, and what was found."""

    reason: Reason
    column: str
    detail: str


Beyond = dict[int, Misfit]
"""Rows that do not fit, and why."""

WHOLE_ROW = "*"

HINTS: dict[str, str] = {
    Reason.LONG_ID: "on_misfit='widen' fits it: its first part and its SHA-256, with the whole "
    "text beside it.",
    Reason.TOO_WIDE: "EventSchema(pack=…) puts fields that belong together into one column, "
    "EventSchema(drop=…) leaves some out, and on_misfit='quarantine' sets such rows aside.",
    Reason.TOO_MANY_COLUMNS: "EventSchema(drop=…) leaves some out, and on_misfit='quarantine' sets "
    "rows aside that bring one too many.",
    Reason.FAR_TIME: "EventSchema(drop=…) leaves the field out, and on_misfit='quarantine' sets "
    "such rows aside.",
}
"""What to do about it."""

# A parent of nearly as many columns as the one above it is the one to pack.
_NEARLY = 0.9


@dataclass(frozen=True)
class Takes:
    """What the target of a reading takes.

    Attributes
    ----------
    bounds
        The bounds of a row and of the table.
    on_misfit
        What becomes of a row that does not fit: ``"widen"`` has long ids fitted.
    columns
        The columns that the target has already.
    """

    bounds: Bounds
    on_misfit: Literal["widen", "quarantine", "raise"] = "widen"
    columns: frozenset[str] = frozenset()


def rows_without_nuls(rows: pa.Table) -> tuple[pa.Table, int]:
    """Return rows with U+FFFD for each NUL in a text, and how many texts had one."""
    total = 0
    for position, field in enumerate(rows.schema):
        column, count = without_nuls(rows.column(position))
        if count:
            rows = rows.set_column(position, field, column)
            total += count
    return rows, total


def shortened(events: pa.Table) -> tuple[pa.Table, int]:
    """Return events with ids that indexes hold, the whole texts beside them, and how many."""
    total = 0
    for name, whole in IDS.items():
        column = _column(events, name)
        long = None if column is None else long_ids(column)
        if column is not None and long is not None:
            ids, texts = short_ids(column, long)
            events = events.set_column(events.column_names.index(name), name, ids)
            events = events.append_column(whole, texts)
            total += int(long.sum())
    return events, total


def beyond(events: pa.Table, takes: Takes) -> Beyond:
    """Return the rows that no database takes as they are, whatever stands beside them."""
    found: Beyond = {}
    for row, misfit in _all_beyond(events, takes):
        found.setdefault(row, misfit)
    return found


def _all_beyond(events: pa.Table, takes: Takes) -> Iterator[tuple[int, Misfit]]:
    bounds = takes.bounds
    for name in IDS if takes.on_misfit != "widen" else ():
        column = _column(events, name)
        for row in _rows(None if column is None else long_ids(column)):
            size = len(str(events[name][row]).encode())
            detail = f"{name} has {size:,} bytes, and an index holds {LONGEST_ID}"
            yield row, Misfit(Reason.LONG_ID, name, detail)
    for name, column in zip(events.column_names, events.columns, strict=True):
        for row in _rows(far_times(column, bounds)):
            value = plain_value(column, row)
            detail = f"{name} is not within the years 1 to 9999, which databases know: {value}"
            yield row, Misfit(Reason.FAR_TIME, name, detail)
    wide = wide_rows(events, bounds)
    for row in _rows(wide):
        count = sum(bool(column[row].is_valid) for column in events.columns)
        assert wide is not None
        detail = f"its {count:,} values take {wide[row]:,} bytes of a page of about 8,000"
        yield row, Misfit(Reason.TOO_WIDE, WHOLE_ROW, detail)
    texts = long_texts(events, bounds)
    for row in _rows(texts):
        assert texts is not None
        detail = f"its texts have {texts[row]:,} bytes, and a statement {bounds.statement_bytes:,}"
        yield row, Misfit(Reason.TOO_WIDE, WHOLE_ROW, detail)


def crowded(
    events: pa.Table, filled: set[str], takes: Takes, paths: Collection[str]
) -> tuple[pa.Table, Beyond]:
    """Return events without the columns that a table has no room for, and the rows that bring one.

    Parameters
    ----------
    events
        The events.
    filled
        The columns that are taken already; those of these events are added.
    takes
        What the target takes.
    paths
        The paths that the rows have in their source, to say where so many come from.
    """
    fresh = [
        name
        for name, column in zip(events.column_names, events.columns, strict=True)
        if name not in filled and column.null_count < len(column)
    ]
    limit = takes.bounds.event_columns or 2**62
    filled.update(fresh[: max(0, limit - len(filled))])
    found: Beyond = {}
    over = [name for name in fresh if name not in filled]
    if not over:
        return events, found
    most = _most(paths, len(filled) + len(over))
    for name in over:
        detail = f"{name!r} is one column too many: databases take {limit:,} of events; {most}"
        for row in np.flatnonzero(np.asarray(events[name].is_valid())).tolist():
            found.setdefault(row, Misfit(Reason.TOO_MANY_COLUMNS, name, detail))
    return events.drop_columns(over), found


def _most(paths: Collection[str], count: int) -> str:
    """Return how many columns there are, where most of them come from, and what to do about it."""
    parents = Counter(
        ".".join(names[:depth])
        for names in (path.split(".") for path in paths)
        for depth in range(1, len(names))
    )
    there = f"here are {count:,}"
    largest = max(parents.values(), default=0)
    if largest < count / 2:
        return f'{there}. EventSchema(pack=("*",)) puts those that nothing names into one column'
    near = [parent for parent, size in parents.items() if size >= largest * _NEARLY]
    parent = max(near, key=lambda name: name.count("."))
    pack = f'EventSchema(pack=("{parent}",))'
    return f"{there}, {parents[parent]:,} of them of {parent!r}. {pack} puts these into one column"


def _column(events: pa.Table, name: str) -> pa.ChunkedArray | None:
    return events[name] if name in events.column_names else None


def _rows(flags: npt.NDArray[np.generic] | None) -> list[int]:
    found: list[int] = [] if flags is None else np.flatnonzero(flags).tolist()
    return found
