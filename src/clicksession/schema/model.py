"""`EventSchema`: which path feeds which canonical column, and what else a source's form needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

from clicksession.display import call, differing
from clicksession.errors import ParameterError, UnknownNameError
from clicksession.formats import Format, format_from_text, format_to_text
from clicksession.keywords import keywords
from clicksession.schema.exports import HINTS
from clicksession.schema.forms import pattern_of
from clicksession.schema.naming import CANONICAL, LONGEST_NAME, are_halves, is_reserved
from clicksession.schema.paths import (
    Join,
    Local,
    Path,
    Paths,
    path_from_json,
    path_to_json,
    sources_of,
)
from clicksession.schema.presets import PRESETS
from clicksession.schema.vocabulary import event_types
from clicksession.schema.words import card_of

__all__ = ["CANONICAL", "REQUIRED", "Ambiguous", "EventSchema", "Nonexistent"]

REQUIRED = ("user_id", "timestamp")

Ambiguous = Literal["earlier", "later", "order", "refuse"]
Nonexistent = Literal["refuse", "shift"]

_PATHS = "a dotted path of the source, a Join, or several in a tuple"
_TIME_PATHS = "a dotted path of the source, a Join, a Sum, several in a tuple, or a Local alone"
_LISTS = {
    **dict.fromkeys(
        ("keep", "pairs", "json", "drop", "pack", "order"), "dotted paths of the source"
    ),
    "optional": "'event_id', 'event_type', or both",
    "null_values": "texts",
    "time_format": "forms of times, as strptime reads them",
}
_MAPPINGS = {
    "rename": "dotted paths of the source, with a column's name for each",
    "exclude": "dotted paths of the source, with the values of rows to leave out",
    "outside": "dotted paths of the source, with the values of events that are in no session",
    "vocabulary": "names of roles, with the event types for each",
}
_MANY = ("exclude", "outside")

Mapped = Mapping[str, str | Sequence[str]] | tuple[tuple[str, Any], ...]


@keywords()
@dataclass(frozen=True)
class EventSchema:
    """Which path of the source feeds which canonical column.

    The keyword is the canonical name; the value is the dotted path in the source, as it is
    spelled there, or several paths, of which the first with a value counts, row by row; an empty
    text is none, and for a user nothing is that stands for nobody. A canonical column that is not
    mapped is taken under its own name where the source has it; only ``user_id`` and ``timestamp``
    are required. Fields that belong together are a `Join`, counts that add up to a time a `Sum`, a
    count of a clock on the wall a `Local`.

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
        The format of such a source, where a call gives none: a name, or a value of
        `clicksession.formats`.
    time_format
        The forms of times that do not say themselves what they are, as ``strptime`` reads them
        (``"%d/%m/%Y %H:%M"``); of several, the first that fits. Then no text or number is a time
        that fits none.
    zone
        The zone of times that name none, such as ``"Europe/Berlin"``. Left out: UTC.
    ambiguous
        What a time is in the hour that comes twice when the clocks go back: ``"earlier"`` or
        ``"later"``, the first or the second time round; ``"order"``, the first of the two that is
        not before the row before it, where the rows of a source come in order of time;
        ``"refuse"``, none.
    nonexistent
        What a time is in the hour that is left out when the clocks go forward: ``"refuse"``, none;
        ``"shift"``, as much later as the clocks went forward.
    null_values
        Texts that stand for null, in every field and format; also a number whose text is such.
    json
        Paths of texts that hold JSON objects: what they hold are fields below the path
        (``log.user_id``). An empty text holds nothing.
    drop
        Paths of fields to leave out, with all that stands below them. What feeds a canonical
        column feeds it all the same.
    pack
        Paths of fields of which all that stands below becomes one column of JSON text, but for
        what feeds a canonical column. ``"*"``: all fields that nothing else takes become one
        column, ``fields``. What is null is left out; numbers are spelled by their value.
    rename
        Path to the name of its column, where that should be another than its own. A further field
        that comes out under that name steps aside.
    order
        Paths that put events of one user and one moment in order, compared one after another:
        whole numbers as numbers, other values as text. What they say is the beginning of the
        event's id, by which frames and tables break ties.
    optional
        Canonical columns that a source may lack although they are mapped: ``"event_id"``,
        ``"event_type"``, or both. Any other mapped column that no row has is an error.
    exclude
        Path to values: rows that have one of them there are no events to be counted, and are left
        out, whatever else is wrong with them. A report counts them.
    outside
        Path to values: events that have one of them there are in no session. Their user is null;
        whose they were is a column of its own, as by `keep`. A report counts them.
    vocabulary
        What this log calls things: a role (``"page_view"``, ``"order"``, ``"cart"``,
        ``"sign_up"``) to the event types that play it. `run` and `SQLWriter` keep it in the
        target, and metrics go by it.

    Examples
    --------
    >>> schema = EventSchema(user_id=("client_id", "clientId"), timestamp="event.timestamp")
    >>> schema.paths("user_id"), schema.paths("event_type")
    (('client_id', 'clientId'), ('event_type',))
    >>> EventSchema(timestamp=Join("date", "time")).paths("timestamp")
    ('date', 'time')
    >>> EventSchema.preset("webshop").user_id
    'event.customer-id'
    """

    event_id: Paths = None
    user_id: Paths = None
    timestamp: Paths = None
    event_type: Paths = None
    keep: str | Sequence[str] = ()
    pairs: str | Sequence[str] = ()
    events: str | None = None
    format: str | Format | None = None
    time_format: str | Sequence[str] = ()
    zone: str | None = None
    ambiguous: Ambiguous = "earlier"
    nonexistent: Nonexistent = "refuse"
    null_values: str | Sequence[str] = ()
    json: str | Sequence[str] = ()
    drop: str | Sequence[str] = ()
    pack: str | Sequence[str] = ()
    rename: Mapped = ()
    order: str | Sequence[str] = ()
    optional: str | Sequence[str] = ()
    exclude: Mapped = ()
    outside: Mapped = ()
    vocabulary: Mapped = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in CANONICAL:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _checked_paths(name, value))
        for name, must in _LISTS.items():
            object.__setattr__(self, name, _texts(name, getattr(self, name), must))
        if not set(self.optional).isdisjoint(REQUIRED) or not set(self.optional) <= set(CANONICAL):
            raise ParameterError("EventSchema", "optional", _LISTS["optional"], self.optional)
        for form in self.time_format:
            pattern_of(form)
        for name, must in _MAPPINGS.items():
            object.__setattr__(self, name, _pairs(name, getattr(self, name), must))
        for name, kind in (("ambiguous", Ambiguous), ("nonexistent", Nonexistent)):
            value, known = getattr(self, name), get_args(kind)
            if value not in known:
                must = " or ".join(map(repr, known))
                raise ParameterError("EventSchema", name, must, value)
        if self.events is not None and not (isinstance(self.events, str) and self.events):
            must = "a dotted path of the source"
            raise ParameterError("EventSchema", "events", must, self.events)
        is_format = isinstance(self.format, str | Format | None) and self.format != ""
        if not is_format:
            must = "a format's name, or a value of clicksession.formats"
            raise ParameterError("EventSchema", "format", must, self.format)
        _check_zone(self.zone)
        _check_names(cast(tuple[tuple[str, str], ...], self.rename))

    def __repr__(self) -> str:
        """Return what it says, without what is as by default."""
        given = differing(self)
        return call(self, {name: _typed(name, value) for name, value in given.items()})

    def _repr_html_(self) -> str:
        return card_of(self, differing(self)).html

    @classmethod
    def preset(cls, name: str, **changes: Any) -> "EventSchema":
        """Return the schema of a known export.

        Parameters
        ----------
        name
            Whose export it is, or which log: ``"adobe"``, ``"alb"``, ``"amplitude"``,
            ``"cloudflare"``, ``"cloudfront"``, ``"combined"``, ``"elb"``, ``"ga4"``,
            ``"matomo"``, ``"mixpanel"``, ``"posthog"``, ``"rees46"``, ``"rudderstack"``,
            ``"s3_access"``, ``"segment"``, ``"snowplow"``, ``"umami"``,
            ``"universal_analytics"``, ``"w3c"``, ``"webshop"``. [Read a vendor's
            export](../how-to/read-an-export.md) says what each of them reads.
        changes
            Parameters that differ from the preset's own, such as the `vocabulary`.

        Notes
        -----
        A preset knows by what its vendor tells events apart, which rows are none to be counted,
        which events are in no session, and by what names its vendor calls page views, orders and
        the like (`vocabulary`). Its format is that of a file whose first bytes do not say another
        one. [Exports](exports.md) says what to know of each, and where it was read.

        Raises
        ------
        UnknownNameError
            There is no such preset.
        UnknownParameterError
            There is no such parameter.

        Examples
        --------
        >>> EventSchema.preset("segment").user_id
        ('userId', 'anonymousId')
        >>> EventSchema.preset("segment", user_id="userId").user_id
        'userId'
        >>> dict(EventSchema.preset("ga4").vocabulary)["order"]
        ('purchase', 'in_app_purchase')
        """
        if name not in PRESETS:
            raise UnknownNameError("schema preset", name, PRESETS, HINTS.get(name, ""))
        return cls(**{**PRESETS[name], **changes})

    @classmethod
    def presets(cls) -> dict[str, "EventSchema"]:
        """Return the schemas of all known exports and logs, by their names.

        Examples
        --------
        >>> [name for name, each in EventSchema.presets().items() if each.format == "w3c"]
        ['cloudfront', 'w3c']
        """
        return {name: cls.preset(name) for name in sorted(PRESETS)}

    def to_json(self) -> str:
        """Return the schema as JSON text, from which `from_json` makes an equal one.

        Examples
        --------
        >>> EventSchema(user_id="user").to_json()
        '{"event_id": null, "user_id": "user", "timestamp": null, "event_type": null}'
        """
        # What is left at its default is left out: a schema's text stays what it was before the
        # library learned something new.
        values = {**{name: getattr(self, name) for name in CANONICAL}, **differing(self)}
        return json.dumps({name: _to_json(name, value) for name, value in values.items()})

    @classmethod
    def from_json(cls, text: str) -> "EventSchema":
        """Return the schema of a text that `to_json` made.

        Examples
        --------
        >>> schema = EventSchema(user_id=("a", Join("b", "c")))
        >>> EventSchema.from_json(schema.to_json()) == schema
        True
        """
        values: dict[str, Any] = json.loads(text)
        return cls(**{name: _from_json(name, value) for name, value in values.items()})

    def mapping(self, column: str) -> tuple[Path, ...]:
        """Return what feeds a canonical column, in order of preference."""
        value: Paths = getattr(self, column)
        if value is None:
            return (column,)
        return value if isinstance(value, tuple) else (value,)

    def paths(self, column: str) -> tuple[str, ...]:
        """Return all source paths that feed a canonical column, in order of preference."""
        return tuple(path for each in self.mapping(column) for path in sources_of(each))

    def needs(self, column: str) -> bool:
        """Say whether a source must have this canonical column."""
        return column in REQUIRED or (self.is_mapped(column) and column not in self.optional)

    def is_mapped(self, column: str) -> bool:
        """Say whether the user named a path for this canonical column."""
        return getattr(self, column) is not None


def _checked_paths(name: str, value: object) -> Paths:
    """Return what feeds a column, as it is kept; refuse anything else."""
    must = _TIME_PATHS if name == "timestamp" else _PATHS
    if isinstance(value, Path):
        paths: tuple[Any, ...] = (value,)
    elif isinstance(value, Iterable):
        paths = tuple(value)
    else:
        raise ParameterError("EventSchema", name, must, value)
    kinds = Path if name == "timestamp" else str | Join
    is_alone = len(paths) == 1 or not any(isinstance(path, Local) for path in paths)
    if not paths or not is_alone or not all(isinstance(path, kinds) and path for path in paths):
        raise ParameterError("EventSchema", name, must, value)
    if name == "timestamp":
        _check_halves(paths)
    return cast(Paths, value if isinstance(value, Path) else paths)


def _check_halves(paths: tuple[Path, ...]) -> None:
    """Refuse several paths of which one looks like a date and a later one like the rest of it."""
    texts = [path for path in paths if isinstance(path, str)]
    for position, first in enumerate(texts):
        rest = next((path for path in texts[position + 1 :] if are_halves(first, path)), None)
        if rest is not None:
            must = "paths of whole times: of several, the first that is there counts"
            hint = f"A date and a time in two fields are Join({first!r}, {rest!r})."
            raise ParameterError("EventSchema", "timestamp", must, tuple(paths), hint)


def _check_names(renamed: tuple[tuple[str, str], ...]) -> None:
    """Refuse names that another column has, or that some database would cut."""
    names = [name for _, name in renamed]
    for path, name in renamed:
        taken = is_reserved(name) or names.count(name) > 1
        if taken or len(name.encode()) > LONGEST_NAME:
            must = f"names of at most {LONGEST_NAME} bytes, no two alike and none of the library's"
            raise ParameterError("EventSchema", "rename", must, {path: name})


def _check_zone(zone: object) -> None:
    if zone is None:
        return
    must = "the name of a time zone, such as 'Europe/Berlin', or None"
    if not isinstance(zone, str):
        raise ParameterError("EventSchema", "zone", must, zone)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ParameterError("EventSchema", "zone", must, zone) from None


def _texts(name: str, value: object, must: str) -> tuple[str, ...]:
    """Return one text or several as a tuple; refuse anything else."""
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, Iterable):
        raise ParameterError("EventSchema", name, must, value)
    found = tuple(texts)
    may_be_empty = name == "null_values"
    if not all(isinstance(text, str) and (text or may_be_empty) for text in found):
        raise ParameterError("EventSchema", name, must, value)
    return found


def _pairs(name: str, value: object, must: str) -> tuple[tuple[str, Any], ...]:
    """Return a mapping as pairs, so that a schema can be hashed; refuse anything else."""
    try:
        pairs = tuple(dict(cast(Any, value)).items())
    except (TypeError, ValueError):
        raise ParameterError("EventSchema", name, must, value) from None
    if not all(isinstance(key, str) and key for key, _ in pairs):
        raise ParameterError("EventSchema", name, must, value)
    if name == "vocabulary":
        known = tuple((role, event_types(types)) for role, types in pairs)
        if any(types is None for _, types in known):
            raise ParameterError("EventSchema", name, must, value)
        return known
    if name in _MANY:
        return tuple((key, _texts(name, texts, must)) for key, texts in pairs)
    if not all(isinstance(one, str) and one for _, one in pairs):
        raise ParameterError("EventSchema", name, must, value)
    return pairs


def _typed(name: str, value: Any) -> Any:
    """Return a value as one types it: a mapping as a dict, one text without a tuple around it."""
    if name in _MAPPINGS:
        return {key: _alone(one) for key, one in value}
    return _alone(value) if name in _LISTS else value


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _to_json(name: str, value: Any) -> Any:
    if name in CANONICAL:
        is_several = isinstance(value, tuple)
        return [path_to_json(path) for path in value] if is_several else path_to_json(value)
    if name == "format" and not isinstance(value, str | None):
        return format_to_text(value)
    return dict(value) if name in _MAPPINGS else value


def _from_json(name: str, value: Any) -> Any:
    if name in CANONICAL and value is not None:
        is_several = isinstance(value, list)
        return tuple(map(path_from_json, value)) if is_several else path_from_json(value)
    if name == "format" and value is not None:
        return format_from_text(value)
    return tuple(value) if isinstance(value, list) else value
