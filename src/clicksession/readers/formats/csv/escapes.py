r"""Take the escapes out of CSV, so that a parser needs to know of none.

There are two ways to write them. Where values are quoted, an escape stands within quotes, before a
quotation mark or another escape, as Spark and PostgreSQL write it; outside of quotes it is a
character: ``C:\temp``. Where nothing is quoted, it stands before whatever would end a value, as
Adobe writes it, or before a letter that stands for such a character, as PostgreSQL, MySQL and
ClickHouse do. Before anything else it is itself.
"""

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.formats import CSV
from clicksession.readers.formats.csv.patterns import values_in_quotes

__all__ = ["Escapes"]

# Which letter, behind an escape, stands for a delimiter that belongs to a value.
_DELIMITERS = (b"d", b"x", b"z")
_LETTERS = {b"\t": b"t", b"\n": b"n", b"\r": b"r"}
_MEANT = {
    b"t": b"\t",
    b"n": b"\n",
    b"r": b"\r",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
    b"'": b"'",
    b'"': b'"',
}


class Escapes:
    """The escapes of one form."""

    def __init__(self, form: CSV) -> None:
        self._escape = (form.escape or "").encode()
        self._mark = form.delimiter.encode()
        self._quote = (form.quote or "").encode()
        self._pair = re.compile(re.escape(self._escape) + rb"(.)", re.DOTALL)
        self._values = values_in_quotes(form)
        letter = next(each for each in _DELIMITERS if each not in (self._mark, self._escape))
        self._meant = {**_MEANT, letter: self._mark, self._escape: self._escape}
        letters = {self._mark: letter, **_LETTERS}
        self._spelled = {char: self._escape + each for char, each in letters.items()}
        # What the letter itself would be: an escape, and the letter.
        self._spelled[letter] = self._escape * 2 + letter

    def hidden(self, text: bytes) -> bytes:
        """Return whole records so that they are the same to one who knows of no escapes."""
        if not self._escape or self._escape not in text:
            return text
        if self._quote:
            return self._values.sub(self._doubled, text)
        return self._pair.sub(self._spell, text)

    def null_values(self, values: Iterable[str]) -> list[str]:
        """Return texts as they are among hidden records."""
        if not self._escape or self._quote:
            return list(values)
        return [self.hidden(value.encode()).decode() for value in values]

    def shown(self, rows: pa.Table) -> pa.Table:
        """Return the values of hidden records as they are meant."""
        if not self._escape or self._quote:
            return rows
        columns = [self._shown(column) for column in rows.columns]
        return pa.table(columns, names=rows.column_names)

    def _doubled(self, match: re.Match[bytes]) -> bytes:
        return self._pair.sub(self._without, match.group())

    def _without(self, pair: re.Match[bytes]) -> bytes:
        if pair.group(1) == self._quote:
            return self._quote * 2
        return self._escape if pair.group(1) == self._escape else pair.group()

    def _spell(self, pair: re.Match[bytes]) -> bytes:
        return self._spelled.get(pair.group(1), pair.group())

    def _shown(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        raw = column.cast(pa.binary())
        has = pc.fill_null(pc.match_substring(raw, self._escape), False)
        if not pc.any(has).as_py():
            return column
        values = [self._pair.sub(self._mean, value) for value in raw.filter(has).to_pylist()]
        meant = pc.replace_with_mask(
            raw.combine_chunks(), has.combine_chunks(), pa.array(values, pa.binary())
        )
        return pa.chunked_array([meant.cast(pa.string())])

    def _mean(self, pair: re.Match[bytes]) -> bytes:
        return self._meant.get(pair.group(1), pair.group())
