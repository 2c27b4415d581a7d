"""Read a target back, whole, to compare it with another."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clicksession.sql import Tables
from clicksession.sql.tables import Instant

BOOKKEEPING = (
    *("clicksession_runs", "clicksession_files", "clicksession_conversions"),
    *("clicksession_session_columns", "clicksession_vocabulary"),
)


def content_of(engine: sa.Engine, tables: Tables | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return every row of both tables, in a stable order."""
    tables = tables or Tables()
    with engine.connect() as connection:
        return {
            "events": _rows(connection, tables.events, "event_id"),
            "sessions": _rows(connection, tables.sessions, "session_id"),
        }


def content_at(url: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of both tables of the database at a URL."""
    engine = sa.create_engine(url)
    try:
        return content_of(engine)
    finally:
        engine.dispose()


def _rows(connection: sa.Connection, table: Any, key: str) -> list[dict[str, Any]]:
    statement = sa.select(sa.text("*")).select_from(table)
    found = [dict(row) for row in connection.execute(statement).mappings()]
    moment = Instant()
    for row in found:
        for name in ("timestamp", "started_at", "ended_at"):
            value = row.get(name)
            if isinstance(value, str):  # SQLite keeps times as text
                value = datetime.fromisoformat(value)
            if name in row:
                row[name] = moment.process_result_value(value, connection.dialect)
    return sorted(found, key=lambda row: str(row[key]))
