"""A router for the order metrics, to be mounted in an existing FastAPI app.

app.include_router(order_metrics_router(engine))
"""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from clicksession.metrics import Metric, MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.sql import Tables


class OrderMetrics(BaseModel):
    """What comes before an order; null where nobody ordered."""

    median_visits_before_order: float | None = Field(
        description=VisitsBeforeOrder().describe(), examples=[2.0]
    )
    median_session_duration_minutes_before_order: float | None = Field(
        description=MinutesBeforeOrder().describe(), examples=[27.5]
    )


def order_metrics_router(engine: Engine, tables: Tables | None = None) -> APIRouter:
    """Return a router that answers from this database, at request time.

    Parameters
    ----------
    engine
        The database that `clicksession.run` or `clicksession.SQLWriter` writes to.
    tables
        Which of its tables; left out: ``events`` and ``sessions``.
    """
    router = APIRouter(tags=["metrics"])

    @router.get(
        "/metrics/orders",
        responses={503: {"description": "The database does not answer."}},
    )
    def order_metrics() -> OrderMetrics:
        """Return how many visits, and how many minutes of visits, come before an order."""
        visits, minutes = _computed(engine, tables or Tables())
        return OrderMetrics(
            median_visits_before_order=visits,
            median_session_duration_minutes_before_order=minutes,
        )

    return router


def _computed(engine: Engine, tables: Tables) -> list[float | None]:
    metrics: tuple[Metric, ...] = (VisitsBeforeOrder(), MinutesBeforeOrder())
    try:
        with engine.connect() as connection:
            # A target that nothing was written to yet has no tables: nobody ordered.
            if not tables.exist(connection):
                return [None for _ in metrics]
            return [metric.compute(connection, tables=tables) for metric in metrics]
    except DBAPIError as error:
        # The driver's message can hold the host, the user and the statement: it stays here.
        raise HTTPException(503, "The database does not answer. Try again later.") from error
