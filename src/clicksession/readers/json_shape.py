"""Tell an event from an object or array that holds events.

An object is an event when the schema finds a time in it. An object in which
the time is a list holds the events as columns, ``{"id": […], "type": […]}``; one
in which there is no time, but a list of objects, holds them as rows,
``{"events": […]}``.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from clicksession.readers.records import leaves
from clicksession.schema import EventSchema

__all__ = ["Shape", "events_in", "resolved", "rows_of"]

_ABSENT = object()


class Shape(Enum):
    """What a JSON object is."""

    EVENT = auto()
    COLUMNS = auto()
    ROWS = auto()

    @classmethod
    def of(cls, value: dict[str, Any], schema: EventSchema) -> "Shape":
        """Return what this object is under this schema."""
        if schema.events is not None and isinstance(resolved(value, schema.events), list):
            return cls.EVENT
        times = [resolved(value, path) for path in schema.paths("timestamp")]
        if any(isinstance(time, list) for time in times):
            return cls.COLUMNS
        if all(time is _ABSENT for time in times):
            if any(_holds_rows(item) for item in value.values()):
                return cls.ROWS
            if value and all(isinstance(item, list) for item in value.values()):
                return cls.COLUMNS
        return cls.EVENT


def events_in(
    value: object, schema: EventSchema, *, may_hold: bool = True
) -> Iterator[tuple[int | None, object]]:
    """Yield every event in a JSON value, with its position where it stands in an array.

    What stands in an array is an event, whatever it holds; so is an object where `may_hold` is
    false, since those before it were: one without a time is an event without a time.
    """
    if isinstance(value, list):
        for position, item in enumerate(value):
            for _, event in events_in(item, schema, may_hold=False):
                yield position, event
        return
    shape = Shape.of(value, schema) if isinstance(value, dict) and may_hold else Shape.EVENT
    if not isinstance(value, dict) or shape is Shape.EVENT:
        yield None, value
    elif shape is Shape.ROWS:
        for items in value.values():
            if _holds_rows(items):
                yield from enumerate(items)
    else:
        yield from enumerate(rows_of(value))


def resolved(value: object, path: str) -> object:
    """Return what stands at a dotted path; a key that holds dots itself is found too."""
    if not isinstance(value, dict):
        return _ABSENT
    if path in value:
        return value[path]
    head, dot, rest = path.partition(".")
    return resolved(value.get(head), rest) if dot else _ABSENT


def _holds_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def rows_of(columns: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an object of columns; a shorter column ends in nulls."""
    flat = dict(leaves(columns))
    length = max((len(items) for items in flat.values() if isinstance(items, list)), default=0)
    for row in range(length):
        yield {
            name: items
            if not isinstance(items, list)
            else (items[row] if row < len(items) else None)
            for name, items in flat.items()
        }
