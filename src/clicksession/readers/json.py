"""JSON in every shape that event logs come in.

One object per line is the fast path: the stream is cut at newlines. Everything
else (arrays, several arrays, objects that hold arrays, objects over several
lines) is first cut into one text per event. Either way `LineParser` gets blocks
of one event per line.
"""

import json
from collections.abc import Iterator
from typing import BinaryIO

from clicksession.readers.base import MAX_ROW_BYTES, Batch
from clicksession.readers.blocks import line_blocks, peeked
from clicksession.readers.json_lines import LineParser
from clicksession.readers.json_shape import Shape
from clicksession.readers.json_values import value_blocks
from clicksession.schema import EventSchema

__all__ = ["JsonReader"]

_BOM = b"\xef\xbb\xbf"
_SAMPLE_BYTES = 2**16


class JsonReader:
    """Reads JSON: one object per line, arrays, or objects that hold arrays; see the module."""

    max_row_bytes = MAX_ROW_BYTES

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        start = peeked(stream, _SAMPLE_BYTES)
        while b"\n" not in start.strip() and len(start) < self.max_row_bytes:
            more = peeked(stream, len(start))
            start += more
            if not more:
                break
        offset = len(_BOM) if start.startswith(_BOM) else 0
        start, limit = start[offset:], self.max_row_bytes
        parser = LineParser(source, schema, limit)
        if _has_events_as_lines(start, schema):
            blocks = line_blocks(start, stream, source, limit, offset)
        else:
            blocks = value_blocks(start, stream, source, schema, limit, offset)
        for block in blocks:
            yield from parser.batches(block)


def _has_events_as_lines(start: bytes, schema: EventSchema) -> bool:
    """Say whether lines are events: the first is, or at least as many of some are as are not.

    One line that is broken must not make another format of a log, were it the first.
    """
    lines = [line for line in start.split(b"\n")[: 2**8] if line.strip()]
    if len(lines) > 1 and not start.endswith(b"\n"):
        lines.pop()
    if not lines:
        return False
    if _is_event(lines[0], schema):
        return True
    good = sum(_is_event(line, schema) for line in lines)
    return good > 0 and 2 * good >= len(lines)


def _is_event(line: bytes, schema: EventSchema) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and Shape.of(value, schema) is Shape.EVENT
