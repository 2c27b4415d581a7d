"""Which path of the source feeds which canonical column, and what else a source's form needs."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

from clicksession.errors import ParameterError, UnknownNameError
from clicksession.presets import PRESETS

__all__ = ["CANONICAL", "LONGEST_NAME", "EventSchema", "column_name", "fitting"]

CANONICAL = ("event_id", "user_id", "timestamp", "event_type")
REQUIRED = ("user_id", "timestamp")

# Columns that the library itself adds: a field of the source steps aside for them.
_RESERVED = (*CANONICAL, "session_id", "session_index", "start_reason")

#: The bytes of a column's name that every database keeps: PostgreSQL cuts what is longer.
LONGEST_NAME = 63
_DIGITS = 12

_PATHS = "a dotted path of the source, or several in a tuple"
_LISTS = ("keep", "pairs")
_LIST = "dotted paths of the source"
_NAMES = {"events": "a dotted path of the source", "format": "a format's name"}

Paths = str | tuple[str, ...] | None


@dataclass(frozen=True)
class EventSchema:
    """Which path of the source feeds which canonical column.

    The keyword is the canonical name; the value is the dotted path in the source, as it is
    spelled there, or several paths, of which the first that is neither null nor an empty text
    counts, row by row. A canonical column that is not mapped is taken under its own name where the
    source has it; only ``user_id`` and ``timestamp`` are required.

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
    keep
        Paths that feed a canonical column, and stay a column of their own beside it.
    pairs
        Paths of lists of pairs, ``[{"key": "page", "value": {"string_value": "/cart"}}, …]``: each
        key becomes a field below the path (``event_params.page``), in the type of its value.
    events
        The path of a list that holds the events of a record, such as the actions of a visit: each
        element is an event, and takes the other fields of its record along. Its own fields stand
        below the path (``actionDetails.url``).
    format
        The format of such a source, where a call gives none.

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
    keep: str | tuple[str, ...] = ()
    pairs: str | tuple[str, ...] = ()
    events: str | None = None
    format: str | None = None

    def __post_init__(self) -> None:
        for name in CANONICAL:
            value = getattr(self, name)
            if value is not None:
                paths = _texts(name, value, _PATHS)
                if not paths:
                    raise ParameterError("EventSchema", name, _PATHS, value)
                object.__setattr__(self, name, value if isinstance(value, str) else paths)
        for name in _LISTS:
            object.__setattr__(self, name, _texts(name, getattr(self, name), _LIST))
        for name, must in _NAMES.items():
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value):
                raise ParameterError("EventSchema", name, must, value)

    @classmethod
    def preset(cls, name: str) -> "EventSchema":
        """Return the schema of a known export.

        Parameters
        ----------
        name
            ``"webshop"``
                Lines such as ``{"id": 1, "type": "page_view", "event": {"customer-id": 7,
                "timestamp": "2022-04-28T07:17:46.290271", …}}``.
            ``"ga4"``
                Google Analytics 4's export to BigQuery, as newline-delimited JSON.
            ``"snowplow"``
                Snowplow's enriched events: tab-separated, 131 fields, no header.
            ``"segment"``, ``"rudderstack"``
                The messages that they write to a store, one JSON object per line.
            ``"posthog"``
                A batch export of events as JSON lines.
            ``"amplitude"``
                The files of the Export API.
            ``"mixpanel"``
                The raw event export.
            ``"matomo"``
                The visits of ``Live.getLastVisitsDetails`` as JSON, one event per action.
            ``"combined"``
                The access log of a web server in the combined or common format; a user is an
                address with an agent.

        Raises
        ------
        UnknownNameError
            There is no such preset.

        Examples
        --------
        >>> EventSchema.preset("segment").user_id
        ('userId', 'anonymousId')
        """
        if name not in PRESETS:
            raise UnknownNameError("schema preset", name, PRESETS)
        return cls(**PRESETS[name])

    def to_json(self) -> str:
        """Return the schema as JSON text, from which `from_json` makes an equal one.

        Examples
        --------
        >>> EventSchema(user_id="user").to_json()
        '{"event_id": null, "user_id": "user", "timestamp": null, "event_type": null}'
        """
        # What is left at its default is left out: a schema's text stays what it was before the
        # library learned something new.
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        defaults = {field.name: field.default for field in fields(self)}
        return json.dumps(
            {n: value for n, value in values.items() if n in CANONICAL or value != defaults[n]}
        )

    @classmethod
    def from_json(cls, text: str) -> "EventSchema":
        """Return the schema of a text that `to_json` made.

        Examples
        --------
        >>> schema = EventSchema(user_id=("a", "b"))
        >>> EventSchema.from_json(schema.to_json()) == schema
        True
        """
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(text).items()
        }
        return cls(**values)

    def paths(self, column: str) -> tuple[str, ...]:
        """Return the source paths that feed a canonical column, in order of preference."""
        value: Paths = getattr(self, column)
        if value is None:
            return (column,)
        return (value,) if isinstance(value, str) else value

    def is_mapped(self, column: str) -> bool:
        """Say whether the user named a path for this canonical column."""
        return getattr(self, column) is not None


def _texts(name: str, value: object, must: str) -> tuple[str, ...]:
    """Return one text or several as a tuple; refuse anything else."""
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, Iterable):
        raise ParameterError("EventSchema", name, must, value)
    found = tuple(texts)
    if not all(isinstance(text, str) and text for text in found):
        raise ParameterError("EventSchema", name, must, value)
    return found


def column_name(path: str) -> str:
    """Return the column that a source path feeds, where no other path of a row feeds it too.

    In snake case. A field with the name of a canonical column that another path feeds, or of a
    column that the library adds, becomes ``source_…``. A name of more than 63 bytes, which is what
    PostgreSQL keeps, ends in digits that stand for the rest of it.

    Examples
    --------
    >>> column_name("event.user-agent"), column_name("pageURL"), column_name("clientId")
    ('event_user_agent', 'page_url', 'client_id')
    >>> column_name("session_id")
    'source_session_id'
    >>> column_name("x" * 64)[46:]
    'xxxx_7ce100971f64'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", path)
    name = re.sub(r"\W+", "_", words).strip("_").lower() or "field"
    return fitting(f"source_{name}" if name in _RESERVED else name)


def fitting(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a column's name, in at most the bytes that every database keeps, or in so many."""
    if len(name.encode()) <= longest:
        return name
    digits = sha256(name.encode()).hexdigest()[:_DIGITS]
    room = longest - _DIGITS - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digits}"
