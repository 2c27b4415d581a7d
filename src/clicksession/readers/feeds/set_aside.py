"""Rows that were set aside, as feeds: read again by the format that they came from."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import BinaryIO, cast

import numpy as np

from clicksession.formats import CSV, format_from_text
from clicksession.readers.base import BadRow, Batch
from clicksession.readers.feeds.base import named, reader_of
from clicksession.readers.formats.csv.cuts import Cutter
from clicksession.readers.options import Options
from clicksession.readers.sources.ahead import AheadStream
from clicksession.readers.sources.partitions import Constants, with_constants

__all__ = ["QuarantineFeed"]


@dataclass(frozen=True)
class QuarantineFeed:
    """Rows of one file and format that were set aside, to be read again."""

    name: str
    format: str
    header: bytes
    rows: list[BadRow]
    constants: Constants = field(default_factory=dict)

    def parts(self) -> Iterator["QuarantineFeed"]:
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
        """Open the bytes of the rows, one to a line."""
        # Between the tokens of JSON a newline is a space; in CSV it may stand in quotes.
        raw = [r.raw if self.header else r.raw.replace(b"\n", b" ") for r in self.rows]
        yield io.BytesIO(self.header + b"".join(text + b"\n" for text in raw))

    def batches(self, stream: AheadStream | None, options: Options) -> Iterator[Batch]:
        """Yield the rows that are events now."""
        assert stream is not None
        format = options.format or format_from_text(self.format or "json")
        reader = reader_of(format, options, self.constants)
        batches = reader.read(cast(BinaryIO, stream), self.name, options.schema)
        for batch in named(batches, format):
            yield with_constants(batch, self.constants)

    def located(self, row: BadRow) -> BadRow:
        """Return a row that is still none, with the place that it had in its file."""
        if row.offset is None:
            return row
        ends = accumulate((len(kept.raw) + 1 for kept in self.rows), initial=len(self.header))
        position = int(np.searchsorted(list(ends), row.offset, side="right")) - 1
        first = self.rows[min(max(position, 0), len(self.rows) - 1)]
        return replace(
            row, file=first.file, place=first.place, line=first.line, offset=first.offset
        )
