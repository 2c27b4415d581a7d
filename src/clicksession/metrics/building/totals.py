"""What leads to each order as the difference of two running totals.

What a user did up to an order, less what they did up to the order before it: one pass over the
sessions in their order, where `leads` joins each order to its sessions.
"""

from functools import cached_property
from typing import Any, Literal

from sqlalchemy import CTE, ColumnElement, FromClause, case, func, literal_column, select

from clicksession.metrics.building.placed import Choices, Orders
from clicksession.metrics.building.scope import Scope, of_user
from clicksession.sql.constructs import microseconds_between, session_microseconds, signed
from clicksession.sql.tables import Tables

__all__ = ["Amount", "Totals"]

#: What is added up: sessions, or how long they last.
Amount = Literal["visits", "microseconds"]


class Totals(Orders):
    """The observations of an order metric, each with the amounts that lead to it.

    Parameters
    ----------
    amounts
        What is added up.
    first, again
        What a user's first order and a further order in one session come to, if that is not what
        the totals say.
    """

    def __init__(
        self,
        choices: Choices,
        tables: Tables,
        scope: Scope,
        *amounts: Amount,
        first: str | None = None,
        again: str = "0",
    ) -> None:
        super().__init__(choices, tables, scope)
        self._amounts, self._first, self._again = amounts, first, again

    @cached_property
    def _numbered(self) -> CTE:
        """The sessions with their numbers, and with totals where these are not the numbers."""
        if not self._totalled:
            return self._numbered_with(*self._times)
        counted = self._counted
        user = {**of_user(counted), "rows": (None, 0)}
        columns: list[ColumnElement[Any]] = [counted.c.session_id, counted.c.user_id]
        told = ["has_order"] if self._counts_stored else []
        columns += [counted.c[name] for name in (*told, *self._times)]
        # A count over the same rows as the totals: one more window would be one more pass.
        columns += [*self.scope.keys_in(counted), signed(func.count().over(**user)).label("number")]
        for name in self._totalled:
            own: ColumnElement[Any] = counted.c[name]
            earlier = own
            if self.choices.earlier_order_sessions == "drop":
                earlier = case((counted.c.has_order == 0, own), else_=0)
            total: ColumnElement[Any] = func.sum(earlier).over(**user)
            if name == "visits":
                total = signed(total)
            so_far = total if own is earlier else total - earlier + own
            columns += [own, so_far.label(f"{name}_so_far")]
        return select(*columns).cte("numbered_sessions")

    @cached_property
    def _counted(self) -> CTE:
        """The sessions, each with what it counts for."""
        sessions = self._sessions
        several = case((sessions.c.event_count > 1, 1), else_=0)
        counts = several if self.choices.one_event_sessions == "drop" else literal_column("1")
        amounts: dict[Amount, ColumnElement[Any]] = {
            "visits": counts,
            "microseconds": session_microseconds(
                sessions.c.started_at, sessions.c.ended_at, sessions.c.duration_seconds
            ),
        }
        own = [amounts[name].label(name) for name in self._totalled]
        return self._chosen(sessions.c.started_at, *own).cte("counted_sessions")

    @property
    def _totalled(self) -> list[Amount]:
        """The amounts whose totals are more than the number of the session."""
        keeps = (self.choices.one_event_sessions, self.choices.earlier_order_sessions)
        counts_all = keeps == ("keep", "keep")
        return [name for name in self._amounts if name != "visits" or not counts_all]

    @property
    def _times(self) -> list[str]:
        """What must be known of when an order's session was."""
        return ["started_at"] if self._looks_within else self._moment

    @property
    def _looks_within(self) -> bool:
        """Whether it matters when in its session an order was."""
        return self.choices.current in ("cut", "begun")

    @property
    def _looks_at_orders(self) -> bool:
        return self.choices.counts_order_events or self._looks_within

    @property
    def _growing(self) -> list[str]:
        return [f"{name}_{upto}" for name in self._totalled for upto in ("before", "so_far")]

    def _carried(self, numbered: CTE) -> list[ColumnElement[Any]]:
        carried: list[ColumnElement[Any]] = [numbered.c[name] for name in self._times]
        for name in self._totalled:
            so_far = numbered.c[f"{name}_so_far"]
            carried += [(so_far - numbered.c[name]).label(f"{name}_before"), so_far]
        return carried

    def _kept(self, placed: CTE) -> list[ColumnElement[Any]]:
        return [self._up_to_order(placed, name).label(f"{name}_up_to") for name in self._amounts]

    @property
    def _recalled(self) -> list[str]:
        if not self._starts_anew:
            return []
        upto = "so_far" if self.choices.reset == "after_order" else "before"
        totals = [f"{name}_{upto}" for name in self._totalled]
        asks_number = len(totals) < len(self._amounts) or self._meets_again
        return ["number", *totals] if asks_number else totals

    @property
    def _meets_again(self) -> bool:
        """Whether an order can be in the session behind which counting started anew."""
        choices = self.choices
        return self._starts_anew and choices.counts_order_events and choices.reset == "after_order"

    @property
    def _starts_anew(self) -> bool:
        """Whether an order can have one before it from which counting starts."""
        return self.choices.reset != "never" and self.choices.orders != "first"

    def _to_orders(self, ordered: CTE) -> list[ColumnElement[Any]]:
        return [self._to_order(ordered, name).label(name) for name in self._amounts]

    def _to_order(self, ordered: CTE, name: Amount) -> ColumnElement[Any]:
        """Return an amount from where counting starts up to an order."""
        lead: ColumnElement[Any] = ordered.c[f"{name}_up_to"]
        if not self._starts_anew:
            return lead
        lead = lead - func.coalesce(self._at_reset(ordered, name, "previous_"), 0)
        if self._meets_again:
            again = ordered.c.previous_number == ordered.c.number
            lead = case((again, literal_column(self._again)), else_=lead)
        if self._first is not None:
            none = ordered.c.previous_number.is_(None)
            lead = case((none, literal_column(self._first)), else_=lead)
        return lead

    def _up_to_order(self, placed: CTE, name: Amount) -> ColumnElement[Any]:
        before, so_far = self._before(placed, name), self._so_far(placed, name)
        current = self.choices.current
        if current in ("excluded", "included"):
            return before if current == "excluded" else so_far
        start, order = placed.c.started_at, placed.c.ordered_at
        if current == "cut" and name == "microseconds":
            return before + microseconds_between(start, order)
        return case((start < order, so_far), else_=before)

    def _behind(self, last: CTE, end: CTE) -> list[ColumnElement[Any]]:
        return [
            (self._so_far(end, name) - self._at_reset(last, name)).label(name)
            for name in self._amounts
        ]

    def _whole(self, end: CTE) -> list[ColumnElement[Any]]:
        return [self._so_far(end, name).label(name) for name in self._amounts]

    def _at_reset(self, row: CTE, name: Amount, of: str = "") -> ColumnElement[Any]:
        """Return what an amount was where an order has counting start anew."""
        upto = self._so_far if self.choices.reset == "after_order" else self._before
        return upto(row, name, of)

    def _so_far(self, row: FromClause, name: Amount, of: str = "") -> ColumnElement[Any]:
        return row.c[f"{of}{name}_so_far" if name in self._totalled else f"{of}number"]

    def _before(self, row: FromClause, name: Amount, of: str = "") -> ColumnElement[Any]:
        if name in self._totalled:
            return row.c[f"{of}{name}_before"]
        return row.c[f"{of}number"] - 1
