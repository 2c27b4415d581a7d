"""Spread what a schema says is packed into a list: pairs of key and value, and events.

Readers hand a list on as JSON text, or as a list where their format has them; what a schema says
of such a list means the same in every format.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from clicksession.arrow import FLOAT_HOLDS
from clicksession.readers.base import Batch, Reason, Whereabouts
from clicksession.readers.clocks import put_right, unclear
from clicksession.readers.pairs import FLOAT_VALUES, INT_VALUE, VALUE
from clicksession.readers.records import batch_of, rows_alone, stands_for_rows, without_hollow
from clicksession.schema import EventSchema, ends_of

__all__ = ["unpacked"]

_SHOWN = 80


def unpacked(batch: Batch, source: str, schema: EventSchema) -> Batch:
    """Return a batch with its lists of events and of pairs spread out, as the schema says.

    A record without its list of events, and one with something else in the place of a list, are
    refused.
    """
    if schema.events is not None and batch.rows.num_rows:
        batch = _events(batch, source, schema.events, schema)
    for path in schema.pairs:
        if path in batch.rows.column_names:
            batch = _fields(batch, source, path)
    return batch


def _events(batch: Batch, source: str, path: str, schema: EventSchema) -> Batch:
    """Return one row for each element of the lists, beside the other fields of its record."""
    batch, lists = _lists(batch, source, path, required=True)
    events = [{path: item} for items in lists for item in items]
    rows = [row for row, items in enumerate(lists) for _ in items]
    alone = _dropped(batch.rows, path)
    right, lost = _on_time(lists, alone, schema)
    outer = alone.take(pa.array(rows, pa.int64()))

    def find(event: int) -> Whereabouts:
        row = rows[event]
        found = batch.find(row) if batch.find else Whereabouts(None, None, b"")
        if batch.find and len(lists[row]) == 1:
            return found
        # The other events of the record are no part of what is wrong with this one.
        values = {
            name: alone[name][row].as_py()
            for name in alone.column_names
            if not stands_for_rows(alone, name)
        }
        own = {name: value for name, value in values.items() if value is not None}
        text = json.dumps({**own, path: [events[event][path]]}, default=str)
        return replace(found, raw=text.encode(), format="json", header=b"")

    inner = batch_of([{path: item} for item in right], rows, batch.unit)
    spread = replace(
        batch,
        rows=_beside(outer, inner.rows),
        numbers=[batch.numbers[row] for row in rows],
        find=find,
        mixed={**batch.mixed, **inner.mixed},
    )
    return _refused(spread, source, {event: (Reason.BAD_TIME, unclear(schema)) for event in lost})


def _on_time(
    lists: Sequence[Sequence[dict[str, Any]]], records: pa.Table, schema: EventSchema
) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the events of all records with their clocks put right, and those that cannot be."""
    names = {end for path in schema.mapping("timestamp") for end in ends_of(path)}
    columns = {name: records[name].to_pylist() for name in names.intersection(records.column_names)}
    found: list[dict[str, Any]] = []
    lost: list[int] = []
    for row, items in enumerate(lists):
        record = {name: column[row] for name, column in columns.items()}
        events, unknown = put_right(items, record, schema)
        lost.extend(len(found) + number for number in sorted(unknown))
        found.extend(events)
    return found, lost


def _fields(batch: Batch, source: str, path: str) -> Batch:
    """Return the batch with a field for each key of the pairs."""
    batch, lists = _lists(batch, source, path, required=False)
    records = [
        {path: {name: value for item in items for name, value in _pair(item)}} for items in lists
    ]
    inner = batch_of(records, batch.numbers, batch.unit)
    rows = _beside(_dropped(batch.rows, path), inner.rows)
    columns = dict(zip(rows.column_names, rows.columns, strict=True))
    rows = rows.select(list(without_hollow(columns)))
    return replace(batch, rows=rows, mixed={**batch.mixed, **inner.mixed})


def _lists(
    batch: Batch, source: str, path: str, *, required: bool
) -> tuple[Batch, list[list[dict[str, Any]]]]:
    """Return the lists at a path, row by row, and the batch without rows that have none there."""
    count = batch.rows.num_rows
    present = path in batch.rows.column_names
    values = batch.rows[path].to_pylist() if present else [None] * count
    lists = [_loaded(value) for value in values]
    bad: dict[int, tuple[Reason, str]] = {}
    for row, items in enumerate(lists):
        if _are_objects(items) or (items is None and not required):
            continue
        detail = f"{path} is no list of objects: {str(values[row])[:_SHOWN]}"
        if items is None:
            detail = f"it has no list of events at {path!r}"
        bad[row] = Reason.NOT_A_LIST, detail
    good = [items or [] for row, items in enumerate(lists) if row not in bad]
    return _refused(batch, source, bad), good


def _refused(batch: Batch, source: str, bad: Mapping[int, tuple[Reason, str]]) -> Batch:
    """Return the batch without the rows that are bad, of which it keeps account."""
    if not bad:
        return batch
    refused = [batch.bad_row(row, source, *why) for row, why in bad.items()]
    good = [row for row in range(batch.rows.num_rows) if row not in bad]
    return replace(
        batch,
        rows=batch.rows.take(pa.array(good, pa.int64())),
        numbers=[batch.numbers[row] for row in good],
        refused=[*batch.refused, *refused],
        find=_found(batch, good),
    )


def _found(batch: Batch, rows: Sequence[int]) -> Callable[[int], Whereabouts] | None:
    """Return how to find rows of a batch that have come to stand elsewhere."""
    find = batch.find
    return None if find is None else lambda row: find(rows[row])


def _dropped(rows: pa.Table, path: str) -> pa.Table:
    if path not in rows.column_names:
        return rows
    if rows.num_columns > 1:
        return rows.drop_columns([path])
    return rows_alone(rows.num_rows)


def _pair(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the field of a pair; what its value holds beside the value is a field below it."""
    key, value = str(item.get("key")), item.get("value")
    if not isinstance(value, dict):
        yield key, value
        return
    typed = [(name, one) for name, one in value.items() if name.endswith(VALUE)]
    yield key, next((_number(name, one) for name, one in typed if one is not None), None)
    beside = ((n, v) for n, v in value.items() if not n.endswith(VALUE) and v is not None)
    yield from ((f"{key}.{n}", v) for n, v in beside)


def _number(name: str, value: Any) -> Any:
    # BigQuery writes whole numbers as text, so that no reader cuts them to a float.
    # BigQuery writes whole numbers as text, so that no reader cuts them to a float.
    if name == INT_VALUE and isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    if name in FLOAT_VALUES and type(value) is int and abs(value) <= FLOAT_HOLDS:
        return float(value)
    return value


def _loaded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _are_objects(items: object) -> bool:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _beside(outer: pa.Table, inner: pa.Table) -> pa.Table:
    """Return the columns of both; of two with one name, the record's own."""
    for name in inner.column_names:
        if name not in outer.column_names and not stands_for_rows(inner, name):
            outer = outer.append_column(name, inner[name])
    return outer
