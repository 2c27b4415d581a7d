"""Which path of the source feeds which canonical column."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from clicksession.errors import ParameterError, UnknownNameError

__all__ = ["CANONICAL", "ColumnNames", "EventSchema", "snake_case"]

CANONICAL = ("event_id", "user_id", "timestamp", "event_type")
REQUIRED = ("user_id", "timestamp")

# Columns that the library itself adds: a field of the source steps aside for them.
_RESERVED = ("session_id", "session_index", "start_reason")

Paths = str | tuple[str, ...] | None


@dataclass(frozen=True)
class EventSchema:
    """Which path of the source feeds which canonical column.

    The keyword is the canonical name; the value is the dotted path in the source, as it is
    spelled there, or several paths, of which the first that is not null counts, row by row. A
    canonical column that is not mapped is taken under its own name where the source has it; only
    ``user_id`` and ``timestamp`` are required.

    Parameters
    ----------
    event_id
        What tells one event from another, for deduplication and for ties in time.
    user_id
        Whose event it is.
    timestamp
        When it happened.
    event_type
        What happened: ``page_view``, ``placed_order``, …

    Examples
    --------
    >>> schema = EventSchema(user_id=("client_id", "clientId"), timestamp="event.timestamp")
    >>> schema.paths("user_id"), schema.paths("event_type")
    (('client_id', 'clientId'), ('event_type',))
    >>> EventSchema.preset("webshop").user_id
    'event.customer-id'
    """

    event_id: Paths = None
    user_id: Paths = None
    timestamp: Paths = None
    event_type: Paths = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            paths = (value,) if isinstance(value, str) else value
            if paths is None:
                continue
            texts = isinstance(paths, Iterable) and all(isinstance(path, str) for path in paths)
            if not texts or not tuple(paths) or not all(paths):
                must = "a dotted path of the source, or several in a tuple"
                raise ParameterError("EventSchema", field.name, must, value)
            if not isinstance(value, str):
                object.__setattr__(self, field.name, tuple(paths))

    @classmethod
    def preset(cls, name: str) -> "EventSchema":
        """Return the schema of a known export.

        Parameters
        ----------
        name
            ``"webshop"``: lines such as ``{"id": 1, "type": "page_view", "event": {"customer-id":
            7, "timestamp": "2022-04-28T07:17:46.290271", …}}``.

        Raises
        ------
        UnknownNameError
            There is no such preset.
        """
        if name not in _PRESETS:
            raise UnknownNameError("schema preset", name, _PRESETS)
        return _PRESETS[name]

    def to_json(self) -> str:
        """Return the schema as JSON text, from which `from_json` makes an equal one."""
        return json.dumps({name: getattr(self, name) for name in CANONICAL})

    @classmethod
    def from_json(cls, text: str) -> "EventSchema":
        """Return the schema of a text that `to_json` made.

        Examples
        --------
        >>> schema = EventSchema(user_id=("a", "b"))
        >>> EventSchema.from_json(schema.to_json()) == schema
        True
        """
        paths = json.loads(text)
        return cls(**{name: tuple(p) if isinstance(p, list) else p for name, p in paths.items()})

    def paths(self, column: str) -> tuple[str, ...]:
        """Return the source paths that feed a canonical column, in order of preference."""
        value: Paths = getattr(self, column)
        if value is None:
            return (column,)
        return (value,) if isinstance(value, str) else value

    def is_mapped(self, column: str) -> bool:
        """Say whether the user named a path for this canonical column."""
        return getattr(self, column) is not None


_PRESETS = {
    "webshop": EventSchema(
        event_id="id",
        user_id="event.customer-id",
        timestamp="event.timestamp",
        event_type="type",
    ),
}


def snake_case(path: str) -> str:
    """Return the column name of a source path.

    Examples
    --------
    >>> snake_case("event.user-agent"), snake_case("pageURL"), snake_case("clientId")
    ('event_user_agent', 'page_url', 'client_id')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", path)
    return re.sub(r"\W+", "_", words).strip("_").lower() or "field"


class ColumnNames:
    """Gives each source path one column name, the same in every batch and file of a reading.

    Two paths that come out alike are told apart by ``_2``; a field with the name of a column that
    the library adds becomes ``source_…``.

    Examples
    --------
    >>> names = ColumnNames()
    >>> names.of("pageURL"), names.of("page_url"), names.of("pageURL")
    ('page_url', 'page_url_2', 'page_url')
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._taken = set(CANONICAL)

    def of(self, path: str) -> str:
        """Return the column of a path."""
        if path not in self._names:
            self._names[path] = self._free(snake_case(path))
        return self._names[path]

    def _free(self, name: str) -> str:
        name = f"source_{name}" if name in _RESERVED else name
        candidate, count = name, 1
        while candidate in self._taken:
            count += 1
            candidate = f"{name}_{count}"
        self._taken.add(candidate)
        return candidate
