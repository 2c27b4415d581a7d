"""Formats in which every line is an event, and lines go by many at once."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import MAX_ROW_BYTES, BadRow, Batch, Reason
from clicksession.readers.formats.blocks import Block, line_blocks, peeked, too_long
from clicksession.schema import EventSchema

__all__ = ["Flags", "LineReader", "Lines", "LinesReader", "readable", "shown"]

_BOM = b"\xef\xbb\xbf"
_SHOWN = 80
_TOGETHER = 2**16

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """The lines of a block that are text.

    Attributes
    ----------
    texts
        The lines, without what ends them.
    rows
        The position of each among the lines of the block.
    refused
        The other lines, but for blank ones.
    """

    texts: pa.Array
    rows: Sequence[int]
    refused: Sequence[BadRow] = ()


class LinesReader(ABC):
    """Reads a format of lines."""

    max_row_bytes = MAX_ROW_BYTES

    @abstractmethod
    def batches(self, block: Block, source: str) -> Iterator[Batch]:
        """Yield the rows of a block."""

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        start = peeked(stream, len(_BOM))
        offset = len(_BOM) if start == _BOM else 0
        for block in line_blocks(start[offset:], stream, source, self.max_row_bytes, offset):
            for part in _parts(block):
                yield from self.batches(part, source)


class LineReader(LinesReader):
    """Reads a format in which every line is an event."""

    reason = Reason.NOT_LOG_LINE

    @abstractmethod
    def cut(self, lines: pa.Array) -> tuple[Flags, pa.Table]:
        """Return which lines are events, and the rows of those that are."""

    @abstractmethod
    def detail(self, line: str) -> str:
        """Return what is wrong with a line that is no event."""

    def batches(self, block: Block, source: str) -> Iterator[Batch]:
        """Yield the rows of a block."""
        lines = readable(block, source, self.max_row_bytes)
        fits, table = self.cut(lines.texts)
        refused = [*block.refused, *lines.refused]
        for number in np.flatnonzero(~fits):
            found = block.find(lines.rows[int(number)])
            detail = self.detail(lines.texts[int(number)].as_py())
            refused.append(found.bad_row(source, self.reason, detail))
        rows = lines.rows
        if not fits.all():
            rows = [lines.rows[int(number)] for number in np.flatnonzero(fits)]
        numbers = [block.first_line + row for row in rows]
        table = table if rows else pa.table({})
        yield Batch(table, numbers, "line", refused, lambda row: block.find(rows[row]))


def _parts(block: Block) -> Iterator[Block]:
    """Yield a block in parts of not too many lines: each that is refused is an object."""
    if len(block.ends) <= _TOGETHER:
        yield block
        return
    first, second = block.halves()
    yield from _parts(replace(first, refused=block.refused))
    yield from _parts(second)


def readable(block: Block, source: str, limit: int) -> Lines:
    """Return the lines of a block that are text, and the others as refused."""
    texts = _at_once(block, limit)
    if texts is not None:
        return Lines(texts, block.rows)
    good: list[int] = []
    lines: list[bytes] = []
    refused: list[BadRow] = []
    for row in block.rows:
        line = block.line(row).removesuffix(b"\r")
        bad = _unreadable(block, row, line, source, limit)
        if bad is None:
            good.append(row)
            lines.append(line)
        else:
            refused.append(bad)
    return Lines(pa.array(lines, pa.binary()).cast(pa.string()), good, refused)


def _at_once(block: Block, limit: int) -> pa.Array | None:
    """Return all lines of a block, or None where one of them needs to be looked at."""
    content = block.content
    if not isinstance(block.rows, range) or block.longest > limit or b"\0" in content:
        return None
    ends = np.minimum(block.ends + 1, len(content))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    try:
        texts = pa.Array.from_buffers(pa.binary(), len(block.ends), buffers).cast(pa.string())
    except pa.ArrowInvalid:
        return None
    return pc.ascii_rtrim(texts, "\r\n")


def _unreadable(block: Block, row: int, line: bytes, source: str, limit: int) -> BadRow | None:
    """Return a line as a bad row where it is no text, or None."""
    if len(line) <= limit and b"\0" not in line and line.isascii():
        return None
    found = block.find(row)
    if len(line) > limit:
        assert found.line is not None
        assert found.offset is not None
        return too_long(source, found.line, found.offset, line, len(line), limit)
    if b"\0" in line:
        detail = f"it holds {line.count(0):,} bytes of zero"
        return found.bad_row(source, Reason.NUL_BYTES, detail)
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"it is not UTF-8 (byte {error.start + 1})"
        return found.bad_row(source, Reason.NOT_UTF8, detail)
    return None


def shown(line: str) -> str:
    """Return the beginning of a line, for a message."""
    return f"{line[:_SHOWN].strip()}{'…' if len(line) > _SHOWN else ''}"
