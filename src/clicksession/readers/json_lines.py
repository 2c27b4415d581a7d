"""Blocks of one JSON value per line, to batches: whole where that works, else closer and closer.

A block goes whole to Arrow's parser. One that it refuses is halved, and halved
again, until few lines are left around the one that is in the way: only these
are read one by one. So one bad line costs little however long the log is.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts
from clicksession.readers.blocks import Block, too_long
from clicksession.readers.json_block import BlockParser, Closer, Rows
from clicksession.readers.json_shape import events_in
from clicksession.readers.json_strict import RefusedError, kind_of_value, loaded, shown
from clicksession.readers.packing import leaves_of
from clicksession.readers.records import batch_of
from clicksession.schema import EventSchema

__all__ = ["LineParser"]

# Below this many bytes, reading line by line costs less than another try.
_FEW_BYTES = 2**15


class LineParser:
    """Turns the blocks of one source into batches."""

    def __init__(self, source: str, schema: EventSchema, limit: int) -> None:
        self._source = source
        self._schema = schema
        self._limit = limit
        # Of a record that holds events, the pairs may be of these.
        self._parser = BlockParser(schema.pairs if schema.events is None else ())
        self._leaves = leaves_of(schema)

    def batches(self, block: Block) -> Iterator[Batch]:
        """Yield the rows of a block in their order; bad ones as refused."""
        if block.refused:
            yield Batch(pa.table({}), (), block.unit, block.refused)
        if block.content:
            yield from self._parsed(block)

    def _parsed(self, block: Block) -> Iterator[Batch]:
        # Below the limit as a whole, it needs no look at its lines.
        if len(block.content) > self._limit and block.longest > self._limit:
            found: Rows | Closer = Closer.DIVIDE
        elif self._schema.pack:
            # As texts: columns would make the values of neighbours alike.
            found = Closer.LINES
        else:
            found = self._parser.parse(block)
        if isinstance(found, Rows):
            yield Batch(
                found.table, block.numbers, block.unit, find=block.find_row, mixed=found.mixed
            )
        elif found is Closer.DIVIDE and len(block.content) > _FEW_BYTES and len(block.ends) > 1:
            for half in block.halves():
                yield from self._parsed(half)
        else:
            yield self._line_by_line(block)

    def _line_by_line(self, block: Block) -> Batch:
        events: list[dict[str, Any]] = []
        rows: list[int] = []
        refused: list[BadRow] = []
        for row in block.rows:
            try:
                for event in self._events(block.line(row)):
                    events.append(event)
                    rows.append(row)
            except RefusedError as error:
                while rows and rows[-1] == row:
                    # Of an array in one line: all or nothing.
                    rows.pop()
                    events.pop()
                refused.append(self._bad(block, row, error))

        def find(event: int) -> Whereabouts:
            found = block.find(rows[event])
            if rows.count(rows[event]) == 1:
                return found
            # One of several in its line: the others are no part of what is wrong with it.
            own = json.dumps(events[event], ensure_ascii=False).encode("utf-8", "surrogatepass")
            return replace(found, raw=own)

        numbers = [block.first_line + row for row in rows]
        return batch_of(events, numbers, block.unit, refused, find, self._leaves)

    def _events(self, line: bytes) -> Iterator[dict[str, Any]]:
        if len(line) > self._limit:
            raise RefusedError(Reason.TOO_LONG, "")
        value = loaded(line)
        for _, event in events_in(value, self._schema, may_hold=False):
            if not isinstance(event, dict):
                said = f"is no object but {kind_of_value(event)}{shown(json.dumps(event).encode())}"
                raise RefusedError(Reason.NOT_OBJECT, said)
            yield event

    def _bad(self, block: Block, row: int, error: "RefusedError") -> BadRow:
        found = block.find(row)
        assert found.line is not None
        assert found.offset is not None
        place = f"line {found.line}"
        if block.places is not None:
            place = f"element {block.first_line + row}, {place}"
        raw, size = found.raw, len(found.raw)
        if error.reason is Reason.TOO_LONG:
            return too_long(self._source, found.line, found.offset, raw, size, self._limit, place)
        return BadRow(
            file=self._source,
            place=place,
            line=found.line,
            offset=found.offset,
            reason=error.reason,
            detail=f"it {error.detail}",
            raw=raw,
            size=size,
        )
