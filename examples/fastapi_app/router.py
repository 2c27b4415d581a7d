"""A router for the order metrics, to be mounted in an existing FastAPI app.

app.include_router(order_metrics_router(engine))
"""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Engine

from clicksession.errors import NothingFoundError
from clicksession.metrics import MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.sql import Tables
from fastapi_app.limits import SLOW, Kept, Limited
from fastapi_app.parameters import known_alone

ALONE: dict[int | str, dict[str, Any]] = {
    409: {"description": "No event is an order: the answer names those that occur."},
    **SLOW,
}


class OrderMetrics(BaseModel):
    """What comes before an order; null where there are no events yet."""

    median_visits_before_order: float | None = Field(
        description=VisitsBeforeOrder().describe(), examples=[2.0]
    )
    median_session_duration_minutes_before_order: float | None = Field(
        description=MinutesBeforeOrder().describe(), examples=[27.5]
    )


def order_metrics_router(
    engine: Engine,
    tables: Tables | None = None,
    *,
    time_limit: float = 30,
    keep_seconds: float = 0,
) -> APIRouter:
    """Return a router that answers from this database.

    Parameters
    ----------
    engine
        The database that `clicksession.run` or `clicksession.SQLWriter` writes to.
    tables
        Which of its tables; left out: ``events`` and ``sessions``.
    time_limit
        How many seconds both queries may take; then they are cancelled, and the answer is 504.
    keep_seconds
        For how many seconds the answer is kept; 0 for none.
    """
    router = APIRouter(tags=["metrics"])
    limited, kept = Limited(engine, time_limit), Kept[OrderMetrics](keep_seconds)

    @router.get("/metrics/orders", responses=ALONE, dependencies=[Depends(known_alone)])
    def order_metrics() -> OrderMetrics:
        """Return how many visits, and how many minutes of visits, come before an order."""
        try:
            return kept.get(
                (), lambda: limited.run(lambda there: _computed(there, tables or Tables()))
            )
        except NothingFoundError as error:
            raise HTTPException(409, str(error)) from error

    return router


def _computed(there: Connection, tables: Tables) -> OrderMetrics:
    # A target that nothing was written to yet has no tables: nobody ordered.
    both = (VisitsBeforeOrder(), MinutesBeforeOrder())
    is_there = tables.exist(there)
    visits, minutes = (one.compute(there, tables=tables) if is_there else None for one in both)
    return OrderMetrics(
        median_visits_before_order=visits,
        median_session_duration_minutes_before_order=minutes,
    )
