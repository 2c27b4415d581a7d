"""Pictures: of a user's events, of the gaps between them, and of what metrics answer.

Each function draws with matplotlib, which the extra ``plots`` brings, and returns the `Axes` that
it drew on: those that it is given as ``ax``, or new ones of a size for a notebook. None of them
changes a setting of matplotlib.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clicksession.drawing.bars import bars
from clicksession.drawing.distribution import distribution
from clicksession.drawing.funnel import funnel
from clicksession.drawing.gaps import gaps
from clicksession.drawing.hours import week
from clicksession.drawing.lines import line
from clicksession.drawing.paths import paths
from clicksession.drawing.retention import retention
from clicksession.drawing.sensitivity import sensitivity
from clicksession.drawing.timeline import timeline
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.metrics import Count, MinutesBeforeOrder, Period, VisitsBeforeOrder
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "bars",
    "before_order",
    "distribution",
    "funnel",
    "gaps",
    "hours",
    "line",
    "paths",
    "retention",
    "sensitivity",
    "timeline",
]


@keywords()
def before_order(
    data: Any,
    metric: VisitsBeforeOrder | MinutesBeforeOrder | None = None,
    *,
    ax: "Axes | None" = None,
    user: str | Sequence[str] = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    rules: Rules | None = None,
    vocabulary: Mapping[str, Any] | EventSchema | None = None,
) -> "Axes":
    """Draw how many visits, or minutes of them, come before an order: each value, not one alone.

    The values are those that the metric's statistic is of, from its own statement; a line marks the
    statistic.

    Parameters
    ----------
    data
        Where the events are, as for `Metric.compute`.
    metric
        The definition: a `VisitsBeforeOrder` or a `MinutesBeforeOrder`, without `by`. Left out: the
        first as it stands.
    ax
        Where to draw; left out: on a new figure.
    user, time, tables, rules, vocabulary
        As for `Metric.compute`.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        `metric` is neither of these, or has a `by`.
    NothingFoundError
        Nothing is an order.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame(
    ...     {
    ...         "user_id": [7, 7],
    ...         "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02"]),
    ...         "event_type": ["page_view", "placed_order"],
    ...     }
    ... )
    >>> before_order(events).get_xlabel()
    'visits before order'
    """
    metric = VisitsBeforeOrder() if metric is None else metric
    if not isinstance(metric, VisitsBeforeOrder | MinutesBeforeOrder) or metric.by:
        must = "a VisitsBeforeOrder or a MinutesBeforeOrder without `by`"
        raise ParameterError("before_order", "metric", must, metric)
    place: dict[str, Any] = {"tables": tables, "rules": rules, "vocabulary": vocabulary}
    return metric.plot(data, ax=ax, user=user, time=time, **place)


@keywords()
def hours(
    data: Any,
    zone: str = "UTC",
    *,
    ax: "Axes | None" = None,
    user: str | Sequence[str] = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    rules: Rules | None = None,
) -> "Axes":
    """Draw how many sessions begin in each hour of the week, by the clocks of a zone.

    All weeks are added up. The hour that comes twice when clocks are set back counts as one hour of
    the week.

    Parameters
    ----------
    data
        Where the events are, as for `Metric.compute`.
    zone
        The name of a time zone.
    ax
        Where to draw; left out: on a new figure.
    user, time, tables, rules
        As for `Metric.compute`.

    Returns
    -------
    Axes
        Those that it is drawn on.

    Raises
    ------
    ParameterError
        There is no such zone, or `data` is nothing that can be asked.
    MissingExtraError
        Matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame(
    ...     {"user_id": [7], "timestamp": pd.to_datetime(["2024-05-01 22:30"])}
    ... )
    >>> hours(events, zone="Europe/Amsterdam").get_xlabel()
    'hour (Europe/Amsterdam)'
    """
    sessions = Count(of="sessions", by=Period("hour", zone=zone))
    answer = sessions.compute(data, user=user, time=time, tables=tables, rules=rules)
    return week(answer, title="Sessions by the hour of the week that they begin in", ax=ax)
