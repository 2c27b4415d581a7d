"""What the tables should be: those of `clicksession.run` over everything that has come."""

from pathlib import Path
from typing import Any

import pandas as pd

import clicksession as cs
from tests.dbt.histories import COLUMNS, Row
from tests.dbt.places import Place, in_order
from tests.writers.content import content_at

EVENTS = ("event_id", "user_id", "timestamp", "event_type", "page", "session_id")
SESSIONS = (
    *("session_id", "user_id", "started_at", "ended_at"),
    *("duration_seconds", "event_count", "start_reason"),
)


def assert_equal_to_one_run(place: Place, rows: list[Row], rules: cs.Rules, folder: Path) -> None:
    """Compare both tables, row by row, with those of one run."""
    once = _of_one_run(rows, rules, folder)
    assert place.rows("events", EVENTS) == once["events"]
    assert place.rows("sessions_numbered", SESSIONS) == once["sessions"]


def _of_one_run(rows: list[Row], rules: cs.Rules, folder: Path) -> dict[str, list[Any]]:
    if not rows:
        return {"events": [], "sessions": []}
    log, target = folder / "log.parquet", folder / "once.duckdb"
    target.unlink(missing_ok=True)
    _frame(rows).to_parquet(log)
    cs.run(log, f"duckdb:///{target}", rules=rules, progress=False)
    found = content_at(f"duckdb:///{target}")
    return {
        name: in_order([tuple(row[each] for each in columns) for row in found[name]])
        for name, columns in (("events", EVENTS), ("sessions", SESSIONS))
    }


def _frame(rows: list[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).drop(columns="loaded_at")
    whole = dict.fromkeys(("event_id", "user_id", "timestamp"), "Int64")
    frame = frame.astype({**whole, "event_type": "str", "page": "str"})
    return frame.assign(timestamp=pd.to_datetime(frame["timestamp"], unit="us", utc=True))
