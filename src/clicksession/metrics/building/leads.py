"""Which sessions lead to which order, where more is asked of them than how many and how long."""

from functools import cached_property
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, and_, func, literal_column, null, or_

from clicksession.metrics.building.placed import Orders

__all__ = ["Leads"]


class Leads(Orders):
    """The observations of an order metric, and the sessions that lead to each.

    An observation holds the numbers of the user's first and last session that lead to it; `joined`
    brings these sessions.
    """

    _tells_apart = True

    def joined(self, *, inner: bool = False) -> FromClause:
        """Return the observations, each with its sessions, or with nulls where it has none."""
        observed, session = self.observed, self.session
        leads = [
            session.c.user_id == observed.c.user_id,
            session.c.number >= observed.c.first_number,
            session.c.number <= observed.c.last_number,
        ]
        if self.choices.current in ("cut", "begun"):
            # Of earlier sessions nothing is asked: one may begin in the moment of the order too.
            earlier = session.c.number < observed.c.number
            before = session.c.started_at < observed.c.ordered_at
            leads.append(or_(earlier, before, observed.c.ordered_at.is_(None)))
        if self.choices.one_event_sessions == "drop":
            leads.append(session.c.event_count > 1)
        if self.choices.earlier_order_sessions == "drop":
            leads.append(or_(session.c.has_order == 0, session.c.number == observed.c.number))
        return self.with_keys().join(session, and_(*leads), isouter=not inner)

    @property
    def observation(self) -> list[ColumnElement[Any]]:
        """What tells one observation from another."""
        if self.choices.per == "user":
            return [self.observed.c.user_id]
        return [self.observed.c.user_id, self.observed.c.observation]

    @cached_property
    def session(self) -> FromClause:
        """The sessions that lead to something."""
        return self._numbered.alias("leading_sessions")

    @cached_property
    def _numbered(self) -> CTE:
        return self._numbered_with("started_at", "ended_at", "event_count")

    @property
    def _growing(self) -> list[str]:
        return []

    def _carried(self, numbered: CTE) -> list[ColumnElement[Any]]:
        return self.scope.placed_by(numbered)

    def _kept(self, placed: CTE) -> list[ColumnElement[Any]]:
        return [placed.c.ordered_at]

    @property
    def _recalled(self) -> list[str]:
        return ["number"]

    @property
    def _looks_at_orders(self) -> bool:
        return True

    def _to_orders(self, ordered: CTE) -> list[ColumnElement[Any]]:
        last: ColumnElement[Any] = ordered.c.number
        if self.choices.current == "excluded":
            last = last - 1
        first = self._first(ordered.c.previous_number)
        return [
            ordered.c.ordered_at,
            first.label("first_number"),
            last.label("last_number"),
        ]

    def _behind(self, last: CTE, end: CTE) -> list[ColumnElement[Any]]:
        return self._without_order(self._first(last.c.number), end)

    def _whole(self, end: CTE) -> list[ColumnElement[Any]]:
        return self._without_order(literal_column("1"), end)

    def _first(self, before: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the number of the first session that leads to an order."""
        if self.choices.reset == "never":
            return literal_column("1")
        behind = before + 1 if self.choices.reset == "after_order" else before
        return func.coalesce(behind, 1)

    @staticmethod
    def _without_order(first: ColumnElement[Any], end: CTE) -> list[ColumnElement[Any]]:
        columns = [null().label("ordered_at"), first.label("first_number")]
        return [*columns, end.c.number.label("last_number")]
