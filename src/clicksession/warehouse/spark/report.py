"""What a write of a Spark frame did."""

from dataclasses import dataclass

__all__ = ["SparkReport"]


@dataclass(frozen=True, kw_only=True)
class SparkReport:
    """What a write did.

    Attributes
    ----------
    rows
        Rows of the batch: always `events_added` + `duplicates`.
    events_added
        Events that were not stored yet.
    duplicates
        Rows whose event is stored already, or stands in the batch another time.
    buckets_written
        Buckets of users whose events were replaced.
    sessions_written
        Buckets whose sessions were replaced: more than those, where a write before this one ended
        between the two tables.

    Examples
    --------
    >>> SparkReport(rows=3, events_added=2, duplicates=1, buckets_written=2, sessions_written=2)
    3 rows: 2 events added, 1 duplicates. Buckets replaced: 2 of events, 2 of sessions.
    """

    rows: int = 0
    events_added: int = 0
    duplicates: int = 0
    buckets_written: int = 0
    sessions_written: int = 0

    def __repr__(self) -> str:
        new = f"{self.events_added:,} events added, {self.duplicates:,} duplicates"
        events, sessions = f"{self.buckets_written:,} of events", f"{self.sessions_written:,}"
        return f"{self.rows:,} rows: {new}. Buckets replaced: {events}, {sessions} of sessions."
