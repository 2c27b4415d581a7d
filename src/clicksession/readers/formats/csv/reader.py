"""CSV and TSV: values between delimiters, in quotes or not, a record a line."""

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from clicksession.formats import CSV, TSV, format_to_text
from clicksession.readers.base import MAX_ROW_BYTES, Batch, Reason, Whereabouts
from clicksession.readers.formats.blocks import peeked
from clicksession.readers.formats.csv.cuts import Positions
from clicksession.readers.formats.csv.escapes import Escapes
from clicksession.readers.formats.csv.faults import Faults, is_text, not_text_hint
from clicksession.readers.formats.csv.form import SAMPLE_BYTES, said_by_first_line, shown_by
from clicksession.readers.formats.csv.header import (
    no_header,
    other_header,
    refused_header,
    written_header,
)
from clicksession.readers.formats.csv.places import UNIT, Origin
from clicksession.readers.formats.csv.records import Prefixed, Records, record_blocks
from clicksession.readers.formats.decoding import decoded
from clicksession.readers.formats.in_order import in_order
from clicksession.readers.rows.cells import as_cells
from clicksession.readers.rows.naming import distinct
from clicksession.schema import EventSchema

__all__ = ["CsvReader", "TsvReader"]

_BOM = b"\xef\xbb\xbf"

# The most bad rows of one batch: what a log of nothing else costs in memory.
_FEW = 2**12
_NONE = np.empty(0, dtype=np.int64)


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
        parser = _Parser(source, form, schema, self.max_row_bytes, self.known)
        if self.columns is not None:
            parser.named(list(self.columns))
        rest = Prefixed(start, stream)
        yield from parser.batches(record_blocks(rest, form, origin, self.max_row_bytes))

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


class _Parser:
    """Turns the records of one source into batches."""

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
        self._escapes = Escapes(form)
        # What a row needs to be read again: it is UTF-8 by now, and nothing stands before it.
        own = replace(form, encoding=None, comment=None, skip=0)
        self._format = format_to_text(own)
        self._faults = Faults(source, form, limit, self._format)
        self._names: list[str] = []
        # Arrow's own guesses would make 7 of "007"; the guesses below lose nothing. Bytes that
        # are no text are found before, row by row, where Arrow would refuse the block.
        self._convert = pa.csv.ConvertOptions(
            default_column_type=pa.string(),
            null_values=["", *self._escapes.null_values(form.null_values)],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        )

    def named(self, names: list[str]) -> None:
        """Say what the columns are called, where the source does not."""
        self._names = names
        self._faults.header = written_header(names, self._form)

    def batches(self, blocks: Iterator[Records]) -> Iterator[Batch]:
        """Yield the rows of a source; the first names the columns, unless they are given."""
        for records, whole in in_order(self._whole, self._behind_header(blocks)):
            if whole is not None:
                yield whole
            elif len(records):
                yield from self._divided(records)
            elif records.refused:
                yield self._batch(records, _NONE, pa.table({}))

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
        if b"\0" in found.raw or not is_text(found.raw):
            reason = "it holds bytes of zero" if b"\0" in found.raw else "it is not UTF-8"
            raise no_header(self._source, line, reason, not_text_hint(found.raw, self._form))
        try:
            row = self._read(self._escapes.hidden(header.text), None, None)
        except pa.ArrowInvalid as error:
            reason = str(error).removeprefix("CSV parse error: ")
            raise no_header(self._source, line, reason) from None
        if row.num_rows != 1:
            # A carriage return alone ends a line for Arrow, and for nobody else here.
            raise no_header(self._source, line, f"Expected 1 row, got {row.num_rows}")
        row = self._escapes.shown(row)
        names = [column[0].as_py() or "" for column in row.columns]
        refusal = other_header(self._source, names, self._form, self._schema, self._known)
        if refusal:
            raise refusal
        self._names = list(distinct(names))
        self._faults.header = header.text

    def _parsed(self, records: Records) -> Iterator[Batch]:
        """Yield the rows of records, in parts where one of them is in the way or many are bad."""
        whole = self._whole(records)
        if whole is not None:
            yield whole
        else:
            yield from self._divided(records)

    def _divided(self, records: Records) -> Iterator[Batch]:
        """Yield the rows of records that are not to be had at once."""
        if len(records) == 1:
            yield self._batch(records, _NONE, pa.table({}))
            return
        size = _FEW if len(records) > _FEW else -(-len(records) // 2)
        for first in range(0, len(records), size):
            yield from self._parsed(records.part(first, first + size))

    def _whole(self, records: Records) -> Batch | None:
        """Return the rows of records, if no more than a few are bad; in any thread."""
        if not len(records):
            return None
        faults = self._faults.of(records)
        rows = np.flatnonzero(~faults)
        is_small = len(records) <= _FEW
        if not is_small and len(records) - len(rows) > _FEW:
            return None
        skipped = _Skipped(len(rows) if is_small else _FEW)
        is_whole = len(rows) == len(records) and records.is_whole
        table = self._table(records.text if is_whole else records.only(rows), len(rows), skipped)
        if table is None:
            return None
        return self._batch(records, np.delete(rows, skipped.rows), as_cells(table))

    def _batch(self, records: Records, kept: Positions, table: pa.Table) -> Batch:
        """Return a batch of those of the records that came to a table, the others refused."""
        bad = np.delete(np.arange(len(records)), kept)
        faults, width, format = self._faults, len(self._names), self._format
        refused = [faults.again(row) for _, row in records.refused]
        refused += [faults.bad_row(records, row, width) for row in bad.tolist()]
        refused.sort(key=lambda row: row.line or 0)

        def find(row: int) -> Whereabouts:
            found = records.find(int(kept[row]))
            return replace(found, header=faults.header, format=format)

        return Batch(
            table,
            _numbers(records.lines()[kept]),
            "line",
            refused,
            find,
            format=format,
        )

    def _table(self, text: bytes, count: int, skipped: "_Skipped") -> pa.Table | None:
        """Return the rows that have all fields, as text; None where something else is wrong."""
        if not count:
            return pa.table({})
        try:
            table = self._read(self._escapes.hidden(text), self._names, skipped)
        except pa.ArrowInvalid:
            return None
        if table.num_rows + len(skipped.rows) != count:
            return None
        return self._escapes.shown(table)

    def _read(self, text: bytes, names: list[str] | None, skip: Any) -> pa.Table:
        return pa.csv.read_csv(
            io.BytesIO(text),
            read_options=pa.csv.ReadOptions(
                # Rows are only numbered when one thread reads them.
                column_names=names,
                autogenerate_column_names=names is None,
                use_threads=False,
                block_size=len(text) + 1,
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=self._form.delimiter,
                quote_char=self._form.quote or False,
                newlines_in_values=True,
                invalid_row_handler=skip,
            ),
            convert_options=self._convert,
        )


def _numbers(lines: Positions) -> Sequence[int]:
    """Return the numbers of lines: of those that follow each other, without a list of them."""
    first = int(lines[0]) if len(lines) else 0
    follow = range(first, first + len(lines))
    is_plain = len(lines) and int(lines[-1]) == follow[-1]
    return follow if is_plain else lines.tolist()


class _Skipped:
    """Passes over rows with another number of fields, as long as there are not too many."""

    def __init__(self, patience: int) -> None:
        self.rows: list[int] = []
        self._patience = patience

    def __call__(self, row: pa.csv.InvalidRow) -> str:
        self.rows.append(row.number - 1)
        return "skip" if len(self.rows) <= self._patience else "error"
