"""Files and objects, and the files of a table, as feeds."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from clicksession.ahead import Ahead
from clicksession.errors import BadRowError
from clicksession.readers import READERS
from clicksession.readers.base import BadRow, Batch
from clicksession.readers.feeds.base import named, reader_of
from clicksession.readers.formats.choosing import format_of, name_of
from clicksession.readers.formats.content import SNIFFED_BYTES
from clicksession.readers.formats.without_rows import require_rows
from clicksession.readers.options import Options
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.readers.sources.ahead import AheadStream
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.partitions import Constants, with_constants
from clicksession.readers.sources.seeking import seekable
from clicksession.readers.sources.tables.base import Rows

__all__ = ["FileFeed", "TableFeed"]

# A source of fewer rows is read before a thread would have begun.
_MANY_ROWS = 2**12

# A store may not answer.
_PATIENCE_SECONDS = 1.0


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
            reader = reader_of(format, options, self.constants)
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
                batches = opened.enter_context(closing(_ahead(batches)))
            for batch in named(batches, format):
                yield with_constants(batch, self.constants)

    def located(self, row: BadRow) -> BadRow:
        """Return the row."""
        return row


def _ahead(batches: Iterator[Batch]) -> Generator[Batch]:
    """Yield the same batches: the first at once, and behind many rows the others from a thread."""
    for batch in batches:
        if batch.rows.num_rows < _MANY_ROWS:
            yield batch
            continue
        # One waits, and one is at work.
        with closing(Ahead(batches, 2, patience=_PATIENCE_SECONDS)) as others:
            yield batch
            yield from others


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
