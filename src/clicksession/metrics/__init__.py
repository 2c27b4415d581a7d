"""Metrics with definitions: each gives a statement, an answer, and the sentence that defines it."""

from clicksession.metrics.base import Metric
from clicksession.metrics.engagement import (
    EventsPerSession,
    SessionDuration,
    SessionsPerUser,
    TimeBetweenEvents,
    TimeBetweenSessions,
)
from clicksession.metrics.orders import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.metrics.scope import Period

__all__ = [
    "EventsPerSession",
    "Metric",
    "MinutesBeforeOrder",
    "Period",
    "SessionDuration",
    "SessionsPerUser",
    "TimeBetweenEvents",
    "TimeBetweenSessions",
    "VisitsBeforeOrder",
]
