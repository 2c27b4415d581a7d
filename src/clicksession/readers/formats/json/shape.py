"""Tell an event from an object that holds events: by the object and the schema alone.

An object in which the schema finds a time, or a user, is an event. One in which the time is a list
like its neighbours holds the events as columns, ``{"id": […], "type": […]}``. One with neither, but
with a list of objects that have the time, holds them as rows, ``{"events": […]}``, at whatever
depth: ``{"hits": {"hits": […]}}``.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any

from clicksession.readers.rows.flattening import ABSENT, leaves, resolved
from clicksession.schema import EventSchema

__all__ = ["Keys", "Shape", "Shapes", "lengths_of", "rows_of"]

Keys = tuple[str, ...]
"""The keys that lead to a value, from the outermost."""

# What exports call their list of events: that tells an empty answer from an event of no fields.
_NAMES = {"batch", "data", "entries", "events", "hits", "items", "logevents", "logs", "records"}
_NAMES |= {"results", "rows", "values"}

# The parts of a local time as Java writes them: the year, the month, the day, the hour, …
_PARTS = ((1000, 9999), (1, 12), (1, 31), (0, 23), (0, 59), (0, 60), (0, 999_999_999))


class Shape(Enum):
    """What a JSON object is."""

    EVENT = auto()
    COLUMNS = auto()
    """It holds the events as columns."""
    ROWS = auto()
    """It holds the events as objects of a list."""
    ARRAYS = auto()
    """It holds the events as arrays of values, and what these are stands elsewhere."""
    EMPTY = auto()
    """It would hold events, and there are none."""


class Shapes:
    """Tells shapes under one schema."""

    def __init__(self, schema: EventSchema) -> None:
        self._events = schema.events
        self.times = schema.paths("timestamp")
        self._users = schema.paths("user_id")
        self._usual = self.times[0].split(".")
        mapped = ("event_id", "event_type")
        self._others = tuple(path for name in mapped for path in schema.paths(name))
        # What stands in a text of JSON, or in a list of pairs, is where that text or list is.
        packed = (*schema.json, *schema.pairs)
        self._packed_times = _above(self.times, packed)
        self._packed_users = _above(self._users, packed)

    def is_plain(self, value: object) -> bool:
        """Say whether a value is an event for sure, as nearly all are; false says nothing."""
        for key in self._usual:
            if type(value) is not dict:
                return False
            value = value.get(key)
        return type(value) is str or type(value) is int

    @property
    def known(self) -> tuple[str, ...]:
        """The paths of what makes an object an event, where it stands in no list."""
        return (*self.times, *self._users, *self.packed)

    @property
    def packed(self) -> tuple[str, ...]:
        """The paths of texts and lists that make an object an event."""
        events = () if self._events is None else (self._events,)
        return (*self._packed_times, *self._packed_users, *events)

    def of(self, value: Mapping[str, Any]) -> tuple[Shape, list[Keys]]:
        """Return what an object is, and where in it the events stand.

        Of several places, the first holds the events; the others hold what may be events too.
        """
        if self.has_time(value):
            return (Shape.COLUMNS, [()]) if self._is_columns(value) else (Shape.EVENT, [])
        if self.has_user(value) or not _holds_list(value):
            return Shape.EVENT, []
        if found := self.lists_in(value):
            return Shape.ROWS, found
        for name, inner in value.items():
            if isinstance(inner, dict) and self.has_time(inner) and self._is_columns(inner):
                return Shape.COLUMNS, [(name,)]
        return self._without_times(value)

    def has_time(self, value: Mapping[str, Any]) -> bool:
        """Say whether an object has a time, or the list of events that it is to have."""
        if self._events is not None and isinstance(resolved(value, self._events), list):
            return True
        return _has(value, self.times, self._packed_times)

    def has_user(self, value: Mapping[str, Any]) -> bool:
        """Say whether an object has a user."""
        return _has(value, self._users, self._packed_users)

    def lists_in(self, value: Mapping[str, Any]) -> list[Keys]:
        """Return where in an object lists stand with an element that is an event by its time."""
        return [
            keys
            for keys, items in _lists(value)
            if any(isinstance(item, dict) and self.has_time(item) for item in items)
        ]

    def makes_event(self, keys: Keys) -> bool:
        """Say whether what stands at these keys makes the object around it an event."""
        return ".".join(keys) in self.known

    def _is_columns(self, value: Mapping[str, Any]) -> bool:
        """Say whether an object in which there is a time holds columns.

        One array makes no columns: it may be a time, as Java writes it, or a list that the event
        has. Its user, its id and its type have to be lists as well, where they are there.
        """
        times = [found for path in self.times if (found := resolved(value, path)) is not ABSENT]
        if self._events is not None or not any(isinstance(time, list) for time in times):
            return False
        if any(isinstance(time, list) and _is_time(time) for time in times):
            return False
        others = [resolved(value, path) for path in (*self._users, *self._others)]
        if not all(isinstance(found, list) for found in others if found is not ABSENT):
            return False
        lists = [found for _, found in leaves(value) if isinstance(found, list)]
        return len(lists) > 1

    def _without_times(self, value: Mapping[str, Any]) -> tuple[Shape, list[Keys]]:
        """Return what an object is in which nothing has a time.

        Its rows, where it can have no others, so that whoever reads them is told what they lack.
        """
        if any(resolved(value, path) is not ABSENT for path in self._others):
            return Shape.EVENT, []
        lists = list(_lists(value))
        named = [(keys, items) for keys, items in lists if keys[-1].lower() in _NAMES]
        if any(items and not isinstance(items[0], dict) for _, items in named):
            return Shape.ARRAYS, []
        rows = [keys for keys, items in named if items]
        if not rows and not named:
            rows = [keys for keys, items in lists if items and isinstance(items[0], dict)]
        if len(rows) == 1:
            return Shape.ROWS, rows
        if named and not rows:
            return Shape.EMPTY, []
        return Shape.EVENT, []


def lengths_of(columns: Mapping[str, Any]) -> dict[str, int]:
    """Return how many values each column of an object has."""
    return {path: len(items) for path, items in leaves(columns) if isinstance(items, list)}


def rows_of(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an object of columns, which are all of one length."""
    flat = dict(leaves(columns))
    for row in range(max(lengths_of(columns).values(), default=0)):
        yield {
            name: items[row] if isinstance(items, list) else items for name, items in flat.items()
        }


def _has(value: Mapping[str, Any], paths: tuple[str, ...], packed: tuple[str, ...]) -> bool:
    if any(resolved(value, path) is not ABSENT for path in paths):
        return True
    return any(isinstance(resolved(value, path), str | list) for path in packed)


def _above(paths: tuple[str, ...], packed: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is packed and holds one of these paths."""
    return tuple(above for above in packed if any(path.startswith(f"{above}.") for path in paths))


def _holds_list(value: Mapping[str, Any]) -> bool:
    return any(isinstance(item, list | dict) for item in value.values())


def _lists(value: Mapping[str, Any]) -> Iterator[tuple[Keys, list[Any]]]:
    """Yield each list of an object, and of the objects in it, with the keys that lead there."""
    keys: list[str] = []
    levels = [iter(value.items())]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
            del keys[-1:]
            continue
        name, item = entry
        if isinstance(item, list):
            yield (*keys, name), item
        elif isinstance(item, Mapping):
            keys.append(name)
            levels.append(iter(item.items()))


def _is_time(items: list[Any]) -> bool:
    """Say whether a list may be a local time as Java writes it."""
    return 3 <= len(items) <= len(_PARTS) and all(
        type(item) is int and least <= item <= most
        for item, (least, most) in zip(items, _PARTS, strict=False)
    )
