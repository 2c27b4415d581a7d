"""Cut a stream of bytes into blocks that end at a newline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np

__all__ = ["Block", "Start", "first_line", "line_blocks"]

# Large enough that the parser's fixed costs vanish, small enough that several fit in memory.
BLOCK_BYTES = 16 * 2**20
_NEWLINE = 10
_BLANK = np.frombuffer(b" \t\r\n", dtype=np.uint8)


@dataclass(frozen=True)
class Start:
    """The first line of a stream that is not blank, and all the bytes read to find it."""

    content: bytes
    whole: bytes


@dataclass(frozen=True)
class Block:
    """Whole lines of a stream, and the number of the first of them, from 1."""

    content: bytes
    first_line: int

    @cached_property
    def newlines(self) -> int:
        """How many newlines the block holds."""
        return self.content.count(b"\n")

    def line_numbers(self) -> Sequence[int]:
        """Return the number of each line that is not blank."""
        lines = self.newlines + (not self.content.endswith(b"\n"))
        everything = range(self.first_line, self.first_line + lines)
        if not _may_have_blank_lines(self.content):
            return everything
        return [
            number
            for number, line in zip(everything, self.content.split(b"\n"), strict=False)
            if line.strip()
        ]


def first_line(stream: BinaryIO) -> Start:
    """Read up to the end of the first line that is not blank."""
    whole = b""
    while chunk := stream.read(2**16):
        whole += chunk
        stripped = whole.lstrip(b" \t\r\n")
        if b"\n" in stripped:
            return Start(stripped.partition(b"\n")[0], whole)
    return Start(whole.strip(b" \t\r\n"), whole)


def line_blocks(start: bytes, stream: BinaryIO) -> Iterator[Block]:
    """Yield the stream, of which `start` was read already, in blocks of whole lines."""
    line, rest = 1, [start]
    while chunk := stream.read(BLOCK_BYTES):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest.append(chunk)
            continue
        block = Block(b"".join([*rest, head, newline]), line)
        yield block
        line, rest = line + block.newlines, [tail]
    last = b"".join(rest)
    if last.strip():
        yield Block(last, line)


def _may_have_blank_lines(content: bytes) -> bool:
    """Say whether a line could be blank: it begins with white space, or there is none of it."""
    codes = np.frombuffer(content, dtype=np.uint8)
    after = np.flatnonzero(codes[:-1] == _NEWLINE) + 1
    return bool(np.isin(codes[after], _BLANK).any() or np.isin(codes[:1], _BLANK).any())
