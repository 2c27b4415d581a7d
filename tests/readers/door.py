"""The main job on one small input: by `run`, into DuckDB, and what its tables hold then."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import clicksession as cs

__all__ = ["Ran", "ran"]


@dataclass(frozen=True)
class Ran:
    """What a run said, and what it left in the tables."""

    report: cs.RunReport
    events: pd.DataFrame
    sessions: pd.DataFrame

    @property
    def users(self) -> list[Any]:
        """Return the users of the sessions, in order."""
        return sorted(self.sessions["user_id"])

    @property
    def times(self) -> list[str]:
        """Return the times of the events in UTC, in order: ``2024-05-01 10:00:00.123000``."""
        known = pd.to_datetime(self.events["timestamp"].dropna(), utc=True)
        return sorted(known.dt.strftime("%Y-%m-%d %H:%M:%S.%f"))


def ran(source: Any, folder: Path, **options: Any) -> Ran:
    """Return what comes of a source by `run`, into a new DuckDB file of a folder."""
    file = folder / f"target-{len(list(folder.glob('target-*.duckdb')))}.duckdb"
    report = cs.run(source, f"duckdb:///{file}", **options)
    with duckdb.connect(str(file)) as connection:
        events = connection.execute("SELECT * FROM events ORDER BY timestamp").df()
        sessions = connection.execute("SELECT * FROM sessions ORDER BY session_id").df()
    return Ran(report, events, sessions)
