"""JSON in every shape that event logs come in.

The stream is taken as blocks of whole lines. A block of one object per line goes whole to a fast
parser. What is else in it, and whatever goes on for many lines or without an end (arrays, objects
that hold events), is first cut into one text per event, and these are parsed as lines are. Which
way a row takes makes no difference to what comes of it.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import BinaryIO

from clicksession.readers.base import MAX_ROW_BYTES, BadRow, Batch
from clicksession.readers.formats.blocks import Block, damage_of, peeked
from clicksession.readers.formats.decoding import decoded
from clicksession.readers.formats.in_order import AHEAD
from clicksession.readers.formats.json.attempts import Attempts
from clicksession.readers.formats.json.block import Closer, Rows
from clicksession.readers.formats.json.lines import FEW_BYTES, LineParser
from clicksession.readers.formats.json.objects import Cut
from clicksession.readers.formats.json.shape import Shapes
from clicksession.readers.formats.json.source import Source
from clicksession.readers.formats.json.values import Values
from clicksession.readers.formats.json.window import Window
from clicksession.schema import EventSchema

__all__ = ["JsonReader"]

_BOM = b"\xef\xbb\xbf"
_BLOCK = 2**22
_MANY_REFUSED = 2**10


class JsonReader:
    """Reads JSON: one object per line, arrays, or objects that hold arrays; see the module."""

    max_row_bytes = MAX_ROW_BYTES

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        text = decoded(stream)
        yield from _Reading(text, source, schema, self.max_row_bytes).batches()


class _Reading:
    """The reading of one source."""

    def __init__(self, stream: BinaryIO, source: str, schema: EventSchema, limit: int) -> None:
        start = peeked(stream, len(_BOM))
        offset = len(_BOM) if start == _BOM else 0
        self._stream = stream
        self._source = Source(start[offset:], stream, offset)
        self._shapes = Shapes(schema)
        self._name = source
        self._parser = LineParser(source, schema, limit, self._shapes)
        self._limit = limit

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in their order."""
        with closing(Attempts(self._parser)) as attempts:
            taken = 0
            while (block := self._block(attempts, taken)) is not None:
                taken += 1
                found = attempts.result(block) if self._may_be_whole(block) else Closer.DIVIDE
                if isinstance(found, Rows):
                    yield self._parser.batch(block, found)
                elif _is_divided(block):
                    # Some line is not as the others: it is in one of the halves.
                    self._source.give_back_halves(block)
                else:
                    yield from self._cut(block)

    def _block(self, attempts: Attempts, taken: int) -> Block | None:
        """Return the next block, while those behind it are parsed already.

        The first one comes as soon as it is there.
        """
        for block in self._source.ahead(min(taken, AHEAD)):
            if block.content.endswith(b"\n") and self._is_short(block):
                attempts.begin(block)
        return self._source.block()

    def _may_be_whole(self, block: Block) -> bool:
        """Say whether lines of a block may all be events, as far as one can tell from outside."""
        is_cut = bool(damage_of(self._stream)) or not self._source.is_at_end
        return (block.content.endswith(b"\n") or not is_cut) and self._is_short(block)

    def _is_short(self, block: Block) -> bool:
        # Below the limit as a whole, it needs no look at its lines.
        return len(block.content) <= self._limit or block.longest <= self._limit

    def _cut(self, block: Block) -> Iterator[Batch]:
        """Yield the rows of what begins in a block, each value by itself."""
        window = Window(block.content, self._source.read, block.first_line, block.offset)
        damage = partial(damage_of, self._stream)
        values = Values(window, self._shapes, self._name, self._limit, damage)
        end = block.offset + len(block.content)
        for found in _blocks(values.until(end)):
            yield from self._parser.batches(found)
        line, offset = window.place()
        self._source.give_back(window.rest(), line, offset)


def _is_divided(block: Block) -> bool:
    """Say whether most lines of a block are objects, and too many to be looked at one by one."""
    is_large = len(block.content) > FEW_BYTES and len(block.ends) > 1
    return is_large and block.is_of_objects


def _blocks(cuts: Iterable[Cut | BadRow]) -> Iterator[Block]:
    """Yield blocks of one event per line; those of lists by themselves."""
    found: list[Cut] = []
    refused: list[BadRow] = []
    size = 0
    for cut in cuts:
        if isinstance(cut, BadRow):
            refused.append(cut)
        else:
            if found and (found[-1].element is None) != (cut.element is None):
                yield _block(found, refused)
                found, refused, size = [], [], 0
            found.append(cut)
            size += len(cut.text)
        if size >= _BLOCK or len(refused) >= _MANY_REFUSED:
            yield _block(found, refused)
            found, refused, size = [], [], 0
    if found or refused:
        yield _block(found, refused)


def _block(cuts: list[Cut], refused: list[BadRow]) -> Block:
    elements = [cut.element or 0 for cut in cuts]
    return Block(
        b"\n".join(cut.text for cut in cuts),
        1,
        0,
        refused,
        [(cut.line, cut.offset) for cut in cuts],
        elements if cuts and cuts[0].element is not None else None,
    )
