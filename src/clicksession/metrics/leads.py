"""Which sessions lead to which order: the steps of SQL that the order metrics share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from clicksession.metrics.scope import Scope, event_column
from clicksession.sql.constructs import ascending, descending, previous
from clicksession.sql.tables import Tables

__all__ = ["Choices", "Leads", "is_order"]

Keep = Literal["keep", "drop"]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices of an order metric that decide which sessions lead to which order."""

    order_events: tuple[str, ...] = ("placed_order",)
    order_column: str | None = None
    per: Literal["order_session", "order_event", "user"] = "order_session"
    orders: Literal["all", "first", "last"] = "all"
    current: Literal["excluded", "included", "cut", "begun"] = "excluded"
    reset: Literal["after_order", "at_order", "never"] = "after_order"
    earlier_order_sessions: Keep = "keep"
    one_event_sessions: Keep = "keep"
    zeros: Keep = "keep"
    never_buyers: Keep = "drop"
    after_last_order: Keep = "drop"


def is_order(orders: Choices, events: FromClause) -> ColumnElement[Any]:
    """Return 1 for an event that is an order and 0 for any other."""
    return case((_ordering(orders, events), 1), else_=0)


def _ordering(orders: Choices, events: FromClause) -> ColumnElement[Any]:
    if orders.order_column is None:
        return events.c.event_type.in_(orders.order_events)
    return type_coerce(event_column(events, orders.order_column), Boolean()).is_(True)


class Leads:
    """The observations of an order metric, and the sessions that lead to each.

    An observation is an order, or one of the others that a metric may ask for. It holds the
    numbers of the user's first and last session that lead to it; `joined` brings these sessions.
    """

    def __init__(self, choices: Choices, tables: Tables, scope: Scope) -> None:
        self._choices, self._tables, self._scope = choices, tables, scope

    def joined(self, *, inner: bool = False) -> FromClause:
        """Return the observations, each with its sessions, or with nulls where it has none."""
        observed, session = self.observed, self.session
        leads = [
            session.c.user_id == observed.c.user_id,
            session.c.number >= observed.c.first_number,
            session.c.number <= observed.c.last_number,
        ]
        if self._choices.current in ("cut", "begun"):
            before = session.c.started_at < observed.c.ordered_at
            leads.append(or_(before, observed.c.ordered_at.is_(None)))
        if self._choices.one_event_sessions == "drop":
            leads.append(session.c.event_count > 1)
        if self._choices.earlier_order_sessions == "drop":
            leads.append(or_(session.c.has_order == 0, session.c.number == observed.c.number))
        start: FromClause = observed
        if self._scope.by:
            at = and_(
                self._at.c.user_id == observed.c.user_id, self._at.c.number == observed.c.number
            )
            start = start.join(self._at, at)
        return start.join(session, and_(*leads), isouter=not inner)

    @property
    def keys(self) -> list[ColumnElement[Any]]:
        """The keys of an observation: those of the session with the order."""
        return [self._at.c[key] for key, _ in self._scope.keys]

    @property
    def observation(self) -> list[ColumnElement[Any]]:
        """What tells one observation from another."""
        if self._choices.per == "user":
            return [self.observed.c.user_id]
        return [self.observed.c.user_id, self.observed.c.observation]

    @cached_property
    def session(self) -> FromClause:
        """The sessions that lead to something."""
        return self._numbered.alias("leading_sessions")

    @cached_property
    def observed(self) -> CTE:
        """The observations."""
        parts = [self._of_orders()]
        if self._choices.after_last_order == "keep":
            parts.append(self._after_last())
        if self._choices.never_buyers == "keep":
            parts.append(self._never_bought())
        return union_all(*parts).cte("observed") if len(parts) > 1 else parts[0].cte("observed")

    @cached_property
    def _at(self) -> FromClause:
        return self._numbered.alias("order_sessions")

    @cached_property
    def _order_events(self) -> CTE:
        events = self._tables.events
        return (
            select(
                events.c.user_id,
                events.c.session_id,
                events.c.timestamp.label("ordered_at"),
                events.c.event_id,
            )
            .where(and_(_ordering(self._choices, events), events.c.session_id.is_not(None)))
            .cte("order_events")
        )

    @cached_property
    def _numbered(self) -> CTE:
        """The sessions, numbered from each user's first; of buyers alone, where these suffice."""
        sessions, orders = self._scope.sessions(self._tables), self._order_events
        number = func.row_number().over(
            partition_by=sessions.c.user_id, order_by=[sessions.c.started_at, sessions.c.session_id]
        )
        keys = [sessions.c[key] for key, _ in self._scope.keys]
        columns = [
            *(sessions.c.session_id, sessions.c.user_id, sessions.c.started_at),
            *(sessions.c.ended_at, sessions.c.event_count, *keys, number.label("number")),
        ]
        source = sessions
        if self._choices.earlier_order_sessions == "drop":
            holds = select(orders.c.session_id).distinct().cte("sessions_with_orders")
            source = sessions.outerjoin(holds, holds.c.session_id == sessions.c.session_id)
            columns.append(case((holds.c.session_id.is_(None), 0), else_=1).label("has_order"))
        numbered = select(*columns).select_from(source)
        if self._choices.never_buyers == "drop":
            numbered = numbered.where(sessions.c.user_id.in_(select(orders.c.user_id)))
        return numbered.cte("numbered_sessions")

    @cached_property
    def _placed(self) -> CTE:
        """The orders that make an observation each, with the number of their session."""
        orders, numbered = self._order_events, self._numbered
        source = orders.join(numbered, numbered.c.session_id == orders.c.session_id)
        if self._per_event:
            placed = select(
                numbered.c.user_id, numbered.c.number, orders.c.ordered_at, orders.c.event_id
            ).select_from(source)
        else:
            placed = (
                select(
                    numbered.c.user_id,
                    numbered.c.number,
                    func.min(orders.c.ordered_at).label("ordered_at"),
                )
                .select_from(source)
                .group_by(numbered.c.user_id, numbered.c.number)
            )
        return placed.cte("placed_orders")

    @property
    def _per_event(self) -> bool:
        one_of_user = self._choices.per == "user" and self._choices.orders != "all"
        return bool(self._choices.per == "order_event" or one_of_user)

    def _of_orders(self) -> Select[Any]:
        placed = self._placed
        order: list[ColumnElement[Any]] = [placed.c.number]
        from_the_end: list[ColumnElement[Any]] = [placed.c.number.desc()]
        if self._per_event:
            order += [placed.c.ordered_at, ascending(placed.c.event_id)]
            from_the_end += [placed.c.ordered_at.desc(), descending(placed.c.event_id)]
        within: dict[str, Any] = {"partition_by": placed.c.user_id}
        counted = from_the_end if self._choices.orders == "last" else order
        ordered = select(
            placed.c.user_id,
            placed.c.number,
            placed.c.ordered_at,
            previous(placed.c.number).over(**within, order_by=order).label("previous_number"),
            func.row_number().over(**within, order_by=counted).label("observation"),
        ).cte("ordered")
        last: ColumnElement[Any] = ordered.c.number
        if self._choices.current == "excluded":
            last = last - 1
        chosen = select(
            *(ordered.c.user_id, ordered.c.observation, ordered.c.number),
            *(ordered.c.previous_number, ordered.c.ordered_at),
            self._first(ordered.c.previous_number).label("first_number"),
            last.label("last_number"),
        )
        return chosen if self._choices.orders == "all" else chosen.where(ordered.c.observation == 1)

    def _first(self, before: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the number of the first session that leads to an order."""
        if self._choices.reset == "never":
            return literal_column("1")
        behind = before + 1 if self._choices.reset == "after_order" else before
        return func.coalesce(behind, 1)

    def _after_last(self) -> Select[Any]:
        """Return the sessions behind each user's last order, as an observation."""
        placed, ends = self._placed, self._ends
        lasts = (
            select(placed.c.user_id, func.max(placed.c.number).label("number"))
            .group_by(placed.c.user_id)
            .cte("last_orders")
        )
        first = self._first(lasts.c.number)
        return (
            select(*self._beside_orders(ends, first))
            .select_from(ends.join(lasts, lasts.c.user_id == ends.c.user_id))
            .where(first <= ends.c.number)
        )

    def _never_bought(self) -> Select[Any]:
        """Return all sessions of each user without an order, as an observation."""
        placed, ends = self._placed, self._ends
        bought = select(placed.c.user_id).distinct().cte("buyers")
        return (
            select(*self._beside_orders(ends, literal_column("1")))
            .select_from(ends.outerjoin(bought, bought.c.user_id == ends.c.user_id))
            .where(bought.c.user_id.is_(None))
        )

    @cached_property
    def _ends(self) -> CTE:
        numbered = self._numbered
        return (
            select(numbered.c.user_id, func.max(numbered.c.number).label("number"))
            .group_by(numbered.c.user_id)
            .cte("last_sessions")
        )

    @staticmethod
    def _beside_orders(ends: CTE, first: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        return [
            *(ends.c.user_id, literal_column("0").label("observation"), ends.c.number),
            *(null().label("previous_number"), null().label("ordered_at")),
            *(first.label("first_number"), ends.c.number.label("last_number")),
        ]
