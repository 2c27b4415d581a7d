"""What a feed is: one source of rows, and what makes batches of its bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol, cast

from clicksession.errors import ParameterError
from clicksession.formats import Format, format_to_text
from clicksession.readers import READERS
from clicksession.readers.base import BadRow, Batch, Reader
from clicksession.readers.options import Options
from clicksession.readers.sources.ahead import AheadStream

__all__ = ["Feed", "named", "reader_of"]


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


def reader_of(format: str | Format, options: Options, known: Iterable[str]) -> Reader:
    """Return a reader of a format that knows what is asked of it, and paths that all rows have."""
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


def named(batches: Iterable[Batch], format: str | Format) -> Iterator[Batch]:
    """Yield batches that say by which format the bytes of their rows can be read again."""
    name = format_to_text(format) if isinstance(format, Format) else format
    for batch in batches:
        refused = [row if row.format else replace(row, format=name) for row in batch.refused]
        yield replace(batch, refused=refused, format=batch.format or name)
