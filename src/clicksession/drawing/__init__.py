"""Pictures of answers, with matplotlib: no metric is known here, no frame but by its columns."""

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

__all__ = [
    "bars",
    "distribution",
    "funnel",
    "gaps",
    "line",
    "paths",
    "retention",
    "sensitivity",
    "timeline",
    "week",
]
