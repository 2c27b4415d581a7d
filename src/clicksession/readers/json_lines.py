"""Blocks of one JSON value per line, to batches: whole where that works, else closer and closer.

A block goes whole to Arrow's parser. One that it refuses is halved, and halved
again, until few lines are left around the one that is in the way: only these
are read one by one. So one bad line costs little however long the log is.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

import pyarrow as pa

from clicksession.readers.base import BadRow, Batch, Reason, Whereabouts
from clicksession.readers.blocks import Block, too_long
from clicksession.readers.json_block import MAX_DEPTH, BlockParser, Closer
from clicksession.readers.json_shape import events_in
from clicksession.readers.records import batch_of
from clicksession.schema import EventSchema

__all__ = ["LineParser", "RefusedError", "loaded"]

# Below this many bytes, reading line by line costs less than another try.
_FEW_BYTES = 2**15
_SHOWN_BYTES = 80


class LineParser:
    """Turns the blocks of one source into batches."""

    def __init__(self, source: str, schema: EventSchema, limit: int) -> None:
        self._source = source
        self._schema = schema
        self._limit = limit
        self._parser = BlockParser()

    def batches(self, block: Block) -> Iterator[Batch]:
        """Yield the rows of a block in their order; bad ones as refused."""
        if block.refused:
            yield Batch(pa.table({}), (), block.unit, block.refused)
        if block.content:
            yield from self._parsed(block)

    def _parsed(self, block: Block) -> Iterator[Batch]:
        # Below the limit as a whole, it needs no look at its lines.
        if len(block.content) > self._limit and block.longest > self._limit:
            found: pa.Table | Closer = Closer.DIVIDE
        else:
            found = self._parser.parse(block)
        if isinstance(found, pa.Table):
            yield Batch(found, block.numbers, block.unit, find=block.find_row)
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
        return batch_of(events, numbers, block.unit, refused, find)

    def _events(self, line: bytes) -> Iterator[dict[str, Any]]:
        if len(line) > self._limit:
            raise RefusedError(Reason.TOO_LONG, "")
        value = loaded(line)
        for _, event in events_in(value, self._schema, may_hold=False):
            if not isinstance(event, dict):
                shown = _shown(json.dumps(event).encode())
                raise RefusedError(Reason.NOT_OBJECT, f"is no object but {_kind(event)}{shown}")
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


class RefusedError(Exception):
    """A row that is no event, and why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def loaded(line: bytes) -> object:
    """Return the JSON value of a line.

    Raises
    ------
    RefusedError
        It is none, or one that two programs would read differently.
    """
    if b"\0" in line:
        raise RefusedError(Reason.NUL_BYTES, f"holds {line.count(0):,} bytes of zero")
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        if b"\\ud" in line.lower():
            # Half of a surrogate pair is JSON, but no text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        detail = "holds half a surrogate pair, which is no character"
        raise RefusedError(Reason.HALF_CHARACTER, detail) from None
    except UnicodeDecodeError as error:
        detail = f"is not UTF-8 (byte {error.start + 1})"
        raise RefusedError(Reason.NOT_UTF8, detail) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        detail = f"is no JSON ({error.msg}, column {error.colno}){_shown(line)}"
        raise RefusedError(Reason.NOT_JSON, detail) from None
    except ValueError as error:
        # Python reads no whole number of more than 4,300 digits.
        raise RefusedError(Reason.NOT_JSON, f"is no JSON ({error}){_shown(line)}") from None
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedError(Reason.DUPLICATE_KEYS, f"has the key {twice!r} twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    detail = f"holds {name}, and {name} is no JSON number"
    raise RefusedError(Reason.NOT_A_NUMBER, detail)


def _float(text: str) -> float | str:
    value = float(text)
    # Too large for a float: as text it keeps its digits.
    return value if math.isfinite(value) else text


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float
)


def _depth(value: object) -> int:
    levels, values = 0, [value]
    while values:
        levels += 1
        inner: list[object] = []
        for item in values:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        values = inner
    return levels - 1


def _too_deep() -> RefusedError:
    return RefusedError(Reason.TOO_DEEP, f"is nested too deep: more than {MAX_DEPTH} levels")


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "true or false", list: "an array", type(None): "null"}
    return kinds.get(type(value), "a number")


def _shown(line: bytes) -> str:
    shown = line[:_SHOWN_BYTES].decode("utf-8", "replace").strip()
    return f": {shown}{'…' if len(line) > _SHOWN_BYTES else ''}" if shown else ""
