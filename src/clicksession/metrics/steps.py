"""Steps of a way: event types, several of them, or conditions; and the ways that take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    and_,
    case,
    func,
    or_,
    select,
)

from clicksession.metrics.building.asked import event_column
from clicksession.metrics.building.scope import Scope
from clicksession.metrics.building.sentences import events_of, with_article
from clicksession.metrics.building.where import columns_of, kept_by, said
from clicksession.metrics.roles import EventTypes, Name, named, types_of
from clicksession.sql.constructs import ascending, microseconds_between
from clicksession.sql.tables import Tables

__all__ = [
    "Order",
    "Start",
    "Step",
    "Steps",
    "Ways",
    "as_step",
    "label_of",
    "names_of",
    "one_of",
    "step_columns",
]

#: Event types and roles, any of which will do, or a condition over the columns of the events.
Step = tuple[Name, ...] | ColumnElement[bool]
#: What a parameter takes that names steps.
Steps = EventTypes | ColumnElement[bool] | Sequence[EventTypes | ColumnElement[bool]]
Order = Literal["loose", "strict_steps", "strict"]
Start = Literal["any", "first", "last"]


def as_step(given: Any) -> Step | None:
    """Return a step as it is kept; None for what is none."""
    return given if isinstance(given, ColumnElement) else named(given) or None


def names_of(steps: Sequence[Step]) -> tuple[Name, ...]:
    """Return the event types and roles that steps name, each once."""
    kept = [step for step in steps if not isinstance(step, ColumnElement)]
    return tuple(dict.fromkeys(name for step in kept for name in step))


def step_columns(steps: Sequence[Step]) -> list[str]:
    """Return the columns of the events that conditions name."""
    conditions = [step for step in steps if isinstance(step, ColumnElement)]
    return list(dict.fromkeys(c.name for step in conditions for c in columns_of(step)))


def label_of(step: Step) -> str:
    """Return what a step is called in an answer.

    Examples
    --------
    >>> label_of(("buy",)), label_of(("buy", "pay"))
    ('buy', 'buy or pay')
    """
    return said(step) if isinstance(step, ColumnElement) else " or ".join(types_of(step))


def one_of(step: Step) -> str:
    """Return what a sentence calls an event of a step, with an article."""
    if isinstance(step, ColumnElement):
        return f"an event with {said(step)}"
    return with_article(events_of(step))


@dataclass(frozen=True)
class Ways:
    """The ways along some steps that sessions, or users, take: from each start as far as it goes.

    Parameters
    ----------
    steps, within, order, start
        See `Funnel`.
    """

    tables: Tables
    scope: Scope
    steps: tuple[Step, ...]
    within: str | timedelta
    order: Order
    start: Start

    @cached_property
    def parts(self) -> list[CTE]:
        """For each step, the ways that reach it: whose, where they began, and at which event."""
        reached = [self._first()]
        for number in range(2, len(self.steps) + 1):
            reached.append(self._next(reached[-1], number))
        return reached

    @cached_property
    def events(self) -> CTE:
        """The events, in the order of each session, or of each user."""
        events, sessions = self.tables.events, self._sessions
        whose = sessions.c.session_id if self.within == "session" else sessions.c.user_id
        position = func.row_number().over(
            partition_by=whose, order_by=[events.c.timestamp, ascending(events.c.event_id)]
        )
        meets = {
            f"is_step_{number}": case((self._asked(step, events), 1), else_=0)
            for number, step in enumerate(self.steps, 1)
            if isinstance(step, ColumnElement)
        }
        ordered = select(
            *self.scope.keys_in(sessions),
            whose.label("whose"),
            events.c.event_type,
            events.c.timestamp,
            *(met.label(name) for name, met in meets.items()),
            position.label("position"),
            *self.scope.placed_by(sessions),
        ).select_from(events.join(sessions, sessions.c.session_id == events.c.session_id))
        if self.order == "strict_steps":
            ordered = ordered.where(or_(*(self._asked(step, events) for step in self.steps)))
        return ordered.cte("ordered_events")

    @property
    def _sessions(self) -> FromClause:
        """The sessions that may hold a step."""
        if self.within == "session":
            return self.scope.sessions(self.tables)
        return self.scope.history(self.tables)

    def _asked(self, step: Step, events: FromClause) -> ColumnElement[bool]:
        """Return what a step asks of the events of the table."""
        if isinstance(step, ColumnElement):
            named = {column.name for column in columns_of(step)}
            return kept_by(step, {name: event_column(events, name) for name in named})
        return _is_of(events.c.event_type, step)

    def _is_step(self, number: int) -> ColumnElement[bool]:
        step = self.steps[number - 1]
        if isinstance(step, ColumnElement):
            return self.events.c[f"is_step_{number}"] == 1
        return _is_of(self.events.c.event_type, step)

    def _first(self) -> CTE:
        """Return where each way begins: at any event of the first step, or at the chosen one."""
        events = self.events
        if self.start == "any":
            return self._begun(events, self._is_step(1))
        pick = func.min if self.start == "first" else func.max
        starts = (
            select(
                *self.scope.keys_in(events),
                *(events.c.whose, events.c.timestamp, events.c.position),
                pick(events.c.position).over(partition_by=events.c.whose).label("chosen"),
                *self.scope.placed_by(events),
            )
            .where(self._is_step(1))
            .cte("starts")
        )
        return self._begun(starts, starts.c.position == starts.c.chosen)

    def _begun(self, events: CTE, starts: ColumnElement[bool]) -> CTE:
        return (
            select(
                *self.scope.keys_in(events),
                events.c.whose,
                events.c.timestamp.label("began_at"),
                events.c.position.label("began"),
                events.c.position,
            )
            .where(starts, *self.scope.counted(events))
            .cte("step_1")
        )

    def _next(self, before: CTE, number: int) -> CTE:
        """Return the ways that go on: each to the earliest event of the next step."""
        events = self.events
        follows: list[ColumnElement[Any]] = [
            events.c.whose == before.c.whose,
            events.c.position > before.c.position
            if self.order == "loose"
            else events.c.position == before.c.position + 1,
            self._is_step(number),
        ]
        if isinstance(self.within, timedelta):
            longest = self.within // timedelta(microseconds=1)
            took = microseconds_between(before.c.began_at, events.c.timestamp)
            follows.append(took <= longest)
        kept = [*self.scope.keys_in(before), before.c.whose, before.c.began_at, before.c.began]
        return (
            select(*kept, func.min(events.c.position).label("position"))
            .select_from(before.join(events, and_(*follows)))
            .group_by(*kept)
            .cte(f"step_{number}")
        )


def _is_of(event_type: ColumnElement[Any], step: tuple[Name, ...]) -> ColumnElement[bool]:
    types = types_of(step)
    return event_type == types[0] if len(types) == 1 else event_type.in_(types)
