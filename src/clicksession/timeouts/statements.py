"""What a database is asked for: its gaps, counted, and what timeouts make of its events.

Times are compared as whole microseconds, and bins chosen by whole numbers, so that the answers are
those of arrays. Of events of one moment none comes first: sums go by times and not by rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    TableClause,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from clicksession.sql.constructs import (
    code_points,
    epoch_microseconds,
    lacks_instant,
    previous,
    remainder,
    signed,
)
from clicksession.timeouts.histograms import BINS, EDGES, NO_BIN, group_of

__all__ = ["Statements", "place_among"]

_PART = "part"


@dataclass(frozen=True)
class Statements:
    """The statements over one table of events.

    Attributes
    ----------
    events
        The table, whose columns have their types.
    user, time, by
        Its columns; `by` is the one whose values divide it.
    types
        The event types that are orders; none where it has no ``event_type``.
    """

    events: TableClause
    user: str
    time: str
    by: str | None
    types: tuple[str, ...]

    def histograms(self) -> Select[Any]:
        """Count gaps: part, group of users, bin (null for a user's first event), how many."""
        gaps = self._gaps()
        number = func.dense_rank().over(
            partition_by=self._parts(gaps) or None, order_by=gaps.c.owner
        )
        numbered = select(*self._parts(gaps), gaps.c.gap, signed(number).label("number")).cte(
            "numbered"
        )
        group, gap = group_of(numbered.c.number, _remainder), numbered.c.gap
        place = case((gap.is_not(None), place_among(gap, EDGES[:BINS], NO_BIN)), else_=None)
        parts = self._parts(numbered)
        binned = select(*parts, group.label("users"), place.label("bin"))
        return _counted(binned.cte("binned"))

    def sessions(self, limits: Sequence[int]) -> Select[Any]:
        """Count sessions: part, then a column for each timeout."""
        gaps = self._gaps()
        counts = [
            func.count(case((_opens(gaps, limit), 1))).label(f"sessions_{number}")
            for number, limit in enumerate(limits)
        ]
        parts = self._parts(gaps)
        return select(*parts, *counts).group_by(*parts)

    def visits(self, limits: Sequence[int]) -> Select[Any]:
        """Count sessions with an order: part, place of the timeout, visits before, how many."""
        ordered = self._ordered(limits)
        step = ordered.c
        over = self._over(ordered)
        befores = [
            previous(step[f"session_{n}"]).over(**over).label(f"before_{n}")
            for n in range(len(limits))
        ]
        parts = self._parts(ordered)
        sessions = [step[f"session_{n}"] for n in range(len(limits))]
        led = select(*parts, *sessions, *befores).cte("led")
        places = _places(len(limits))
        visits = case(*((places.c.place == n, _visits(led, n)) for n in range(len(limits)))).label(
            "visits"
        )
        spread = select(*self._parts(led), places.c.place, visits).select_from(
            led.join(places, literal(1) == 1)
        )
        told = spread.cte("spread")
        return _counted(select(*told.c).where(told.c.visits.is_not(None)).cte("told"))

    def _known(self) -> CTE:
        """Return the events that have a user and a time."""
        events = self.events.c
        columns = [_compared(events[self.user]).label("owner")]
        columns.append(epoch_microseconds(events[self.time]).label("instant"))
        if self.by is not None:
            columns.append(_compared(events[self.by]).label(_PART))
        is_order = case((events.event_type.in_(self.types), 1), else_=0) if self.types else None
        columns.append((literal_column("0") if is_order is None else is_order).label("is_order"))
        known = and_(events[self.user].is_not(None), ~lacks_instant(events[self.time]))
        return select(*columns).where(known).cte("known")

    def _gaps(self) -> CTE:
        """Return them with the gap before each; null for the first of a user."""
        known = self._known()
        before = previous(known.c.instant).over(**self._over(known))
        return select(*known.c, (known.c.instant - before).label("gap")).cte("gaps")

    def _ordered(self, limits: Sequence[int]) -> CTE:
        """Return the orders, with the ordinal of the session of each by each timeout."""
        gaps = self._gaps()
        # What neither begins a session by the shortest timeout nor is an order changes nothing.
        matter = select(*gaps.c).where(or_(_opens(gaps, min(limits)), gaps.c.is_order == 1))
        chosen = matter.cte("chosen")
        ordinals = [
            cast(
                func.sum(case((_opens(chosen, limit), 1), else_=0)).over(**self._over(chosen)),
                BigInteger,
            ).label(f"session_{number}")
            for number, limit in enumerate(limits)
        ]
        numbered = select(*chosen.c, *ordinals).cte("numbered")
        return select(*numbered.c).where(numbered.c.is_order == 1).cte("ordered")

    def _parts(self, step: CTE) -> list[ColumnElement[Any]]:
        return [step.c[_PART]] if self.by is not None else []

    def _over(self, step: CTE) -> dict[str, Any]:
        partition = [*self._parts(step), step.c.owner]
        return {"partition_by": partition, "order_by": step.c.instant}


def _compared(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it is told apart: texts by their code points."""
    is_text = getattr(column.type, "python_type", str) is str
    return code_points(column) if is_text else column


def _opens(step: CTE, limit: int) -> ColumnElement[bool]:
    """Say whether an event begins a session."""
    return or_(step.c.gap.is_(None), step.c.gap > _number(limit))


def _visits(led: CTE, place: int) -> ColumnElement[Any]:
    """Return how many sessions came before one with an order; null for its further orders."""
    session, before = led.c[f"session_{place}"], led.c[f"before_{place}"]
    return case(
        (before.is_(None), session - 1), (session > before, session - before - 1), else_=None
    )


def _places(count: int) -> CTE:
    """Return the numbers from zero on, a row each."""
    rows = [select(_number(n).label("place")) for n in range(count)]
    return union_all(*rows).cte("places")


def _counted(step: CTE) -> Select[Any]:
    """Return how often each row of a step occurs."""
    return select(*step.c, func.count().label("occurrences")).group_by(*step.c)


def place_among(
    value: ColumnElement[Any], edges: Sequence[int], first: int = 0
) -> ColumnElement[Any]:
    """Return how many of these edges a value has reached, and `first` more.

    By a search that halves what is left.
    """
    if not edges:
        return _number(first)
    middle = len(edges) // 2
    lower = place_among(value, edges[:middle], first)
    upper = place_among(value, edges[middle + 1 :], first + middle + 1)
    return case((value < _number(edges[middle]), lower), else_=upper)


def _remainder(number: ColumnElement[Any], divisor: int) -> ColumnElement[Any]:
    return remainder(number, _number(divisor))


def _number(value: int) -> ColumnElement[Any]:
    return literal_column(str(value), BigInteger() if value > 2**31 else Integer())
