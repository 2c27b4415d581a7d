"""What a user can give as `source`: files and URLs, rows in memory, a quarantine."""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from typing import Any, BinaryIO, Protocol, cast

import numpy as np
import pandas as pd

from clicksession.errors import BadRowError, ParameterError
from clicksession.formats import CSV, Format, format_from_text, format_to_text
from clicksession.readers import READERS
from clicksession.readers.base import BadRow, Batch, Reader
from clicksession.readers.feeds.batches_ahead import BatchesAhead
from clicksession.readers.formats.choosing import format_of, name_of, needs_seeking
from clicksession.readers.formats.content import SNIFFED_BYTES
from clicksession.readers.formats.csv.cuts import Cutter
from clicksession.readers.formats.without_rows import require_rows
from clicksession.readers.options import Options
from clicksession.readers.quarantine import Quarantine
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.readers.rows.packing import leaves_of
from clicksession.readers.sources.ahead import AheadStream
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.memory import frame_batches, is_frame, record_batches
from clicksession.readers.sources.partitions import (
    Constants,
    partition_values,
    typed_values,
    with_constants,
)
from clicksession.readers.sources.places import find_sources
from clicksession.readers.sources.seeking import seekable
from clicksession.readers.sources.tables.files import Rows, files_of_table

__all__ = ["EventSource", "Feed", "FileFeed", "Location", "feeds_of", "reads_ahead"]

_NOTHING = object()

Location = str | os.PathLike[str]
EventSource = Location | Quarantine | pd.DataFrame | Iterable[Location | Mapping[str, object]]
"""What can be read; a table of Arrow or Polars too, which types here cannot say."""


class Feed(Protocol):
    """One source of rows."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def opened(self) -> Any:
        """Return a context manager with the bytes, for sources of bytes."""
        ...

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        """Yield the rows."""
        ...

    def located(self, row: BadRow) -> BadRow:
        """Return a bad row with the place where it stands for the user."""
        ...


@dataclass(frozen=True)
class FileFeed:
    """A file or object.

    Attributes
    ----------
    constants
        What the names of its folders say of all its rows.
    """

    source: Source
    constants: Constants = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its address, without any secret."""
        return self.source.name

    def opened(self) -> Any:
        """Open the decompressed bytes."""
        return self.source.open()

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        """Yield the rows, of the format that its first bytes, the user or its name say."""
        with ExitStack() as opened:
            if stream is None:
                bytes_, start = opened.enter_context(seekable(self.source))
            else:
                bytes_, start = cast(BinaryIO, stream), stream.peek(SNIFFED_BYTES)
            format = format_of(self.name, start, options.wanted)
            reader = _reader(format, options, self.constants)
            if stream is not None and getattr(reader, "seekable", False):
                bytes_, start = opened.enter_context(seekable(self.source))
            found = reader.read(bytes_, self.name, options.schema)
            batches = require_rows(
                found,
                start,
                self.name,
                format,
                options.schema,
                self.constants,
                has_columns=options.wanted.has_columns,
            )
            if name_of(format) in READERS.builtin:
                # What a reader written elsewhere does in a thread is not known.
                batches = iter(opened.enter_context(BatchesAhead(batches)))
            for batch in _named(batches, format):
                yield with_constants(batch, self.constants)

    def located(self, row: BadRow) -> BadRow:
        """Return the row."""
        return row


@dataclass(frozen=True)
class TableFeed(FileFeed):
    """A file of a table, of which the table's log says what counts.

    Attributes
    ----------
    root
        The path of the table.
    rows
        Reads the rows that count.
    """

    root: str = ""
    rows: Callable[[], Iterator[Rows]] = field(default=lambda: iter(()), kw_only=True)

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        """Yield the rows that count."""
        if options.format_is_given and name_of(options.format) != "parquet":
            reason = f"it is a file of a table, and format={name_of(options.format)!r} was given"
            raise BadRowError(self.name, reason, "Leave the format out.")
        for table, numbers in self.rows():
            batch = Batch(flat_columns(table), numbers, "row", format="parquet")
            yield with_constants(batch, self.constants)


@dataclass(frozen=True)
class _QuarantineFeed:
    """Rows of one file and format that were set aside, to be read again."""

    name: str
    format: str
    header: bytes
    rows: list[BadRow]
    constants: Constants = field(default_factory=dict)

    def parts(self) -> Iterator["_QuarantineFeed"]:
        """Yield it in parts, of which none goes on into the next row where a row of CSV would.

        Rows that are neighbours here were none in their file: a quotation mark that is open in
        one would be closed by the next.
        """
        form = CSV() if self.format == "csv" else format_from_text(self.format)
        # With "auto", the reader has still to look: no row of it was set aside.
        cutter = Cutter(form) if isinstance(form, CSV) and form.quote != "auto" else None
        begin = 0
        for stop, row in enumerate(self.rows, 1):
            if stop == len(self.rows) or (cutter and cutter.runs_on(row.raw)):
                yield replace(self, rows=self.rows[begin:stop])
                begin = stop

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        # Between the tokens of JSON a newline is a space; in CSV it may stand in quotes.
        raw = [r.raw if self.header else r.raw.replace(b"\n", b" ") for r in self.rows]
        yield io.BytesIO(self.header + b"".join(text + b"\n" for text in raw))

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        assert stream is not None
        format = options.format or format_from_text(self.format or "json")
        reader = _reader(format, options, self.constants)
        batches = reader.read(cast(BinaryIO, stream), self.name, options.schema)
        for batch in _named(batches, format):
            yield with_constants(batch, self.constants)

    def located(self, row: BadRow) -> BadRow:
        if row.offset is None:
            return row
        ends = accumulate((len(kept.raw) + 1 for kept in self.rows), initial=len(self.header))
        position = int(np.searchsorted(list(ends), row.offset, side="right")) - 1
        first = self.rows[min(max(position, 0), len(self.rows) - 1)]
        return replace(
            row, file=first.file, place=first.place, line=first.line, offset=first.offset
        )


@dataclass(frozen=True)
class _MemoryFeed:
    """Rows in memory: a frame, or records."""

    name: str
    rows: Any

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        yield io.BytesIO()

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        if is_frame(self.rows):
            yield from frame_batches(self.rows)
        else:
            yield from record_batches(self.rows, self.name, leaves_of(options.schema))

    def located(self, row: BadRow) -> BadRow:
        return row


def feeds_of(
    source: EventSource, storage_options: Mapping[str, object] | None, who: str
) -> list[Feed]:
    """Return the sources of rows that this leads to, in a stable order.

    Raises
    ------
    ParameterError
        It is none of what can be read.
    SourceNotFoundError, ReadError
        As `find_sources`.
    """
    return _with_partitions(_feeds_of(source, storage_options, who, {}))


def _feeds_of(
    source: EventSource,
    storage_options: Mapping[str, object] | None,
    who: str,
    seen: dict[str, str],
) -> list[Feed]:
    if isinstance(source, str | os.PathLike):
        found = find_sources(source, storage_options, seen)
        return [feed for one in found for feed in _feeds_at(one)]
    if isinstance(source, Quarantine):
        return [feed for group in source.groups() for feed in _QuarantineFeed(*group).parts()]
    if is_frame(source):
        return [_MemoryFeed(f"the {type(source).__name__}", source)]
    must = "a path, a URL, a pattern, a frame, a Quarantine, dicts, or a list of paths"
    if isinstance(source, Mapping | bytes) or not isinstance(source, Iterable):
        raise ParameterError(who, "source", must, source)
    items = iter(source)
    first = next(items, _NOTHING)
    if first is _NOTHING:
        return []
    everything = chain([first], items)
    if isinstance(first, str | os.PathLike):
        return [
            feed
            for location in everything
            for feed in _feeds_of(cast(Location, location), storage_options, who, seen)
        ]
    if not isinstance(first, Mapping):
        raise ParameterError(who, "source", must, source)
    return [_MemoryFeed("the dicts", everything)]


def _feeds_at(source: Source) -> list[Feed]:
    """Return the feeds of what was found at an address: one, but of a table one for each file."""
    if not source.table:
        return [FileFeed(source)]
    root = f"{source.full_path}/"
    return [
        TableFeed(file.source, file.constants, root, rows=file.rows)
        for file in files_of_table(source)
    ]


def _with_partitions(feeds: list[Feed]) -> list[Feed]:
    """Return the feeds with what the folders of their files say, as columns of one type each."""
    said = [_folders_say(feed) for feed in feeds]
    if not any(said):
        return feeds
    return [
        _with_constants(feed, constants) if constants else feed
        for feed, constants in zip(feeds, typed_values(said), strict=True)
    ]


def _with_constants(feed: Feed, constants: Constants) -> Feed:
    assert isinstance(feed, FileFeed | _QuarantineFeed)
    # What a table says of its files counts more than the folders that it lies in.
    return cast(Feed, replace(feed, constants={**constants, **feed.constants}))


def _folders_say(feed: Feed) -> dict[str, str | None]:
    if isinstance(feed, _QuarantineFeed):
        # The rows came from a file; their bytes say nothing of its folders.
        path = feed.name if "://" in feed.name else os.path.abspath(feed.name)
        return partition_values(path, feed.name)
    if isinstance(feed, TableFeed):
        return partition_values(feed.root, feed.name)
    if isinstance(feed, FileFeed):
        return partition_values(feed.source.full_path, feed.name)
    return {}


def reads_ahead(feed: Feed, options: Options) -> bool:
    """Say whether the bytes of a source are read from their beginning to their end."""
    return isinstance(feed, _QuarantineFeed) or (
        isinstance(feed, FileFeed)
        and not isinstance(feed, TableFeed)
        and not needs_seeking(feed.name, options.wanted)
    )


def _reader(format: str | Format, options: Options, known: Iterable[str]) -> Reader:
    name = format.name if isinstance(format, Format) else format
    reader = READERS.find(name)()
    if isinstance(format, Format):
        reader.form = format
    if hasattr(reader, "max_row_bytes"):
        reader.max_row_bytes = options.max_row_bytes
    if hasattr(reader, "known"):
        reader.known = tuple(known)
    if options.columns is not None:
        if not hasattr(reader, "columns"):
            must = f"None for the format {name!r}, which names its columns itself"
            raise ParameterError("read_events", "columns", must, options.columns)
        reader.columns = options.columns
    return cast(Reader, reader)


def _named(batches: Iterable[Batch], format: str | Format) -> Iterator[Batch]:
    name = format_to_text(format) if isinstance(format, Format) else format
    for batch in batches:
        refused = [row if row.format else replace(row, format=name) for row in batch.refused]
        yield replace(batch, refused=refused, format=batch.format or name)
