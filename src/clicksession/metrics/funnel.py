"""How far people get along a way of several steps."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from clicksession.durations import as_duration, in_words
from clicksession.metrics.base import TableMetric
from clicksession.metrics.occurring import Looked
from clicksession.metrics.roles import EventTypes, named, types_of
from clicksession.metrics.sentences import events_of, with_article
from clicksession.sql.constructs import ascending, microseconds_between, previous
from clicksession.sql.statistics import nulls_last, share
from clicksession.sql.tables import Tables, Words

__all__ = ["Funnel"]


@dataclass(frozen=True, kw_only=True)
class Funnel(TableMetric):
    """How many sessions, or users, get through one step after another.

    A step is reached by an event of its type that comes after the one that reached the step
    before; other events between them do not matter. Ties in time break by ``event_id``.

    Columns: the keys of `by`; ``step`` (1 for the first); ``event_type``; ``reached``; its
    ``share_of_first`` and its ``share_of_previous`` step, from 0 to 1, null for a share of nothing.
    One row for each step.

    Parameters
    ----------
    steps
        The event types, in order; one may come twice. A `Role` is a step by any event that plays
        it.
    within
        ``"session"``: all steps in one session, and sessions are counted. Or a duration, such as
        ``"7d"``: all steps within so long from the first of them, in any of the user's sessions,
        and users are counted.
    by, since, until
        See `Metric`: the session that the first step is in. Users count for each of their keys.
        Later steps may be behind the window.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        No step, or a duration without a unit.

    Examples
    --------
    >>> print(Funnel(steps=("page_view", "placed_order")).describe())
    The number of sessions with the events 'page_view', then 'placed_order', in this order.
    >>> print(Funnel(steps=("page_view", "placed_order"), within="7d").describe())
    The number of users with the events 'page_view', then 'placed_order', in this order, at most
    7 days from the first to the last.
    """

    steps: EventTypes
    within: str | timedelta = "session"

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        events = self._ordered(tables or Tables())
        reached = [self._first(events)]
        for number in range(2, len(self._steps) + 1):
            reached.append(self._next(events, reached[-1], number))
        return self._counted(self._deepest(reached))

    def _check(self) -> None:
        self._names("steps")
        if self.within != "session":
            duration = as_duration(self.within, who=type(self).__name__, parameter="within")
            object.__setattr__(self, "within", duration)

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return (self._looked("steps"),)

    @property
    def _steps(self) -> list[tuple[str, ...]]:
        """The event types of each step."""
        return [types_of(step) for step in named(self.steps) or ()]

    @property
    def _keys(self) -> list[str]:
        return [key for key, _ in self._scope.keys]

    def _ordered(self, tables: Tables) -> CTE:
        """Return the events, in the order of each session, or of each user."""
        events, sessions = tables.events, self._sessions(tables)
        whose = sessions.c.session_id if self.within == "session" else sessions.c.user_id
        position = func.row_number().over(
            partition_by=whose, order_by=[events.c.timestamp, ascending(events.c.event_id)]
        )
        return (
            select(
                *(sessions.c[key] for key in self._keys),
                whose.label("whose"),
                events.c.event_type,
                events.c.timestamp,
                position.label("position"),
                *self._scope.placed_by(sessions),
            )
            .select_from(events.join(sessions, sessions.c.session_id == events.c.session_id))
            .cte("ordered_events")
        )

    def _sessions(self, tables: Tables) -> FromClause:
        """Return the sessions that may hold a step."""
        scope = self._scope
        return scope.sessions(tables) if self.within == "session" else scope.history(tables)

    def _first(self, events: CTE) -> CTE:
        """Return where each way begins: at any event of the first type."""
        return (
            select(
                *(events.c[key] for key in self._keys),
                events.c.whose,
                events.c.timestamp.label("began_at"),
                events.c.position.label("began"),
                events.c.position,
            )
            .where(_is(events, self._steps[0]), *self._scope.counted(events))
            .cte("step_1")
        )

    def _next(self, events: CTE, before: CTE, number: int) -> CTE:
        """Return the ways that go on: each to the earliest event of the next type."""
        follows: list[ColumnElement[Any]] = [
            events.c.whose == before.c.whose,
            events.c.position > before.c.position,
            _is(events, self._steps[number - 1]),
        ]
        if isinstance(self.within, timedelta):
            longest = self.within // timedelta(microseconds=1)
            took = microseconds_between(before.c.began_at, events.c.timestamp)
            follows.append(took <= longest)
        kept = [*(before.c[key] for key in self._keys)]
        kept += [before.c.whose, before.c.began_at, before.c.began]
        return (
            select(*kept, func.min(events.c.position).label("position"))
            .select_from(before.join(events, and_(*follows)))
            .group_by(*kept)
            .cte(f"step_{number}")
        )

    def _deepest(self, reached: list[CTE]) -> CTE:
        """Return how far each session, or user, gets on their best way."""
        steps = union_all(
            *(
                select(
                    *(step.c[key] for key in self._keys),
                    step.c.whose,
                    literal_column(str(number)).label("step"),
                )
                for number, step in enumerate(reached, 1)
            )
        ).cte("reached_steps")
        whose = [*(steps.c[key] for key in self._keys), steps.c.whose]
        return select(*whose, func.max(steps.c.step).label("deepest")).group_by(*whose).cte("ways")

    def _counted(self, ways: CTE) -> Select[Any]:
        keys = [ways.c[key] for key in self._keys]
        counts = union_all(
            *(
                select(
                    *keys,
                    literal_column(str(number)).label("step"),
                    literal(" or ".join(types), Words()).label("event_type"),
                    func.count(case((ways.c.deepest >= number, 1))).label("reached"),
                ).group_by(*keys)
                for number, types in enumerate(self._steps, 1)
            )
        ).cte("counts")
        groups = [counts.c[key] for key in self._keys]
        window: dict[str, Any] = {"partition_by": groups or None, "order_by": counts.c.step}
        # No step is reached more often than the first.
        first = func.max(counts.c.reached).over(partition_by=groups or None)
        before = previous(counts.c.reached).over(**window)
        return select(
            *(counts.c[key].label(called) for key, called in self._scope.keys),
            *(counts.c.step, counts.c.event_type, counts.c.reached),
            share(counts.c.reached, first).label("share_of_first"),
            share(counts.c.reached, before).label("share_of_previous"),
        ).order_by(*nulls_last(groups), counts.c.step)

    def _definition(self) -> str:
        who = "sessions" if self.within == "session" else "users"
        way = ", then ".join(" or ".join(map(repr, types)) for types in self._steps)
        sentence = f"The number of {who} with the events {way}, in this order"
        if len(self._steps) == 1:
            return f"The number of {who} with {with_article(events_of(self.steps))}."
        if isinstance(self.within, timedelta):
            sentence += f", at most {in_words(self.within)} from the first to the last"
        return f"{sentence}."

    @property
    def _counts(self) -> str:
        if self.within == "session":
            return super()._counts
        return "users count who reach the first step in a session that"

    @property
    def _beside(self) -> str:
        several = self.within != "session" and len(self.steps) > 1
        return "; the later steps may come at any time after it" if several else ""


def _is(events: CTE, types: tuple[str, ...]) -> ColumnElement[bool]:
    kind: ColumnElement[Any] = events.c.event_type
    return kind == types[0] if len(types) == 1 else kind.in_(types)
