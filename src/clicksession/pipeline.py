"""`run`: the only place where reading, sessionizing and writing meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import URL, Engine

from clicksession.errors import ParameterError
from clicksession.readers.base import MAX_ROW_BYTES
from clicksession.readers.events import events_frame
from clicksession.readers.feeds import EventSource, Feed, FileFeed, feeds_of
from clicksession.readers.options import LATEST, OnError, Options, TimeUnit, checked
from clicksession.readers.reading import Reading
from clicksession.readers.report import ReadReport
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.tables import Tables
from clicksession.writers.manifest import FilePart, FileRecord
from clicksession.writers.report import WriteReport
from clicksession.writers.sqlalchemy import SQLWriter
from clicksession.writers.transaction import OnBusy

__all__ = ["RunReport", "run"]

# Rows of one transaction: enough for bulk loading, few enough for memory.
_ROWS_PER_WRITE = 1_000_000

Window = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Where every row of a run went: ``rows_read = events_added + duplicates + refused``.

    Attributes
    ----------
    files_read, files_skipped
        Files that were read, and those that the target holds already.
    rows_read
        Rows found in the files that were read; with a window, the events within it and the rows
        that are no events.
    events_added
        Events that the target did not hold yet.
    duplicates
        Rows whose event the target held already, or that came earlier in the source.
    refused
        Rows that are no events: quarantined or skipped.
    events_without_session
        Of the events added, those without a user or a time.
    events_deleted
        Stored events of the window that were taken out first.
    sessions_added, sessions_changed, sessions_removed
        What became of the sessions of the target.
    seconds
        How long it took.
    reading
        The account of the reading: what was refused by reason, and the quarantine.
    """

    files_read: int
    files_skipped: int
    rows_read: int
    events_added: int
    duplicates: int
    refused: int
    events_without_session: int
    events_deleted: int
    sessions_added: int
    sessions_changed: int
    sessions_removed: int
    seconds: float
    reading: ReadReport = field(default_factory=ReadReport, repr=False, compare=False)

    def __post_init__(self) -> None:
        accounted = self.events_added + self.duplicates + self.refused
        assert self.rows_read == accounted, f"{self.rows_read} rows read, {accounted} accounted for"

    def __str__(self) -> str:
        return (
            f"{self.rows_read:,} rows read in {self.seconds:.1f} s (files read: "
            f"{self.files_read:,}; held already: {self.files_skipped:,}): "
            f"{self.events_added:,} events added "
            f"({self.events_without_session:,} of them without a user or a time), "
            f"{self.duplicates:,} duplicates, {self.refused:,} refused.\n"
            f"Sessions: {self.sessions_added:,} added, {self.sessions_changed:,} changed, "
            f"{self.sessions_removed:,} removed."
        )


def run(
    source: EventSource,
    target: Engine | str | URL,
    *,
    schema: EventSchema | None = None,
    timeout: str | timedelta = "30min",
    rules: Rules | None = None,
    tables: Tables | None = None,
    format: str | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: OnError = "raise",
    time_unit: TimeUnit | None = None,
    latest: str | datetime = LATEST,
    max_row_bytes: int = MAX_ROW_BYTES,
    columns: Sequence[str] | None = None,
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    rebuild: bool = False,
    on_busy: OnBusy = "wait",
    log_changes: bool = False,
    progress: bool | None = None,
) -> RunReport:
    """Read events, cut them into sessions, and keep both in a database.

    Safe to repeat and to interrupt. A file that the target holds whole, by its name, size and
    version, is not read again; of what is read, events that are stored already are counted as
    duplicates; late events change the sessions that they belong to. Every million rows are one
    transaction, after which the tables are right for all events that have come so far.

    Parameters
    ----------
    source, schema, format, storage_options
        What to read, as in `clicksession.read_events`. Sources that are no files are read every
        time.
    on_error
        As in `clicksession.read_events`; rows that are quarantined are in
        ``report.reading.quarantine`` of the report that this returns.
    time_unit, latest, max_row_bytes, columns
        As in `clicksession.read_events`.
    target, tables, on_busy, log_changes
        Where to write and how, as in `clicksession.SQLWriter`.
    timeout, rules
        What ends a session, as in `clicksession.sessionize`. Rules other than those that made the
        target are refused.
    since, until
        Reload a window of time, from `since` up to, and without, `until` (naive times are UTC):
        all files of the source are read, and their events within the window replace those that
        are stored, in one transaction. Both or neither.
    rebuild
        Cut all stored events anew by these rules before anything is read.
    progress
        Whether to show a progress bar; left out: on a terminal and in a notebook.

    Returns
    -------
    RunReport
        Where every row went.

    Raises
    ------
    ReadError
        A source cannot be read, or holds a row that is no event. What was committed before stays;
        the next run goes on from there.
    RulesChangedError
        The target was made by other rules or another schema.
    TargetBusyError
        Another writer is at work, and `on_busy` is ``"fail"``.
    WriteError
        The database refused.
    ParameterError
        An argument cannot be used.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from clicksession import EventSchema, datasets, metrics
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> log = datasets.write_webshop(folder / "events.json.gz", customers=100, seed=7)
    >>> target = f"duckdb:///{folder / 'shop.duckdb'}"
    >>> report = run(log, target, schema=EventSchema.preset("webshop"))
    >>> report.rows_read == report.events_added + report.duplicates
    True
    >>> again = run(log, target, schema=EventSchema.preset("webshop"))
    >>> again.files_skipped, again.rows_read
    (1, 0)
    """
    began = perf_counter()
    reading = ReadReport()
    options = checked(
        "run",
        schema=schema,
        format=format,
        on_error=on_error,
        report=reading,
        time_unit=time_unit,
        latest=latest,
        max_row_bytes=max_row_bytes,
        columns=columns,
    )
    window = _window(since, until)
    # Before any byte is read: what is wrong with the target or the rules need not wait for it.
    writer = SQLWriter(
        target,
        timeout=timeout,
        rules=rules,
        tables=tables,
        on_busy=on_busy,
        log_changes=log_changes,
    )
    written = writer.rebuild() if rebuild else WriteReport()
    writer.check(schema)
    sources = [(_record(feed), feed) for feed in feeds_of(source, storage_options, "run")]
    known = set() if window else writer.known_files()
    pending = [(record, feed) for record, feed in sources if record is None or record not in known]
    with _progress(progress) as bar:
        frames = _Frames(pending, options, bar)
        for frame, parts in frames.windowed(window) if window else frames.grouped():
            written += writer.write(frame, schema=schema, files=parts, replacing=window)
    counts = {name: getattr(written, name) for name in written.__dataclass_fields__}
    return RunReport(
        files_read=len(pending),
        files_skipped=len(sources) - len(pending),
        rows_read=counts.pop("rows") + reading.rows_refused,
        refused=reading.rows_refused,
        seconds=perf_counter() - began,
        reading=reading,
        **counts,
    )


@dataclass(frozen=True)
class _Frames:
    """The sources of a run, read into frames of a size that memory can hold."""

    sources: list[tuple[FileRecord | None, Feed]]
    options: Options
    bar: Any

    def grouped(self) -> Iterator[tuple[pd.DataFrame, list[FilePart]]]:
        """Yield frames of about a million rows, each with the parts of the files in it."""
        waiting: list[pa.Table] = []
        parts: list[FilePart] = []
        for record, table in self._tables():
            if table is not None:
                waiting.append(table)
            if record is not None:
                rows = 0 if table is None else table.num_rows
                parts.append(FilePart(record, rows, is_last=table is None))
            if sum(part.num_rows for part in waiting) >= _ROWS_PER_WRITE:
                yield events_frame(waiting), parts
                waiting, parts = [], []
        if waiting or parts:
            yield events_frame(waiting), parts

    def windowed(self, window: Window) -> Iterator[tuple[pd.DataFrame, list[FilePart]]]:
        """Yield one frame, of the events within a window of time."""
        since, until = (pa.scalar(edge, pa.timestamp("us", "UTC")) for edge in window)
        whole = []
        for _, table in self._tables():
            if table is not None:
                times = table["timestamp"]
                within = pc.and_(pc.greater_equal(times, since), pc.less(times, until))
                whole.append(table.filter(within))
        yield events_frame(whole), []

    def _tables(self) -> Iterator[tuple[FileRecord | None, pa.Table | None]]:
        """Yield the events of each file with its record, and at its end the record alone."""
        records = {id(feed): record for record, feed in self.sources}
        reading = Reading([feed for _, feed in self.sources], self.options)
        for feed, table in reading.by_source():
            self.bar.update(0 if table is None else table.num_rows)
            yield records[id(feed)], table


def _record(feed: Feed) -> FileRecord | None:
    """Return what tells this file from another; nothing for what is no file."""
    if not isinstance(feed, FileFeed):
        return None
    return FileRecord(feed.name, *feed.source.size_and_version())


def _window(since: str | datetime | None, until: str | datetime | None) -> Window | None:
    if since is None and until is None:
        return None
    start, end = _moment("since", since), _moment("until", until)
    if start >= end:
        raise ParameterError("run", "until", "later than `since`", until)
    return start, end


def _moment(name: str, value: str | datetime | None) -> pd.Timestamp:
    must = "a time, with `since` and `until` given both"
    try:
        moment = None if value is None else pd.to_datetime(value, utc=True)
    except ValueError:
        moment = None
    if not isinstance(moment, pd.Timestamp):
        raise ParameterError("run", name, must, value)
    return moment


def _progress(shown: bool | None) -> Any:
    from tqdm.auto import tqdm

    # tqdm's own rule for None: shown on a terminal and in a notebook, and nowhere else.
    disable = None if shown is None else not shown
    return tqdm(desc="reading", unit=" events", unit_scale=True, disable=disable)
