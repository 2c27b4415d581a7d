"""CSV and TSV; quoted fields may hold newlines."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from clicksession.errors import BadRowError
from clicksession.readers.base import MAX_ROW_BYTES, BadRow, Batch, Reason, Whereabouts
from clicksession.readers.blocks import peeked, too_long
from clicksession.readers.cells import as_cells
from clicksession.readers.csv_records import Records, record_blocks
from clicksession.schema import EventSchema

__all__ = ["CsvReader", "TsvReader"]

_BOM = b"\xef\xbb\xbf"

# Arrow's own guesses would make 7 of "007". Bytes that are no text are found here, row by row,
# where Arrow would refuse the block.
_TEXT = pa.csv.ConvertOptions(
    default_column_type=pa.string(),
    null_values=[""],
    strings_can_be_null=True,
    quoted_strings_can_be_null=False,
    check_utf8=False,
)


class CsvReader:
    """Reads CSV. An empty field is null; an empty field in quotes is an empty text."""

    delimiter = ","
    max_row_bytes = MAX_ROW_BYTES
    columns: tuple[str, ...] | None = None

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        start = peeked(stream, len(_BOM))
        offset = len(_BOM) if start == _BOM else 0
        start = start[offset:]
        parser = _Parser(source, self.delimiter, self.max_row_bytes)
        if self.columns is not None:
            parser.named(list(self.columns))
        limit = self.max_row_bytes
        for records in record_blocks(stream, self.delimiter, source, limit, offset, start):
            if records.refused:
                yield Batch(pa.table({}), (), "line", parser.with_header(records.refused))
            if len(records):
                yield from parser.batches(records)


class TsvReader(CsvReader):
    """Reads tab-separated values, else as `CsvReader`."""

    delimiter = "\t"


class _Parser:
    """Turns the records of one source into batches."""

    def __init__(self, source: str, delimiter: str, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._options = pa.csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            invalid_row_handler=self._skip,
        )
        self._delimiter = delimiter
        self._names: list[str] = []
        self._header = b""
        self._skipped: list[int] = []

    def named(self, names: list[str]) -> None:
        """Say what the columns are called, where the source does not."""
        self._names = names
        self._header = self._delimiter.join(_quoted(name) for name in names).encode() + b"\n"

    def with_header(self, rows: Sequence[BadRow]) -> list[BadRow]:
        """Return rows with what is needed to read them again."""
        return [replace(row, header=self._header) for row in rows]

    def batches(self, records: Records) -> Iterator[Batch]:
        """Yield the rows of some records; the first names the columns, unless they are given."""
        if not self._names:
            self._read_header(records.part(0, 1))
            records = records.part(1, len(records))
        if len(records):
            yield from self._parsed(records)

    def _read_header(self, header: Records) -> None:
        options = pa.csv.ReadOptions(autogenerate_column_names=True)
        parse = pa.csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True)
        try:
            row = pa.csv.read_csv(
                io.BytesIO(header.text),
                read_options=options,
                parse_options=parse,
                convert_options=_TEXT,
            )
        except pa.ArrowInvalid as error:
            raise self._no_header(header, str(error)) from None
        except UnicodeDecodeError:
            # It is Arrow's message, which shows the row, that is no text.
            raise self._no_header(header, "it is not UTF-8") from None
        if row.num_rows != 1:
            # A carriage return alone ends a line for Arrow, and for nobody else here.
            raise self._no_header(header, f"Expected 1 row, got {row.num_rows}")
        names = [column[0].cast(pa.binary()).as_py() or b"" for column in row.columns]
        self._names = list(_distinct([name.decode("utf-8", "backslashreplace") for name in names]))
        self._header = header.text

    def _no_header(self, header: Records, reason: str) -> BadRowError:
        line = header.find(0).line
        reason = f"its header cannot be read ({reason.removeprefix('CSV parse error: ')})"
        hint = "Check the delimiter, the quotes, and carriage returns without a newline."
        return BadRowError(self._source, reason, hint, f"line {line}")

    def _parsed(self, records: Records) -> Iterator[Batch]:
        table = self._table(records)
        if table is None and len(records) > 1:
            middle = len(records) // 2
            yield from self._parsed(records.part(0, middle))
            yield from self._parsed(records.part(middle, len(records)))
            return
        if table is None:
            yield Batch(pa.table({}), (), "line", [self._refused(records)])
            return
        yield self._batch(records, table)

    def _batch(self, records: Records, table: pa.Table) -> Batch:
        good = np.ones(len(records), dtype=bool)
        good[self._skipped] = False
        refused = [self._wrong_count(records, row) for row in self._skipped]
        rows = np.flatnonzero(good)
        lines = records.lines()
        header = self._header

        def find(row: int) -> Whereabouts:
            found = records.find(int(rows[row]))
            return replace(found, header=header)

        return Batch(as_cells(table), [lines[row] for row in rows.tolist()], "line", refused, find)

    def _table(self, records: Records) -> pa.Table | None:
        """Return the rows that have all fields, as text; None where something else is wrong."""
        self._skipped = []
        content = records.text
        longest = (records.ends - records.starts).max()
        if longest > self._limit or b"\0" in content or not _is_text(content):
            return None
        try:
            table = pa.csv.read_csv(
                io.BytesIO(content),
                read_options=pa.csv.ReadOptions(
                    # Rows are only numbered when one thread reads them.
                    column_names=self._names,
                    use_threads=False,
                    block_size=len(content) + 1,
                ),
                parse_options=self._options,
                convert_options=_TEXT,
            )
        except pa.ArrowInvalid:
            return None
        return table if table.num_rows + len(self._skipped) == len(records) else None

    def _skip(self, row: pa.csv.InvalidRow) -> str:
        self._skipped.append(row.number - 1)
        return "skip"

    def _wrong_count(self, records: Records, row: int) -> BadRow:
        found = records.find(row)
        return BadRow(
            file=self._source,
            place=f"line {found.line}",
            line=found.line,
            offset=found.offset,
            reason=Reason.FIELD_COUNT,
            detail=f"it has not as many fields as the header, {len(self._names)}: "
            f"{found.raw[:80].decode('utf-8', 'replace')}",
            raw=found.raw,
            size=len(found.raw),
            header=self._header,
        )

    def _refused(self, records: Records) -> BadRow:
        found = records.find(0)
        assert found.line is not None
        assert found.offset is not None
        if len(found.raw) > self._limit:
            size = len(found.raw)
            return too_long(self._source, found.line, found.offset, found.raw, size, self._limit)
        wrong = self._wrong_count(records, 0)
        if b"\0" in found.raw:
            count = found.raw.count(0)
            return replace(
                wrong, reason=Reason.NUL_BYTES, detail=f"it holds {count:,} bytes of zero"
            )
        try:
            found.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            detail = f"it is not UTF-8 (byte {error.start + 1})"
            return replace(wrong, reason=Reason.NOT_UTF8, detail=detail)
        return wrong


def _is_text(content: bytes) -> bool:
    """Say whether bytes are UTF-8: a row that is not, Arrow could not hand to `_skip`."""
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _distinct(names: list[str]) -> Iterator[str]:
    """Yield the names of a header, a repeated one with its count: ``page``, ``page_2``.

    A count that would make another name of the header is passed over.
    """
    given, counts, seen = set(names), dict.fromkeys(names, 1), set[str]()
    for name in names:
        distinct = name
        while distinct in seen or (distinct in given and distinct != name):
            counts[name] += 1
            distinct = f"{name}_{counts[name]}"
        seen.add(distinct)
        yield distinct
