"""Whether the events that a metric names occur at all: nothing found is not zero.

What occurs is what some event in a session is, whatever `where` keeps. To look costs little: a
search ends with the first event that it finds, what an answer itself shows is not looked for, and
what the sessions count is looked for among them. Only what does not occur takes one reading of
the events, for all such names together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select

from clicksession.errors import NotFoundWarning, NothingFoundError
from clicksession.keywords import warn_caller
from clicksession.metrics.building.nearest import nearest
from clicksession.metrics.roles import USUAL, Name, Role, types_of
from clicksession.schema import Vocabulary
from clicksession.sql.conversions import converts
from clicksession.sql.tables import Tables

__all__ = ["Looked", "Searching", "Warn", "check_found", "warn"]

#: Says a sentence to whoever asked.
Warn = Callable[[str], None]

# Among how many events the nearest name is looked for, and how many types an error counts.
_NEAR, _COUNTED = 200_000, 1_000
_ONE: ColumnElement[Any] = literal_column("1")


@dataclass(frozen=True)
class Looked:
    """What one parameter of a metric looks for.

    Attributes
    ----------
    parameter
        Which one.
    names
        Event types and roles; none at all stands for events of any type.
    is_needed
        Whether the metric says nothing where none of them occurs. Else it says something, if less.
    may_be_empty
        Whether the parameter takes ``()``, which says that there are none.
    """

    parameter: str
    names: tuple[Name, ...]
    is_needed: bool = True
    may_be_empty: bool = False


class Searching(Protocol):
    """What is needed of a metric here."""

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for."""
        ...

    def shown_by(self, answer: Any) -> frozenset[Name]:
        """Return the names of which an answer shows that they occur."""
        ...


def check_found(
    metric: Searching,
    answer: Any,
    connection: Connection,
    tables: Tables,
    say: Warn,
    words: Callable[[], Vocabulary] = dict,
) -> None:
    """Refuse an answer of nothing; say which of several names do not occur.

    `words` returns what plays which role. It is asked only where something is missing.

    Raises
    ------
    NothingFoundError
        None of what a parameter needs occurs, in a database that has events.
    """
    shown = metric.shown_by(answer)
    sought = {name: None for one in metric.looks_for for name in one.names if name not in shown}
    place = _Place(connection, tables, words)
    missing = place.missing(list(sought)) if sought else []
    for one in metric.looks_for:
        # Where events of any type will do, an answer is empty if none has a type.
        lacks_types = not one.names and not len(answer) and not place.has_types()
        is_gone = set(one.names) <= set(missing) if one.names else lacks_types
        if is_gone and one.is_needed:
            place.refuse(metric, one)
            return  # An empty target, of which nothing is known.
    if missing and place.has_events():
        for one in metric.looks_for:
            for name in one.names:
                if name in missing:
                    say(_warning(metric, one, name, place.near(name)))


def warn(sentence: str) -> None:
    """Warn whoever called the library."""
    warn_caller(sentence, NotFoundWarning)


@dataclass(frozen=True)
class _Place:
    """The events that are searched."""

    connection: Connection
    tables: Tables
    words: Callable[[], Vocabulary]

    def missing(self, names: list[Name]) -> list[Name]:
        """Return the names that no event in a session has; of a role, that none of its types."""
        left = [name for name in names if not self._is_counted(name)]
        while left:
            found = self._first(self._of(types_of(left)))
            if found is None:
                break
            rest = [name for name in left if found not in types_of(name)]
            if len(rest) == len(left):
                # The database takes texts for one that are not: each is asked for by itself.
                left = [name for name in left if self._first(self._of(types_of(name))) is None]
                break
            left = rest
        return [name for name in names if name in left or self._is_counted_as_none(name)]

    def has_events(self) -> bool:
        """Say whether any event is in a session."""
        return self._any(select(_ONE).where(self._in_session))

    def has_types(self) -> bool:
        """Say whether any event in a session has a type."""
        return self._first(self.tables.events.c.event_type.is_not(None)) is not None

    def refuse(self, metric: object, looked: Looked) -> None:
        """Raise that nothing was found, if there are any events.

        Raises
        ------
        NothingFoundError
            There are.
        """
        occurring = self._occurring()
        if occurring == []:
            return
        known = [kind for kind, _ in occurring or () if kind]
        hints = [self._role_meant(name) or nearest(name, known) for name in looked.names]
        role = next((name for name in looked.names if isinstance(name, Role)), None)
        hints += [self._outside(looked), _way_out(looked.parameter, role)]
        hint = " ".join(dict.fromkeys(filter(None, hints)))
        raise NothingFoundError(
            type(metric).__name__, looked.parameter, types_of(looked.names), occurring or (), hint
        )

    def near(self, name: Name) -> str:
        """Return a hint at the nearest type that occurs, as far as one quickly sees, or a role."""
        if role := self._role_meant(name):
            return role
        events = self.tables.events
        some = select(events.c.event_type).where(self._in_session).limit(_NEAR).subquery("some")
        kinds = self.connection.execute(select(some.c.event_type).distinct()).scalars().all()
        return nearest(name, [kind for kind in kinds if kind])

    def _role_meant(self, name: Name) -> str:
        """Return a hint where a type that does not occur is the name of a role that does."""
        said = {**USUAL, **self.words()}
        if not isinstance(name, str) or name not in said:
            return ""
        types = said[name]
        if self._first(self._of(types)) is None:
            return ""
        played = " or ".join(map(repr, types))
        return f"The role of that name is played by {played} here: Role({name!r})."

    @property
    def _in_session(self) -> ColumnElement[bool]:
        return self.tables.events.c.session_id.is_not(None)

    def _of(self, types: tuple[str, ...]) -> ColumnElement[bool]:
        return self.tables.events.c.event_type.in_(types)

    def _is_counted(self, name: Name) -> bool:
        return self.tables.counts(types_of(name))

    def _is_counted_as_none(self, name: Name) -> bool:
        if not self._is_counted(name):
            return False
        sessions = self.tables.sessions
        some = select(_ONE).select_from(sessions).where(converts(sessions, types_of(name)))
        return not self._any(some)

    def _first(self, which: ColumnElement[bool]) -> str | None:
        """Return the type of one of these events, the first that is met."""
        events = self.tables.events
        of_these = select(events.c.event_type).where(and_(which, self._in_session))
        found: str | None = self.connection.execute(of_these.limit(1)).scalar()
        return found

    def _any(self, statement: Select[Any]) -> bool:
        return self.connection.execute(statement.limit(1)).first() is not None

    def _occurring(self) -> list[tuple[str | None, int]] | None:
        """Return the types of events in sessions, the most first; None where one may not look."""
        events = self.tables.events
        if not self.tables.is_readable(self.connection, events):
            return None
        count = func.count().label("occurrences")
        counted = select(events.c.event_type, count).where(self._in_session)
        counted = counted.group_by(events.c.event_type).order_by(count.desc()).limit(_COUNTED)
        found = [(kind, int(number)) for kind, number in self.connection.execute(counted)]
        return sorted(found, key=lambda each: (-each[1], each[0] or ""))

    def _outside(self, looked: Looked) -> str:
        """Return how many of these events there are that are in no session."""
        events, types = self.tables.events, types_of(looked.names)
        if not types:
            return ""
        alone = and_(self._of(types), events.c.session_id.is_(None))
        count = self.connection.execute(select(func.count()).where(alone)).scalar_one()
        return f"There are {count:,} in no session." if count else ""


def _warning(metric: object, looked: Looked, name: Name, near: str) -> str:
    who = f"{type(metric).__name__}: `{looked.parameter}`"
    named = " or ".join(map(repr, types_of(name)))
    parts = [f"{who} looks for {named} events, and no event in a session is one.", near]
    if looked.may_be_empty:
        parts.append(f"Where there are none, {looked.parameter}=() says so.")
    return " ".join(filter(None, parts))


def _way_out(parameter: str, role: Role | None) -> str:
    if role is None:
        return ""
    return (
        f"Name them in `{parameter}`, or have the vocabulary of the schema say what plays the role "
        f"{role.name!r} in this log."
    )
