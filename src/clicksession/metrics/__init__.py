"""Metrics with definitions: each gives a statement, an answer, and the sentence that defines it."""

from clicksession.metrics.base import Metric
from clicksession.metrics.bounce import BounceRate, EngagementRate
from clicksession.metrics.building.scope import Period
from clicksession.metrics.compare import compare
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
from clicksession.metrics.funnel import Funnel, TimeBetweenSteps
from clicksession.metrics.orders import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.metrics.paths import CommonPaths, ExitPages, LandingPages
from clicksession.metrics.retention import NewAndReturning, Retention
from clicksession.metrics.roles import Role

__all__ = [
    "Attribution",
    "BounceRate",
    "CommonPaths",
    "ConversionRate",
    "Count",
    "EngagementRate",
    "EventsPerSession",
    "EventsPerUser",
    "ExitPages",
    "Funnel",
    "LandingPages",
    "Metric",
    "MinutesBeforeOrder",
    "NewAndReturning",
    "Period",
    "Retention",
    "Role",
    "SessionDuration",
    "SessionsPerUser",
    "TimeBetweenEvents",
    "TimeBetweenSessions",
    "TimeBetweenSteps",
    "TimeToConvert",
    "VisitsBeforeOrder",
    "compare",
]
