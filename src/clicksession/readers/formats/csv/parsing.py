"""Arrow's parser of CSV, by the form of a source."""

import io

import pyarrow as pa
import pyarrow.csv

from clicksession.formats import CSV
from clicksession.readers.formats.csv.escapes import Escapes

__all__ = ["CellParser", "Skipped"]


class Skipped:
    """Passes over rows with another number of fields, as long as there are not too many."""

    def __init__(self, patience: int) -> None:
        self.rows: list[int] = []
        self._patience = patience

    def __call__(self, row: pa.csv.InvalidRow) -> str:
        """Say what becomes of such a row, in Arrow's words."""
        self.rows.append(row.number - 1)
        return "skip" if len(self.rows) <= self._patience else "error"


class CellParser:
    """Parses text of whole records to a column of text for each of their fields."""

    def __init__(self, form: CSV) -> None:
        self._form = form
        self._escapes = Escapes(form)
        # Arrow's own guesses would make 7 of "007"; the guesses below lose nothing. Bytes that
        # are no text are found before, row by row, where Arrow would refuse the block.
        self._convert = pa.csv.ConvertOptions(
            default_column_type=pa.string(),
            null_values=["", *self._escapes.null_values(form.null_values)],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        )

    def cells(self, text: bytes, names: list[str] | None, skipped: Skipped | None) -> pa.Table:
        """Return the records that have a field for each name; the others go to `skipped`.

        Raises
        ------
        pyarrow.ArrowInvalid
            It is no CSV, or too many records have other fields.
        """
        found = pa.csv.read_csv(
            io.BytesIO(self._escapes.hidden(text)),
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
                invalid_row_handler=skipped,
            ),
            convert_options=self._convert,
        )
        return self._escapes.shown(found)
