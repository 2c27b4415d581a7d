"""Spread what a schema says is packed into a list: pairs of key and value, and events.

Readers hand a list on as JSON text, or as a list where their format has them; what a schema says
of such a list means the same in every format.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.records import batch_of
from clicksession.schema import EventSchema

__all__ = ["unpacked"]

_VALUE = "_value"


def unpacked(batch: Batch, source: str, schema: EventSchema) -> Batch:
    """Return a batch with its lists of events and of pairs spread out, as the schema says.

    Raises
    ------
    BadRowError
        A record without its list of events, or a list that holds something else.
    """
    if schema.events is not None:
        batch = _events(batch, source, schema.events)
    for path in schema.pairs:
        if path in batch.rows.column_names:
            batch = _fields(batch, source, path)
    return batch


def _events(batch: Batch, source: str, path: str) -> Batch:
    """Return one row for each element of the lists, beside the other fields of its record."""
    events: list[dict[str, Any]] = []
    rows: list[int] = []
    for row, items in enumerate(_lists(batch, source, path)):
        if items is None:
            raise BadRowError(
                source,
                f"it has no list of events at {path!r}",
                "Each record must have one; it may be empty.",
                batch.place(row),
            )
        events += ({path: item} for item in items)
        rows += [row] * len(items)
    outer = batch.rows.drop_columns([path]).take(pa.array(rows, pa.int64()))
    inner = batch_of(events, rows, batch.unit).rows
    return Batch(_beside(outer, inner), [batch.numbers[row] for row in rows], batch.unit)


def _fields(batch: Batch, source: str, path: str) -> Batch:
    """Return the batch with a field for each key of the pairs."""
    records = [
        {path: {name: value for item in items or () for name, value in _pair(item)}}
        for items in _lists(batch, source, path)
    ]
    inner = batch_of(records, batch.numbers, batch.unit).rows
    return Batch(_beside(batch.rows.drop_columns([path]), inner), batch.numbers, batch.unit)


def _pair(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the field of a pair; what its value holds beside the value is a field below it."""
    key, value = str(item.get("key")), item.get("value")
    if not isinstance(value, dict):
        yield key, value
        return
    typed = [(name, one) for name, one in value.items() if name.endswith(_VALUE)]
    yield key, next((_number(name, one) for name, one in typed if one is not None), None)
    yield from ((f"{key}.{n}", v) for n, v in value.items() if not n.endswith(_VALUE))


def _number(name: str, value: Any) -> Any:
    # BigQuery writes whole numbers as text, so that no reader cuts them to a float.
    is_digits = isinstance(value, str) and value.removeprefix("-").isdecimal()
    return int(value) if name == f"int{_VALUE}" and is_digits else value


def _lists(batch: Batch, source: str, path: str) -> Iterator[list[dict[str, Any]] | None]:
    """Yield what stands at a path of each row: a list of objects, or None."""
    if path not in batch.rows.column_names:
        yield from [None] * batch.rows.num_rows
        return
    for row, value in enumerate(batch.rows[path].to_pylist()):
        items = _loaded(value)
        if items is not None and not _are_objects(items):
            raise BadRowError(
                source,
                f"{path} is no list of objects: {str(value)[:80]}",
                "The schema says that it is one.",
                batch.place(row),
            )
        yield items


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
        if name and name not in outer.column_names:
            outer = outer.append_column(name, inner[name])
    return outer
