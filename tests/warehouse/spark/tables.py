"""Histories for tables of Spark: batches as frames, and the tables as plain values."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.warehouse.histories import Expected, Row, instant

_TYPES = {
    "event_id": "bigint",
    "user_id": "string",
    "timestamp": "timestamp",
    "event_type": "string",
    "campaign": "string",
    "visit": "string",
    "country": "bigint",
    "opens": "boolean",
    "closes": "boolean",
    "parts": "boolean",
    "hidden": "boolean",
}

# In the order of `tests.warehouse.histories.expected`.
_SESSION = (
    "session_id",
    "user_id",
    "unix_micros(started_at)",
    "unix_micros(ended_at)",
    "event_count",
    "session_index",
    "start_reason",
)


def user_type(rows: Iterable[Row]) -> str:
    """Return the type that the users of a history have."""
    return "bigint" if any(isinstance(row["user_id"], int) for row in rows) else "string"


def frame_of(spark: Any, batch: Sequence[Row], user: str = "string") -> Any:
    """Return a batch as a frame."""
    types = {**_TYPES, "user_id": user}
    rows = [
        tuple(instant(row[name]) if name == "timestamp" else row[name] for name in types)
        for row in batch
    ]
    return spark.createDataFrame(rows, ", ".join(f"{n} {t}" for n, t in types.items()))


def content(spark: Any, root: Path | str) -> Expected:
    """Return what the tables hold, as a reader of plain Parquet finds it."""
    events = spark.read.parquet(f"{root}/events").select("event_id", "session_id").collect()
    folder = Path(root) / "sessions"
    assert len({row["event_id"] for row in events}) == len(events)
    rows = (
        spark.read.parquet(str(folder)).selectExpr(*_SESSION).collect() if folder.exists() else []
    )
    sessions = sorted((tuple(row) for row in rows), key=lambda one: one[0])
    return Expected({row["event_id"]: row["session_id"] for row in events}, sessions)
