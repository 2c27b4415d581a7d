"""A router for a page to look at.

app.include_router(report_router(engine))
"""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

import clicksession as cs
from clicksession.errors import ParameterError
from clicksession.sql import Tables
from fastapi_app.limits import SLOW, Kept, Limited
from fastapi_app.parameters import Zone, known_alone

__all__ = ["report_router"]

OTHERS: dict[int | str, dict[str, Any]] = {
    404: {"description": "Nothing was written to the database yet."},
    409: {"description": "There is no such zone, or the tables are somebody else's."},
    **SLOW,
}


def report_router(
    engine: Engine,
    tables: Tables | None = None,
    *,
    title: str = "Sessions",
    time_limit: float = 60,
    keep_seconds: float = 60,
) -> APIRouter:
    """Return a router that shows what is in this database now.

    The page shows users' own texts, and some of the rows that were refused: put it behind a login.

    Parameters
    ----------
    engine
        The database that `clicksession.run` or `clicksession.SQLWriter` writes to.
    tables
        Which of its tables; left out: ``events`` and ``sessions``.
    title
        The title of the page.
    time_limit
        How many seconds all queries of a page may take; then they are cancelled, and the answer is
        504.
    keep_seconds
        For how many seconds the page is kept; 0 for none.
    """
    router = APIRouter(tags=["report"])
    limited, tables = Limited(engine, time_limit, at_once=2), tables or Tables()
    kept: Kept[str] = Kept(keep_seconds)

    @router.get(
        "/report",
        response_class=HTMLResponse,
        responses=OTHERS,
        dependencies=[Depends(known_alone)],
    )
    def report(zone: Zone = "UTC") -> HTMLResponse:
        """Return a page with the sessions, what people do in them, and how they were made."""
        return HTMLResponse(kept.get(zone, lambda: limited.run(lambda there: page(there, zone))))

    def page(there: Connection, zone: str) -> str:
        if not tables.exist(there):
            raise HTTPException(404, "Nothing was written to this database yet.")
        try:
            return cs.report(there, zone=zone, title=title, tables=tables).html
        except ParameterError as error:
            # Of the target, the error shows the address: it stays here.
            message = str(error) if error.parameter == "zone" else "These tables cannot be shown."
            raise HTTPException(409, message) from error

    return router
