r"""An app that serves the metrics of one database.

    CLICKSESSION_DATABASE_URL=duckdb:///clicksession-demo/shop.duckdb \
        uvicorn --app-dir examples fastapi_app.app:app

A page to look at is at ``/report``, Swagger UI at ``/docs``.
"""

import os

from fastapi import FastAPI
from sqlalchemy import create_engine

from fastapi_app.metrics_router import metrics_router
from fastapi_app.report_router import report_router
from fastapi_app.router import order_metrics_router

_DEFAULT = "duckdb:///clicksession-demo/shop.duckdb"


def create_app(database_url: str) -> FastAPI:
    """Return the app for a database."""
    engine = create_engine(database_url, pool_pre_ping=True)
    app = FastAPI(title="Webshop metrics", version="1.0")
    app.include_router(order_metrics_router(engine))
    app.include_router(metrics_router(engine))
    app.include_router(report_router(engine, title="The webshop"))
    return app


app = create_app(os.environ.get("CLICKSESSION_DATABASE_URL", _DEFAULT))
