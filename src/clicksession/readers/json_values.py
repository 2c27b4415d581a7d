"""Find where each event of a stream of JSON values begins and ends, in flat memory.

Arrays, several arrays, objects over several lines, and objects that hold arrays
are cut into one JSON text per event; what is in these texts is for `LineParser`
to read. Memory holds one text and one chunk, whatever the size of an array.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from clicksession.readers.base import BadRow, Reason
from clicksession.readers.blocks import Block, cut_short, damage_of, too_long
from clicksession.readers.json_shape import Shape, rows_of
from clicksession.schema import EventSchema

__all__ = ["value_blocks"]

_CHUNK = 2**20
_BLOCK = 2**22
_SHOWN = 80
_SPACE = re.compile(r"[ \t\r\n]*")
_NEXT_VALUE = re.compile(r"\n(?=[{\[])")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|["{}\[\],]', re.DOTALL)
_FIRST_COLUMN = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*[^\s{\]]')

_TOO_LONG = "too long"
_TOO_DEEP = "too deep"
_KEPT = 2**12

# Where more text could change the verdict: Python names the place where a string begins.
_UNFINISHED = "Unterminated string"


def value_blocks(
    start: bytes,
    stream: BinaryIO,
    source: str,
    schema: EventSchema,
    limit: int,
    offset: int = 0,
) -> Iterator[Block]:
    """Yield the events of the stream, of which `start` from `offset` on was read, one per line.

    An event that was written over several lines comes out in one.
    """
    texts: list[bytes] = []
    places: list[tuple[int, int]] = []
    refused: list[BadRow] = []
    size, first = 0, 1
    for found in _Values(start, stream, source, schema, limit, offset).events():
        if isinstance(found, BadRow):
            refused.append(found)
        else:
            text, *place = found
            texts.append(text.replace(b"\n", b" ").replace(b"\r", b" "))
            places.append((place[0], place[1]))
            size += len(text)
        if size >= _BLOCK or len(refused) >= _BLOCK // 2**12:
            yield Block(b"\n".join(texts), first, 0, refused, places)
            first += len(texts)
            texts, places, refused, size = [], [], [], 0
    if texts or refused:
        yield Block(b"\n".join(texts), first, 0, refused, places)


Event = tuple[bytes, int, int]


class _Values:
    """A window that moves over the stream."""

    def __init__(
        self,
        start: bytes,
        stream: BinaryIO,
        source: str,
        schema: EventSchema,
        limit: int,
        offset: int,
    ) -> None:
        self._stream = stream
        self._source = source
        self._schema = schema
        self._limit = limit
        # One character for each byte, so that places in the text are places in the stream.
        self._text = start.decode("latin-1")
        self._at = 0
        self._before = offset
        self._ended = False
        self._lost = False
        self._line, self._counted = 1, 0
        self._may_hold = True
        self._decoder = json.JSONDecoder()

    def events(self) -> Iterator[Event | BadRow]:
        """Yield each event's bytes, line and offset; or what is none."""
        while not self._lost and (char := self._peek()):
            if char == "[":
                yield from self._array()
            elif char == "{" and self._may_hold:
                yield from self._object()
            else:
                yield from self._element(in_array=False)

    def _array(self) -> Iterator[Event | BadRow]:
        self._at += 1
        needs_comma = False
        while not self._lost:
            char = self._peek()
            if char == "]":
                self._at += 1
                return
            if char == "":
                yield self._unfinished("an array is not closed")
                return
            if char == "," and needs_comma:
                self._at += 1
                needs_comma = False
                continue
            if needs_comma or char == ",":
                yield from self._bad("a comma or the end of the array should be here", True)
            elif char == "[":
                yield from self._array()
            else:
                yield from self._element(in_array=True)
            needs_comma = True

    def _element(self, *, in_array: bool) -> Iterator[Event | BadRow]:
        end, problem = self._end_of_value()
        if problem:
            yield from self._bad(problem, in_array)
            return
        yield self._taken(end)

    def _object(self) -> Iterator[Event | BadRow]:
        """Yield an object at the top: an event, or the events that it holds."""
        end, problem = self._end_of_value()
        if problem == _TOO_LONG:
            yield from self._held_by_a_large_one()
            return
        if problem:
            yield from self._bad(problem, False)
            return
        shape = self._shape(end)
        if shape is Shape.ROWS:
            yield from self._members()
        elif shape is Shape.COLUMNS:
            yield from self._columns(end)
        else:
            # Where one object is an event, so are those that follow.
            self._may_hold = False
            yield self._taken(end)

    def _shape(self, end: int) -> Shape:
        try:
            value = json.loads(self._text[self._at : end].encode("latin-1"))
        except ValueError:
            return Shape.EVENT
        return Shape.of(value, self._schema)

    def _held_by_a_large_one(self) -> Iterator[Event | BadRow]:
        if _FIRST_COLUMN.match(self._text, self._at):
            # Columns: no row is whole before the last one has been read.
            while not self._ended:
                self._more()
            end, problem = self._end_of_value(bounded=False)
            if problem:
                yield from self._bad(problem, False)
            elif self._shape(end) is Shape.COLUMNS:
                yield from self._columns(end)
            else:
                yield from self._members()
        else:
            yield from self._members()

    def _members(self) -> Iterator[Event | BadRow]:
        self._at += 1
        while not self._lost:
            char = self._peek()
            if char == "}":
                self._at += 1
                return
            if char == ",":
                self._at += 1
                continue
            end, problem = self._end_of_value() if char else (0, "an object is not closed")
            if not problem and char != '"':
                problem = "a name should be here"
            if not problem:
                self._at = end
                problem = "" if self._peek() == ":" else "a colon should be here"
            if problem:
                yield self._unfinished(problem)
                return
            self._at += 1
            if self._peek() == "[" and self._peek(1) == "{":
                yield from self._array()
                continue
            end, problem = self._end_of_value()
            if problem:
                yield self._unfinished(problem)
                return
            self._at = end

    def _columns(self, end: int) -> Iterator[Event | BadRow]:
        raw = self._text[self._at : end].encode("latin-1")
        line, offset = self._place(self._at)
        self._at = end
        try:
            columns = json.loads(raw)
        except ValueError as error:
            yield self._refused(raw, line, offset, str(error))
            return
        for row in rows_of(columns):
            yield json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"), line, offset

    def _taken(self, end: int) -> Event:
        line, offset = self._place(self._at)
        raw = self._text[self._at : end].encode("latin-1")
        self._at = end
        self._shorten()
        return raw, line, offset

    def _end_of_value(self, *, bounded: bool = True) -> tuple[int, str]:
        """Return where the value here ends, or what is wrong with it."""
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                near = error.pos + 16 >= len(self._text) or error.msg.startswith(_UNFINISHED)
                if self._ended or not near:
                    line = self._line + self._text.count("\n", self._counted, error.pos)
                    return 0, f"{error.msg}, line {line}"
            except RecursionError:
                return 0, _TOO_DEEP
            except ValueError as error:
                return 0, str(error)
            else:
                # A number goes on where the text ends: 12 may be 123.
                if end < len(self._text) or self._ended or self._text[end - 1] in '}]"':
                    return (0, _TOO_LONG) if bounded and end - self._at > self._limit else (end, "")
            if bounded and len(self._text) - self._at > self._limit:
                return 0, _TOO_LONG
            self._more()

    def _bad(self, problem: str, in_array: bool) -> Iterator[BadRow]:
        """Yield the value here as refused, and go on behind it."""
        line, offset = self._place(self._at)
        raw, size, found = self._pass(in_array)
        if problem == _TOO_LONG or size > self._limit:
            yield too_long(self._source, line, offset, raw, size, self._limit)
        elif not found and (damage := damage_of(self._stream)):
            yield cut_short(self._source, line, offset, raw, damage)
        else:
            yield self._refused(raw, line, offset, problem)

    def _unfinished(self, problem: str) -> BadRow:
        """Return what is here as refused, and give up the rest: what belongs to it is unknown."""
        line, offset = self._place(self._at)
        self._lost = True
        raw = self._text[self._at : self._at + _KEPT].encode("latin-1")
        if self._ended and (damage := damage_of(self._stream)):
            return cut_short(self._source, line, offset, raw, damage)
        if not self._ended:
            problem = f"{problem}; what follows was not read"
        return self._refused(raw, line, offset, problem)

    def _refused(self, raw: bytes, line: int, offset: int, problem: str) -> BadRow:
        reason, detail = Reason.NOT_JSON, f"it is no JSON ({problem})"
        if problem == _TOO_DEEP:
            reason, detail = Reason.TOO_DEEP, "it is nested too deep: more than 100 levels"
        elif b"\0" in raw:
            reason, detail = Reason.NUL_BYTES, f"it holds {raw.count(0):,} bytes of zero"
        shown = raw[:_SHOWN].decode("utf-8", "replace").strip()
        if shown:
            detail = f"{detail}: {shown}{'…' if len(raw) > _SHOWN else ''}"
        return BadRow(
            file=self._source,
            place=f"line {line}",
            line=line,
            offset=offset,
            reason=reason,
            detail=detail,
            raw=raw,
            size=len(raw),
        )

    def _pass(self, in_array: bool) -> tuple[bytes, int, bool]:
        """Go behind a value that is no JSON or too long.

        Returns its bytes, of one that is too long the first; its size; and whether its end was
        found, by its brackets or, outside of an array, by the next line that begins a value.
        """
        kept, size, depth, position = b"", 0, 0, self._at
        while True:
            end = None
            if in_array:
                end, depth, position = _end_by_brackets(self._text, depth, position)
            elif match := _NEXT_VALUE.search(self._text, self._at):
                end = match.start()
            if end is None and not self._ended and (in_array or size < 2 * self._limit):
                if len(kept) < self._limit:
                    kept += self._text[self._at : position].encode("latin-1") if in_array else b""
                if in_array:
                    size += position - self._at
                    self._at = position
                    self._shorten()
                    position = self._at
                elif len(self._text) - self._at > self._limit:
                    size += len(self._text) - self._at
                    kept = kept or self._text[self._at : self._at + _KEPT].encode("latin-1")
                    self._at = len(self._text)
                    self._shorten()
                self._more()
                continue
            stop = len(self._text) if end is None else end
            size += stop - self._at
            if len(kept) < self._limit:
                kept += self._text[self._at : stop].encode("latin-1")
            self._at = stop
            self._shorten()
            return kept, size, end is not None

    def _peek(self, after: int = 0) -> str:
        """Return the next character that is not white space, or nothing at the end."""
        at = self._at + after
        while True:
            match = _SPACE.match(self._text, at)
            at = match.end() if match else at
            if at < len(self._text):
                if not after:
                    self._at = at
                return self._text[at]
            if self._ended:
                self._at = at if not after else self._at
                return ""
            if not after:
                self._at = at
                self._shorten()
                at = self._at
            self._more()

    def _more(self) -> None:
        # As much as there is, so that a long value is not looked at too often.
        chunk = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not chunk
        self._text += chunk.decode("latin-1")

    def _place(self, at: int) -> tuple[int, int]:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = max(self._counted, at)
        return self._line, self._before + at

    def _shorten(self) -> None:
        if self._at >= _CHUNK:
            self._place(self._at)
            self._before += self._at
            self._text = self._text[self._at :]
            self._counted -= self._at
            self._at = 0


def _end_by_brackets(text: str, depth: int, position: int) -> tuple[int | None, int, int]:
    """Return where an element of an array ends, if it does, and how far the text was looked at."""
    for match in _TOKEN.finditer(text, position):
        mark = match.group()
        if mark == '"':
            # A string that is not closed here: it may be by what follows.
            return None, depth, match.start()
        if depth == 0 and mark in ",]":
            return match.start(), depth, position
        depth += (mark in "{[") - (mark in "}]")
        position = match.end()
    return None, depth, len(text)
