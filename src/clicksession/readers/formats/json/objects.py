"""What an object of JSON comes to: an event, or the events that it holds."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import NamedTuple

from clicksession.readers.base import BadRow
from clicksession.readers.formats.blocks import cut_short, too_long
from clicksession.readers.formats.json import refusals
from clicksession.readers.formats.json.shape import Keys, Shape, Shapes, lengths_of, rows_of
from clicksession.readers.formats.json.skip import Passed
from clicksession.readers.formats.json.window import TOO_LONG, Found, Window

__all__ = ["Cut", "Cuts", "Objects", "in_one_line"]


class Cut(NamedTuple):
    """The text of one event.

    Attributes
    ----------
    text
        Its bytes; where they had newlines, these are spaces.
    line, offset
        Where it begins.
    element
        The how many'th it is of the list in which it stands.
    """

    text: bytes
    line: int
    offset: int
    element: int | None = None


Cuts = Iterator[Cut | BadRow]


class Objects(ABC):
    """Cuts what stands in the objects of a window.

    Parameters
    ----------
    window
        The text.
    shapes
        Tells an event from what holds events.
    source
        What to call it.
    limit
        How many bytes an event may have.
    damage
        Says why the text ended before its end, if it did.
    """

    def __init__(
        self,
        window: Window,
        shapes: Shapes,
        source: str,
        limit: int,
        damage: Callable[[], str],
    ) -> None:
        self.window = window
        self.shapes = shapes
        self.source = source
        self.limit = limit
        self.damage = damage

    def event_or_held(
        self, found: Found, element: int | None = None, *, rows: bool = False
    ) -> Cuts:
        """Yield a value as an event, or the events that it holds."""
        shape, places = Shape.EVENT, list[Keys]()
        if isinstance(found.value, dict) and not rows:
            shape, places = self.shapes.of(self.read(found))
        if shape is Shape.ROWS:
            yield from self.members((), places)
        elif shape is Shape.COLUMNS:
            yield from self.columns(found, places[0])
        elif shape is Shape.EMPTY:
            self.window.taken(found.end)
        elif shape is Shape.ARRAYS:
            line, offset = self.window.place()
            yield refusals.arrays(self.source, line, offset, self.window.taken(found.end))
        else:
            line, offset = self.window.place()
            text = self.window.text[self.window.at : found.end]
            self.window.taken(found.end)
            yield Cut(in_one_line(text), line, offset, element)

    def read(self, found: Found) -> dict[str, object]:
        """Return an object, with the characters that its bytes mean."""
        text = self.window.text[self.window.at : found.end]
        value = found.value
        if not text.isascii():
            # What is no UTF-8 is refused later.
            with suppress(ValueError):
                value = json.loads(text.encode("latin-1"))
        assert isinstance(value, dict)
        return value

    def members(self, above: Keys, places: list[Keys]) -> Cuts:
        """Yield the events of an object that is whole in the window, of the first of some lists."""
        window = self.window
        window.at += 1
        seen: set[str] = set()
        while (char := window.peek()) != "}":
            if char == ",":
                window.at += 1
                continue
            name = self.name()
            keys = (*above, name)
            if keys in places and (name in seen or keys != places[0]):
                yield self.another_list(keys, window.found(None).end)
            elif keys in places:
                yield from self.array(rows=True)
            elif any(place[: len(keys)] == keys for place in places):
                yield from self.members(keys, places)
            else:
                window.at = window.found(None).end
            seen.add(name)
        window.at += 1

    def name(self) -> str:
        """Return the name of a member, and go to its value."""
        window = self.window
        found = window.found(None)
        window.at = found.end
        window.peek()
        window.at += 1
        window.peek()
        return str(found.value).encode("latin-1", "replace").decode("utf-8", "replace")

    def columns(self, found: Found, keys: Keys) -> Cuts:
        """Yield the rows of an object of columns."""
        line, offset = self.window.place()
        raw = self.window.taken(found.end)
        try:
            columns = json.loads(raw)
        except ValueError as error:
            yield refusals.not_json(self.source, line, offset, raw, str(error))
            return
        for key in keys:
            columns = columns[key]
        lengths = lengths_of(columns)
        if len(set(lengths.values())) > 1:
            yield refusals.uneven(self.source, line, offset, raw, lengths)
            return
        for number, row in enumerate(rows_of(columns), 1):
            text = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass")
            yield Cut(text, line, offset, number)

    def is_event(self, text: bytes) -> bool:
        """Say whether a text is an object with a time."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and self.shapes.has_time(value)

    def refused(self, passed: Passed, line: int, offset: int, problem: str) -> BadRow:
        """Return what was passed as a bad row."""
        if problem == TOO_LONG or passed.size > self.limit:
            return too_long(self.source, line, offset, passed.raw, passed.size, self.limit)
        if self.is_at_end() and (damage := self.damage()):
            return cut_short(self.source, line, offset, passed.raw, damage)
        return refusals.not_json(self.source, line, offset, passed.raw, problem)

    def another_list(self, keys: Keys, end: int) -> BadRow:
        """Return a list of events that is not the first as a bad row, and go behind it."""
        line, offset = self.window.place()
        raw = self.window.taken(end)
        return refusals.another_list(self.source, line, offset, raw, len(raw), keys)

    def is_at_end(self) -> bool:
        """Say whether all of the text was cut."""
        return self.window.ended and self.window.at == len(self.window.text)

    @abstractmethod
    def array(self, *, rows: bool = False, depth: int = 1) -> Generator[Cut | BadRow, None, bool]:
        """Yield what an array holds; return whether it was given up before its end.

        Parameters
        ----------
        rows
            Whether its objects are events, whatever they hold.
        depth
            How many arrays are open, with this one.
        """


def in_one_line(text: str) -> bytes:
    """Return the bytes of a value without newlines."""
    # Between the tokens of JSON a newline is a space, and within them there is none.
    if "\n" in text or "\r" in text:
        text = text.replace("\n", " ").replace("\r", " ")
    return text.encode("latin-1")
