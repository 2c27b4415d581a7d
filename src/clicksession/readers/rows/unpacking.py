"""Spread what a schema says is in a list or a text: pairs of key and value, events, JSON.

Readers hand a list on as JSON text, or as a list where their format has them; what a schema says
of such a list means the same in every format.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from clicksession.arrow import FLOAT_HOLDS
from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts, in_json, plain_value
from clicksession.readers.rows.clocks import put_right, unclear
from clicksession.readers.rows.flattening import (
    Leaves,
    batch_of,
    beside,
    resolved,
    stands_for_rows,
    without_column,
    without_hollow,
)
from clicksession.readers.rows.packing import REST, leaves_of, merged, packed
from clicksession.readers.rows.pairs import FLOAT_VALUES, INT_VALUE, VALUE
from clicksession.schema import EventSchema, ends_of

__all__ = ["beside_row", "unpacked", "with_fields"]

Opened = Callable[[Batch, str, Sequence[str], Leaves], Batch]
"""What reads texts of a format inside of fields: their batch, its source, the paths, the fields."""

_SHOWN = 80


def unpacked(batch: Batch, source: str, schema: EventSchema, opened: Opened) -> Batch:
    """Return a batch with its lists of events and of pairs spread out, as the schema says.

    A record without its list of events, one with something else in the place of a list, and one
    whose JSON text is none, are refused. `opened` reads the JSON texts of fields.
    """
    leaves = leaves_of(schema)
    # Texts may hold the list, and elements of the list may hold texts.
    batch = opened(batch, source, schema.json, leaves)
    if schema.events is not None and batch.rows.num_rows:
        batch = _events(batch, source, schema.events, schema)
        batch = opened(batch, source, schema.json, leaves)
    for path in schema.pairs:
        if path in batch.rows.column_names:
            batch = _fields(batch, source, path, leaves)
    if schema.pairs:
        batch = opened(batch, source, schema.json, leaves)
    if not schema.pack:
        return batch
    # What is set aside is not packed: it is read again.
    return replace(batch, rows=packed(batch.rows, schema), find=batch.whereabouts)


def with_fields(
    batch: Batch, source: str, records: Sequence[Mapping[str, Any]], leaves: Leaves
) -> Batch:
    """Return a batch with the fields of a record beside those of each row.

    A row is refused whose record has too many.
    """
    inner = batch_of(records, range(len(records)), batch.unit, find=batch.find, fields_of=leaves)
    crowded = [replace(row, file=source) for row in inner.refused]
    if crowded:
        batch = batch.taken(inner.numbers)
        batch = replace(batch, refused=[*batch.refused, *crowded])
    return beside_row(batch, inner)


def beside_row(batch: Batch, inner: Batch) -> Batch:
    """Return a batch with the fields of another one, which has as many rows, beside its own."""
    rows, more = batch.rows, inner.rows
    if {REST}.issubset(rows.column_names) and {REST}.issubset(more.column_names):
        both = merged(rows[REST], more[REST])
        rows = without_column(rows, REST)
        more = more.set_column(more.column_names.index(REST), REST, both)
    return replace(
        batch,
        rows=beside(rows, more),
        mixed={**batch.mixed, **inner.mixed},
        truths={**batch.truths, **inner.truths},
    )


def _events(batch: Batch, source: str, path: str, schema: EventSchema) -> Batch:
    """Return one row for each element of the lists, beside the other fields of its record."""
    batch, lists = _lists(batch, source, path, required=True)
    events = [{path: item} for items in lists for item in items]
    rows = [row for row, items in enumerate(lists) for _ in items]
    alone = without_column(batch.rows, path)

    def find(event: int) -> Whereabouts:
        row = rows[event]
        found = batch.find(row) if batch.find else Whereabouts(None, None, b"")
        if batch.find and len(lists[row]) == 1:
            return found
        # The other events of the record are no part of what is wrong with this one.
        values = {
            name: plain_value(alone[name], row)
            for name in alone.column_names
            if not stands_for_rows(alone, name)
        }
        own = {name: value for name, value in values.items() if value is not None}
        # As the record has them: beside other types, a number or a truth became text here.
        own = _as_written(own, found.raw)
        text = json.dumps({**own, path: [events[event][path]]}, default=in_json)
        return replace(found, raw=text.encode(), format="json", header=b"")

    outer = replace(replace(batch, rows=alone).taken(rows), find=find)
    right, lost = _on_time(lists, alone, schema)
    if lost:
        detail = unclear(schema)
        bad = [outer.bad_row(event, source, Reason.BAD_TIME, detail) for event in sorted(lost)]
        good = [event for event in range(len(right)) if event not in lost]
        outer = replace(outer.taken(good), refused=[*outer.refused, *bad])
        right = [right[event] for event in good]
    return with_fields(outer, source, [{path: item} for item in right], leaves_of(schema))


def _as_written(values: dict[str, Any], raw: bytes) -> dict[str, Any]:
    """Return the fields of a record as its bytes have them, where these are JSON."""
    try:
        record = json.loads(raw)
    except ValueError:
        return values
    written = {name: resolved(record, name) for name in values}
    plain = {n: v for n, v in written.items() if isinstance(v, str | int | float)}
    return {**values, **plain}


def _on_time(
    lists: Sequence[Sequence[dict[str, Any]]], records: pa.Table, schema: EventSchema
) -> tuple[list[dict[str, Any]], set[int]]:
    """Return the events of all records with their clocks put right, and those that cannot be."""
    names = {end for path in schema.mapping("timestamp") for end in ends_of(path)}
    columns = {name: records[name].to_pylist() for name in names.intersection(records.column_names)}
    found: list[dict[str, Any]] = []
    lost: set[int] = set()
    for row, items in enumerate(lists):
        record = {name: column[row] for name, column in columns.items()}
        events, unknown = put_right(items, record, schema)
        lost.update(len(found) + number for number in unknown)
        found.extend(events)
    return found, lost


def _fields(batch: Batch, source: str, path: str, leaves: Leaves) -> Batch:
    """Return the batch with a field for each key of the pairs."""
    batch, lists = _lists(batch, source, path, required=False)
    records = [
        {path: {name: value for item in items for name, value in _pair(item)}} for items in lists
    ]
    alone = replace(batch, rows=without_column(batch.rows, path), find=batch.whereabouts)
    batch = with_fields(alone, source, records, leaves)
    columns = dict(zip(batch.rows.column_names, batch.rows.columns, strict=True))
    return replace(batch, rows=batch.rows.select(list(without_hollow(columns))))


def _lists(
    batch: Batch, source: str, path: str, *, required: bool
) -> tuple[Batch, list[list[dict[str, Any]]]]:
    """Return the lists at a path, row by row, and the batch without rows that have none there."""
    count = batch.rows.num_rows
    present = path in batch.rows.column_names
    values = batch.rows[path].to_pylist() if present else [None] * count
    lists = [_loaded(value) for value in values]
    refused: list[BadRow] = []
    good = []
    for row, items in enumerate(lists):
        if _are_objects(items) or (items is None and not required):
            good.append(row)
            continue
        detail = f"{path} is no list of objects: {str(values[row])[:_SHOWN]}"
        if items is None:
            detail = f"it has no list of events at {path!r}"
        refused.append(batch.bad_row(row, source, Reason.NOT_A_LIST, detail))
    if refused:
        batch = replace(batch.taken(good), refused=[*batch.refused, *refused])
    return batch, [lists[row] or [] for row in good]


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
