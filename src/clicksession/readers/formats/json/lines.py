"""Blocks of one JSON value per line, to batches: whole where that works, else closer and closer.

A block goes whole to Arrow's parser. One that it refuses is halved, and halved
again, until few lines are left around the one that is in the way: only these
are read one by one. So one bad line costs little however long the log is.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from clicksession.readers.base import BadRow, Batch, Reason
from clicksession.readers.formats.blocks import Block, too_long
from clicksession.readers.formats.json.block import BlockParser, Closer, Known, Rows
from clicksession.readers.formats.json.shape import Shapes
from clicksession.readers.formats.json.strict import RefusedError, kind_of_value, loaded, shown
from clicksession.readers.rows.flattening import batch_of
from clicksession.readers.rows.packing import leaves_of
from clicksession.schema import EventSchema

__all__ = ["FEW_BYTES", "LineParser"]

# Below this many bytes, reading line by line costs less than another try.
FEW_BYTES = 2**15


class LineParser:
    """Turns the blocks of one source into batches.

    Parameters
    ----------
    source
        What to call it.
    schema
        Which fields are lists of pairs.
    limit
        How many bytes a line may have.
    shapes
        Tells an event from what holds events.

    Attributes
    ----------
    known
        What the blocks that came out as batches say of those that follow.
    """

    def __init__(self, source: str, schema: EventSchema, limit: int, shapes: Shapes) -> None:
        self._source = source
        self._limit = limit
        # Of a record that holds events, the pairs may be of these.
        self._parser = BlockParser(schema.pairs if schema.events is None else (), shapes)
        self._packs = bool(schema.pack)
        self.known = Known()
        self._leaves = leaves_of(schema)

    def whole(self, block: Block, known: Known) -> Rows | Closer:
        """Return the rows of a block, or how to look closer; in any thread, at any time."""
        # What is packed stays text: columns would make the values of neighbours alike.
        if self._packs:
            return Closer.LINES
        return self._parser.parse(block, known)

    def batch(self, block: Block, found: Rows) -> Batch:
        """Return what was found in a block as a batch, and know more of the blocks after it."""
        self.known = found.known or self.known
        return Batch(
            found.table,
            block.numbers_of(found.table.num_rows),
            block.unit,
            block.refused,
            find=block.find_row,
            mixed=found.mixed,
            has_nuls=found.has_nuls,
        )

    def batches(self, block: Block) -> Iterator[Batch]:
        """Yield the rows of a block of one event per line, in their order; bad ones as refused."""
        if block.content:
            yield from self._parsed(block)
        elif block.refused:
            yield Batch(pa.table({}), (), block.unit, block.refused)

    def _parsed(self, block: Block) -> Iterator[Batch]:
        found = self.whole(block, self.known)
        if isinstance(found, Rows):
            yield self.batch(block, found)
        elif found is Closer.DIVIDE and len(block.content) > FEW_BYTES and len(block.ends) > 1:
            for half in block.halves():
                yield from self._parsed(half)
        else:
            yield self._line_by_line(block)

    def _line_by_line(self, block: Block) -> Batch:
        events: list[dict[str, Any]] = []
        rows: list[int] = []
        kept: list[int] = []
        refused = list(block.refused)
        for row, number in zip(block.rows, block.numbers, strict=True):
            try:
                events.append(self._event(block.line(row)))
                rows.append(row)
                kept.append(number)
            except RefusedError as error:
                refused.append(self._bad(block, row, number, error))
        refused.sort(key=lambda row: row.offset or 0)
        return batch_of(
            events, kept, block.unit, refused, lambda row: block.find(rows[row]), self._leaves
        )

    def _event(self, line: bytes) -> dict[str, Any]:
        if len(line) > self._limit:
            raise RefusedError(Reason.TOO_LONG, "")
        value = loaded(line)
        if not isinstance(value, dict):
            said = f"is no object but {kind_of_value(value)}{shown(json.dumps(value).encode())}"
            raise RefusedError(Reason.NOT_OBJECT, said)
        return value

    def _bad(self, block: Block, row: int, number: int, error: RefusedError) -> BadRow:
        found = block.find(row)
        assert found.line is not None
        assert found.offset is not None
        place = f"line {found.line}"
        if block.elements is not None:
            place = f"element {number}, {place}"
        raw, size = found.raw, len(found.raw)
        if error.reason is Reason.TOO_LONG:
            return too_long(self._source, found.line, found.offset, raw, size, self._limit, place)
        return found.bad_row(self._source, error.reason, f"it {error.detail}", place)
