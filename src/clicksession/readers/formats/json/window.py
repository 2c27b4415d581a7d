"""A window that moves over JSON text, of which more comes when it is asked for."""

import json
import re
from collections.abc import Callable
from typing import Any

__all__ = ["CHUNK", "DECODER", "TOO_DEEP", "TOO_LONG", "Found", "Window"]

CHUNK = 2**20

TOO_LONG = "too long"
TOO_DEEP = "too deep"

_SPACE = re.compile(r"[ \t\r\n]*")
_IN_LINE = re.compile(r"[ \t\r]*")
# A byte-order mark, where files were put one behind another; RFC 7464 begins each text with a mark.
_MARKS = re.compile("(?:[ \t\r\n\x1e]++|\u00ef\u00bb\u00bf)*+")
_COMMA = re.compile("[ \t\r]*,?(?:[ \t\r\x1e]++|\u00ef\u00bb\u00bf)*+")
# How far a line may be indented.
_NEAR = 2**10
# How much may be looked at in vain before anything is read.
_WASTE = 2**24
DECODER = json.JSONDecoder()

# Where more text could change the verdict: Python names the place where a string begins.
_UNFINISHED = "Unterminated string"
# Where it could not: a newline in a string.
_FINAL = "Invalid control character"
# How much is looked at behind the first line.
_FIRST = 2**12
# So long a word, or the code of a character, may be cut where the text ends.
_NEAR_END = 16


class Found:
    """What stands at a place: a value and its end, or what is wrong and where."""

    __slots__ = ("end", "problem", "value")

    def __init__(self, end: int, value: Any = None, problem: str = "") -> None:
        self.end, self.value, self.problem = end, value, problem


class Window:
    """Text of which one place after another is looked at; what lies behind is forgotten.

    Parameters
    ----------
    content
        The first bytes.
    more
        Gives the next ones; none, at the end.
    line, offset
        Where the first byte stands.

    Attributes
    ----------
    text
        One character for each byte, so that places in the text are places in the stream.
    at
        The place in the text that is looked at.
    indent
        By how much the line is indented in which it lies.
    ended
        Whether nothing more comes.
    """

    def __init__(self, content: bytes, more: Callable[[], bytes], line: int, offset: int) -> None:
        self.text = content.decode("latin-1")
        self.at = 0
        self.indent = 0
        self.ended = False
        self._source = more
        self._before = offset
        self._line, self._counted = line, 0
        self._wasted = 0

    @property
    def offset(self) -> int:
        """Where in the stream the window stands."""
        return self._before + self.at

    @property
    def at_line_start(self) -> bool:
        """Whether a line begins here."""
        return self.at == 0 or self.text[self.at - 1] == "\n"

    def place(self) -> tuple[int, int]:
        """Return the line and the offset of the place that is looked at."""
        return self.line_at(self.at), self._before + self.at

    def line_at(self, place: int) -> int:
        """Return the line of a place, which must not lie before one that was asked for."""
        if place > self._counted:
            self._line += self.text.count("\n", self._counted, place)
            self._counted = place
        return self._line

    def peek(self, *, marks: bool = False) -> str:
        """Return the next character that is no white space, or nothing at the end."""
        pattern = _MARKS if marks else _SPACE
        while True:
            match = pattern.match(self.text, self.at)
            assert match is not None
            newline = self.text.rfind("\n", self.at, match.end())
            if newline >= 0 or self.at == 0:
                self.indent = match.end() - newline - 1
            self.at = match.end()
            # Half a mark may be at the end.
            if self.at + (2 if marks else 0) < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            if marks:
                self.shorten()
            self.more()

    def behind(self, end: int) -> tuple[int, str]:
        """Return where the line goes on behind a value and one comma, and by what character."""
        while True:
            match = _COMMA.match(self.text, end)
            assert match is not None
            # Half a mark may be at the end; a newline ends the line, whatever comes.
            after = self.text[match.end() : match.end() + 1]
            if after == "\n" or match.end() + 2 < len(self.text) or self.ended:
                return match.end(), after
            self.more()

    def follows(self, end: int) -> str:
        """Return the next character in the line of a place that is no white space."""
        while True:
            match = _IN_LINE.match(self.text, end)
            assert match is not None
            if match.end() < len(self.text) or self.ended:
                return self.text[match.end() : match.end() + 1]
            self.more()

    def found(self, limit: int | None) -> Found:
        """Return the value here; what is wrong with it, if it is none or longer than the limit."""
        # First its own line, then more and more: an error costs as much as the text is long.
        newline = self.text.find("\n", self.at)
        size = (len(self.text) if newline < 0 else newline) - self.at
        is_line = newline >= 0
        while True:
            is_all = self.at + size >= len(self.text)
            found = self._found_in(size, is_last=is_all and self.ended)
            if found is not None:
                if limit is not None and not found.problem and found.end - self.at > limit:
                    return Found(found.end, problem=TOO_LONG)
                if found.problem and not is_line:
                    self._wasted += size
                return found
            if limit is not None and min(size, len(self.text) - self.at) > limit:
                return Found(self.at, problem=TOO_LONG)
            if is_line and self._wasted > _WASTE + 4 * self.offset:
                # Values that go on for many lines, only to be none after all, would make reading
                # slow without a bound: after too many, each is looked for in its own line alone.
                return Found(self.at + size, problem="it does not end in its line")
            is_line = False
            if is_all:
                self.more()
            size = max(_FIRST, 8 * size)

    def _found_in(self, size: int, *, is_last: bool) -> Found | None:
        """Return what is found in so much text; nothing, where more text could change it."""
        text = self.text[self.at : self.at + size]
        try:
            value, end = DECODER.raw_decode(text)
        except json.JSONDecodeError as error:
            may_go_on = error.pos + _NEAR_END >= len(text) or error.msg.startswith(_UNFINISHED)
            if may_go_on and not is_last and not error.msg.startswith(_FINAL):
                return None
            return Found(self.at + error.pos, problem=error.msg)
        except RecursionError:
            return Found(self.at, problem=TOO_DEEP)
        except ValueError as error:
            # Python reads no whole number of more than 4,300 digits.
            return Found(self.at, problem=str(error))
        # A number goes on where the text ends: 12 may be 123.
        if end == len(text) and not is_last and text[end - 1] not in '}]"':
            return None
        return Found(self.at + end, value)

    def go(self, place: int, line: int) -> None:
        """Go to a place at which a value begins, whose line is known."""
        newline = self.text.rfind("\n", max(self.at, place - _NEAR), place)
        if newline >= 0 and not self.text[newline:place].strip():
            self.indent = place - newline - 1
        self.at = place
        self._line, self._counted = line, place
        self.shorten()

    def taken(self, end: int) -> bytes:
        """Return the bytes up to a place, and go there."""
        raw = self.text[self.at : end].encode("latin-1")
        self.at = end
        self.shorten()
        return raw

    def more(self) -> None:
        """Get more text: as much as there is, so that a long value is not looked at too often."""
        wanted, parts = max(CHUNK, len(self.text) - self.at), []
        while wanted > 0 and (piece := self._source()):
            parts.append(piece.decode("latin-1"))
            wanted -= len(piece)
        self.ended = not parts
        self.text += "".join(parts)

    def shorten(self) -> None:
        """Forget what lies behind, where that is much."""
        if self.at > max(CHUNK, len(self.text) // 2):
            # One character stays: it says whether a line begins here.
            cut = self.at - 1
            self.line_at(self.at)
            self._before += cut
            self.text = self.text[cut:]
            self._counted -= cut
            self.at = 1

    def rest(self) -> bytes:
        """Return the bytes from the place on."""
        return self.text[self.at :].encode("latin-1")
