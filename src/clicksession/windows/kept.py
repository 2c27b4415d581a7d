"""What sessions keep of their events on request: first and last values, and counts of types."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from clicksession.errors import ParameterError
from clicksession.schema import LONGEST_NAME, column_name, event_types, fitting

__all__ = ["Columns", "Counted", "Edge", "Kept", "conversion_column"]

#: As users give it: the name that a column gets, with the column of the events that it is of.
Columns = Mapping[str, str] | Iterable[str] | Iterable[tuple[str, str]]

#: As users give it: event types to be counted; a whole number is an event type that is one.
Counted = str | int | Sequence[str | int]

_COUNT = "_count"
_MUST_COUNT = "event types to count in each session, such as ('placed_order',)"
_MUST_BE = "columns of the events, such as {'landing_page': 'page_url'} or ('referrer',)"

# They follow from the rest of the log: an event may be given others when a late one comes.
_DERIVED = ("session_id", "session_index", "start_reason")
_RESERVED = "clicksession_"


@dataclass(frozen=True)
class Edge:
    """A column of the sessions: the first or last value that one of the events has in a session.

    Attributes
    ----------
    name
        What it is called.
    source
        The column of the events.
    is_last
        Whether it is the last value, and not the first.
    """

    name: str
    source: str
    is_last: bool

    @property
    def side(self) -> str:
        """Which of the values it is, in a word."""
        return "last" if self.is_last else "first"


@dataclass(frozen=True)
class Kept:
    """What is kept, checked: no two columns of one name.

    Attributes
    ----------
    first, last
        Pairs of a column of the sessions and the column of the events that it is of.
    counted_events
        The event types that are counted.
    """

    first: tuple[tuple[str, str], ...] = ()
    last: tuple[tuple[str, str], ...] = ()
    counted_events: tuple[str, ...] = ()

    @classmethod
    def given(
        cls, who: str, first: Any, last: Any, counted_events: Any, taken: Iterable[str]
    ) -> "Kept":
        """Return what a caller gave, checked.

        Parameters
        ----------
        who
            Named in errors.
        first, last
            A mapping of names to columns of the events, or columns that keep their names.
        counted_events
            One event type, or several.
        taken
            The columns that sessions have anyway.

        Raises
        ------
        ParameterError
            They are no such thing, or two would have one name.
        """
        used = {name.lower(): "is another column of the sessions" for name in taken}
        firsts = _checked_columns(who, "first", first, used)
        lasts = _checked_columns(who, "last", last, used)
        return cls(firsts, lasts, _checked_types(who, counted_events, used))

    @classmethod
    def of(cls, edges: Iterable[Edge], counted_events: tuple[str, ...]) -> "Kept":
        """Return what is kept, in an order that does not depend on who asked for it first."""
        pairs: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
        for edge in sorted(edges, key=lambda edge: edge.name):
            pairs[edge.is_last].append((edge.name, edge.source))
        return cls(tuple(pairs[False]), tuple(pairs[True]), counted_events)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The columns of first and of last values."""
        firsts = (Edge(*pair, is_last=False) for pair in self.first)
        return (*firsts, *(Edge(*pair, is_last=True) for pair in self.last))

    @property
    def names(self) -> list[str]:
        """The columns that sessions have for it, in their order."""
        counts = map(conversion_column, self.counted_events)
        return [*(edge.name for edge in self.edges), *counts]

    def among(self, columns: Collection[str]) -> "Kept":
        """Return what of it is in these columns."""
        return Kept(
            tuple(pair for pair in self.first if pair[0] in columns),
            tuple(pair for pair in self.last if pair[0] in columns),
            tuple(each for each in self.counted_events if conversion_column(each) in columns),
        )

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def conversion_column(event_type: str) -> str:
    """Return the column of the sessions that counts the events of a type.

    Examples
    --------
    >>> conversion_column("placed_order"), conversion_column("Order Completed")
    ('placed_order_count', 'order_completed_count')
    """
    name = column_name(f"{event_type}{_COUNT}")
    if name.endswith("count"):
        return name
    # It was too long, and ends in digits: what it is should be seen all the same.
    return fitting(column_name(event_type), LONGEST_NAME - len(_COUNT)) + _COUNT


def _checked_columns(
    who: str, parameter: str, given: Any, used: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    pairs = _pairs(given)
    if pairs is None:
        raise ParameterError(who, parameter, _MUST_BE, given)
    for name, source in pairs:
        problem = used.get(name.lower())
        if len(name.encode()) > LONGEST_NAME:
            problem = f"has more than {LONGEST_NAME} bytes"
        if name.lower().startswith(_RESERVED):
            problem = f"begins with {_RESERVED!r}, which is the library's"
        if problem:
            must = f"{_MUST_BE}, with names of their own ({name!r} {problem})"
            raise ParameterError(who, parameter, must, given)
        if source in _DERIVED:
            must = f"{_MUST_BE}, and not what the sessions themselves are told by"
            raise ParameterError(who, parameter, must, source)
        used[name.lower()] = f"is the {parameter} {source!r} already"
    return pairs


def _pairs(given: Any) -> tuple[tuple[str, str], ...] | None:
    """Return names with their columns; None for what is no such thing."""
    if isinstance(given, str):
        given = (given,)
    if isinstance(given, Mapping):
        given = tuple(given.items())
    if not isinstance(given, tuple | list):
        return None
    pairs = [(one, one) if isinstance(one, str) else one for one in given]
    for pair in pairs:
        is_pair = isinstance(pair, tuple) and len(pair) == 2
        if not is_pair or not all(isinstance(text, str) and text for text in pair):
            return None
    return tuple(pairs)


def _checked_types(who: str, given: Any, used: dict[str, str]) -> tuple[str, ...]:
    several = event_types(given)
    if several is None:
        raise ParameterError(who, "counted_events", _MUST_COUNT, given)
    for event_type in several:
        column = conversion_column(event_type)
        problem = used.get(column)
        if column == "count":
            problem = "says of no type what it counts"
        if problem:
            must = f"{_MUST_COUNT}, with columns of their own ({column!r} {problem})"
            raise ParameterError(who, "counted_events", must, event_type)
        used[column] = f"counts {event_type!r} already"
    return several
