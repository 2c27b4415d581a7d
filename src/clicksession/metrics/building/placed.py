"""Which events are orders, and in which of their users' sessions they were placed."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
    true,
    type_coerce,
    union_all,
)

from clicksession.metrics.building.asked import event_column
from clicksession.metrics.building.scope import Scope, of_user
from clicksession.metrics.roles import ORDER, EventTypes, types_of
from clicksession.sql.constructs import ascending, descending, previous, signed
from clicksession.sql.conversions import converts
from clicksession.sql.tables import Tables

__all__ = ["Choices", "Orders", "is_order"]

Keep = Literal["keep", "drop"]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices of an order metric that decide which sessions lead to which order."""

    order_events: EventTypes = ORDER
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

    @property
    def order_types(self) -> tuple[str, ...]:
        """The event types that are orders."""
        return types_of(self.order_events)

    @property
    def counts_order_events(self) -> bool:
        """Whether two orders in one session are two: not where only the first of a user counts."""
        if self.orders == "first":
            return False
        return self.per == "order_event" or (self.per == "user" and self.orders == "last")


def is_order(orders: Choices, events: FromClause) -> ColumnElement[Any]:
    """Return 1 for an event that is an order and 0 for any other."""
    return case((_ordering(orders, events), 1), else_=0)


def _ordering(orders: Choices, events: FromClause) -> ColumnElement[Any]:
    if orders.order_column is None:
        return events.c.event_type.in_(orders.order_types)
    # Not IS: not every database lets a value be true but by comparing.
    return type_coerce(event_column(events, orders.order_column), Boolean()) == true()


class Orders(ABC):
    """The steps of SQL that all order metrics share: from sessions and orders to `observed`.

    An observation is an order, or one of the others that a metric may ask for: what lies behind a
    user's last order, and the users without any. `observed` has a row for each, with the user, the
    number of the session with the order (or of the user's last), and what a subclass makes of it.
    """

    #: Whether `observed` holds a number that tells one observation of a user from another.
    _tells_apart = False

    def __init__(self, choices: Choices, tables: Tables, scope: Scope) -> None:
        self.choices, self.tables, self.scope = choices, tables, scope

    @cached_property
    @abstractmethod
    def _numbered(self) -> CTE:
        """The sessions, numbered from each user's first; of buyers alone, where these suffice."""

    @property
    @abstractmethod
    def _growing(self) -> list[str]:
        """What else of the numbered sessions only grows from one session of a user to the next."""

    @abstractmethod
    def _carried(self, numbered: CTE) -> list[ColumnElement[Any]]:
        """Return what an order takes along of its session, beside its number."""

    @abstractmethod
    def _kept(self, placed: CTE) -> list[ColumnElement[Any]]:
        """Return what must be known of an order once it stands among its user's others."""

    @property
    @abstractmethod
    def _recalled(self) -> list[str]:
        """What an order needs to know of the session of the user's order before it."""

    @property
    @abstractmethod
    def _looks_at_orders(self) -> bool:
        """Whether it matters when a session's orders were, or how many."""

    @property
    def _moment(self) -> list[str]:
        """What must be known of a session for its orders to count, in a window of time."""
        return ["started_at"] if self.scope.window else []

    @property
    def _counts_stored(self) -> bool:
        """Whether the sessions themselves say all that must be known of their orders."""
        choices = self.choices
        if choices.order_column is not None or self._looks_at_orders:
            return False
        return self.tables.counts(choices.order_types)

    @abstractmethod
    def _to_orders(self, ordered: CTE) -> list[ColumnElement[Any]]:
        """Return what leads to each order."""

    @abstractmethod
    def _behind(self, last: CTE, end: CTE) -> list[ColumnElement[Any]]:
        """Return what lies behind each user's last order."""

    @abstractmethod
    def _whole(self, end: CTE) -> list[ColumnElement[Any]]:
        """Return what all sessions of a user come to."""

    @property
    def observations(self) -> Select[Any] | CompoundSelect[Any]:
        """The statement of all observations."""
        parts = [self._of_orders()]
        if self.choices.after_last_order == "keep":
            parts.append(self._after_last())
        if self.choices.never_buyers == "keep":
            parts.append(self._never_bought())
        return union_all(*parts) if len(parts) > 1 else parts[0]

    @cached_property
    def observed(self) -> CTE:
        """The observations, as a step."""
        return self.observations.cte("observed")

    @property
    def keys(self) -> list[ColumnElement[Any]]:
        """The keys of an observation: those of the session with the order."""
        return self.scope.keys_in(self._at)

    def with_keys(self) -> FromClause:
        """Return the observations, beside the sessions that hold their keys where there are any."""
        observed, at = self.observed, self._at
        if not self.scope.by:
            return observed
        same = and_(at.c.user_id == observed.c.user_id, at.c.number == observed.c.number)
        return observed.join(at, same)

    @cached_property
    def _at(self) -> FromClause:
        return self._numbered.alias("order_sessions")

    @cached_property
    def _sessions(self) -> FromClause:
        return self.scope.history(self.tables)

    @cached_property
    def _order_events(self) -> CTE:
        events = self.tables.events
        columns: list[ColumnElement[Any]] = [events.c.user_id, events.c.session_id]
        if self._looks_at_orders:
            columns += [events.c.timestamp.label("ordered_at"), events.c.event_id]
        holds = and_(_ordering(self.choices, events), events.c.session_id.is_not(None))
        step = select(*columns).where(holds).cte("order_events")
        # It is read twice, for the buyers and for their orders: twice from an index is faster than
        # once from an index, written down, and twice from there.
        return step.prefix_with("NOT MATERIALIZED", dialect="postgresql")

    def _chosen(self, *more: ColumnElement[Any]) -> Select[Any]:
        """Return the sessions that are looked at; ``has_order`` says which have one, if needed."""
        sessions = self._sessions
        columns = [sessions.c.session_id, sessions.c.user_id, *more, *self.scope.keys_in(sessions)]
        source = sessions
        if self._counts_stored:
            has_order = case((converts(sessions, self.choices.order_types), 1), else_=0)
            columns.append(has_order.label("has_order"))
        elif self.choices.earlier_order_sessions == "drop":
            orders = self._order_events
            holds = select(orders.c.session_id).distinct().cte("sessions_with_orders")
            source = sessions.outerjoin(holds, holds.c.session_id == sessions.c.session_id)
            columns.append(case((holds.c.session_id.is_(None), 0), else_=1).label("has_order"))
        chosen = select(*columns).select_from(source)
        if self.choices.never_buyers == "keep":
            return chosen
        return chosen.where(sessions.c.user_id.in_(select(self._buyers.c.user_id)))

    @cached_property
    def _buyers(self) -> CTE:
        """A step that names each user with an order, once or more often."""
        if not self._counts_stored:
            return self._order_events
        # Of all sessions, also where only some are looked at: that are too many users at most.
        sessions = self.tables.sessions
        buys = converts(sessions, self.choices.order_types)
        return select(sessions.c.user_id).where(buys).cte("buyers")

    def _numbered_with(self, *names: str) -> CTE:
        """Return the sessions with their numbers and these columns."""
        sessions = self._sessions
        number = signed(func.row_number().over(**of_user(sessions))).label("number")
        told = [sessions.c[name] for name in names]
        return self._chosen(*told, number).cte("numbered_sessions")

    @cached_property
    def _placed(self) -> CTE:
        """The orders that make an observation each, with the number of their session."""
        numbered = self._numbered
        taken = [numbered.c.user_id, numbered.c.number, *self._carried(numbered)]
        if self._counts_stored:
            return select(*taken).where(numbered.c.has_order == 1).cte("placed_orders")
        orders = self._order_events
        of_session = numbered.c.session_id == orders.c.session_id
        if not self._looks_at_orders:
            holds = numbered.c.session_id.in_(select(orders.c.session_id))
            placed = select(*taken).where(holds)
        elif self.choices.counts_order_events:
            placed = select(*taken, orders.c.ordered_at, orders.c.event_id)
            placed = placed.select_from(orders.join(numbered, of_session))
        else:
            placed = select(*taken, func.min(orders.c.ordered_at).label("ordered_at"))
            placed = placed.select_from(orders.join(numbered, of_session)).group_by(*taken)
        return placed.cte("placed_orders")

    @cached_property
    def _ordered(self) -> CTE:
        """The orders, each with what it recalls of the one before."""
        placed = self._placed
        order: list[ColumnElement[Any]] = [placed.c.number]
        from_the_end: list[ColumnElement[Any]] = [placed.c.number.desc()]
        if self.choices.counts_order_events:
            order += [placed.c.ordered_at, ascending(placed.c.event_id)]
            from_the_end += [placed.c.ordered_at.desc(), descending(placed.c.event_id)]
        user: dict[str, Any] = {"partition_by": placed.c.user_id}
        columns = [placed.c.user_id, placed.c.number, *self._kept(placed)]
        columns += self.scope.placed_by(placed)
        for name in self._recalled:
            before = previous(placed.c[name]).over(**user, order_by=order)
            columns.append(before.label(f"previous_{name}"))
        if self._tells_apart or self.choices.orders != "all":
            counted = from_the_end if self.choices.orders == "last" else order
            number = func.row_number().over(**user, order_by=counted)
            columns.append(number.label("observation"))
        return select(*columns).cte("ordered")

    def _of_orders(self) -> Select[Any]:
        ordered = self._ordered
        columns: list[ColumnElement[Any]] = [ordered.c.user_id, ordered.c.number]
        if self._tells_apart:
            columns.append(ordered.c.observation)
        orders = select(*columns, *self._to_orders(ordered)).where(*self.scope.counted(ordered))
        return orders if self.choices.orders == "all" else orders.where(ordered.c.observation == 1)

    def _after_last(self) -> Select[Any]:
        """Return the sessions behind each user's last order, as an observation."""
        last, end = self._latest(self._placed, "last_orders"), self._ends
        first = last.c.number + 1 if self.choices.reset == "after_order" else last.c.number
        return (
            select(*self._beside_orders(self._behind(last, end)))
            .select_from(end.join(last, last.c.user_id == end.c.user_id))
            .where(first <= end.c.number, *self.scope.counted(end))
        )

    def _never_bought(self) -> Select[Any]:
        """Return all sessions of each user without an order, as an observation."""
        end = self._ends
        bought = select(self._placed.c.user_id).distinct().cte("buyers")
        return (
            select(*self._beside_orders(self._whole(end)))
            .select_from(end.outerjoin(bought, bought.c.user_id == end.c.user_id))
            .where(bought.c.user_id.is_(None), *self.scope.counted(end))
        )

    def _beside_orders(self, found: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        zero: ColumnElement[Any] = literal_column("0").label("observation")
        told = [zero] if self._tells_apart else []
        return [self._ends.c.user_id, self._ends.c.number, *told, *found]

    @cached_property
    def _ends(self) -> CTE:
        return self._latest(self._numbered, "last_sessions")

    def _latest(self, step: CTE, name: str) -> CTE:
        """Return the last row of each user: numbers and totals only grow."""
        growing = [one for one in ("number", *self._growing, *self._moment) if one in step.c]
        columns = [func.max(step.c[one]).label(one) for one in growing]
        return select(step.c.user_id, *columns).group_by(step.c.user_id).cte(name)
