"""Parse some blocks of lines at once, each in a thread of its own, and take them in their order."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property

from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.in_order import parsers
from clicksession.readers.formats.json.block import Closer, Rows
from clicksession.readers.formats.json.lines import LineParser

__all__ = ["Attempts"]

# What is shorter is parsed before a thread has taken it.
_WORTH_BYTES = 2**18


class Attempts:
    """Tries to parse blocks whole, ahead of whoever takes them.

    What is known of a block is what was known as it was begun, and that depends on the blocks
    alone: on which were taken by then.
    """

    def __init__(self, parser: LineParser) -> None:
        self._parser = parser
        # By where it stands: of what was given back and cut anew, the same bytes are the same.
        self._begun: dict[tuple[int, int], Future[Rows | Closer]] = {}

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        # Most sources are too small to need one.
        return parsers()

    def close(self) -> None:
        """Stop the threads."""
        if "_pool" in vars(self):
            self._pool.shutdown(cancel_futures=True)

    def begin(self, block: Block) -> None:
        """Begin with a block, unless that was done before or is not worth it."""
        key = (block.offset, len(block.content))
        if key not in self._begun and len(block.content) >= _WORTH_BYTES:
            known = self._parser.known
            self._begun[key] = self._pool.submit(self._parser.whole, block, known)

    def result(self, block: Block) -> Rows | Closer:
        """Return the rows of a block, or how to look closer."""
        begun = self._begun.pop((block.offset, len(block.content)), None)
        if begun is None:
            return self._parser.whole(block, self._parser.known)
        return begun.result()
