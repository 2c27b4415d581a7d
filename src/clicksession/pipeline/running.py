"""`run`: read, cut into sessions, keep."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import URL, Engine

from clicksession.display import progress_bar
from clicksession.errors import ParameterError, WriteError
from clicksession.formats import Format
from clicksession.keywords import keywords
from clicksession.memory import as_bytes, usual_memory
from clicksession.moments import as_window
from clicksession.pipeline.batches import Gathering, Window
from clicksession.pipeline.report import RunReport
from clicksession.quality.fitting import short_id
from clicksession.readers.base import MAX_ROW_BYTES
from clicksession.readers.feeds.base import Feed
from clicksession.readers.feeds.files import FileFeed
from clicksession.readers.feeds.finding import EventSource, feeds_of
from clicksession.readers.options import EARLIEST, LATEST, OnError, TimeUnit, checked
from clicksession.readers.report import ReadReport, warn_of_conflicts
from clicksession.readers.rows.bounding import Takes
from clicksession.readers.rows.duplicates.keys import NONE, DropDuplicates
from clicksession.rules import Rules
from clicksession.schema import CANONICAL, EventSchema
from clicksession.sql.dialects import common_bounds
from clicksession.sql.tables import Tables
from clicksession.writers.options import OnBusy, OnMisfit
from clicksession.writers.options import checked as asked_of_writing
from clicksession.writers.report import RECORDED, WriteReport
from clicksession.writers.tables.manifest import FileRecord
from clicksession.writers.target_writer import TargetWriter

__all__ = ["run"]

_REBUILT = "All stored events were cut anew, and that stays."


@keywords()
def run(
    source: EventSource,
    target: Engine | str | URL,
    *,
    schema: EventSchema | None = None,
    timeout: str | timedelta = "30min",
    rules: Rules | None = None,
    tables: Tables | None = None,
    format: str | Format | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: OnError = "raise",
    time_unit: TimeUnit | None = None,
    earliest: str | datetime = EARLIEST,
    latest: str | datetime = LATEST,
    max_row_bytes: int = MAX_ROW_BYTES,
    columns: Sequence[str] | None = None,
    drop_duplicates: DropDuplicates = "event_id",
    since: str | datetime | None = None,
    until: str | datetime | None = None,
    rebuild: bool = False,
    on_busy: OnBusy = "wait",
    on_misfit: OnMisfit = "widen",
    log_changes: bool = False,
    memory: int | str | None = None,
    progress: bool | None = None,
) -> RunReport:
    """Read events, cut them into sessions, and keep both in a database.

    Safe to repeat and to interrupt. A file that the target holds whole, by its path or address,
    its size and version, is not read again; of what is read, events that are stored already are
    counted as duplicates; late events change the sessions that they belong to. Every sixteen
    million rows are one transaction, after which the tables are right for all events so far; a
    first load of DuckDB has 128 million in one. What memory has no room for waits in temporary
    files, compressed, until its transaction is written. They are gone afterwards; those of a run
    that was killed are removed by the next.

    Parameters
    ----------
    source, schema, format, storage_options
        What to read, as in `clicksession.read_events`. Sources that are no files are read every
        time. The vocabulary of a schema is kept in the target, where metrics find it; it changes
        no event, and a later run may bring another one.
    on_error
        As in `clicksession.read_events`; rows that are quarantined are in
        ``report.reading.quarantine`` of the report that this returns.
    time_unit, earliest, latest, max_row_bytes, columns
        As in `clicksession.read_events`.
    drop_duplicates
        What makes two rows one event, as in `clicksession.read_events`. The target remembers it,
        and refuses another. By any but ``"event_id"``, ``event_id`` is made of what it names (with
        ``None``, of the file and the row's place in it, for files alone), and the log's own ids
        are in ``source_event_id``.
    target, tables, on_busy, on_misfit, log_changes
        Where to write and how, as in `clicksession.SQLWriter`. A row that is more than a database
        takes is refused with its line, or set aside in ``report.reading.quarantine`` where
        `on_misfit` or `on_error` is ``"quarantine"``.
    timeout, rules
        What ends a session, as in `clicksession.sessionize`. Rules other than those that made the
        target are refused.
    since, until
        Reload a window of time, from `since` up to, and without, `until` (naive times are UTC):
        all files of the source are read, and their events within the window replace those that
        are stored, in one transaction. Both or neither.
    rebuild
        Cut all stored events anew by these rules, and map their fields by this schema, before
        anything is read.
    memory
        How much of what waits to be written memory may hold, as ``"512MB"`` or a number of bytes:
        the rest goes to disk. Reading, cutting and the database take some more, which does not
        grow with the log. Left out: an eighth of what the machine has, or its container may take,
        and 512 MiB at the most.
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
        Somebody else has the target, and `on_busy` does not wait so long.
    NoRoomError
        The disk of the target, or that of the temporary files, is full.
    WriteError
        The database refused. Like all errors of writing, it says what was committed before.
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
        earliest=earliest,
        latest=latest,
        max_row_bytes=max_row_bytes,
        columns=columns,
        drop_duplicates=drop_duplicates,
        for_tables=True,
    )
    window = _window(since, until)
    room = usual_memory() if memory is None else as_bytes(memory, who="run", parameter="memory")
    # Before any byte is read: what is wrong with the target or the rules need not wait for it.
    writing = asked_of_writing(
        timeout=timeout,
        rules=rules,
        tables=tables,
        on_busy=on_busy,
        on_misfit=on_misfit,
        log_changes=log_changes,
    )
    writer = TargetWriter(target, writing)
    sources = [(_record(feed), feed) for feed in feeds_of(source, storage_options, "run")]
    if options.key == NONE and not all(record for record, _ in sources):
        must = "a key for a source that is no file, whose rows have no place to be told by"
        raise ParameterError("run", "drop_duplicates", must, None)
    written = WriteReport()
    if rebuild:
        writer.check_key(options.key)
        written = writer.rebuild(schema)
    kept = [_REBUILT] if rebuild else []
    with _having_kept(kept, writer):
        needed = [name for name in CANONICAL if options.schema.needs(name)]
        held = writer.held(schema, options.key, needed)
    takes = Takes(common_bounds(), on_misfit, held.columns)
    options = replace(options, known=held.filled, takes=takes)
    known = frozenset() if window else held.files
    pending = [(record, feed) for record, feed in sources if record is None or record not in known]
    with progress_bar("reading", " events", progress) as bar, _having_kept(kept, writer):
        gathering = Gathering(pending, options, window, room, held.looked_at, bar)
        written = _write_all(gathering, writer, schema, written, kept)
    if writing.tables.kept.edges and not written.events_added:
        writer.tell_of_absent()
    warn_of_conflicts(written.conflicting, written.conflict, written.rows)
    # What the reader has fitted, the writer finds fitted: its report says how much.
    counts = {name: getattr(written, name) for name in (*RECORDED, "conflict")}
    return RunReport(
        files_read=len(pending),
        files_skipped=len(sources) - len(pending),
        rows_read=counts.pop("rows") + reading.rows_refused + reading.excluded,
        refused=counts.pop("refused") + reading.rows_refused,
        excluded=reading.excluded,
        seconds=perf_counter() - began,
        reading=reading,
        **counts,
    )


def _write_all(
    gathering: Gathering,
    writer: TargetWriter,
    schema: EventSchema | None,
    written: WriteReport,
    kept: list[str],
) -> WriteReport:
    """Write batch after batch, and add to `kept` what is committed."""
    wrote = False
    for batch in gathering.batches():
        wrote = True
        written += writer.write(
            batch, schema=schema, replacing=gathering.window, key=gathering.options.key
        )
        kept.append(
            f"Events that were added and committed before, and stay: {written.events_added:,}. The "
            "next run goes on from there."
        )
    if not wrote and schema is not None and schema.vocabulary:
        # What every write does, also where there was nothing to write.
        writer.keep_vocabulary(schema)
    return written


@contextmanager
def _having_kept(kept: Sequence[str], writer: TargetWriter) -> Iterator[None]:
    """Let an error say what was committed last before it, if anything was."""
    try:
        yield
        return
    except (WriteError, OSError) as error:
        failure = writer.without_room(error) if isinstance(error, OSError) else error
    # Outside the except block: the cause of some may show values.
    if kept and isinstance(failure, WriteError):
        failure = failure.having_kept(kept[-1])
    raise failure


def _record(feed: Feed) -> FileRecord | None:
    """Return what tells this file from another; nothing for what is no file."""
    if not isinstance(feed, FileFeed):
        return None
    # Targets keep no longer names than ids.
    return FileRecord(short_id(feed.source.identity), *feed.source.size_and_version())


def _window(since: str | datetime | None, until: str | datetime | None) -> Window | None:
    if since is None and until is None:
        return None
    start, end = as_window(since, until, who="run")
    if start is None or end is None:
        missing = "since" if start is None else "until"
        raise ParameterError("run", missing, "a time, with `since` and `until` given both", None)
    return start, end
