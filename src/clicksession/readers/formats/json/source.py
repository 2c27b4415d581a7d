"""The bytes of a stream, taken as blocks of whole lines, of which a part can be given back."""

from collections import deque
from typing import BinaryIO

from clicksession.readers.formats import blocks
from clicksession.readers.formats.blocks import Block

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
        self._whole: deque[Block] = deque()
        self._line, self._offset = 1, offset
        self._ended = False
        self._failed: Exception | None = None

    @property
    def is_at_end(self) -> bool:
        """Whether all of the stream was handed out."""
        return self._ended and not self._pieces and not self._whole

    def ahead(self, count: int) -> list[Block]:
        """Return so many of the next blocks, or as many as can be told, and hand none of them out.

        What follows a line that is longer than a block cannot. What goes wrong on the way is
        raised where the blocks before it are handed out.
        """
        while len(self._whole) < count and self._can_go_on():
            try:
                block = self._cut()
            except Exception as error:  # noqa: BLE001  (raised later)
                self._failed = error
                break
            if block is None:
                break
            self._whole.append(block)
        return [block for _, block in zip(range(count), self._whole, strict=False)]

    def block(self) -> Block | None:
        """Return the next whole lines, or the beginning of one that is longer than a block.

        What follows the last newline of the stream comes at its end; after it, nothing comes.
        """
        return self._whole.popleft() if self._whole else self._cut()

    def read(self) -> bytes:
        """Return what comes next, in whatever portion it comes; give back what was too much."""
        return self._whole.popleft().content if self._whole else self._next()

    def _next(self) -> bytes:
        """Return what comes next of the stream itself."""
        if self._failed:
            raise self._failed
        if self._pieces:
            return self._pieces.popleft()
        piece = self._stream.read(blocks.BLOCK_BYTES)
        self._ended = not piece
        return piece

    def _can_go_on(self) -> bool:
        if self._failed or self._ended:
            return False
        return not self._whole or self._whole[-1].content.endswith(b"\n")

    def _cut(self) -> Block | None:
        """Return the next block of the stream."""
        parts: list[bytes | memoryview] = []
        size = 0
        while piece := self._next():
            end = piece.rfind(b"\n") + 1
            if end:
                parts.append(memoryview(piece)[:end])
                if end < len(piece):
                    self._pieces.appendleft(piece[end:])
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

    def give_back(self, content: bytes, line: int, offset: int) -> None:
        """Take back the end of what was handed out, which begins at a place of the stream."""
        if self._whole:
            if content:
                self._whole.appendleft(Block(content, line, offset))
            return
        self._line, self._offset = line, offset
        if content:
            self._pieces.appendleft(content)

    def give_back_halves(self, block: Block) -> None:
        """Take back a block that was handed out last, to hand it out in two."""
        self._whole.extendleft(reversed(block.halves()))
