"""Whether the events of a reading fit the databases that they may go to."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.bounds import LONGEST_ID, Bounds
from clicksession.quality.fitting import (
    IDS,
    far_times,
    infinite,
    long_ids,
    long_texts,
    short_ids,
    wide_rows,
    without_nuls,
)
from clicksession.readers.base import Reason, plain_value

__all__ = [
    "HINTS",
    "MISFITS",
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
    Reason.TOO_WIDE: "EventSchema(drop=…) leaves fields out, and on_misfit='quarantine' sets such "
    "rows aside.",
    Reason.TOO_MANY_COLUMNS: "EventSchema(drop=…) leaves fields out, and on_misfit='quarantine' "
    "sets rows aside that bring one too many.",
    Reason.FAR_TIME: "Correct it or make it null, or have on_misfit='quarantine' set such rows "
    "aside. EventSchema(drop=…) leaves out a field, but not the timestamp.",
    Reason.NOT_FINITE: "EventSchema(drop=…) leaves the field out, a null says that nothing was "
    "measured, and on_misfit='quarantine' sets such rows aside.",
}
"""What to do about it."""

MISFITS = frozenset((*HINTS, Reason.TOO_MANY_FIELDS))
"""Why a row is refused that is good but for what its target takes."""

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
        long = long_ids(events[name]) if name in events.column_names else None
        if long is not None:
            ids, texts = short_ids(events[name], long)
            events = events.set_column(events.column_names.index(name), name, ids)
            events = events.append_column(whole, texts)
            total += int(long.sum())
    return events, total


def beyond(events: pa.Table, takes: Takes, paths: Collection[str] = ()) -> Beyond:
    """Return the rows that no database takes as they are, whatever stands beside them.

    `paths` are those that the rows have in their source, to say where so many values come from.
    """
    found: Beyond = {}
    for row, misfit in chain(
        _long_ids(events, takes),
        _far_times(events, takes),
        _infinite(events, takes),
        _wide(events, takes, paths),
    ):
        found.setdefault(row, misfit)
    return found


def _long_ids(events: pa.Table, takes: Takes) -> Iterator[tuple[int, Misfit]]:
    for name in IDS if takes.on_misfit != "widen" else ():
        for row in _rows(long_ids(events[name]) if name in events.column_names else None):
            size = len(str(events[name][row]).encode())
            detail = f"{name} has {size:,} bytes, and an index holds {LONGEST_ID}"
            yield row, Misfit(Reason.LONG_ID, name, detail)


def _far_times(events: pa.Table, takes: Takes) -> Iterator[tuple[int, Misfit]]:
    for name, column in zip(events.column_names, events.columns, strict=True):
        for row in _rows(far_times(column, takes.bounds)):
            value = plain_value(column, row)
            detail = f"{name} is not within the years 1 to 9999, which databases know: {value}"
            yield row, Misfit(Reason.FAR_TIME, name, detail)


def _infinite(events: pa.Table, takes: Takes) -> Iterator[tuple[int, Misfit]]:
    for name, column in zip(events.column_names, events.columns, strict=True):
        for row in _rows(infinite(column, takes.bounds)):
            detail = f"{name} is not finite, and MariaDB and MySQL keep no such number: "
            yield row, Misfit(Reason.NOT_FINITE, name, detail + str(column[row].as_py()))


def _wide(events: pa.Table, takes: Takes, paths: Collection[str]) -> Iterator[tuple[int, Misfit]]:
    wide = wide_rows(events, takes.bounds)
    if wide is not None:
        counts = np.zeros(events.num_rows, dtype=np.int64)
        for column in events.columns:
            counts += np.asarray(column.is_valid())
        for row in _rows(wide):
            detail = f"its {counts[row]:,} values take {wide[row]:,} bytes of a page of about 8,000"
            detail += f"; {_most(paths, int(counts[row]))}"
            yield row, Misfit(Reason.TOO_WIDE, WHOLE_ROW, detail)
    texts = long_texts(events, takes.bounds)
    if texts is not None:
        most = takes.bounds.statement_bytes
        for row in _rows(texts):
            detail = f"its texts have {texts[row]:,} bytes, and a statement takes {most:,}"
            yield row, Misfit(Reason.TOO_WIDE, WHOLE_ROW, detail)


def crowded(
    events: pa.Table,
    filled: set[str],
    takes: Takes,
    paths: Collection[str] = (),
    aside: Collection[int] = (),
) -> tuple[pa.Table, Beyond]:
    """Return events without the columns that a table has no room for, and the rows that bring one.

    Row by row, so that it does not matter how the events are cut into batches: a row whose columns
    have no room takes none.

    Parameters
    ----------
    events
        The events.
    filled
        The columns that are taken already; those of these events are added.
    takes
        What the target takes.
    paths
        As in `beyond`.
    aside
        Rows that do not count.
    """
    limit = takes.bounds.event_columns or 2**62
    # A table has it, whether or not a log does.
    filled.add("event_type")
    columns = zip(events.column_names, events.columns, strict=True)
    fresh = {n: c for n, c in columns if n not in filled and c.null_count < len(c)}
    if not fresh or (not aside and len(filled) + len(fresh) <= limit):
        filled.update(fresh)
        return events, {}
    names = np.array(list(fresh))
    brings = np.array([np.asarray(column.is_valid()) for column in fresh.values()])
    brings[:, list(aside)] = False
    taken, late = _in_turn(brings, limit - len(filled))
    count = len(filled) + int(brings.any(axis=1).sum())
    filled.update(names[taken].tolist())
    found: Beyond = {}
    for row in late:
        new = names[brings[:, row] & ~taken]
        name = str(new[min(len(new) - 1, limit - len(filled))])
        detail = f"{name!r} is one column too many: databases take {limit:,} of events; "
        found[row] = Misfit(Reason.TOO_MANY_COLUMNS, name, detail + _most(paths, count))
    return (events.drop_columns(names[~taken].tolist()) if found else events), found


def _in_turn(brings: Flags, room: int) -> tuple[Flags, list[int]]:
    """Return which columns are taken, row by row, and the rows for whose columns is no room."""
    taken = np.asarray(brings.any(axis=1))
    if taken.sum() <= room:
        return taken, []
    taken, late = np.zeros_like(taken), []
    for row in np.flatnonzero(brings.any(axis=0)).tolist():
        both = taken | brings[:, row]
        if both.sum() <= room:
            taken = both
        else:
            late.append(row)
    return taken, late


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
        return f'{there}. EventSchema(pack="*") puts those that nothing names into one column'
    near = [parent for parent, size in parents.items() if size >= largest * _NEARLY]
    parent = max(near, key=lambda name: name.count("."))
    pack = f'EventSchema(pack="{parent}")'
    return f"{there}, {parents[parent]:,} of them of {parent!r}. {pack} puts these into one column"


def _rows(flags: npt.NDArray[np.generic] | None) -> list[int]:
    found: list[int] = [] if flags is None else np.flatnonzero(flags).tolist()
    return found
