"""CSV and TSV with a header line; quoted fields may hold newlines."""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.blocks import BLOCK_BYTES
from clicksession.schema import EventSchema

__all__ = ["CsvReader", "TsvReader", "typed"]

# A number that would be written back the same: "007", "-0", "1.50" and "1e5" stay the text that
# they are, in every block of a file and whatever else the block holds.
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
_DECIMAL = r"^(0|-?[1-9][0-9]{0,6}|-?(0|[1-9][0-9]{0,6})\.[0-9]{0,7}[1-9])$"

# Arrow's own guesses would make 7 of "007"; the guesses below lose nothing.
_TEXT = pa.csv.ConvertOptions(
    default_column_type=pa.string(),
    null_values=[""],
    strings_can_be_null=True,
    quoted_strings_can_be_null=False,
)


class CsvReader:
    """Reads CSV. An empty field is null; an empty field in quotes is an empty text."""

    delimiter = ","

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number = 1
        for table in self._tables(stream, source):
            named = table.rename_columns(list(_distinct(table.column_names)))
            yield Batch(typed(named), range(number, number + table.num_rows), "record")
            number += table.num_rows

    def _tables(self, stream: BinaryIO, source: str) -> Iterator[pa.Table]:
        try:
            reader = pa.csv.open_csv(
                stream,
                # Rows can only be numbered in an error when one thread reads them in turn.
                read_options=pa.csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True
                ),
                convert_options=_TEXT,
            )
            for batch in reader:
                yield pa.Table.from_batches([batch])
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            reason = str(error).removeprefix("CSV parse error: ")
            hint = "Check the delimiter and the quotes."
            raise BadRowError(source, reason, hint) from None


class TsvReader(CsvReader):
    """Reads tab-separated values, else as `CsvReader`."""

    delimiter = "\t"


def _distinct(names: list[str]) -> Iterator[str]:
    """Yield the names of a header, a repeated one with its count: ``page``, ``page_2``."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"


def typed(table: pa.Table) -> pa.Table:
    """Return columns of text as numbers where every value is one and none would change."""
    columns = [_narrowed(column) for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of text as numbers where every value is one and none would change."""
    if column.null_count == len(column):
        return column
    for pattern, kind in ((_WHOLE, pa.int64()), (_DECIMAL, pa.float64())):
        if pc.all(pc.match_substring_regex(column, pattern)).as_py():
            return column.cast(kind)
    return column
