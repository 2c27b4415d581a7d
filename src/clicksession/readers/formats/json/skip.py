"""Go behind what is no JSON, or too long, to where reading can go on; in flat memory."""

import re
from collections.abc import Callable

from clicksession.readers.formats.json.window import CHUNK, Window

__all__ = ["KEPT", "Passed", "pass_lines", "pass_value"]

# Of what is too long, what is kept.
KEPT = 2**12

_REST_OF_TEXT = re.compile(r'[^"\\\n]*(?:\\[^\n][^"\\\n]*)*(["\n]?)')
_TEXT = r'"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*(["\n]?)'
_OUTER = re.compile(_TEXT + r"|[{}\[\],\n]")
_INNER = re.compile(_TEXT + r"|[{}\[\]\n]")
_INDENT = re.compile(r"[ \t]*")


class Passed:
    """What was passed: its size, and its bytes; of more than the limit, the first ones.

    Parameters
    ----------
    limit
        How many bytes are kept as a whole.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[str] = []
        self.size = 0

    @property
    def raw(self) -> bytes:
        """The bytes."""
        raw = "".join(self._parts).encode("latin-1")
        return raw if self.size <= self._limit else raw[:KEPT]

    def without_space(self) -> "Passed":
        """Return the same without white space at its end."""
        raw = "".join(self._parts)
        if self.size > len(raw):
            return self
        trimmed = Passed(self._limit)
        trimmed.add(raw.rstrip(), len(raw.rstrip()))
        return trimmed

    def add(self, text: str, size: int) -> None:
        """Add so many characters, of which the first are given."""
        if self.size <= max(self._limit, KEPT):
            self._parts.append(text[:size])
        self.size += size

    def go(self, window: Window, place: int) -> None:
        """Pass on to a place."""
        self.add(
            window.text[window.at : min(place, window.at + self._limit + KEPT)], place - window.at
        )
        window.at = place
        window.shorten()


def pass_lines(
    window: Window, limit: int, *, one: bool, is_event: Callable[[bytes], bool] = bool
) -> Passed:
    """Go to the end of the line; unless it is to be one, of those that clearly continue it too.

    These are indented by more than the first, or begin, behind such lines, with what closes a
    bracket; and none of them is an event by itself.
    """
    passed = Passed(limit)
    indent, is_deeper = window.indent, False
    while True:
        newline = window.text.find("\n", window.at)
        if newline < 0:
            passed.go(window, len(window.text))
            if window.ended:
                return passed
            window.more()
            continue
        if one:
            # A carriage return at its end is no part of it.
            has_return = newline > window.at and window.text[newline - 1] == "\r"
            passed.go(window, newline - has_return)
            window.at += has_return
            return passed
        passed.go(window, newline)
        found, char = _next_line(window, window.at)
        is_deeper = is_deeper or found > indent
        if not char or not is_deeper or (found <= indent and char not in "}]"):
            return passed
        if char == "{" and is_event(_line_behind(window, window.at)):
            return passed
        passed.go(window, window.at + 1)


def pass_value(
    window: Window, limit: int, *, depth: int = 0, indent: int | None
) -> tuple[Passed, bool]:
    """Go to where the value ends that is looked at, as its brackets say.

    Parameters
    ----------
    window
        Where the value begins, or lies.
    limit
        How many bytes are kept.
    depth
        How many brackets are open. With none, a comma ends the value, or what closes a bracket
        around it; else, behind the last of these.
    indent
        How far its first line is indented: another value that begins a line which is indented no
        more stands behind it, whatever brackets are open.

    Returns
    -------
    tuple[Passed, bool]
        What was passed, and whether its end was found.
    """
    passed = Passed(limit)
    brackets = _Brackets(depth)
    position = window.at
    while True:
        mark, position = brackets.next(window.text, position)
        if mark not in ("", "\n"):
            passed.go(window, position)
            return passed, True
        if mark == "\n" and indent is not None:
            deeper, char = _next_line(window, position)
            if deeper <= indent and char and char in "{[":
                passed.go(window, position)
                return passed.without_space(), False
        position += mark == "\n"
        if mark:
            continue
        if window.ended:
            passed.go(window, len(window.text))
            return passed.without_space(), False
        passed.go(window, position)
        window.more()
        position = window.at


class _Brackets:
    """Follows which brackets are open, from one piece of text to the next."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._is_inner = depth > 0
        self._in_text = False

    def next(self, text: str, position: int) -> tuple[str, int]:
        """Return the next mark at which a value may end, and its place.

        At the end of the text, nothing, and from where to go on.
        """
        while True:
            if self._in_text:
                match = _REST_OF_TEXT.match(text, position)
                assert match is not None
                mark, position = self._behind_text(text, match)
                if mark or self._in_text:
                    return mark, position
            pattern = _INNER if self._depth else _OUTER
            for match in pattern.finditer(text, position):
                position = match.end()
                char = match.group()
                if char[0] == '"':
                    mark, position = self._behind_text(text, match)
                    if mark or self._in_text:
                        return mark, position
                elif char == "\n":
                    return char, match.start()
                elif char in "{[":
                    self._depth += 1
                    if self._depth == 1:
                        break
                elif self._depth == 0:
                    # A comma, or what closes a bracket around the value.
                    return char, match.start()
                else:
                    self._depth -= 1
                    if self._depth == 0:
                        if self._is_inner:
                            return char, position
                        break
            else:
                return "", len(text)

    def _behind_text(self, text: str, match: re.Match[str]) -> tuple[str, int]:
        """Return where to go on behind a text; a newline ends one, since none may stand in it."""
        position = match.end()
        self._in_text = not match.group(1)
        if match.group(1) == "\n":
            return "\n", position - 1
        if self._in_text and position + 1 < len(text):
            # A backslash, and a newline behind it.
            self._in_text = False
            return "\n", position + 1
        return "", position


def _line_behind(window: Window, newline: int) -> bytes:
    """Return the next line, as far as the text is there, without the comma at its end."""
    while (end := window.text.find("\n", newline + 1)) < 0 and not window.ended:
        if len(window.text) - newline > CHUNK:
            break
        window.more()
    line = window.text[newline + 1 : end if end >= 0 else None]
    return line.strip().rstrip(",").encode("latin-1")


def _next_line(window: Window, newline: int) -> tuple[int, str]:
    """Return how far the next line is indented, and with what it begins; at the end, nothing."""
    while True:
        match = _INDENT.match(window.text, newline + 1)
        assert match is not None
        if match.end() < len(window.text) or window.ended:
            return match.end() - newline - 1, window.text[match.end() : match.end() + 1]
        window.more()
