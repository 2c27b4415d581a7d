"""What comes before an order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal_column, select

from clicksession.errors import ParameterError
from clicksession.metrics.base import Metric
from clicksession.sql.constructs import microseconds_between, minutes_of
from clicksession.sql.statistics import Statistic, check_statistic, summary
from clicksession.sql.tables import Tables

__all__ = ["MinutesBeforeOrder", "VisitsBeforeOrder"]


@dataclass(frozen=True, kw_only=True)
class _BeforeOrder(Metric):
    """What the metrics of this module share: which sessions lead to which order."""

    order_events: tuple[str, ...] = ("placed_order",)
    statistic: Statistic = "median"

    def __post_init__(self) -> None:
        who = type(self).__name__
        events = (self.order_events,) if isinstance(self.order_events, str) else self.order_events
        if not events or not all(isinstance(event, str) for event in events):
            must = "the event types that are orders, at least one"
            raise ParameterError(who, "order_events", must, self.order_events)
        object.__setattr__(self, "order_events", tuple(events))
        check_statistic(self.statistic, who)

    def _where(self) -> str:
        orders = " or ".join(repr(event) for event in self.order_events)
        return (
            f"The {self.statistic}, over all sessions with a {orders} event, of %s that the user "
            "had since their previous such session, or ever where there was none, not counting "
            "the session with the order."
        )


class VisitsBeforeOrder(_BeforeOrder):
    """How many visits come before an order.

    For every session that holds an order, however many: the number of the user's sessions since
    their previous order session, or since their first session where there was none, without the
    order session itself. Then the median of these numbers. An order in a user's first session has
    0 visits before it; where nobody ordered, the answer is null.

    Parameters
    ----------
    order_events
        The event types that are orders.
    statistic
        ``"median"`` or ``"mean"``.

    Raises
    ------
    ParameterError
        No event type, or a statistic that is not known.

    Examples
    --------
    >>> print(VisitsBeforeOrder().describe())
    The median, over all sessions with a 'placed_order' event, of the number of sessions that the
    user had since their previous such session, or ever where there was none, not counting the
    session with the order.
    """

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement: one row, one column."""
        tables = tables or Tables()
        visits = _before_orders(tables, self.order_events, "visits", lambda _: literal_column("1"))
        return summary(visits, "visits", self.statistic, f"{self.statistic}_visits_before_order")

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        return self._where() % "the number of sessions"


class MinutesBeforeOrder(_BeforeOrder):
    """How many minutes of visits come before an order.

    For every session that holds an order: the durations, added up, of the same sessions that
    `VisitsBeforeOrder` counts. Then the median of these sums, in minutes. A session of one event
    lasts 0 minutes. Durations are added as whole microseconds and divided once.

    Parameters
    ----------
    order_events
        The event types that are orders.
    statistic
        ``"median"`` or ``"mean"``.

    Raises
    ------
    ParameterError
        No event type, or a statistic that is not known.

    Examples
    --------
    >>> print(MinutesBeforeOrder(statistic="mean").describe())
    The mean, over all sessions with a 'placed_order' event, of the summed minutes of the sessions
    that the user had since their previous such session, or ever where there was none, not
    counting the session with the order.
    """

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement: one row, one column."""
        microseconds = _before_orders(
            tables or Tables(),
            self.order_events,
            "microseconds",
            lambda session: microseconds_between(session.c.started_at, session.c.ended_at),
        )
        minutes = select(minutes_of(microseconds.c.microseconds).label("minutes"))
        name = f"{self.statistic}_session_duration_minutes_before_order"
        return summary(minutes.cte("durations"), "minutes", self.statistic, name)

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        return self._where() % "the summed minutes of the sessions"


def _before_orders(
    tables: Tables,
    order_events: tuple[str, ...],
    name: str,
    measure: Callable[[CTE], ColumnElement[Any]],
) -> CTE:
    """Return a row per order session: a measure summed over the sessions that lead to it.

    The sessions that lead to an order session share with it the number of order sessions that
    came before. Sessions after the last order share theirs with none, and drop out.
    """
    numbered = _numbered(_marked(tables, order_events))
    leads_to_order = case((numbered.c.has_order == 0, measure(numbered)))
    return (
        select(func.coalesce(func.sum(leads_to_order), 0).label(name))
        .group_by(numbered.c.user_id, numbered.c.orders_before)
        .having(func.max(numbered.c.has_order) == 1)
        .cte("before_orders")
    )


def _marked(tables: Tables, order_events: tuple[str, ...]) -> CTE:
    """Return every session, with 1 where it holds an order and 0 where not."""
    events, sessions = tables.events, tables.sessions
    is_order = and_(events.c.event_type.in_(order_events), events.c.session_id.is_not(None))
    orders = select(events.c.session_id).where(is_order).distinct().cte("order_sessions")
    return (
        select(
            sessions.c.session_id,
            sessions.c.user_id,
            sessions.c.started_at,
            sessions.c.ended_at,
            case((orders.c.session_id.is_not(None), 1), else_=0).label("has_order"),
        )
        .select_from(sessions.outerjoin(orders, orders.c.session_id == sessions.c.session_id))
        .cte("marked_sessions")
    )


def _numbered(marked: CTE) -> CTE:
    """Return every session with the number of the user's order sessions before it."""
    orders_before = func.sum(marked.c.has_order).over(
        partition_by=marked.c.user_id,
        order_by=[marked.c.started_at, marked.c.session_id],
        rows=(None, -1),
    )
    return select(*marked.c, func.coalesce(orders_before, 0).label("orders_before")).cte(
        "numbered_sessions"
    )
