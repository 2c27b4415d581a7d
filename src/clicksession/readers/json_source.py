"""The bytes of a stream, taken as blocks of whole lines, of which a part can be given back."""

from collections import deque
from typing import BinaryIO

from clicksession.readers import blocks
from clicksession.readers.blocks import Block

__all__ = ["Source"]


class Source:
    """Hands out a stream, piece after piece, and takes back what was too much.

    Parameters
    ----------
    start
        What was read of the stream already.
    stream
        What follows it.
    offset
        Where `start` begins in the stream.
    """

    def __init__(self, start: bytes, stream: BinaryIO, offset: int) -> None:
        self._pieces = deque([start] if start else [])
        self._stream = stream
        self._whole: list[Block] = []
        self._line, self._offset = 1, offset
        self._ended = False

    @property
    def is_at_end(self) -> bool:
        """Whether all of the stream was handed out."""
        return self._ended and not self._pieces and not self._whole

    def block(self) -> Block | None:
        """Return the next whole lines, or the beginning of one that is longer than a block.

        What follows the last newline of the stream comes at its end; after it, nothing comes.
        """
        if self._whole:
            return self._whole.pop()
        parts: list[bytes] = []
        size = 0
        while piece := self.read():
            head, newline, tail = piece.rpartition(b"\n")
            if newline:
                parts += [head, newline]
                if tail:
                    self._pieces.appendleft(tail)
                break
            parts.append(piece)
            size += len(piece)
            if size > blocks.BLOCK_BYTES:
                break
        content = b"".join(parts)
        if not content:
            return None
        found = Block(content, self._line, self._offset)
        self._line += found.newlines
        self._offset += len(content)
        return found

    def read(self) -> bytes:
        """Return what comes next, in whatever portion it comes; give back what was too much."""
        if self._whole:
            return self._whole.pop().content
        if self._pieces:
            return self._pieces.popleft()
        piece = self._stream.read(blocks.BLOCK_BYTES)
        self._ended = not piece
        return piece

    def give_back(self, content: bytes, line: int, offset: int) -> None:
        """Take back the end of what was handed out, which begins at a place of the stream."""
        if self._whole:
            if content:
                self._whole.append(Block(content, line, offset))
            return
        self._line, self._offset = line, offset
        if content:
            self._pieces.appendleft(content)

    def give_back_halves(self, block: Block) -> None:
        """Take back a block that was handed out last, to hand it out in two."""
        self._whole += reversed(block.halves())
