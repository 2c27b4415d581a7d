"""An object that is longer than an event may be: it holds the events, or it is one too long."""

import re
from collections.abc import Generator
from typing import TYPE_CHECKING

from clicksession.readers.base import BadRow
from clicksession.readers.formats.blocks import too_long
from clicksession.readers.formats.json.refusals import another_list
from clicksession.readers.formats.json.shape import Keys, Shape
from clicksession.readers.formats.json.skip import KEPT, Passed, pass_lines, pass_value
from clicksession.readers.formats.json.window import TOO_LONG, Found

if TYPE_CHECKING:
    from clicksession.readers.formats.json.objects import Cut
    from clicksession.readers.formats.json.values import Values

__all__ = ["LargeObject"]

_FIRST_COLUMN = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*[^\s{\]]')

# How much may be held, and what an element costs besides its bytes.
_HELD, _COST = 2**20, 2**8

Pieces = Generator["Cut | BadRow", None, None]


class _EventError(Exception):
    """What is read member by member is an event; so many of its brackets are open."""

    def __init__(self, depth: int) -> None:
        super().__init__(depth)
        self.depth = depth


class _BrokenError(Exception):
    """What is read member by member is no JSON."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.problem)
        self.found = found


class LargeObject:
    """Cuts an object that stands in the window of `Values`, member by member.

    The first list with an event is the one that holds the events, as in an object that is small.

    Parameters
    ----------
    values
        What cuts the values around it.
    """

    def __init__(self, values: "Values") -> None:
        self._values = values
        self._window = values.window
        self._place = self._window.place()
        kept = max(values.limit, KEPT)
        while len(self._window.text) - self._window.at < kept and not self._window.ended:
            self._window.more()
        self._start = self._window.text[self._window.at :][:kept]
        self._indent = self._window.indent
        self._list: Keys | None = None
        self._timeless: list[list[Cut | BadRow] | None] = []
        self._has_columns = False

    def cuts(self) -> Generator["Cut | BadRow", None, bool]:
        """Yield the events; return whether the array around it is given up."""
        window, values = self._window, self._values
        begin = window.offset
        if _FIRST_COLUMN.match(window.text, window.at):
            # Columns: no row is whole before the last one has been read.
            found = window.found(None)
            if isinstance(found.value, dict):
                shape, places = values.shapes.of(values.read(found))
                if shape is Shape.COLUMNS:
                    yield from values.columns(found, places[0])
                    return False
        try:
            yield from self._members(())
        except _EventError as event:
            _, is_closed = pass_value(window, 0, depth=event.depth, indent=self._indent)
            if not is_closed:
                yield self._broken("an object is not closed", begin)
                return True
            yield self._too_long(window.offset - begin)
            return False
        except _BrokenError as broken:
            yield self._broken(broken.found.problem, begin)
            return True
        lists = self._timeless
        is_only = self._list is None and len(lists) == 1 and not self._has_columns
        if is_only and lists[0] is not None:
            # It can be no other list: whoever reads it is told what its objects lack.
            yield from lists[0]
        elif self._list is None:
            yield self._too_long(window.offset - begin)
        return False

    def _members(self, above: Keys) -> Pieces:
        window = self._window
        window.at += 1
        while (char := window.peek()) != "}":
            if char == ",":
                window.at += 1
                window.shorten()
                continue
            keys = (*above, self._name(char))
            if self._list is None and self._values.shapes.makes_event(keys):
                raise _EventError(len(keys))
            char = window.peek()
            if char == "[":
                yield from self._items(keys)
            elif char == "{":
                yield from self._inner(keys)
            else:
                self._pass()
        window.at += 1

    def _name(self, char: str) -> str:
        if char != '"':
            problem = "a name should be here" if char else "an object is not closed"
            raise _BrokenError(Found(self._window.at, problem=problem))
        found = self._window.found(self._values.limit)
        if found.problem:
            raise _BrokenError(found)
        here, self._window.at = self._window.at, found.end
        if self._window.peek() != ":":
            raise _BrokenError(Found(here, problem="a colon should be here"))
        self._window.at += 1
        return str(found.value).encode("latin-1", "replace").decode("utf-8", "replace")

    def _inner(self, keys: Keys) -> Pieces:
        """Yield the events of an object in the object."""
        found = self._window.found(self._values.limit)
        if found.problem == TOO_LONG:
            yield from self._members(keys)
            return
        if found.problem:
            raise _BrokenError(found)
        value = self._values.read(found)
        places = self._values.shapes.lists_in(value)
        if not places:
            self._has_columns |= self._values.shapes.of(value)[0] is Shape.COLUMNS
            self._window.at = found.end
        elif self._list is None:
            self._list = (*keys, *places[0])
            yield from self._values.members((), places)
        else:
            yield self._values.another_list((*keys, *places[0]), found.end)

    def _pass(self) -> None:
        """Go behind a value that holds no events."""
        found = self._window.found(self._values.limit)
        if found.problem == TOO_LONG:
            self._pass_by_brackets()
        elif found.problem:
            raise _BrokenError(found)
        else:
            self._window.at = found.end

    def _pass_by_brackets(self) -> None:
        _, is_closed = pass_value(self._window, 0, indent=self._indent)
        if not is_closed:
            raise _BrokenError(Found(self._window.at, problem="an object is not closed"))

    def _items(self, keys: Keys) -> Pieces:
        """Yield the elements of a list, if it holds the events: once one of them has the time."""
        window, values = self._window, self._values
        here, begin, place = window.at, window.offset, window.place()
        window.at += 1
        char, window.at = window.peek(), here
        if char != "{":
            # Of an object in this one, as ClickHouse writes them beside their types.
            self._has_columns |= ".".join(keys[1:]) in values.shapes.times
            self._pass_by_brackets()
            return
        start = window.text[here : here + KEPT].encode("latin-1")
        held: list[Cut | BadRow] = []
        most = max(values.limit, _HELD)
        size, is_list, has_events, may_be = 0, False, False, self._list is None
        for piece in values.array(rows=True):
            if is_list:
                yield piece
            elif not has_events:
                has_events = not isinstance(piece, BadRow) and values.is_event(piece.text)
                held.append(piece)
                size += _COST + (piece.size if isinstance(piece, BadRow) else len(piece.text))
                if has_events and may_be:
                    is_list, self._list = True, keys
                    yield from held
                if is_list or not may_be or size > most:
                    # Of a list that long, memory holds no element until one has the time.
                    held, may_be = [], may_be and size <= most
        if has_events and not is_list:
            size = window.offset - begin
            yield another_list(values.source, *place, start[:size], size, keys)
        elif not has_events and self._list is None:
            self._timeless.append(held if may_be else None)

    def _broken(self, problem: str, begin: int) -> BadRow:
        """Return the object as one that is none; or what is left, if events came out of it."""
        window, values = self._window, self._values
        place = window.place()
        window.indent = self._indent
        passed = pass_lines(window, values.limit, one=False, is_event=values.is_event)
        if self._list is None:
            place, passed = self._place, Passed(values.limit)
            passed.add(self._start, window.offset - begin)
            passed = passed.without_space()
        return values.refused(passed, *place, problem)

    def _too_long(self, size: int) -> BadRow:
        start = self._start[:size][:KEPT].encode("latin-1")
        return too_long(self._values.source, *self._place, start, size, self._values.limit)
