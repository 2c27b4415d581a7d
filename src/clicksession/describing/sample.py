"""The first rows of a source, by the paths of its fields."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.feeds.base import Feed
from clicksession.readers.feeds.files import FileFeed
from clicksession.readers.feeds.finding import reads_ahead
from clicksession.readers.formats.choosing import format_of, name_of
from clicksession.readers.formats.content import SNIFFED_BYTES
from clicksession.readers.formats.without_rows import header_names
from clicksession.readers.options import Options
from clicksession.readers.rows.flattening import stands_for_rows
from clicksession.readers.sources.ahead import Ahead

__all__ = ["SAMPLE_ROWS", "Sample", "sampled"]

#: How many rows are looked at.
SAMPLE_ROWS = 1000


@dataclass(frozen=True)
class Sample:
    """Some rows of a source.

    Attributes
    ----------
    columns
        The values of each field, by its path.
    format
        Which reader gave them; empty for rows in memory.
    rows
        How many they are.
    """

    columns: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    format: str = ""
    rows: int = 0


def sampled(feeds: Sequence[Feed], options: Options, *, is_schema_given: bool) -> Sample:
    """Return the first rows of the first source that has any.

    Raises
    ------
    BadRowError
        None of the sources can be read.
    """
    failure, has_read = None, False
    for feed in feeds:
        try:
            for batch in _batches(feed, options, is_schema_given):
                if batch.rows.num_rows:
                    return _sample_of(batch)
            has_read = True
        except BadRowError as error:
            failure = failure or error
    if failure is not None and not has_read:
        raise failure
    return Sample()


def _batches(feed: Feed, options: Options, is_schema_given: bool) -> Iterator[Batch]:
    if not reads_ahead(feed, options):
        yield from feed.batches(None, options)
        return
    with closing(Ahead([feed.opened])) as streams:
        stream = streams.stream(0)
        if isinstance(feed, FileFeed) and not is_schema_given:
            options = _with_any_header(options, feed.name, stream.peek(SNIFFED_BYTES))
        yield from feed.batches(stream, options)


def _with_any_header(options: Options, name: str, start: bytes) -> Options:
    """Return options by which a header is one whatever its names are: they are the question."""
    format = format_of(name, start, options.wanted)
    names = header_names(start, format) if name_of(format) in ("csv", "tsv") else []
    users = tuple(dict.fromkeys(filter(None, names)))
    if not users:
        return options
    return replace(options, schema=replace(options.schema, user_id=users))


def _sample_of(batch: Batch) -> Sample:
    rows = batch.rows.slice(0, SAMPLE_ROWS)
    columns = {
        path: rows[path]
        for path in rows.column_names
        if not stands_for_rows(rows, path) and rows[path].null_count < rows.num_rows
    }
    return Sample(columns, batch.format, rows.num_rows)
