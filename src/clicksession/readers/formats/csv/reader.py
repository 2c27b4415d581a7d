"""CSV and TSV: values between delimiters, in quotes or not, a record a line."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

import pyarrow as pa

from clicksession.formats import CSV, TSV, format_to_text
from clicksession.readers.base import MAX_ROW_BYTES, Batch, Reason
from clicksession.readers.formats.blocks import peeked
from clicksession.readers.formats.csv.batching import Batching
from clicksession.readers.formats.csv.faults import Faults, not_text_hint
from clicksession.readers.formats.csv.form import SAMPLE_BYTES, said_by_first_line, shown_by
from clicksession.readers.formats.csv.header import (
    no_header,
    other_header,
    refused_header,
    written_header,
)
from clicksession.readers.formats.csv.parsing import CellParser
from clicksession.readers.formats.csv.places import UNIT, Origin
from clicksession.readers.formats.csv.records import Prefixed, Records, record_blocks
from clicksession.readers.formats.decoding import decoded, is_utf8
from clicksession.readers.formats.in_order import in_order
from clicksession.readers.rows.naming import distinct
from clicksession.schema import EventSchema

__all__ = ["CsvReader", "TsvReader"]

_BOM = b"\xef\xbb\xbf"


class CsvReader:
    """Reads CSV. An empty field is null; an empty field in quotes is an empty text.

    Attributes
    ----------
    known
        Paths that the rows have without their file: what the names of its folders say.
    """

    form: CSV = CSV()
    max_row_bytes = MAX_ROW_BYTES
    columns: tuple[str, ...] | None = None
    known: Collection[str] = ()

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        stream = decoded(stream, self.form.encoding)
        start, origin = self._beginning(stream, source)
        whole = len(start) < SAMPLE_BYTES
        form, said = said_by_first_line(self.form, start)
        if said:
            origin = origin.after(start, said)
            start = start[said:]
        count = None if self.columns is None else len(self.columns)
        form = shown_by(form, start[:SAMPLE_BYTES], whole, count)
        rows = _Source(source, form, schema, self.max_row_bytes, self.known)
        if self.columns is not None:
            rows.named(self.columns)
        rest = Prefixed(start, stream)
        yield from rows.batches(record_blocks(rest, form, origin, self.max_row_bytes))

    def _beginning(self, stream: BinaryIO, source: str) -> tuple[bytes, Origin]:
        """Return the first bytes from the header on, and where that stands."""
        start = peeked(stream, SAMPLE_BYTES)
        origin = Origin(source, 1, 0, getattr(stream, "weights", UNIT))
        if start.startswith(_BOM):
            origin = replace(origin, offset=origin.size(start, len(_BOM)))
            start = start[len(_BOM) :]
        for _ in range(self.form.skip):
            while b"\n" not in start and (more := stream.read(SAMPLE_BYTES)):
                origin = origin.after(start, len(start))
                start = more
            stop = start.find(b"\n") + 1 or len(start)
            origin = origin.after(start, stop)
            start = start[stop:]
        return start + peeked(stream, SAMPLE_BYTES - len(start)), origin


class TsvReader(CsvReader):
    """Reads tab-separated values, else as `CsvReader`."""

    form: CSV = TSV()


class _Source:
    """One source: the names of its columns, and the rows behind them."""

    def __init__(
        self,
        source: str,
        form: CSV,
        schema: EventSchema,
        limit: int,
        known: Collection[str],
    ) -> None:
        self._source = source
        self._form = form
        self._schema = schema
        self._known = known
        # What a row needs to be read again: it is UTF-8 by now, and nothing stands before it.
        format = format_to_text(replace(form, encoding=None, comment=None, skip=0))
        self._parser = CellParser(form)
        self._faults = Faults(source, form, limit, format)
        self._names: list[str] = []
        self._batching = Batching(self._parser, self._faults, self._names, format)

    def named(self, names: Iterable[str]) -> None:
        """Say what the columns are called, where the source does not."""
        self._names.extend(names)
        self._faults.header = written_header(self._names, self._form)

    def batches(self, blocks: Iterator[Records]) -> Iterator[Batch]:
        """Yield the rows of a source; the first names the columns, unless they are given."""
        for records, whole in in_order(self._batching.whole, self._behind_header(blocks)):
            yield from self._batching.batches(records, whole)

    def _behind_header(self, blocks: Iterator[Records]) -> Iterator[Records]:
        for records in blocks:
            yield records if self._names else self._without_header(records)

    def _without_header(self, records: Records) -> Records:
        """Return the records after the first, which names the columns."""
        begin = int(records.starts[0]) if len(records) else len(records.chunk.content)
        if records.refused and records.refused[0][0] < begin:
            first = records.refused[0][1]
            if first.reason != Reason.TRUNCATED:
                raise refused_header(self._source, first)
        if not len(records):
            return records
        self._read_header(Records(records.chunk, records.starts[:1], records.ends[:1]))
        return records.without_first()

    def _read_header(self, header: Records) -> None:
        found = header.find(0)
        line = found.line or 1
        if b"\0" in found.raw or not is_utf8(found.raw):
            reason = "it holds bytes of zero" if b"\0" in found.raw else "it is not UTF-8"
            raise no_header(self._source, line, reason, not_text_hint(found.raw, self._form))
        try:
            row = self._parser.cells(header.text, None, None)
        except pa.ArrowInvalid as error:
            reason = str(error).removeprefix("CSV parse error: ")
            raise no_header(self._source, line, reason) from None
        if row.num_rows != 1:
            # A carriage return alone ends a line for Arrow, and for nobody else here.
            raise no_header(self._source, line, f"Expected 1 row, got {row.num_rows}")
        names = [column[0].as_py() or "" for column in row.columns]
        refusal = other_header(self._source, names, self._form, self._schema, self._known)
        if refusal:
            raise refusal
        self._names.extend(distinct(names))
        self._faults.header = header.text
