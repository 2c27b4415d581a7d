"""What comes before an order: how many visits, and how many minutes of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from clicksession.metrics import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.metrics.base import StatisticMetric
from clicksession.reporting.asking import Asking
from clicksession.reporting.numbers import number, percent
from clicksession.reporting.views import Answer, Listing, Number, Row

__all__ = ["before_order"]

# The first value that is no longer in each class, and what the classes are called.
_VISITS = (
    (1, 2, 3, 4, 5, 6, 8, 11, 21),
    ("0", "1", "2", "3", "4", "5", "6 or 7", "8 to 10", "11 to 20", "21 or more"),
)
_MINUTES = (
    (1, 5, 15, 30, 60, 120, 240, 480),
    (
        *("less than 1", "1 to 5", "5 to 15", "15 to 30", "30 to 60"),
        *("60 to 120", "120 to 240", "240 to 480", "480 or more"),
    ),
)


def before_order(asking: Asking) -> Iterator[Answer]:
    """Yield the medians of visits and of minutes before an order, and how they spread."""
    visits, minutes = VisitsBeforeOrder(), MinutesBeforeOrder()
    medians = (
        asking.answer("Visits before an order", visits, _as_number("visits")),
        asking.answer("Minutes before an order", minutes, _as_number("minutes")),
    )
    yield from medians
    if medians[0].view:
        yield _spread(asking, visits, "Orders by visits before them", "Visits", _VISITS)
    if medians[1].view:
        yield _spread(asking, minutes, "Orders by minutes before them", "Minutes", _MINUTES)


def _as_number(unit: str) -> Callable[[float], Number]:
    return lambda found: Number(number(found), unit)


def _spread(
    asking: Asking,
    metric: StatisticMetric,
    title: str,
    what: str,
    classes: tuple[Sequence[int], Sequence[str]],
) -> Answer:
    """Return how many of the values that a median is of are in each class."""
    edges, names = classes
    statement = _classes(asking.place.named(metric), asking, edges)
    counts = {int(place): int(count) for place, count in asking.rows(statement)}
    total, most = sum(counts.values()), max(counts.values(), default=0)
    found = [(name, counts.get(place, 0)) for place, name in enumerate(names)]
    rows = [
        Row(name, (f"{count:,}", percent(count / total)), count / most) for name, count in found
    ]
    sentence = f"How often each number of {what.lower()} occurs among those that the median is of."
    return Answer(title, sentence, asking.sql(statement), Listing((what, "Orders", "Share"), rows))


def _classes(metric: StatisticMetric, asking: Asking, edges: Sequence[int]) -> Select[Any]:
    found = metric.observations(asking.tables).order_by(None).cte("before_orders").c
    place: ColumnElement[Any] = case(
        *((found.value < edge, literal_column(str(place))) for place, edge in enumerate(edges)),
        else_=literal_column(str(len(edges))),
    )
    placed = select(place.label("class"), found.times).cte("classes")
    each, orders = placed.c["class"], func.sum(placed.c.times).label("orders")
    return select(each, orders).group_by(each).order_by(each)
