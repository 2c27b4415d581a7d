"""Cut a stream of CSV into blocks of whole records, with the place of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, cast

import numpy as np

from clicksession.formats import CSV
from clicksession.readers.base import BadRow, Reason, Whereabouts
from clicksession.readers.formats.blocks import BLOCK_BYTES, cut_short, damage_of, peeked, too_long
from clicksession.readers.formats.csv.cuts import Cut, Cutter, Positions, Wrong
from clicksession.readers.formats.csv.places import Chunk, Origin

__all__ = ["Prefixed", "Records", "record_blocks"]

_SHOWN = 80

# The most records of one batch: what a block of very short ones costs in memory.
_MANY = 2**17
_NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Records:
    """Whole records of a stream, none of them blank.

    Attributes
    ----------
    chunk
        Where they stand.
    starts, ends
        Where each record begins in it, and where its newline is.
    refused
        Lines that stand among these and are no records, with where they begin.
    """

    chunk: Chunk
    starts: Positions
    ends: Positions
    refused: Sequence[tuple[int, BadRow]] = ()

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def is_whole(self) -> bool:
        """Whether nothing stands between these records."""
        return bool((self.starts[1:] == self.ends[:-1] + 1).all())

    @cached_property
    def text(self) -> bytes:
        """The bytes of these records, and of what stands between them."""
        if not len(self):
            return b""
        return self.chunk.content[int(self.starts[0]) : int(self.ends[-1]) + 1]

    def only(self, rows: Positions) -> bytes:
        """Return the bytes of some of the records and no others."""
        content = self.chunk.content
        bounds = zip(self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True)
        return b"".join(content[start : end + 1] for start, end in bounds)

    def lines(self) -> Positions:
        """Return the line in which each record begins."""
        return self.chunk.lines(self.starts)

    def raw(self, row: int) -> bytes:
        """Return the bytes of one record, without its newline."""
        return self.chunk.content[int(self.starts[row]) : int(self.ends[row])].rstrip(b"\r")

    def find(self, row: int) -> Whereabouts:
        """Return where one record stands."""
        return self.chunk.find(int(self.starts[row]), int(self.ends[row]))

    def part(self, first: int, stop: int) -> "Records":
        """Return some of the records, with what is refused from the first of them on."""
        starts, ends = self.starts[first:stop], self.ends[first:stop]
        begin = int(self.starts[first]) if first else 0
        end = int(self.starts[stop]) if stop < len(self) else len(self.chunk.content)
        refused = [(place, row) for place, row in self.refused if begin <= place < end]
        return Records(self.chunk, starts, ends, refused)

    def without_first(self) -> "Records":
        """Return all but the first record."""
        return Records(self.chunk, self.starts[1:], self.ends[1:], self.refused)


class Prefixed:
    """A stream of which the beginning has been read."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = memoryview(start)
        self._stream = stream

    @property
    def damage(self) -> str:
        """Why the stream ended before its end, or nothing."""
        return damage_of(self._stream)

    def exactly(self, size: int) -> bytes:
        """Return so many bytes, unless the stream has fewer; none stands for a block."""
        if not size:
            return self.read(BLOCK_BYTES)
        return peeked(cast(BinaryIO, self), size)

    def read(self, size: int) -> bytes:
        """Return at most so many bytes, and at least one before the end."""
        start, self._start = self._start[:size], self._start[size:]
        if len(start) == size:
            return bytes(start)
        more = self._stream.read(size - len(start))
        return bytes(start) + more if len(start) else more


def record_blocks(stream: Prefixed, form: CSV, origin: Origin, limit: int) -> Iterator[Records]:
    """Yield the records of a stream, in blocks that follow its order.

    What a record comes to depends on the bytes from its beginning on, `limit` of them at most: not
    on where a block ends.
    """
    cutter = Cutter(form)
    chunk = Chunk(b"", origin.line, origin.offset, origin)
    stop, ended = 0, False
    while not ended:
        # What could not be cut is looked at again only when there is twice as much of it.
        more = stream.read(BLOCK_BYTES) if stop else stream.exactly(_as_much(chunk, limit))
        ended, damage = not more, "" if more else stream.damage
        content = chunk.content + more if chunk.content else more
        if ended and content and not content.endswith(b"\n") and not damage:
            content += b"\n"
        chunk = Chunk(content, chunk.line, chunk.offset, origin)
        stop = 0
        for cut in cutter.cuts(content, limit, ended and not damage, chunk.newlines):
            yield from _blocks(chunk, cut, limit)
            stop = cut.stop
        chunk = chunk.after(stop) if stop else chunk
        if chunk.content and ended:
            yield _only(chunk, _rest(chunk, damage))
        elif len(chunk.content) > limit:
            long, is_comment = chunk, cutter.is_comment(chunk.content)
            size, chunk = _passed_over(chunk, stream, cutter, is_comment)
            if not is_comment:
                yield _only(chunk, _too_long(long, 0, len(long.content), size, limit))


def _as_much(chunk: Chunk, limit: int) -> int:
    """Return how much to read beside what could not be cut: no more than can be a record."""
    size = len(chunk.content)
    return max(min(size, limit + 1 - size), 0)


def _blocks(chunk: Chunk, cut: Cut, limit: int) -> Iterator[Records]:
    wrong = [(each[0], _no_record(chunk, *each, limit)) for each in cut.wrong]
    records = Records(chunk, cut.starts, cut.ends, wrong)
    if len(records) <= _MANY:
        yield records
        return
    for first in range(0, len(records), _MANY):
        yield records.part(first, first + _MANY)


def _only(chunk: Chunk, refused: BadRow) -> Records:
    return Records(chunk, _NOTHING, _NOTHING, [(0, refused)])


def _no_record(chunk: Chunk, start: int, end: int, wrong: Wrong, limit: int) -> BadRow:
    found = chunk.find(start, end)
    if end - start > limit:
        return _too_long(chunk, start, end, end - start, limit)
    shown = found.raw[:_SHOWN].decode("utf-8", "replace")
    reason, detail = Reason.OPEN_QUOTE, "it has a quotation mark that is not closed"
    if wrong is not Wrong.OPEN:
        reason = Reason.STRAY_QUOTE
        detail = f"it has something behind a closing quotation mark: {shown}"
    if wrong is Wrong.ESCAPED or b'\\"' in found.raw:
        detail = f'{detail}; quotes written \\" need format=formats.CSV(escape="\\\\")'
    return found.bad_row(chunk.origin.source, reason, detail)


def _rest(chunk: Chunk, damage: str) -> BadRow:
    """Return what is left at the end of a source as the bad row that it is."""
    content = chunk.content if damage else chunk.content.removesuffix(b"\n")
    found = chunk.find(0, len(content))
    if damage:
        assert found.line is not None
        return cut_short(chunk.origin.source, found.line, found.offset, content, damage)
    detail = "its last character is an escape, with nothing behind it"
    return found.bad_row(chunk.origin.source, Reason.OPEN_QUOTE, detail)


def _too_long(chunk: Chunk, start: int, end: int, size: int, limit: int) -> BadRow:
    # Of a line of which no end is in sight, more is there in one block than in another.
    found = chunk.find(start, min(end, start + limit + 1))
    assert found.line is not None
    return too_long(chunk.origin.source, found.line, found.offset, found.raw, size, limit)


def _passed_over(
    chunk: Chunk, stream: Prefixed, cutter: Cutter, is_comment: bool
) -> tuple[int, Chunk]:
    """Pass over a line of which no end is in sight; return its size, and what comes after it.

    Memory holds no more of it than has been read.
    """
    size = len(chunk.content)
    while True:
        # Whether a newline ends the line depends on whether an escape stands before it.
        open_escape = b"" if is_comment else cutter.open_escape(chunk.content)
        chunk = chunk.after(len(chunk.content))
        more = stream.read(BLOCK_BYTES)
        text = open_escape + more
        end = text.find(b"\n") if is_comment else cutter.line_end(text)
        chunk = Chunk(more, chunk.line, chunk.offset, chunk.origin)
        if not more:
            return size, chunk
        if end >= 0:
            end -= len(open_escape)
            return size + end, chunk.after(end + 1)
        size += len(more)
