"""`read_events` and `scan_events`: every event of one or many sources, in canonical columns."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.errors import BadRowError, ParameterError, SchemaError, did_you_mean
from clicksession.readers import READERS
from clicksession.readers.base import Batch, Reader
from clicksession.readers.files import Source, find_sources
from clicksession.readers.formats import format_of
from clicksession.readers.frames import to_pandas
from clicksession.readers.times import as_instants
from clicksession.readers.unify import concatenated
from clicksession.readers.unpack import unpacked
from clicksession.schema import CANONICAL, REQUIRED, ColumnNames, EventSchema

__all__ = [
    "Location",
    "check_reading",
    "events_frame",
    "read_events",
    "read_source",
    "read_tables",
    "scan_events",
]

Location = str | os.PathLike[str]

_NO_EVENTS = pa.table(
    {"user_id": pa.nulls(0), "timestamp": pa.array([], pa.timestamp("us", "UTC"))}
)


def read_events(
    source: Location | Iterable[Location],
    *,
    schema: EventSchema | None = None,
    format: str | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: str = "raise",
) -> pd.DataFrame:
    """Read every event of one or many files or URLs.

    Events come in the order of the source, files of a pattern in the order of their names. Nested
    objects are flattened: ``{"event": {"user-agent": …}}`` becomes ``event_user_agent``; lists
    become JSON text. A null user stays null. Times are read as instants in UTC: ISO 8601 of any
    precision and offset (without an offset: UTC), or counts since 1970.

    Parameters
    ----------
    source
        A path, a URL (``https://``, ``gs://``, whatever fsspec opens), a pattern (``*``), or a
        list of these. Names that end in ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` are decompressed.
    schema
        Which source path feeds which canonical column. Left out: columns under their own names.
    format
        ``"json"``, ``"csv"``, ``"tsv"``, ``"snowplow"``, ``"weblog"`` or the name of a registered
        reader. Left out: as the schema says, else by the file's name, else by its first bytes.
    storage_options
        Passed to the filesystem: credentials, ``endpoint_url``, … Never shown in a message.
    on_error
        ``"raise"``: the first row that is no event stops the reading with its place.

    Returns
    -------
    DataFrame
        ``event_id`` and ``event_type`` where the source has them, ``user_id``, ``timestamp``
        (``datetime64[us, UTC]``; nanoseconds where the source has them), then the other fields in
        snake case. Whole numbers are ``Int64``, texts ``str``, so that a null changes no type.

    Raises
    ------
    SourceNotFoundError
        A path or pattern leads to no file.
    BadRowError
        A line, element or record is no event, or its time is no time.
    SchemaError
        A mapped or required column is in no row of a file.
    UnknownNameError
        There is no such format.
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
    tables = read_tables(source, schema, format, storage_options, on_error, who="read_events")
    return events_frame(tables)


def scan_events(
    source: Location | Iterable[Location],
    *,
    schema: EventSchema | None = None,
    format: str | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: str = "raise",
    batch_rows: int = 100_000,
) -> Iterator[pd.DataFrame]:
    r"""Read the events of one or many sources in batches.

    The same rows in the same order as `read_events`. A batch has the columns that its rows have:
    a field that first appears later is in later batches only.

    Parameters
    ----------
    source, schema, format, storage_options, on_error
        As in `read_events`.
    batch_rows
        The most rows that a batch has.

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
    tables = read_tables(source, schema, format, storage_options, on_error, who="scan_events")
    return (
        to_pandas(table.slice(start, batch_rows))
        for table in tables
        for start in range(0, table.num_rows, batch_rows)
    )


def events_frame(tables: Iterable[pa.Table]) -> pd.DataFrame:
    """Return the events of tables from `read_tables` as one frame; without any, an empty one."""
    return to_pandas(concatenated(list(tables) or [_NO_EVENTS]))


def read_tables(
    source: Location | Iterable[Location],
    schema: EventSchema | None,
    format: str | None,
    storage_options: Mapping[str, object] | None,
    on_error: str,
    *,
    who: str,
) -> Iterator[pa.Table]:
    """Yield the events of all sources as Arrow tables; the arguments are checked at once."""
    check_reading(schema, format, on_error, who)
    sources = find_sources(source, storage_options)
    names = ColumnNames()
    return (
        table
        for found in sources
        for table in read_source(found, schema or EventSchema(), format, names)
    )


def check_reading(schema: EventSchema | None, format: str | None, on_error: str, who: str) -> None:
    """Refuse what cannot be meant, before anything is opened."""
    if on_error != "raise":
        raise ParameterError(who, "on_error", "'raise'", on_error)
    if not isinstance(schema, EventSchema | None):
        raise ParameterError(who, "schema", "a clicksession.EventSchema, or None", schema)
    for name in (format, schema.format if schema else None):
        if name is not None:
            READERS.find(name)


def read_source(
    source: Source, schema: EventSchema, format: str | None, names: ColumnNames
) -> Iterator[pa.Table]:
    """Yield the events of one source as Arrow tables."""
    canonical = _Canonical(source.name, schema, names)
    with source.open() as stream:
        name, stream = format_of(source, stream, format or schema.format)
        reader = cast(Reader, READERS.find(name)())
        for packed in reader.read(stream, source.name, schema):
            batch = unpacked(packed, source.name, schema) if packed.rows.num_rows else packed
            if batch.rows.num_rows:
                yield canonical.table(batch)
    canonical.check_columns()


@dataclass
class _Canonical:
    """Gives the batches of one source their canonical columns."""

    source: str
    schema: EventSchema
    names: ColumnNames
    _seen: set[str] = field(default_factory=set)

    def table(self, batch: Batch) -> pa.Table:
        rows = batch.rows
        self._seen.update(rows.column_names)
        columns = {name: self._mapped(rows, name) for name in CANONICAL}
        times, bad = as_instants(cast(pa.ChunkedArray, columns["timestamp"]))
        if bad.any():
            self._refuse(batch, columns["timestamp"], int(np.flatnonzero(bad)[0]))
        columns["timestamp"] = times
        kept = {name: column for name, column in columns.items() if column is not None}
        used = {path for name in CANONICAL for path in self.schema.paths(name)}
        used.difference_update(self.schema.keep)
        others = [path for path in rows.column_names if path not in used and path]
        for path in others:
            kept[self.names.of(path)] = rows[path]
        return pa.table(kept)

    def check_columns(self) -> None:
        """Refuse a source that had rows, but none with a column that must be there."""
        for name in CANONICAL:
            paths = self.schema.paths(name)
            needed = name in REQUIRED or self.schema.is_mapped(name)
            if needed and self._seen and not self._seen.intersection(paths):
                raise SchemaError(
                    self.source,
                    f"no row has {' or '.join(map(repr, paths))}, which feeds {name!r}",
                    f"{did_you_mean(paths[0], self._seen)} It has: "
                    f"{', '.join(sorted(self._seen))}. Map it with "
                    f"schema=EventSchema({name}=…).".strip(),
                )

    def _mapped(self, rows: pa.Table, name: str) -> pa.ChunkedArray | None:
        paths = [path for path in self.schema.paths(name) if path in rows.column_names]
        if not paths:
            needed = name in REQUIRED or self.schema.is_mapped(name)
            return pa.chunked_array([pa.nulls(rows.num_rows)]) if needed else None
        if len(paths) == 1:
            return rows[paths[0]]
        # One below the other, they come out in one type; then row by row the first that is there.
        stacked = concatenated([pa.table({name: rows[path]}) for path in paths])[name]
        if is_text(stacked.type):
            # Exports write "" where they have no user: it would hide the next path.
            stacked = pc.if_else(pc.equal(stacked, ""), pa.scalar(None, stacked.type), stacked)
        size = rows.num_rows
        return pc.coalesce(*(stacked.slice(i * size, size) for i in range(len(paths))))

    def _refuse(self, batch: Batch, column: pa.ChunkedArray | None, row: int) -> None:
        value = cast(pa.ChunkedArray, column)[row].as_py()
        raise BadRowError(
            self.source,
            f"{' or '.join(self.schema.paths('timestamp'))} is no time: {value!r}",
            "Times are ISO 8601 (2024-05-01T10:00:00Z) or counts since 1970.",
            batch.place(row),
        )
