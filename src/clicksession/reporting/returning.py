"""Who comes back: the grid of cohorts."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clicksession.metrics import Period, Retention
from clicksession.metrics.building.scope import Unit
from clicksession.reporting.asking import Asking
from clicksession.reporting.counts import Span, as_day
from clicksession.reporting.numbers import counted, day, percent
from clicksession.reporting.views import Answer, Grid, GridRow, View

__all__ = ["SHADES", "retention"]

#: How many shades there are, from none of the cohort to all of it.
SHADES = 6
_COHORTS = 12
_LATER = 8


def retention(asking: Asking, span: Span | None) -> Answer:
    """Return the share of each cohort that comes back, period by period; of many, the last ones."""
    unit: Unit = "month" if span and (span.last - span.first).days > 7 * 26 else "week"
    period = Period(unit, span.zone if span else "UTC")
    metric = Retention(period=period, up_to=_LATER)

    def show(found: Any) -> View | None:
        return _grid(found, span, unit) if span and len(found) else None

    answer = asking.answer("Retention", metric, show)
    notes = (
        f"Across: how many {unit}s later. A cell is empty where that {unit} has not begun yet, and "
        f"the last {unit} of the data may not be over: its cells can still grow.",
        f"At most the last {counted(_COHORTS, 'cohort')} are shown.",
    )
    return replace(answer, notes=answer.notes + notes) if answer.view else answer


def _grid(found: Any, span: Span, unit: Unit) -> Grid:
    shares: dict[date, dict[int, float]] = defaultdict(dict)
    sizes: dict[date, int] = {}
    for row in found.itertuples(index=False):
        cohort = as_day(row.cohort)
        sizes[cohort] = int(row.users)
        shares[cohort][int(row.period)] = float(row.share)
    cohorts = sorted(sizes)[-_COHORTS:]
    last = span.last.astimezone(ZoneInfo(span.zone)).date()
    across = min(_LATER, max(_later(cohorts[0], last, unit), 0))
    rows = [
        GridRow(
            day(cohort, unit),
            f"{sizes[cohort]:,}",
            _cells(shares[cohort], _later(cohort, last, unit), across),
        )
        for cohort in cohorts
    ]
    columns = (f"{unit.capitalize()} of", "Users", *(f"+{later}" for later in range(across + 1)))
    return Grid(columns, rows)


def _cells(shares: dict[int, float], begun: int, across: int) -> tuple[tuple[str, int], ...]:
    """Return what stands in the cells: nothing in those of periods that have not begun."""
    return tuple(
        (percent(shares.get(later, 0.0)), _shade(shares.get(later, 0.0)))
        if later <= begun
        else ("", 0)
        for later in range(across + 1)
    )


def _shade(share: float) -> int:
    """Return which shade a share has: 0 for none, else from 1 up.

    Examples
    --------
    >>> [_shade(share) for share in (0, 0.01, 0.2, 0.5, 1)]
    [0, 1, 1, 3, 5]
    """
    return 0 if share <= 0 else min(SHADES - 1, max(1, -int(-share * (SHADES - 1) // 1)))


def _later(cohort: date, last: date, unit: Unit) -> int:
    """Return how many periods after a cohort's own the last event is."""
    if unit == "week":
        return (last - cohort) // timedelta(days=7)
    return (last.year - cohort.year) * 12 + last.month - cohort.month
