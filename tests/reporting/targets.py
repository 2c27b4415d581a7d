"""Targets to make a page of."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

import clicksession as cs
from clicksession.sql import Tables

#: Harmless, but for what a page makes of it: run, it would set a variable.
HOSTILE = '<b>bold</b> & "quotes" \'<script>window.hostile = 1</script>'


def shop(**others: Any) -> pd.DataFrame:
    """Return the events of a small shop, some in no session."""
    log = list(cs.datasets.webshop_events(customers=60, seed=5))
    rows = [{"event_id": each["id"], "event_type": each["type"], **each["event"]} for each in log]
    events = pd.DataFrame(rows).drop_duplicates("event_id")
    events = events.rename(columns={"customer-id": "user_id", "user-agent": "agent"})
    times = pd.to_datetime(events["timestamp"], format="ISO8601", utc=True)
    users = events["user_id"].astype("Int64")
    return events.assign(timestamp=times, user_id=users, **others).reset_index(drop=True)


def poor() -> pd.DataFrame:
    """Return events without a type, a page, or an order."""
    times = ["2024-05-01 10:00:00", "2024-05-01 10:10:00", "2024-05-02 00:00:00"]
    return pd.DataFrame(
        {"user_id": ["a", "a", "b"], "timestamp": pd.to_datetime(times, utc=True)},
    )


def hostile(engine: sa.Engine, tables: Tables | None = None) -> None:
    """Write events whose every text is hostile, some of which are refused."""
    times = pd.date_range("2024-05-01", periods=12, freq="7h", tz="UTC")
    kinds = [HOSTILE, "page_view", "placed_order"] * 4
    pages = [f"https://shop.example/{'long' * 100}", HOSTILE, None] * 4
    events = pd.DataFrame(
        {"user_id": ["a", "a", "b"] * 4, "timestamp": times, "event_type": kinds, "page": pages}
    )
    writer = cs.SQLWriter(engine, on_misfit="quarantine", tables=tables)
    writer.write(events.assign(size=range(12)))
    later = times + pd.Timedelta("30D")
    writer.write(events.assign(size=HOSTILE, timestamp=later))
