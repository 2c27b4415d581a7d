"""The picture of a metric: which one shows what it answers."""

from typing import TYPE_CHECKING, Any

import numpy as np

from clicksession.drawing import bars, distribution, funnel, line, paths, retention
from clicksession.errors import ParameterError
from clicksession.metrics.base import Metric, NumberMetric, StatisticMetric
from clicksession.metrics.bounce import BounceRate, EngagementRate
from clicksession.metrics.building.execution import Place, opened
from clicksession.metrics.building.scope import Period
from clicksession.metrics.conversion import Attribution, ConversionRate, TimeToConvert
from clicksession.metrics.count import Count
from clicksession.metrics.engagement import (
    EventsPerSession,
    EventsPerUser,
    SessionDuration,
    SessionsPerUser,
    TimeBetweenEvents,
    TimeBetweenSessions,
)
from clicksession.metrics.funnel import Funnel
from clicksession.metrics.orders import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.metrics.paths import CommonPaths, ExitPages, LandingPages
from clicksession.metrics.retention import NewAndReturning, Retention
from clicksession.sql.statistics import words
from clicksession.sql.text import settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plotted"]

_SHARES = (BounceRate, EngagementRate, ConversionRate)
# How many rows of observations are in memory as Python's objects at a time.
_ROWS = 50_000


def plotted(metric: Metric, data: Any, ax: "Axes | None", **where: Any) -> "Axes":
    """Compute a metric, and draw what it answers.

    Raises
    ------
    ParameterError
        Its answer is one number, which no picture shows.
    """
    is_number = isinstance(metric, NumberMetric) and not metric.gives_table
    if is_number and not isinstance(metric, StatisticMetric):
        must = "a column or a period to draw a number for each; one number is no picture"
        name = type(metric).__name__
        hint = f"{name}(by='day').plot(…) draws it over time, {name}(…).compute(…) gives it."
        raise ParameterError(f"{name}.plot", "by", must, metric.by, hint)
    with opened(data, **where) as place:
        named, answer = place.named(metric), place.answer(metric)
        values, times = _observations(place, named) if is_number else (None, None)
    if values is not None and isinstance(named, StatisticMetric):
        return distribution(
            values,
            times=times,
            marked=answer,
            called=words(named.statistic),
            unit=named._measured.replace("_", " "),
            of=_counted(named),
            title=named.describe(),
            ax=ax,
        )
    return _drawn(named, answer, ax)


def _observations(place: Place, metric: Any) -> tuple[Any, Any]:
    """Return what a statistic is of: the values, and how often each occurs."""
    statement = settled(metric.observations(place.tables), place.connection.dialect.name)
    parts = place.connection.execute(statement).partitions(_ROWS)
    arrays = [np.array([(float(value), times) for value, times in part]) for part in parts]
    both = np.concatenate([np.empty((0, 2)), *arrays])
    return both[:, 0], both[:, 1].astype(np.int64)


def _counted(metric: StatisticMetric) -> str:
    """Return what there is one value of each."""
    if isinstance(metric, VisitsBeforeOrder | MinutesBeforeOrder):
        if isinstance(metric, MinutesBeforeOrder) and metric.aggregate == "pooled":
            return "sessions"
        of = {"order_session": "sessions with an order", "order_event": "orders", "user": "users"}
        return of[metric.per]
    if isinstance(metric, TimeToConvert):
        return "users" if metric.measured_from == "first_visit" else "sessions"
    if isinstance(metric, SessionsPerUser | EventsPerUser):
        return "users"
    if isinstance(metric, TimeBetweenEvents | TimeBetweenSessions):
        return "pauses"
    # Of a metric that is not from here, nothing is said.
    return "sessions" if isinstance(metric, SessionDuration | EventsPerSession) else "values"


def _drawn(metric: Metric, answer: Any, ax: "Axes | None") -> "Axes":
    title: dict[str, Any] = {"title": metric.describe(), "ax": ax}
    match metric:
        case NumberMetric():
            return _numbers(metric, answer, title)
        case Funnel():
            return funnel(answer, of=metric._who, **title)
        case Retention():
            _refuse_groups(metric)
            return retention(answer, unit=metric._period.unit, **title)
        case CommonPaths():
            return paths(answer, **title)
        case NewAndReturning():
            both, unit = ("new_users", "returning_users"), metric._period.unit
            return line(answer, time="period", value=both, unit=unit, missing="zero", **title)
        case LandingPages() | ExitPages():
            return bars(answer, value="sessions", others="sum", **title)
        case Attribution():
            return bars(answer, value="conversions", others="sum", **title)
    return bars(answer, **title)


def _numbers(metric: NumberMetric, answer: Any, title: dict[str, Any]) -> "Axes":
    """Draw a number for each key: over time, where one is a period."""
    is_share, counts = isinstance(metric, _SHARES), isinstance(metric, Count)
    period = next((by for by in metric._scope.by if isinstance(by, Period)), None)
    if period is None:
        # A user may be in several groups: users do not add up.
        adds_up = isinstance(metric, Count) and metric.of != "users"
        return bars(answer, others="sum" if adds_up else "leave", is_share=is_share, **title)
    missing: Any = "zero" if counts else "gap"
    return line(
        answer, time=period.unit, unit=period.unit, missing=missing, is_share=is_share, **title
    )


def _refuse_groups(metric: Retention) -> None:
    if metric.by:
        must = "left out for a picture: one grid shows one group"
        hint = "Give the metric a `where` for each group."
        raise ParameterError("Retention.plot", "by", must, metric.by, hint)
