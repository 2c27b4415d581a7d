"""Write a batch of a Spark frame: what is new, the buckets that it touches, their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from clicksession.errors import ParameterError, RulesChangedError
from clicksession.keywords import keywords
from clicksession.rules import Rules

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from clicksession.warehouse.spark.stored import Settings, Stored

__all__ = ["SparkReport", "write_spark"]

_WHO = "warehouse.write_spark"
_HERE = "clicksession.warehouse.spark"
_FORMATS = ("iceberg", "parquet")


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


@keywords()
def write_spark(
    frame: "DataFrame",
    target: str | Sequence[str],
    *,
    rules: Rules | None = None,
    user: str = "user_id",
    time: str = "timestamp",
    event_id: str = "event_id",
    buckets: int = 64,
    format: str = "parquet",
) -> SparkReport:
    """Bring tables of events and of sessions up to date with a batch, however late it is.

    After each write the tables hold what one write of all rows would have made: events come once,
    by their ids, and sessions are cut over all events of their users. Users stand in buckets, by a
    hash. The buckets of new events are cut anew by `sessionize` and replaced whole; nothing else
    is written. The executors do all of it: the driver gets counts and the numbers of buckets.

    A write that is killed is run again. Of the events it leaves the old buckets or the new ones;
    sessions follow from the stored events alone, and the next write makes those anew whose events
    are others than they were made of.

    Parameters
    ----------
    frame
        The batch: a PySpark DataFrame with one row per event.
    target
        For Parquet the folder that gets ``events`` and ``sessions``, at any address that Spark
        knows; for Iceberg the names of the two tables, with their catalogue.
    rules
        What ends a session; all that `sessionize` follows, 30 minutes where none are given. The
        target remembers them.
    user, time, event_id
        The columns that say whose event it is, when it happened, and which it is: text or whole
        numbers, and never null. The tables call them ``user_id``, ``timestamp`` and ``event_id``.
    buckets
        Into how many buckets users are put; the first write decides. Each is written as one file:
        some hundred megabytes of events in one are a good size. More of them touch less of the
        table with a small batch.
    format
        ``"parquet"``, or ``"iceberg"`` where the session has its runtime: there each table
        changes in one commit, and readers see the old one or the new one.

    Returns
    -------
    SparkReport
        How many rows were new, and how many buckets were replaced. The tables have, beside the
        columns of the batch and those of `sessionize` and `summarize`, ``bucket`` and
        ``written_in``: the write that last replaced the bucket.

    Raises
    ------
    ParameterError
        A column that is not there or of another type than in the table, an event without an id,
        another number of buckets than the table's, or a format that is not tried.
    RulesChangedError
        Other rules than those of the tables.
    TargetBusyError
        Another write is at work.

    Examples
    --------
    >>> clicksession.warehouse.write_spark(batch, "s3a://shop/clicks")  # doctest: +SKIP
    3 rows: 2 events added, 1 duplicates. Buckets replaced: 2 of events, 2 of sessions.
    """
    if type(frame).__name__ != "DataFrame" or "pyspark" not in type(frame).__module__:
        must = "a PySpark DataFrame"
        raise ParameterError(_WHO, "frame", must, type(frame).__name__, "Or use SQLWriter.")
    if type(buckets) is not int or not 1 <= buckets <= 100_000:
        raise ParameterError(_WHO, "buckets", "a whole number from 1 to 100,000", buckets)
    stored = _stored(frame, target, format)
    keys = {
        "event_id": ("event_id", event_id),
        "user_id": ("user", user),
        "timestamp": ("time", time),
    }
    batch = import_module(f"{_HERE}.steps").named(frame, keys)
    with stored.alone():
        return _written(stored, batch, rules or Rules(), buckets)


def _stored(frame: "DataFrame", target: str | Sequence[str], format: str) -> "Stored":
    session = frame.sparkSession
    if format == "parquet" and isinstance(target, str):
        root = import_module(f"{_HERE}.files").folder_of(session, target)
        return cast("Stored", import_module(f"{_HERE}.parquet").Parquet(root))
    if format == "iceberg" and not isinstance(target, str) and len(target) == 2:
        return cast("Stored", import_module(f"{_HERE}.iceberg").Iceberg(session, *target))
    if format in _FORMATS:
        must = "a folder for Parquet, and the names of two tables for Iceberg"
        raise ParameterError(_WHO, "target", must, target)
    hint = "Delta is not offered: nobody has tried it with this library."
    raise ParameterError(_WHO, "format", "'parquet' or 'iceberg'", format, hint)


def _require_same(first: "Settings", now: "Settings") -> None:
    """Refuse other rules and other buckets than those of the tables."""
    if first["buckets"] != now["buckets"]:
        must = f"{first['buckets']}, as the first write said"
        hint = "Or write all events to another place."
        raise ParameterError(_WHO, "buckets", must, now["buckets"], hint)
    if first["rules"] != now["rules"]:
        reason = f"its sessions were cut by other rules: {first['sentence']} Now: {now['sentence']}"
        hint = "Give the same rules, or write all events to another place."
        raise RulesChangedError("sessions", reason, hint)


def _written(stored: "Stored", batch: "DataFrame", rules: Rules, buckets: int) -> SparkReport:
    """Write a batch, in the order that a crash may cut short anywhere."""
    steps: Any = import_module(f"{_HERE}.steps")
    now = {"rules": repr(rules), "sentence": str(rules), "buckets": buckets}
    _require_same(stored.settings() or now, now)
    stored.recover()
    events = stored.events()
    new = steps.new_events(batch, events, buckets)
    if new.buckets:
        stored.remember(now)
        stored.replace_events(steps.cut(events, new, rules, uuid4().hex))
        events = stored.events()
    behind = steps.behind(events, stored.sessions()) if events is not None else {}
    if behind:
        stored.replace_sessions(steps.sessions_of(events, behind, buckets))
    return SparkReport(
        rows=new.rows,
        events_added=new.added,
        duplicates=new.rows - new.added,
        buckets_written=len(new.buckets),
        sessions_written=len(behind),
    )
