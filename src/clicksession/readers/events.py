"""`read_events` and `scan_events`: every event of one or many sources, in canonical columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Unpack, overload

import pandas as pd
import pyarrow as pa

from clicksession.errors import ParameterError
from clicksession.formats import Format
from clicksession.keywords import keywords
from clicksession.readers.base import MAX_ROW_BYTES
from clicksession.readers.feeds.finding import EventSource
from clicksession.readers.options import (
    EARLIEST,
    LATEST,
    Asked,
    OnError,
    TimeUnit,
    checked,
)
from clicksession.readers.reading import Reading
from clicksession.readers.report import ReadReport
from clicksession.readers.rows.duplicates.keys import DropDuplicates
from clicksession.readers.rows.frames import Library, checked_library, to_frame, to_pandas
from clicksession.readers.rows.types import concatenated
from clicksession.schema import EventSchema

__all__ = ["events_frame", "read_events", "scan_events"]

_NO_EVENTS = pa.table(
    {"user_id": pa.nulls(0), "timestamp": pa.array([], pa.timestamp("us", "UTC"))}
)


@overload
def read_events(
    source: EventSource, *, frame: Literal["pandas"] = "pandas", **asked: Unpack[Asked]
) -> pd.DataFrame: ...
@overload
def read_events(
    source: EventSource, *, frame: Library = "pandas", **asked: Unpack[Asked]
) -> Any: ...
@keywords()
def read_events(
    source: EventSource,
    *,
    schema: EventSchema | None = None,
    format: str | Format | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: OnError = "raise",
    report: ReadReport | None = None,
    drop_duplicates: DropDuplicates = "event_id",
    drop_null_users: bool = False,
    time_unit: TimeUnit | None = None,
    earliest: str | datetime = EARLIEST,
    latest: str | datetime = LATEST,
    max_row_bytes: int = MAX_ROW_BYTES,
    columns: Sequence[str] | None = None,
    frame: Library = "pandas",
) -> Any:
    """Read every event of one or many files or URLs.

    Events come in the order of the source, files of a pattern in the order of their names. Nested
    objects are flattened: ``{"event": {"user-agent": …}}`` becomes ``event_user_agent``; lists
    become JSON text. What stands for no user, such as ``""``, is null. Times are read as instants
    in UTC: ISO 8601 of any precision and offset, and other texts that say themselves what they
    are; counts since 1970; or what the schema says by `time_format` and `zone` (without a zone:
    UTC). A row with the ``event_id`` of one before it is left out, and of rows without an id one
    that is identical to one before it.

    Parameters
    ----------
    source
        A path, a URL (``https://``, ``gs://``, whatever fsspec opens), a pattern (``*``), a folder,
        a table of Delta or Iceberg, or a list of these; a DataFrame of pandas, Arrow or Polars; an
        iterable of dicts; or a `Quarantine`. What is compressed by gzip, bzip2, xz or zstd is
        decompressed. Folders called ``name=value`` are columns.
    schema
        Which source path feeds which canonical column. Left out: columns under their own names.
    format
        ``"json"``, ``"csv"``, ``"tsv"``, ``"parquet"``, ``"avro"``, ``"orc"``, ``"arrow"``,
        ``"snowplow"``, ``"weblog"``, ``"w3c"``, ``"alb"``, ``"elb"``, ``"s3_access"`` or the name
        of a registered reader; or a value of `clicksession.formats` that says more:
        ``formats.CSV(delimiter=";")``. A file that is something else is an error. Left out: what
        the first bytes say for sure, else as the schema says, else by the file's name, else by the
        look of its first line.
    storage_options
        Passed to the filesystem: credentials, ``endpoint_url``, … Never shown in a message.
    on_error
        What becomes of a row that is no event. ``"raise"``: it stops the reading with its place.
        ``"quarantine"``: it goes to the quarantine of `report`. ``"skip"``: it is counted in
        `report`, and else forgotten.
    report
        Is filled with an account of where every row went. Needed where rows are quarantined.
    drop_duplicates
        What makes two rows one event, of which the first is kept; `run` takes the same.
        ``"event_id"``: that they have one id, or none and are alike in all fields.
        ``["event_id", "user_id", "timestamp"]``: that they have one id, user and time, for logs
        whose ids are none by themselves. ``"row"``: that they are alike in all fields. ``None``:
        nothing, all are kept. It costs memory: 16 to 32 bytes for each row where the ids are whole
        numbers that grow, else up to 100, and its user and time.
    drop_null_users
        Whether rows without a user are left out.
    time_unit
        What times that are numbers count since 1970: ``"s"``, ``"ms"``, ``"us"`` or ``"ns"``. Left
        out: each by its magnitude, which is right for times from March 1973 on.
    earliest, latest
        A row with an earlier or a later time is no event. Without an offset they are UTC.
    max_row_bytes
        A longer row is no event, and is not held in memory.
    columns
        The names of the columns of CSV or TSV without a header.
    frame
        What comes out: a frame of ``"pandas"``, of ``"polars"``, or a table of ``"arrow"``, which
        takes the least time.

    Returns
    -------
    DataFrame
        ``event_id`` and ``event_type`` where the source has them, ``user_id``, ``timestamp``
        (``datetime64[us, UTC]``; nanoseconds where the source has them), then the other fields in
        snake case. Whole numbers are ``Int64``, texts ``str``, so that a null changes no type. A
        column whose values are of several types is text. A frame of Polars or Arrow has the same
        columns, in the types of its own.

    Raises
    ------
    SourceNotFoundError
        A path or pattern leads to no file.
    BadRowError
        A row is no event, and `on_error` is ``"raise"``.
    SchemaError
        A mapped or required column is in no row of any source.
    UnknownNameError
        There is no such format.
    ParameterError
        An argument cannot be used.
    MissingExtraError
        The store, or `frame`, needs a package that is not installed.
    ReadError
        The store or protocol cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> log = pathlib.Path(tempfile.mkdtemp(), "log.json")
    >>> _ = log.write_text('{"id": 1, "at": "2024-05-01T10:00:00Z", "by": {"user": 7}}')
    >>> read_events(log, schema=EventSchema(event_id="id", user_id="by.user", timestamp="at"))
       event_id  user_id                 timestamp
    0         1        7 2024-05-01 10:00:00+00:00
    """
    library = checked_library("read_events", frame)
    options = checked(
        "read_events",
        schema=schema,
        format=format,
        on_error=on_error,
        report=report,
        drop_duplicates=drop_duplicates,
        drop_null_users=drop_null_users,
        time_unit=time_unit,
        earliest=earliest,
        latest=latest,
        max_row_bytes=max_row_bytes,
        columns=columns,
    )
    tables = Reading.of(source, storage_options, options, "read_events").tables()
    return to_frame(_in_one(tables), library)


@overload
def scan_events(
    source: EventSource,
    *,
    frame: Literal["pandas"] = "pandas",
    batch_rows: int = 100_000,
    **asked: Unpack[Asked],
) -> Iterator[pd.DataFrame]: ...
@overload
def scan_events(
    source: EventSource,
    *,
    frame: Library = "pandas",
    batch_rows: int = 100_000,
    **asked: Unpack[Asked],
) -> Iterator[Any]: ...
@keywords()
def scan_events(
    source: EventSource,
    *,
    schema: EventSchema | None = None,
    format: str | Format | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: OnError = "raise",
    report: ReadReport | None = None,
    drop_duplicates: DropDuplicates = "event_id",
    drop_null_users: bool = False,
    time_unit: TimeUnit | None = None,
    earliest: str | datetime = EARLIEST,
    latest: str | datetime = LATEST,
    max_row_bytes: int = MAX_ROW_BYTES,
    columns: Sequence[str] | None = None,
    batch_rows: int = 100_000,
    frame: Library = "pandas",
) -> Iterator[Any]:
    r"""Read the events of one or many sources in batches.

    The same rows in the same order as `read_events`. A batch has the columns that its rows have: a
    field that first appears later is in later batches only, and one whose type changes has
    different types in different batches. Memory is flat but for what `drop_duplicates` remembers:
    with ``None`` it does not grow with the log. One shape of JSON is held in memory whole, since no
    event is complete before its end: an object of columns, ``{"user_id": […], "timestamp": […]}``.

    Parameters
    ----------
    source, schema, format, storage_options, on_error
        As in `read_events`.
    report
        As in `read_events`; right at any moment for the batches that have come.
    drop_duplicates, drop_null_users, time_unit, earliest, latest, max_row_bytes, columns
        As in `read_events`.
    batch_rows
        The most rows that a batch has.
    frame
        As in `read_events`.

    Yields
    ------
    DataFrame
        As from `read_events`.

    Raises
    ------
    ParameterError
        `batch_rows` is not a positive whole number. Else as `read_events`.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> log = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = log.write_text("user_id,timestamp\n7,2024-05-01T10:00:00\n7,2024-05-01T10:01:00\n")
    >>> [len(batch) for batch in scan_events(log, batch_rows=1)]
    [1, 1]
    """
    if not isinstance(batch_rows, int) or batch_rows < 1:
        raise ParameterError("scan_events", "batch_rows", "a positive whole number", batch_rows)
    library = checked_library("scan_events", frame)
    options = checked(
        "scan_events",
        schema=schema,
        format=format,
        on_error=on_error,
        report=report,
        drop_duplicates=drop_duplicates,
        drop_null_users=drop_null_users,
        time_unit=time_unit,
        earliest=earliest,
        latest=latest,
        max_row_bytes=max_row_bytes,
        columns=columns,
    )
    reading = Reading.of(source, storage_options, options, "scan_events")
    return (
        to_frame(table.slice(start, batch_rows), library)
        for table in reading.tables()
        for start in range(0, table.num_rows, batch_rows)
    )


def events_frame(tables: Iterable[pa.Table]) -> pd.DataFrame:
    """Return the events of tables from a reading as one frame; without any, an empty one."""
    return to_pandas(_in_one(tables))


def _in_one(tables: Iterable[pa.Table]) -> pa.Table:
    return concatenated(list(tables) or [_NO_EVENTS])
