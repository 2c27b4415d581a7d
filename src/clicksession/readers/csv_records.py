"""Cut CSV into records: at newlines, but for those within quotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from clicksession.readers.base import BadRow, Reason, Whereabouts
from clicksession.readers.blocks import BLOCK_BYTES, cut_short, damage_of, too_long

__all__ = ["Records", "record_blocks"]

_NEWLINE, _RETURN, _QUOTE = b'\n\r"'

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Records:
    """Whole records of a stream, none of them blank.

    Attributes
    ----------
    content
        The bytes.
    starts, ends
        Where each record begins, and where its newline is.
    first_line, offset
        Where the content begins in the stream.
    refused
        Records that stand before these and cannot be told apart.
    """

    content: bytes
    starts: Positions
    ends: Positions
    first_line: int
    offset: int
    refused: Sequence[BadRow] = ()

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def text(self) -> bytes:
        """The bytes of these records and no others."""
        if not len(self):
            return b""
        return self.content[int(self.starts[0]) : int(self.ends[-1])] + b"\n"

    @cached_property
    def _newlines(self) -> Positions:
        return np.flatnonzero(np.frombuffer(self.content, dtype=np.uint8) == _NEWLINE)

    def lines(self) -> Sequence[int]:
        """Return the line in which each record begins."""
        before = np.searchsorted(self._newlines, self.starts)
        found: list[int] = (self.first_line + before).tolist()
        return found

    def raw(self, row: int) -> bytes:
        """Return the bytes of one record, without its newline."""
        return self.content[int(self.starts[row]) : int(self.ends[row])].rstrip(b"\r")

    def find(self, row: int) -> Whereabouts:
        """Return where one record stands."""
        start = int(self.starts[row])
        line = self.first_line + int(np.searchsorted(self._newlines, start))
        return Whereabouts(line, self.offset + start, self.raw(row))

    def part(self, first: int, stop: int) -> "Records":
        """Return some of the records."""
        return Records(
            self.content,
            self.starts[first:stop],
            self.ends[first:stop],
            self.first_line,
            self.offset,
        )


def record_blocks(
    stream: BinaryIO, delimiter: str, source: str, limit: int, offset: int, start: bytes
) -> Iterator[Records]:
    """Yield the stream, of which `start` from `offset` on was read, in blocks of whole records.

    A quotation mark that is not closed before the end, or within `limit`, costs its own line
    only.
    """
    cutter = _Cutter(delimiter)
    rest, line = start, 1
    ended = False
    while not ended:
        chunk = stream.read(BLOCK_BYTES)
        ended = not chunk
        rest += chunk
        damage = damage_of(stream) if ended else ""
        if ended and rest and not rest.endswith(b"\n") and not damage:
            rest += b"\n"
        while rest:
            ends = cutter.ends(rest)
            if len(ends):
                block = _block(rest, ends, line, offset)
                yield block
                size = int(ends[-1]) + 1
                line, offset, rest = line + rest.count(b"\n", 0, size), offset + size, rest[size:]
            elif ended and damage:
                yield _only(cut_short(source, line, offset, rest, damage), line, offset)
                rest = b""
            elif ended or len(rest) > limit:
                first, newline, after = rest.partition(b"\n")
                if not newline and not ended:
                    # One line beyond the limit: passed over up to its end.
                    first, after = _rest_of_line(rest, stream)
                refused = _no_record(source, line, offset, first, limit)
                yield _only(refused, line, offset)
                line, offset, rest = line + 1, offset + refused.size + 1, after
            else:
                break


class _Cutter:
    """Finds where records end."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        mark = re.escape(self._delimiter)
        quoted = rb'"(?:[^"]|"")*"[^' + mark + rb"\n]*"
        plain = rb'[^"' + mark + rb"\n][^" + mark + rb"\n]*"
        self._field = re.compile(rb"(?:" + quoted + rb"|" + plain + rb")?([" + mark + rb"\n])")

    def ends(self, content: bytes) -> Positions:
        """Return the places of the newlines that end a record."""
        codes = np.frombuffer(content, dtype=np.uint8)
        newlines = np.flatnonzero(codes == _NEWLINE)
        if b'"' not in content:
            return newlines
        quotes = np.flatnonzero(codes == _QUOTE)
        if self._are_pairs(codes, quotes):
            outside: Positions = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
            return outside
        return self._ends_by_field(content)

    def _are_pairs(self, codes: npt.NDArray[np.uint8], quotes: Positions) -> bool:
        """Say whether each quotation mark opens a field, closes one, or is doubled in one.

        A last one that opens and is not closed is left to what comes next.
        """
        opening, closing = quotes[0::2], quotes[1::2]
        mark = self._delimiter[0]
        before = codes[np.maximum(opening - 1, 0)]
        after = codes[np.minimum(closing + 1, len(codes) - 1)]
        opens = (opening == 0) | np.isin(before, (mark, _NEWLINE, _QUOTE))
        closes = (closing == len(codes) - 1) | np.isin(after, (mark, _NEWLINE, _RETURN, _QUOTE))
        # A doubled mark closes and opens at once: what opens behind a mark must follow one that
        # closes there, which pairs in order do.
        return bool(opens.all() and closes.all())

    def _ends_by_field(self, content: bytes) -> Positions:
        ends, position = [], 0
        while match := self._field.match(content, position):
            position = match.end()
            if match.group(1) == b"\n":
                ends.append(position - 1)
        return np.array(ends, dtype=np.int64)


def _block(content: bytes, ends: Positions, line: int, offset: int) -> Records:
    codes = np.frombuffer(content, dtype=np.uint8)
    starts = np.concatenate([[0], ends[:-1] + 1])
    blank = (starts == ends) | ((starts + 1 == ends) & (codes[starts] == _RETURN))
    return Records(content, starts[~blank], ends[~blank], line, offset)


def _only(refused: BadRow, line: int, offset: int) -> Records:
    nothing = np.empty(0, dtype=np.int64)
    return Records(b"", nothing, nothing, line, offset, [refused])


def _rest_of_line(rest: bytes, stream: BinaryIO) -> tuple[bytes, bytes]:
    size = len(rest)
    while chunk := stream.read(BLOCK_BYTES):
        head, newline, after = chunk.partition(b"\n")
        size += len(head)
        if newline:
            return _Long(rest[: 2**12], size), after
    return _Long(rest[: 2**12], size), b""


class _Long(bytes):
    """The beginning of a line, with the size of the whole."""

    size: int

    def __new__(cls, content: bytes, size: int) -> "_Long":
        made = super().__new__(cls, content)
        made.size = size
        return made


def _no_record(source: str, line: int, offset: int, raw: bytes, limit: int) -> BadRow:
    size = raw.size if isinstance(raw, _Long) else len(raw)
    if size > limit:
        return too_long(source, line, offset, raw, size, limit)
    return BadRow(
        file=source,
        place=f"line {line}",
        line=line,
        offset=offset,
        reason=Reason.OPEN_QUOTE,
        detail="it has a quotation mark that is not closed",
        raw=raw.rstrip(b"\r"),
        size=size,
    )
