"""Metrics with definitions: each gives a statement, a number, and the sentence that defines it."""

from clicksession.metrics.base import Metric
from clicksession.metrics.engagement import SessionDuration, TimeBetweenSessions
from clicksession.metrics.orders import MinutesBeforeOrder, VisitsBeforeOrder

__all__ = [
    "Metric",
    "MinutesBeforeOrder",
    "SessionDuration",
    "TimeBetweenSessions",
    "VisitsBeforeOrder",
]
