"""Formats in which every line is an event, and lines go by many at once."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.base import MAX_ROW_BYTES, BadRow, Batch, Reason, Whereabouts
from clicksession.readers.blocks import Block, line_blocks, peeked, too_long
from clicksession.schema import EventSchema

__all__ = ["LineReader", "shown"]

_BOM = b"\xef\xbb\xbf"
_SHOWN = 80

Flags = npt.NDArray[np.bool_]


class LineReader(ABC):
    """Reads a format in which every line is an event."""

    max_row_bytes = MAX_ROW_BYTES
    reason = Reason.NOT_LOG_LINE

    @abstractmethod
    def fits(self, lines: pa.Array) -> Flags:
        """Return which lines are events."""

    @abstractmethod
    def rows(self, lines: pa.Array) -> pa.Table:
        """Return the rows of lines that are all events."""

    @abstractmethod
    def detail(self, line: str) -> str:
        """Return what is wrong with a line that is no event."""

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        start = peeked(stream, len(_BOM))
        offset = len(_BOM) if start == _BOM else 0
        for block in line_blocks(start[offset:], stream, source, self.max_row_bytes, offset):
            yield self._batch(block, source)

    def _batch(self, block: Block, source: str) -> Batch:
        lines = [block.line(row).removesuffix(b"\r") for row in block.rows]
        refused = list(block.refused)
        good: list[int] = []
        for position, (row, line) in enumerate(zip(block.rows, lines, strict=True)):
            bad = self._unreadable(block, row, line, source)
            if bad is None:
                good.append(position)
            else:
                refused.append(bad)
        texts = pa.array([lines[position] for position in good], pa.binary()).cast(pa.string())
        fits = self.fits(texts)
        for number in np.flatnonzero(~fits):
            found = block.find(block.rows[good[int(number)]])
            detail = self.detail(texts[int(number)].as_py())
            refused.append(_bad_line(source, found, self.reason, detail))
        rows = [block.rows[position] for position, ok in zip(good, fits, strict=True) if ok]

        def find(row: int) -> Whereabouts:
            return block.find(rows[row])

        table = self.rows(texts.filter(pa.array(fits))) if rows else pa.table({})
        numbers: Sequence[int] = [block.first_line + row for row in rows]
        return Batch(table, numbers, "line", refused, find)

    def _unreadable(self, block: Block, row: int, line: bytes, source: str) -> BadRow | None:
        """Return a line as a bad row where it is no text, or None."""
        if len(line) <= self.max_row_bytes and b"\0" not in line and line.isascii():
            return None
        found = block.find(row)
        if len(line) > self.max_row_bytes:
            assert found.line is not None
            assert found.offset is not None
            size, limit = len(line), self.max_row_bytes
            return too_long(source, found.line, found.offset, line, size, limit)
        if b"\0" in line:
            detail = f"it holds {line.count(0):,} bytes of zero"
            return _bad_line(source, found, Reason.NUL_BYTES, detail)
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            detail = f"it is not UTF-8 (byte {error.start + 1})"
            return _bad_line(source, found, Reason.NOT_UTF8, detail)
        return None


def shown(line: str) -> str:
    """Return the beginning of a line, for a message."""
    return f"{line[:_SHOWN].strip()}{'…' if len(line) > _SHOWN else ''}"


def _bad_line(source: str, found: Whereabouts, reason: Reason, detail: str) -> BadRow:
    return BadRow(
        file=source,
        place=f"line {found.line}",
        line=found.line,
        offset=found.offset,
        reason=reason,
        detail=detail,
        raw=found.raw,
        size=len(found.raw),
    )
