"""Where lines of JSON and their quotation marks stand, and what stands there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.formats.codes import Places, places

__all__ = ["Flags", "Marks", "is_plain"]

Flags = npt.NDArray[np.bool_]

_NEWLINE, _QUOTE = b'\n"'


@dataclass(frozen=True)
class Marks:
    """The lines of some content, in which each quotation mark begins or ends a text.

    Attributes
    ----------
    content
        The bytes.
    starts, ends
        Where each line begins, and where it ends, at its newline.
    quotes
        Where quotation marks stand.
    counts
        How many of them each line has.
    firsts
        Which of them is the first of each line.
    each
        How many of them all lines have; 0, where these differ.
    """

    content: bytes
    starts: Places
    ends: Places
    quotes: Places
    counts: Places
    firsts: Places
    each: int

    @classmethod
    def of(cls, content: bytes) -> "Marks":
        """Return the marks of content that `is_plain`."""
        ends, quotes = places(content, _NEWLINE), places(content, _QUOTE)
        if content[-1] != _NEWLINE:
            ends = np.append(ends, len(content))
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        each, more = divmod(len(quotes), len(ends))
        is_even = each and not more and (quotes[::each] > starts).all()
        if is_even and (quotes[each - 1 :: each] < ends).all():
            firsts = np.arange(0, len(quotes), each)
            return cls(content, starts, ends, quotes, np.full(len(ends), each), firsts, each)
        before = np.searchsorted(quotes, ends)
        counts = np.diff(before, prepend=0)
        return cls(content, starts, ends, quotes, counts, before - counts, 0)

    def line(self, row: int) -> bytes:
        """Return one line."""
        return self.content[self.starts[row] : self.ends[row]]

    def quote(self, rows: Places, number: int) -> Places:
        """Return where the number-th quotation mark of some lines stands, counted from 1."""
        if len(rows) == len(self.ends) and self.each:
            return self.quotes[number - 1 :: self.each]
        found: Places = self.quotes[self.firsts[rows] + (number - 1)]
        return found

    def hold(self, places: Places, text: bytes) -> Flags:
        """Say at which places a text stands, which ends in no NUL."""
        last = len(self.content) - len(text)
        within = (places >= 0) & (places <= last)
        places = places if within.all() else np.clip(places, 0, last)
        pieces = np.ndarray((last + 1,), f"S{len(text)}", self.content, strides=(1,))[places]
        if pieces.tobytes() == text * len(places):
            return within
        found: Flags = (pieces == text) & within
        return found

    def texts(self, starts: Places, stops: Places, there: Flags | None = None) -> pa.Array:
        """Return what stands in each line from a place to a place, or null where nothing is."""
        offsets = np.empty(2 * len(starts), dtype=np.int32)
        offsets[::2], offsets[1::2] = starts, stops
        # What stands from each of these places to the next, of which each other is asked for.
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.content)]
        pieces = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
        mask = None if there is None else ~there
        return pieces.take(pa.array(np.arange(0, len(offsets), 2), mask=mask))


def is_plain(content: bytes) -> bool:
    """Say whether content is UTF-8 in which nothing may hide a quotation mark.

    A backslash takes the meaning of what follows it.
    """
    return bool(content) and b"\\" not in content and _is_utf8(content)


def _is_utf8(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False
