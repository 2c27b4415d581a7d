"""Records of CSV that cannot be read, found many at once, and what to say of one."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from clicksession.formats import CSV
from clicksession.readers.base import BadRow, Reason
from clicksession.readers.formats.blocks import too_long
from clicksession.readers.formats.csv.cuts import Cutter, Positions
from clicksession.readers.formats.csv.records import Records
from clicksession.readers.formats.decoding import is_utf8

__all__ = ["Faults", "not_text_hint"]

_NEWLINE, _RETURN = b"\n\r"
_SHOWN = 80

Flags = npt.NDArray[np.bool_]


class Faults:
    """What makes a record of one source unreadable, whatever its fields.

    Attributes
    ----------
    header
        What a reader needs to see before a bad row.
    """

    header = b""

    def __init__(self, source: str, form: CSV, limit: int, format: str) -> None:
        self._source = source
        self._form = form
        self._limit = limit
        self._format = format
        self._cutter = Cutter(form)

    def of(self, records: Records) -> Flags:
        """Return which records are too long, no text, or broken by a carriage return."""
        found: Flags = records.ends - records.starts > self._limit
        content = records.text
        codes = np.frombuffer(content, dtype=np.uint8)
        if b"\0" in content:
            rows = _rows(records, np.flatnonzero(codes == 0))
            found[[row for row in rows.tolist() if b"\0" in records.raw(row)]] = True
        if not is_utf8(content):
            rows = _rows(records, np.flatnonzero(codes >= 0x80))
            found[[row for row in rows.tolist() if not is_utf8(records.raw(row))]] = True
        if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
            alone = (codes[:-1] == _RETURN) & (codes[1:] != _NEWLINE)
            rows = _rows(records, np.flatnonzero(alone))
            found[[row for row in rows.tolist() if self._is_broken(records.raw(row))]] = True
        return found

    def bad_row(self, records: Records, row: int, width: int) -> BadRow:
        """Return a record as the bad row that it is: where nothing else, one of another width."""
        found = records.find(row)
        assert found.line is not None
        if (size := int(records.ends[row] - records.starts[row])) > self._limit:
            raw = found.raw[: self._limit + 1].rstrip(b"\r")
            long = too_long(self._source, found.line, found.offset, raw, size, self._limit)
            return self.again(long)
        shown = found.raw[:_SHOWN].decode("utf-8", "replace")
        detail = f"it has not as many fields as the header, {width}: {shown}"
        wrong = self.again(found.bad_row(self._source, Reason.FIELD_COUNT, detail))
        if b"\0" in found.raw:
            detail = f"it holds {found.raw.count(0):,} bytes of zero"
            return replace(wrong, reason=Reason.NUL_BYTES, detail=detail)
        if not is_utf8(found.raw):
            detail = f"{_not_text(found.raw, self._form)}; {not_text_hint(found.raw, self._form)}"
            return replace(wrong, reason=Reason.NOT_UTF8, detail=detail.rstrip("; "))
        if self._is_broken(found.raw):
            detail = f"it has a carriage return without a newline: {shown!r}"
            return replace(wrong, detail=detail)
        if self._form.quote is None and b'"' in found.raw:
            kind = type(self._form).__name__
            hint = f"if values are in quotes, give format=formats.{kind}(quote='\"')"
            return replace(wrong, detail=f"{wrong.detail}; {hint}")
        return wrong

    def again(self, row: BadRow) -> BadRow:
        """Return a bad row with what is needed to read it again."""
        return replace(row, header=self.header, format=self._format)

    def _is_broken(self, raw: bytes) -> bool:
        """Say whether a carriage return ends a line within a record, for Arrow and old systems."""
        return b"\r" in raw and b"\r" in self._cutter.bare(raw)


def not_text_hint(raw: bytes, form: CSV) -> str:
    """Return what to do about bytes that are no UTF-8."""
    if form.encoding is not None:
        return ""
    name = "utf-16-le" if raw[1::2].count(0) > raw[::2].count(0) else "utf-16-be"
    if raw.count(0) * 3 < len(raw):
        name = "cp1252"
    return f'format=formats.{type(form).__name__}(encoding="{name}") reads another encoding'


def _not_text(raw: bytes, form: CSV) -> str:
    if form.encoding is not None:
        return f"it is not {form.encoding}"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 (byte {error.start + 1})"
    return ""


def _rows(records: Records, places: Positions) -> Positions:
    """Return the records in which some places of their text are."""
    within = np.searchsorted(records.starts, places + records.starts[0], side="right") - 1
    return np.unique(within)
