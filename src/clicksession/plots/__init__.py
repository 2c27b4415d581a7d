"""Pictures: of a user's events, of the gaps between them, and of what metrics answer.

Each function draws with matplotlib, which the extra ``plots`` brings, and returns the `Axes` that
it drew on: those that it is given as ``ax``, or new ones of a size for a notebook. None of them
changes a setting of matplotlib.
"""

from clicksession.drawing.bars import bars
from clicksession.drawing.distribution import distribution
from clicksession.drawing.funnel import funnel
from clicksession.drawing.gaps import gaps
from clicksession.drawing.lines import line
from clicksession.drawing.paths import paths
from clicksession.drawing.retention import retention
from clicksession.drawing.sensitivity import sensitivity
from clicksession.drawing.timeline import timeline
from clicksession.plots.of_data import before_order, hours

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
