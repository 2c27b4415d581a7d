"""Cut a stream of bytes into blocks that end at a newline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from clicksession.readers.base import BadRow, Reason, Whereabouts
from clicksession.readers.formats.codes import places

__all__ = [
    "BLOCK_BYTES",
    "Block",
    "cut_short",
    "damage_of",
    "line_blocks",
    "peeked",
    "too_long",
]

# Large enough that the parser's fixed costs vanish, small enough that several fit in memory.
BLOCK_BYTES = 8 * 2**20

# Of a row that is too long, what a quarantine keeps.
_KEPT_BYTES = 2**12
_NEWLINE, _BRACE, _END, _RETURN = b"\n{}\r"
_BLANK = np.frombuffer(b" \t\r\n", dtype=np.uint8)


@dataclass(frozen=True)
class Block:
    """Whole lines of a stream.

    Attributes
    ----------
    content
        The bytes.
    first_line
        The number of the first line, from 1.
    offset
        Where the content begins in the stream.
    refused
        Rows that stand before this block, or among its lines, and are no events.
    places
        Where lines do not stand here as in the stream: the line and the offset of each there.
    elements
        Of elements of lists, each of which has a line here: their numbers.
    """

    content: bytes
    first_line: int
    offset: int
    refused: Sequence[BadRow] = ()
    places: Sequence[tuple[int, int]] | None = field(default=None, repr=False)
    elements: Sequence[int] | None = field(default=None, repr=False)

    @cached_property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where each line ends: at its newline, or at the end of the content."""
        found = places(self.content, _NEWLINE)
        if self.content and not self.content.endswith(b"\n"):
            found = np.append(found, len(self.content))
        return found

    @property
    def unit(self) -> str:
        """What is numbered."""
        return "line" if self.elements is None else "element"

    @cached_property
    def newlines(self) -> int:
        """How many lines are whole."""
        # To count them takes half as long as to find them.
        return int(np.count_nonzero(np.frombuffer(self.content, dtype=np.uint8) == _NEWLINE))

    def numbers_of(self, count: int) -> Sequence[int]:
        """Return the number of each line, or element, of so many that are not blank."""
        if count != self.newlines or self.places is not None or self.elements is not None:
            return self.numbers
        return range(self.first_line, self.first_line + count)

    @cached_property
    def rows(self) -> Sequence[int]:
        """The position among the lines of each line that is not blank."""
        everything = range(len(self.ends))
        if not np.isin(self._first_bytes, _BLANK).any():
            return everything
        return [row for row in everything if self.line(row).strip()]

    @property
    def holds_objects(self) -> bool:
        """Whether each line that is not blank begins and ends as a JSON object does.

        Then no value goes on from line to line: what can follow a brace does not begin with one.
        """
        lines = (
            self.line(row).strip(b" \t\r") for row in np.flatnonzero(~self._are_objects).tolist()
        )
        return all(not line or (line[:1] == b"{" and line[-1:] == b"}") for line in lines)

    @cached_property
    def is_of_objects(self) -> bool:
        """Whether most lines begin and end as a JSON object does."""
        return 2 * int(np.count_nonzero(self._are_objects)) >= len(self.ends)

    @cached_property
    def _are_objects(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (self._first_bytes == _BRACE) & (self._last_bytes == _END)
        return found

    @cached_property
    def _first_bytes(self) -> npt.NDArray[np.uint8]:
        starts = np.concatenate([[0], self.ends[:-1] + 1]) if len(self.ends) else self.ends
        codes: npt.NDArray[np.uint8] = np.frombuffer(self.content, dtype=np.uint8)[starts]
        return codes

    @cached_property
    def _last_bytes(self) -> npt.NDArray[np.uint8]:
        codes = np.frombuffer(self.content, dtype=np.uint8)
        # Of an empty line, what stands before it.
        last = codes[np.maximum(self.ends - 1, 0)]
        if (last == _RETURN).any():
            last = np.where(last == _RETURN, codes[np.maximum(self.ends - 2, 0)], last)
        found: npt.NDArray[np.uint8] = last
        return found

    @property
    def numbers(self) -> Sequence[int]:
        """The number of each line, or element, that is not blank."""
        if self.elements is not None:
            return [self.elements[row] for row in self.rows]
        if self.places is not None:
            return [self.places[row][0] for row in self.rows]
        if isinstance(self.rows, range):
            return range(self.first_line, self.first_line + len(self.rows))
        return [self.first_line + row for row in self.rows]

    @cached_property
    def longest(self) -> int:
        """How many bytes the longest line has."""
        return int(np.diff(self.ends, prepend=-1).max(initial=0)) - 1

    def line(self, row: int) -> bytes:
        """Return one line, without its newline."""
        return self.content[self._start(row) : self.ends[row]]

    def find(self, row: int) -> Whereabouts:
        """Return where the line at a position stands."""
        number, offset = self.first_line + row, self.offset + self._start(row)
        if self.places is not None:
            number, offset = self.places[row]
        return Whereabouts(number, offset, self.line(row).rstrip(b"\r"))

    def find_row(self, row: int) -> Whereabouts:
        """Return where the row stands that is so many'th of those that are not blank."""
        return self.find(self.rows[row])

    def halves(self) -> "tuple[Block, Block]":
        """Return the block in two, of half its lines each."""
        middle = len(self.ends) // 2
        cut = self._start(middle)
        places, elements = self.places, self.elements
        begin = places[middle][1] if places else self.offset + cut
        before = [row for row in self.refused if (row.offset or 0) < begin]
        behind = [row for row in self.refused if (row.offset or 0) >= begin]
        return (
            Block(
                self.content[:cut],
                self.first_line,
                self.offset,
                before,
                places and places[:middle],
                elements and elements[:middle],
            ),
            Block(
                self.content[cut:],
                self.first_line + middle,
                self.offset + cut,
                behind,
                places and places[middle:],
                elements and elements[middle:],
            ),
        )

    def _start(self, row: int) -> int:
        return int(self.ends[row - 1]) + 1 if row else 0


def peeked(stream: BinaryIO, size: int) -> bytes:
    """Read the beginning of a stream: so many bytes, or all that there are."""
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def line_blocks(
    start: bytes, stream: BinaryIO, source: str, limit: int, offset: int = 0
) -> Iterator[Block]:
    """Yield the stream, of which `start` from `offset` on was read already, in blocks of lines.

    A line longer than `limit` is passed over in parts and comes out as refused: memory holds no
    more than the limit and two blocks.
    """
    line = 1
    rest: list[bytes] = []
    for chunk in _chunks(start, stream):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest.append(chunk)
            if sum(map(len, rest)) > limit:
                rest = [_Passing.of(rest)]
            continue
        if rest and isinstance(rest[0], _Passing):
            first, _, head = (head + newline).partition(b"\n")
            size = rest[0].size + sum(map(len, rest[1:])) + len(first)
            refused = [too_long(source, line, offset, rest[0], size, limit)]
            line, offset, rest = line + 1, offset + size + 1, []
            block = Block(head, line, offset, refused)
        else:
            block = Block(b"".join([*rest, head, newline]), line, offset)
        yield block
        line, offset = line + len(block.ends), offset + len(block.content)
        rest = [tail] if tail else []
    if rest and isinstance(rest[0], _Passing):
        size = rest[0].size + sum(map(len, rest[1:]))
        yield Block(b"", line, offset, [too_long(source, line, offset, rest[0], size, limit)])
    elif rest and (damage := damage_of(stream)):
        yield Block(b"", line, offset, [cut_short(source, line, offset, b"".join(rest), damage)])
    elif rest:
        yield Block(b"".join(rest), line, offset)


def damage_of(stream: BinaryIO) -> str:
    """Return why the stream ended before its end, or nothing."""
    return str(getattr(stream, "damage", ""))


def cut_short(source: str, line: int, offset: int | None, raw: bytes, damage: str) -> BadRow:
    """Return what is left of the row in which a damaged source ends."""
    return Whereabouts(line, offset, raw).bad_row(source, Reason.TRUNCATED, damage)


def too_long(
    source: str, line: int, offset: int | None, raw: bytes, size: int, limit: int, place: str = ""
) -> BadRow:
    """Return a row that is too long, of which the beginning is kept."""
    detail = f"it is {size:,} bytes long; max_row_bytes is {limit:,}"
    kept = Whereabouts(line, offset, bytes(raw[:_KEPT_BYTES]))
    return kept.bad_row(source, Reason.TOO_LONG, detail, place, size)


class _Passing(bytes):
    """The beginning of a line that is too long, with how much of it has passed."""

    size: int

    @classmethod
    def of(cls, parts: list[bytes]) -> "_Passing":
        first = parts[0]
        passing = cls(first if isinstance(first, _Passing) else b"".join(parts)[:_KEPT_BYTES])
        held = first.size if isinstance(first, _Passing) else len(first)
        passing.size = held + sum(map(len, parts[1:]))
        return passing


def _chunks(start: bytes, stream: BinaryIO) -> Iterator[bytes]:
    if start:
        yield start
    while chunk := stream.read(BLOCK_BYTES):
        yield chunk
