"""Cut JSON text into one text per event, whatever holds the events; in flat memory.

Values stand one behind another, in lines of their own or not; what is in the text of an event is
for `LineParser` to read. What an event is does not depend on what stands around it: where a value
is none, reading goes on at the next line that can begin one.
"""

import re
from collections.abc import Generator, Iterator

from clicksession.readers.base import BadRow
from clicksession.readers.formats.json.large import LargeObject
from clicksession.readers.formats.json.objects import Cut, Cuts, Objects, in_one_line
from clicksession.readers.formats.json.skip import Passed, pass_lines, pass_value
from clicksession.readers.formats.json.strict import MAX_DEPTH
from clicksession.readers.formats.json.window import DECODER, TOO_DEEP, TOO_LONG, Found

__all__ = ["Values"]

_TOO_DEEP_ARRAYS = re.compile(rf"(?:\[[ \t\r\n]*){{{MAX_DEPTH + 1}}}")
# Between two objects, each of which is the next.
_BETWEEN_LINES = re.compile(r"[ \t\r]*,?[ \t\r]*(?:\n[ \t\r\n]*)?(?=\{)")
_BETWEEN_ELEMENTS = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
# What may stand behind a value: its line's end, or another.
_ENDS = ("", "\n", "{", "[")
# How much text is looked at for plain events at once.
_PART = 2**16
_NO_COMMA = "a comma or the end of the array should be here"


class Values(Objects):
    """Cuts the values of a window: lines, arrays, and what is none; see `Objects`."""

    def until(self, offset: int) -> Cuts:
        """Yield what begins before an offset; then the window stands where a line begins."""
        window = self.window
        while window.offset < offset or not window.at_line_start:
            char = window.peek(marks=True)
            if char == ",":
                # A comma in front of a value, or alone in its line.
                end, after = window.behind(window.at)
                window.at, char = (end, after) if after in _ENDS else (window.at, char)
            if char == "" and window.ended:
                return
            if char == "{":
                yield from self._plain(_BETWEEN_LINES, offset - window.offset)
                yield from self._object_of_line()
            elif char == "[":
                yield from self._array_of_line()
            elif char != "\n":
                yield from self._line()
            if window.text[window.at : window.at + 1] == "\n":
                window.at += 1

    def _plain(
        self, between: re.Pattern[str], size: int | None, number: int | None = None
    ) -> Iterator[Cut]:
        """Yield the objects here as long as each is an event for sure, and another one follows.

        Parameters
        ----------
        between
            What stands between two.
        size
            How far to go; left out, as far as the text is there.
        number
            The number of the first, of elements.
        """
        window, is_plain, limit = self.window, self.shapes.is_plain, self.limit
        # Of a part of the text: what is wrong in it costs as much as it is long.
        begin, at = window.at, 0
        text = window.text[begin : begin + _PART]
        line, before = window.line_at(begin), window.offset
        stop = len(text) if size is None else min(size, len(text))
        while at < stop:
            try:
                value, end = DECODER.raw_decode(text, at)
            except (ValueError, RecursionError):
                break
            behind = between.match(text, end)
            if behind is None or end - at > limit or not is_plain(value):
                break
            yield Cut(in_one_line(text[at:end]), line, before + at, number)
            line += text.count("\n", at, behind.end())
            at = behind.end()
            if number is not None:
                number += 1
        window.go(begin + at, line)

    def _object_of_line(self) -> Cuts:
        window = self.window
        found = window.found(self.limit)
        if found.problem == TOO_LONG:
            yield from LargeObject(self).cuts()
        elif found.problem:
            yield from self._bad_lines(found)
        else:
            end, after = window.behind(found.end)
            if after not in _ENDS or (not after and self.damage()):
                # With text behind it in its line, it is no event; where a damaged source ends, no
                # one knows.
                yield from self._line()
                return
            behind = end - found.end
            yield from self.event_or_held(found)
            window.at += behind

    def _array_of_line(self) -> Cuts:
        window = self.window
        if _TOO_DEEP_ARRAYS.match(window.text, window.at):
            yield from self._line()
            return
        yield from self.array()
        end, after = window.behind(window.at)
        if after in _ENDS:
            window.at = end

    def array(self, *, rows: bool = False, depth: int = 1) -> Generator[Cut | BadRow, None, bool]:
        """Yield what an array holds, as `Objects.array` says."""
        window = self.window
        line, offset = window.place()
        window.at += 1
        number, needs_comma = 0, False
        while True:
            char = window.peek()
            if char == "]":
                window.at += 1
                return False
            if char == "," and needs_comma:
                window.at += 1
                needs_comma = False
                continue
            if char in ("", "}") or needs_comma:
                problem = _NO_COMMA if char else "an array is not closed"
                # Its elements came out: what is left of it is where it begins.
                passed = Passed(self.limit)
                passed.add("[", 1)
                yield self.refused(passed, line, offset, problem)
                return True
            number += 1
            if char == "{":
                for cut in self._plain(_BETWEEN_ELEMENTS, None, number):
                    yield cut
                    number += 1
            if char == "[" and depth < MAX_DEPTH:
                given_up = yield from self.array(rows=rows, depth=depth + 1)
            else:
                given_up = yield from self._element(number, line, rows=rows)
            if given_up:
                return True
            needs_comma = True

    def _element(
        self, number: int, first_line: int, *, rows: bool
    ) -> Generator[Cut | BadRow, None, bool]:
        """Yield an element of an array that begins in a line; return whether it is given up."""
        window = self.window
        found = window.found(self.limit)
        if found.problem == TOO_LONG and not rows and window.text[window.at] == "{":
            return (yield from LargeObject(self).cuts())
        problem = found.problem
        if not problem and window.follows(found.end) not in ("", "\n", ",", "]"):
            problem, found = _NO_COMMA, Found(found.end, problem=_NO_COMMA)
        if not problem:
            yield from self.event_or_held(found, number, rows=rows)
            return False
        line, offset = window.place()
        said = self._said(found)
        passed, is_closed = pass_value(window, self.limit, indent=window.indent)
        yield self.refused(passed, line, offset, said)
        # What stands in the lines behind an array of one line that is broken is not of it.
        return not is_closed and line == first_line

    def _line(self) -> Cuts:
        """Yield what is left of a line as one text, which is for others to refuse."""
        line, offset = self.window.place()
        yield from self._lines(pass_lines(self.window, self.limit, one=True), line, offset)

    def _lines(self, passed: Passed, line: int, offset: int) -> Cuts:
        if passed.size > self.limit or (self.is_at_end() and self.damage()):
            yield self.refused(passed, line, offset, "")
        else:
            yield Cut(passed.raw, line, offset)

    def _bad_lines(self, found: Found) -> Cuts:
        """Yield an object that is none: its line, or the lines that clearly belong to it."""
        window = self.window
        line, offset = window.place()
        said = self._said(found)
        one = found.problem != TOO_DEEP and "\n" not in window.text[window.at : found.end]
        passed = pass_lines(window, self.limit, one=one, is_event=self.is_event)
        if passed.size <= self.limit and b"\n" in passed.raw:
            yield self.refused(passed, line, offset, said)
        else:
            yield from self._lines(passed, line, offset)

    def _said(self, found: Found) -> str:
        """Return what is wrong with a value, and in which line."""
        if found.problem in (TOO_LONG, TOO_DEEP):
            return found.problem
        line, _ = self.window.place()
        line += self.window.text.count("\n", self.window.at, found.end)
        return f"{found.problem}, line {line}"
