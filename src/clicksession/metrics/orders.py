"""What comes before an order: two metrics, with every choice a parameter."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    case,
    func,
    or_,
    select,
)

from clicksession.keywords import keywords
from clicksession.metrics.base import StatisticMetric
from clicksession.metrics.building.asked import Asked
from clicksession.metrics.building.leads import Leads
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.placed import Choices, is_order
from clicksession.metrics.building.sentences import before_order
from clicksession.metrics.building.totals import Totals
from clicksession.metrics.building.typed import B
from clicksession.metrics.building.units import TIME_UNITS, TimeUnit, in_unit
from clicksession.metrics.roles import ORDER, Name, Role
from clicksession.sql.constructs import microseconds_between
from clicksession.sql.statistics import share
from clicksession.sql.tables import Tables

__all__ = ["MinutesBeforeOrder", "VisitsBeforeOrder"]

Statement = Select[Any] | CompoundSelect[Any]

# What a user's first order and a further order in one session count, where a fault says so.
_FAULTS: dict[str | None, tuple[str | None, str]] = {
    None: (None, "0"),
    "minus_one": (None, "-1"),
    "one_for_none": ("1", "1"),
}


@dataclass(frozen=True, kw_only=True)
class _BeforeOrder(Choices, StatisticMetric[B]):
    """What the metrics of this module share: which sessions lead to which order."""

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        if self.order_column is None:
            return super().asks
        return (*super().asks, Asked("order_column", self.order_column, is_flag=True))

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return () if self.order_column else (self._looked("order_events"),)

    def shown_by(self, answer: Any) -> frozenset[Name]:
        """Return the events that it names of which an answer shows that they occur."""
        names = [name for looked in self.looks_for for name in looked.names]
        found = len(answer) > 0 if self.gives_table else answer is not None
        # Who never ordered may be all that was found.
        return self._shown(names, found and self.never_buyers == "drop")

    def _check(self) -> None:
        self._names("order_events", "the event types or roles that are orders, at least one")
        self._choose("per", "order_session", "order_event", "user")
        self._choose("orders", "all", "first", "last")
        self._choose("reset", "after_order", "at_order", "never")
        keeps = ("earlier_order_sessions", "one_event_sessions", "zeros", "never_buyers")
        for parameter in (*keeps, "after_last_order"):
            self._choose(parameter, "keep", "drop")
        self._check_order()
        self._check_together()

    def _check_order(self) -> None:
        if self.order_column is None:
            return
        if not isinstance(self.order_column, str) or not self.order_column:
            raise self._refuse("order_column", "the name of a boolean column of the events")
        if not self._is_usual:
            must = "left out where `order_column` says what an order is"
            raise self._refuse("order_events", must)

    @property
    def _is_usual(self) -> bool:
        """Whether `order_events` are as they come: an order, whatever a log calls one."""
        given: Any = self.order_events
        return len(given) == 1 and isinstance(given[0], Role) and given[0].name == ORDER.name

    def _check_together(self) -> None:
        """Refuse choices that contradict each other, or that change nothing together."""
        if self.reset == "at_order" and self.current != "excluded":
            must = "'excluded' with reset='at_order', lest an order's session count twice"
            raise self._refuse("current", must)
        if self.earlier_order_sessions == "drop" and self.reset != "never":
            must = "'keep' unless reset='never': else they do not count anyway"
            raise self._refuse("earlier_order_sessions", must)
        everything = self.per == "user" and self.orders == "all"
        if everything and self.reset == "never":
            must = "'after_order' or 'at_order' for all orders of a user, lest sessions count twice"
            raise self._refuse("reset", must)
        several = self.orders == "all" and self.per != "user" and self.reset != "never"
        if self.after_last_order == "keep" and not several:
            must = "'drop' unless all orders have sessions of their own, which start at a reset"
            raise self._refuse("after_last_order", must)

    def _definition(self) -> str:
        return before_order(self, self._what())

    @property
    def _counts(self) -> str:
        # What leads to no order has no order's session.
        leads_nowhere = "keep" in (self.never_buyers, self.after_last_order)
        last = ", or else the user's last," if leads_nowhere else ""
        return f"orders count whose session{last} began"

    _beside = "; what came before an order may be of any time"

    def _what(self) -> str:
        raise NotImplementedError

    def _leads(self, tables: Tables) -> Leads:
        return Leads(self, tables, self._scope)

    def _of_totals(self, totals: Totals, value: ColumnElement[Any]) -> Statement:
        values = select(*totals.keys, value.label(self._called)).select_from(totals.with_keys())
        if self._adds_up:
            values = values.group_by(*totals.keys, totals.observed.c.user_id)
        return self._without_zeros(values)

    @property
    def _adds_up(self) -> bool:
        """Whether all orders of a user make one observation together."""
        return self.per == "user" and self.orders == "all"

    def _total(self, totals: Totals, amount: str) -> ColumnElement[Any]:
        column = totals.observed.c[amount]
        return func.sum(column) if self._adds_up else column

    def _without_zeros(self, values: Statement) -> Statement:
        if self.zeros == "keep":
            return values
        counted = values.cte("counted")
        return select(*counted.c).where(counted.c[self._called] != 0)


@keywords()
@dataclass(frozen=True, kw_only=True)
class VisitsBeforeOrder(_BeforeOrder[B]):
    """How many visits come before an order.

    As it stands: for every session that holds an order, however many, the number of the user's
    sessions since their previous order session, or since their first session where there was none,
    without the order session itself; then the median of these numbers. An order in a user's first
    session has 0 visits before it; where nobody ordered, the answer is null. Every part of that is
    a parameter.

    Parameters
    ----------
    order_events
        The event types that are orders, or a `Role`: what the log calls an order, unless told.
    order_column
        Instead, a boolean column of the events: an event is an order where it is true. In SQLite,
        MariaDB and MySQL, whole numbers will do that are all 0 or 1.
    per
        What one number is for: each ``"order_session"``, where several orders in a session are one;
        each ``"order_event"``; or each ``"user"`` who ordered. For all orders of a user together,
        the number is the sum.
    orders
        Which orders of a user: ``"all"``, the ``"first"`` or the ``"last"``.
    current
        Whether the session with the order counts: ``"excluded"``; ``"included"``; or ``"cut"`` at
        the order, so that it counts where something in it came before.
    reset
        Where counting starts: ``"after_order"``, behind the user's previous order session;
        ``"at_order"``, with it; ``"never"`` anew, so that each order counts from the user's first
        session on. A further order in one session, if counted, has 0 after a reset.
    earlier_order_sessions
        Whether earlier sessions with an order count, where nothing resets: ``"keep"`` or
        ``"drop"``.
    one_event_sessions
        Whether sessions of one event count: ``"keep"`` or ``"drop"``.
    zeros
        Whether numbers of 0 are among those that the statistic is of: ``"keep"`` or ``"drop"``.
    never_buyers
        ``"keep"`` counts users who never ordered, with all their sessions; ``"drop"`` does not.
    after_last_order
        ``"keep"`` counts the sessions behind a user's last order as if one more came;
        ``"drop"`` does not.
    count
        ``"sessions"``, or ``"events"``: those of the sessions that are not orders themselves.
    fault
        A fault of a published solution, to get its numbers: ``"minus_one"`` (a further order in
        one session counts -1) or ``"one_for_none"`` (a user's first order counts 1, and so does a
        further order in one session).
    statistic
        ``"median"``, ``"mean"``, or a percentile such as ``"p90"``.
    by, since, until
        See `Metric`: the session is the one with the order, or else the user's last. What came
        before it counts, also from before the window.
    where
        See `Metric`.

    Raises
    ------
    ParameterError
        A choice that is not known, or choices that make no sense together.

    Examples
    --------
    >>> print(VisitsBeforeOrder().describe())
    The median, over all sessions with a 'placed_order' event, of the number of sessions that the
    user had since their previous such session, or ever where there was none, not counting the
    session with the order.
    >>> print(VisitsBeforeOrder(per="user", orders="first", current="included").describe())
    The median, over all users with a 'placed_order' event, of the number of sessions that the user
    had up to their first such event, counting the session with the order.
    """

    count: Literal["sessions", "events"] = "sessions"
    fault: Literal["minus_one", "one_for_none"] | None = None

    @property
    def _measured(self) -> str:
        return f"{self._called}_before_order"

    @classmethod
    def _presets(cls) -> dict[str, dict[str, Any]]:
        each_event = {"per": "order_event"}
        first = {"per": "user", "orders": "first"}
        cumulative = {"reset": "never", "current": "included"}
        return {
            "V1": {**each_event, "fault": "minus_one"},
            "V2": {**each_event, "current": "included", "fault": "one_for_none"},
            "V3": {
                "per": "user",
                "orders": "last",
                "reset": "never",
                "current": "included",
                "count": "events",
            },
            "V4": {**first, "current": "cut", "zeros": "drop"},
            "V5": {**first, "current": "cut"},
            "V6": cumulative,
            "V7": cumulative,
            "V8": {**first, "zeros": "drop"},
            "V9": {
                "reset": "at_order",
                "zeros": "drop",
                "never_buyers": "keep",
                "after_last_order": "keep",
            },
        }

    def _check(self) -> None:
        super()._check()
        self._choose("current", "excluded", "included", "cut")
        self._choose("count", "sessions", "events")
        self._choose("fault", None, "minus_one", "one_for_none")
        needs = {"minus_one": "excluded", "one_for_none": "included"}
        if self.fault is None:
            return
        chosen = (self.per, self.orders, self.reset, self.count)
        if chosen != ("order_event", "all", "after_order", "sessions") or (
            self.current != needs[self.fault]
        ):
            current = needs[self.fault]
            must = f"None but with per='order_event' and current='{current}', and all else as usual"
            raise self._refuse("fault", must)

    def _what(self) -> str:
        return "the number of sessions" if self.count == "sessions" else "the number of events"

    def _values(self, tables: Tables) -> Statement:
        if self.count == "events":
            return self._without_zeros(self._events(self._leads(tables), tables))
        first, again = _FAULTS[self.fault]
        totals = Totals(self, tables, self._scope, "visits", first=first, again=again)
        if self.by or self._adds_up:
            return self._of_totals(totals, self._total(totals, "visits"))
        return self._without_zeros(totals.observations)

    @property
    def _called(self) -> str:
        return "visits" if self.count == "sessions" else "events"

    def _events(self, leads: Leads, tables: Tables) -> Select[Any]:
        events, observed = tables.events, leads.observed
        joined = events.c.session_id == leads.session.c.session_id
        counts = is_order(self, events) == 0
        if self.current == "cut":
            before = events.c.timestamp < observed.c.ordered_at
            counts = counts & or_(before, observed.c.ordered_at.is_(None))
        values = select(*leads.keys, func.count(events.c.session_id).label(self._called))
        values = values.select_from(leads.joined().outerjoin(events, joined & counts))
        return values.group_by(*leads.keys, *leads.observation)


@keywords()
@dataclass(frozen=True, kw_only=True)
class MinutesBeforeOrder(_BeforeOrder[B]):
    """How many minutes of visits come before an order.

    As it stands: for every session that holds an order, the durations, added up, of the same
    sessions that `VisitsBeforeOrder` counts; then the median of these sums, in minutes. A session
    of one event lasts 0 minutes. Durations are added as whole microseconds and divided once.

    Parameters
    ----------
    order_events, order_column, per, orders, reset, earlier_order_sessions
        As in `VisitsBeforeOrder`.
    current
        Whether the session with the order counts: ``"excluded"``; ``"included"``; ``"cut"``, up to
        the order alone; or ``"begun"``: whole, but only where it began before the order.
    one_event_sessions
        Sessions of one event: ``"keep"`` counts them with 0 minutes, ``"drop"`` does not. A sum is
        the same either way.
    aggregate
        What is made of the sessions that lead to an order: their ``"sum"``; their ``"mean"``, of
        none null; the ``"wall_clock"`` from the start of the first to the end of the last; or
        ``"pooled"``: each session of each order is a value by itself.
    unit
        ``"seconds"``, ``"minutes"``, ``"hours"`` or ``"days"``.
    zeros, never_buyers, after_last_order, statistic, by, where, since, until
        As in `VisitsBeforeOrder`.

    Raises
    ------
    ParameterError
        A choice that is not known, or choices that make no sense together.

    Examples
    --------
    >>> print(MinutesBeforeOrder(statistic="mean").describe())
    The mean, over all sessions with a 'placed_order' event, of the summed minutes of the sessions
    that the user had since their previous such session, or ever where there was none, not
    counting the session with the order.
    """

    aggregate: Literal["sum", "mean", "wall_clock", "pooled"] = "sum"
    unit: TimeUnit = "minutes"

    @property
    def _measured(self) -> str:
        return f"session_duration_{self.unit}_before_order"

    @classmethod
    def _presets(cls) -> dict[str, dict[str, Any]]:
        first = {"per": "user", "orders": "first"}
        cumulative = {"reset": "never"}
        return {
            "V1": {"per": "order_event", "unit": "seconds"},
            "V2": {**first, "current": "cut"},
            "V3": {
                "per": "user",
                "orders": "last",
                "reset": "never",
                "current": "cut",
                "aggregate": "wall_clock",
            },
            "V4": {**first, "current": "begun", "aggregate": "pooled"},
            "V5": {**first, "current": "cut", "aggregate": "wall_clock"},
            "V6": {**cumulative, "current": "included"},
            "V7": {**cumulative, "earlier_order_sessions": "drop"},
            "V8": {**first, "aggregate": "pooled"},
            "V9": {**first, "current": "cut", "aggregate": "pooled", "never_buyers": "keep"},
        }

    def _check(self) -> None:
        super()._check()
        self._choose("current", "excluded", "included", "cut", "begun")
        self._choose("aggregate", "sum", "mean", "wall_clock", "pooled")
        self._choose("unit", *TIME_UNITS)
        if self.aggregate == "pooled" and self.reset == "never" and self.orders == "all":
            must = "no 'pooled' where each order counts all sessions again (orders='all', no reset)"
            raise self._refuse("aggregate", must)
        if self.aggregate == "sum" and self.one_event_sessions == "drop":
            must = "'keep' for a sum, which sessions of 0 minutes do not change"
            raise self._refuse("one_event_sessions", must)

    def _what(self) -> str:
        return {
            "sum": f"the summed {self.unit} of the sessions",
            "mean": f"the mean {self.unit} of the sessions",
            "wall_clock": f"the {self.unit} from the start of the first to the end of the last "
            "of the sessions",
            "pooled": f"the {self.unit} of each of the sessions",
        }[self.aggregate]

    def _values(self, tables: Tables) -> Statement:
        if self.aggregate in ("sum", "mean"):
            return self._of_totals(*self._added_up(tables))
        leads = self._leads(tables)
        start, end = leads.session.c.started_at, self._end(leads.session, leads.observed)
        if self.aggregate == "pooled":
            value = in_unit(microseconds_between(start, end), self.unit)
            values = select(*leads.keys, value.label(self._called)).select_from(
                leads.joined(inner=True)
            )
            return self._without_zeros(values)
        clock = microseconds_between(func.min(start), func.max(end))
        value = in_unit(func.coalesce(clock, 0), self.unit)
        values = select(*leads.keys, value.label(self._called)).select_from(leads.joined())
        return self._without_zeros(values.group_by(*leads.keys, *leads.observation))

    def _added_up(self, tables: Tables) -> tuple[Totals, ColumnElement[Any]]:
        if self.aggregate == "sum":
            totals = Totals(self, tables, self._scope, "microseconds")
            return totals, in_unit(self._total(totals, "microseconds"), self.unit)
        totals = Totals(self, tables, self._scope, "visits", "microseconds")
        mean = share(self._total(totals, "microseconds"), self._total(totals, "visits"))
        return totals, in_unit(mean, self.unit)

    def _end(self, session: FromClause, observed: CTE) -> ColumnElement[Any]:
        if self.current != "cut":
            return session.c.ended_at
        later = session.c.ended_at > observed.c.ordered_at
        return case((later, observed.c.ordered_at), else_=session.c.ended_at)
