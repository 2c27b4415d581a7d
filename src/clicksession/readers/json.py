"""JSON in every shape that event logs come in.

One object per line is the fast path: the stream is cut at newlines into blocks,
and a block goes whole to Arrow's parser. Only a block that it refuses, or where
it would lose digits, is read line by line. Everything else (arrays, several
arrays, objects that hold arrays, objects over several lines) is read as a
series of JSON values.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from clicksession.errors import BadRowError
from clicksession.readers.base import Batch
from clicksession.readers.blocks import first_line, line_blocks
from clicksession.readers.json_block import BlockParser
from clicksession.readers.json_shape import Shape, events_in
from clicksession.readers.records import batch_of
from clicksession.schema import EventSchema

__all__ = ["JsonReader"]

_BOM = b"\xef\xbb\xbf"
_VALUES_PER_BATCH = 100_000


class JsonReader:
    """Reads JSON: one object per line, arrays, or objects that hold arrays; see the module."""

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        start = first_line(stream)
        text = start.content.removeprefix(_BOM)
        if _is_event_line(text, schema):
            yield from _read_lines(start.whole, stream, source, schema)
        else:
            yield from _read_values(start.whole.removeprefix(_BOM) + stream.read(), source, schema)


def _is_event_line(line: bytes, schema: EventSchema) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and Shape.of(value, schema) is Shape.EVENT


def _read_lines(
    start: bytes, stream: BinaryIO, source: str, schema: EventSchema
) -> Iterator[Batch]:
    parser = BlockParser()
    for block in line_blocks(start.removeprefix(_BOM), stream):
        numbers = block.line_numbers()
        table = parser.parse(block.content, len(numbers))
        if table is not None:
            yield Batch(table, numbers, "line")
        else:
            yield from _line_by_line(block.content, block.first_line, source, schema)


def _line_by_line(content: bytes, first: int, source: str, schema: EventSchema) -> Iterator[Batch]:
    events: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(content.split(b"\n"), first):
        if line.strip():
            value = _loaded(line, source, number)
            for _, event in events_in(value, schema, may_hold=False):
                events.append(_object(event, source, f"line {number}"))
                numbers.append(number)
    yield batch_of(events, numbers, "line")


def _loaded(line: bytes, source: str, number: int) -> object:
    place = f"line {number}"
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
        if b"\\ud" in line.lower():
            # Half of a surrogate pair is JSON, but no text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except UnicodeEncodeError:
        raise _bad(source, place, "holds half a surrogate pair, which is no character") from None
    except UnicodeDecodeError as error:
        raise _bad(source, place, f"is not UTF-8 (byte {error.start + 1} of the line)") from None
    except RecursionError:
        raise _bad(source, place, "is nested too deep") from None
    except json.JSONDecodeError as error:
        reason = f"is no JSON ({error.msg}, column {error.colno})"
        raise _bad(source, place, reason, line) from None
    except ValueError as error:
        raise _bad(source, place, f"is no JSON ({error})", line) from None


def _read_values(content: bytes, source: str, schema: EventSchema) -> Iterator[Batch]:
    events: list[dict[str, Any]] = []
    numbers: list[int] = []
    number, may_hold = 0, True
    for value, line in _values(content, source):
        if may_hold and isinstance(value, dict) and Shape.of(value, schema) is Shape.EVENT:
            # Where one object is an event, so are those that follow.
            may_hold = False
        for offset, event in events_in(value, schema, may_hold=may_hold):
            number += 1
            events.append(_object(event, source, _near(line, offset)))
            numbers.append(number)
            if len(events) == _VALUES_PER_BATCH:
                yield batch_of(events, numbers, "element")
                events, numbers = [], []
    yield batch_of(events, numbers, "element")


def _values(content: bytes, source: str) -> Iterator[tuple[object, int]]:
    """Yield each JSON value of the text and the line it begins in."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(source, f"line {line}", "is not UTF-8") from None
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    position, line, counted = _skip_blank(text, 0), 1, 0
    while position < len(text):
        line += text.count("\n", counted, position)
        counted = position
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            reason = f"is no JSON ({error.msg}, column {error.colno})"
            raise _bad(source, f"line {error.lineno}", reason) from None
        except RecursionError:
            raise _bad(source, f"line {line}", "is nested too deep") from None
        except ValueError as error:
            raise _bad(source, f"line {line}", f"is no JSON ({error})") from None
        yield value, line
        position = _skip_blank(text, end)


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _near(line: int, offset: int | None) -> str:
    return f"line {line}" if offset is None else f"element {offset + 1} of line {line}"


def _object(event: object, source: str, place: str) -> dict[str, Any]:
    if isinstance(event, dict):
        return event
    raise _bad(source, place, f"is no object but {_kind(event)}", json.dumps(event).encode())


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "true or false", list: "an array", type(None): "null"}
    return kinds.get(type(value), "a number")


def _bad(source: str, place: str, reason: str, line: bytes = b"") -> BadRowError:
    shown = line[:80].decode("utf-8", "replace").strip()
    if shown:
        reason = f"{reason}: {shown}{'…' if len(line) > 80 else ''}"
    hint = 'Repair or remove it; a file that is no JSON needs format="csv" or another.'
    return BadRowError(source, f"it {reason}", hint, place)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
