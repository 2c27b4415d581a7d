"""Find where records of CSV end: at newlines, but for those within quotes or behind an escape.

One rule for every block: a quotation mark opens a value only at its beginning; it closes it where a
delimiter or the end of the line follows, and two within stand for one. In the middle of a value it
is a character. A value that is closed and goes on, and one that is never closed, cost the line in
which their record begins; the line after it is a record again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from clicksession.formats import CSV
from clicksession.readers.formats.codes import Places, places
from clicksession.readers.formats.csv.patterns import record_patterns, values_in_quotes

__all__ = ["Cut", "Cutter", "Positions", "Wrong"]

_NEWLINE, _RETURN = b"\n\r"

# The most records that are cut one by one before they are handed on: what they cost in memory.
_MANY = 2**14

Positions = Places
Codes = npt.NDArray[np.uint8]


class Wrong(Enum):
    """Why a line is no record."""

    OPEN = auto()
    """A value in quotes is not closed, or not within the longest row."""
    STRAY = auto()
    """There is something behind the quotation mark that closes a value."""
    ESCAPED = auto()
    """The same, and before the mark a backslash, which others take for an escape."""


@dataclass(frozen=True)
class Cut:
    """Some consecutive records.

    Attributes
    ----------
    starts, ends
        Where each record begins, and where its newline is.
    wrong
        The same of lines that are no records, with what is wrong.
    stop
        Where what has not been cut begins.
    """

    starts: Positions
    ends: Positions
    wrong: list[tuple[int, int, Wrong]]
    stop: int


class Cutter:
    """Cuts content of one form into records."""

    def __init__(self, form: CSV) -> None:
        self._mark = form.delimiter.encode()
        self._quote = form.quote.encode() if form.quote else b""
        self._escape = form.escape.encode() if form.escape else b""
        self._comment = form.comment.encode() if form.comment else b""
        record, stray = record_patterns(self._mark, self._quote, self._escape)
        self._record = re.compile(record, re.DOTALL)
        self._stray = re.compile(stray, re.DOTALL)
        self._values = values_in_quotes(form)
        self._pair = re.compile(re.escape(self._escape) + rb".", re.DOTALL)

    def cuts(
        self, content: bytes, limit: int, ended: bool, newlines: Positions | None = None
    ) -> Iterator[Cut]:
        """Yield the records of some content, which begins where one does.

        Parameters
        ----------
        limit
            How long a record of several lines may be, in bytes.
        ended
            Whether nothing comes after the content: then it ends with a newline.
        newlines
            Where newlines stand in it, if that is known.
        """
        start = 0
        ends = self._ends(content, places(content, _NEWLINE) if newlines is None else newlines)
        if ends is not None:
            starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
            if self._may_be_long(content, starts, ends, limit):
                ends = None
            elif len(ends):
                start = int(ends[-1]) + 1
                cut = self._told(content, starts, ends)
                yield _without_blank(content, cut, [], start, limit)
        if ends is None or (start < len(content) and (ended or len(content) - start > limit)):
            yield from self._one_by_one(content, start, limit, ended)

    def is_comment(self, content: bytes, start: int = 0) -> bool:
        """Say whether a line is a comment."""
        return bool(self._comment) and content.startswith(self._comment, start)

    def runs_on(self, record: bytes) -> bool:
        """Say whether what begins in a record, given without its newline, would go on behind it."""
        if (self._quote or self._escape or b"\n") not in record:
            return False
        if b"\n" not in record and self._quote:
            line = record + b"\n"
            return not self._record.match(line) and not self._stray.match(line)
        # A mark closes what is open, and else it opens something of its own.
        content = record + b"\n" + self._quote + b"\n"
        return any(
            bool(np.any((cut.starts <= len(record)) & (cut.ends > len(record))))
            for cut in self.cuts(content, len(content), ended=True)
        )

    def line_end(self, content: bytes, start: int = 0) -> int:
        """Return where the line ends that begins here, or -1: where no escape is in the way."""
        if self._quote or not self._escape:
            return content.find(b"\n", start)
        match = self._record.match(content, start)
        return match.end() - 1 if match else -1

    def open_escape(self, content: bytes) -> bytes:
        """Return the escape with which a line breaks off, or nothing."""
        if self._quote or not self._escape:
            return b""
        count = len(content) - len(content.rstrip(self._escape))
        return self._escape * (count % 2)

    def bare(self, record: bytes) -> bytes:
        """Return a record as long as it is, without what has no other meaning than its own."""
        if self._quote:
            return self._values.sub(_nothing, record)
        return self._pair.sub(_nothing, record) if self._escape else record

    def fields(self, record: bytes) -> list[bytes]:
        """Return the values of one record as they stand there, quotes and all."""
        record = record.removesuffix(b"\r")
        places = [found.start() for found in re.finditer(re.escape(self._mark), self.bare(record))]
        bounds = zip([-1, *places], [*places, len(record)], strict=True)
        return [record[before + 1 : stop] for before, stop in bounds]

    def _ends(self, content: bytes, newlines: Positions) -> Positions | None:
        """Return which of the newlines end a record; None where it takes a closer look.

        That is where quotation marks stand elsewhere than around values.
        """
        codes = np.frombuffer(content, dtype=np.uint8)
        if self._comment and self._comment in content:
            if (self._quote and self._quote in content) or self._escape:
                return None
            return newlines
        if not self._quote:
            has_escapes = self._escape and self._escape in content
            return newlines[self._are_plain(codes, newlines)] if has_escapes else newlines
        if self._quote not in content:
            return newlines
        quotes = places(content, self._quote[0])
        if self._escape and self._escape in content:
            quotes = quotes[self._are_plain(codes, quotes)]
        if not self._are_pairs(codes, quotes):
            return None
        outside: Positions = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        return outside

    def _are_plain(self, codes: Codes, places: Positions) -> npt.NDArray[np.bool_]:
        """Return which places have an even number of escapes before them: no escape is theirs."""
        escapes = np.flatnonzero(codes == self._escape[0])
        before = np.searchsorted(escapes, places) - 1
        has = (before >= 0) & (escapes[np.maximum(before, 0)] == places - 1)
        # Where the run of escapes begins that ends there.
        is_first = np.diff(escapes, prepend=-2) > 1
        runs = np.maximum.accumulate(np.where(is_first, np.arange(len(escapes)), 0))
        count = np.where(has, before - runs[np.maximum(before, 0)] + 1, 0)
        found: npt.NDArray[np.bool_] = count % 2 == 0
        return found

    def _are_pairs(self, codes: Codes, quotes: Positions) -> bool:
        """Say whether each quotation mark opens a field, closes one, or is doubled in one.

        A last one that opens and is not closed is left to what comes next.
        """
        opening, closing = quotes[0::2], quotes[1::2]
        mark = self._mark[0]
        before = codes[np.maximum(opening - 1, 0)]
        after = codes[np.minimum(closing + 1, len(codes) - 1)]
        opens = (opening == 0) | np.isin(before, (mark, _NEWLINE))
        closes = (closing == len(codes) - 1) | np.isin(after, (mark, _NEWLINE))
        returns = np.flatnonzero(after == _RETURN)
        closes[returns] |= codes[np.minimum(closing[returns] + 2, len(codes) - 1)] == _NEWLINE
        # A doubled mark closes and opens at once.
        doubled = opening[1:] == closing[: len(opening) - 1] + 1
        opens[1:] |= doubled
        closes[: len(doubled)] |= doubled
        return bool(opens.all() and closes.all())

    def _may_be_long(self, content: bytes, starts: Positions, ends: Positions, limit: int) -> bool:
        """Say whether a record of several lines is longer than it may be."""
        if len(content) <= limit:
            return False
        long = np.flatnonzero(ends - starts > limit).tolist()
        return any(content.find(b"\n", int(starts[i]), int(ends[i])) >= 0 for i in long)

    def _told(
        self, content: bytes, starts: Positions, ends: Positions
    ) -> tuple[Positions, Positions]:
        """Return the records but for comments."""
        if not self._comment or self._comment not in content:
            return starts, ends
        codes = np.frombuffer(content, dtype=np.uint8)
        first = np.flatnonzero(codes[starts] == self._comment[0]).tolist()
        comments = [row for row in first if content.startswith(self._comment, int(starts[row]))]
        return np.delete(starts, comments), np.delete(ends, comments)

    def _one_by_one(self, content: bytes, start: int, limit: int, ended: bool) -> Iterator[Cut]:
        places: list[tuple[int, int]] = []
        wrong: list[tuple[int, int, Wrong]] = []
        while start < len(content):
            if self.is_comment(content, start):
                end = content.find(b"\n", start)
                if end < 0:
                    break
                start = end + 1
                continue
            end, why = self._next(content, start, limit, ended)
            if end < 0:
                break
            if why is None:
                places.append((start, end))
            else:
                wrong.append((start, end, why))
            start = end + 1
            if len(places) + len(wrong) >= _MANY:
                yield _without_blank(content, _columns(places), wrong, start, limit)
                places, wrong = [], []
        yield _without_blank(content, _columns(places), wrong, start, limit)

    def _next(
        self, content: bytes, start: int, limit: int, ended: bool
    ) -> tuple[int, Wrong | None]:
        """Return where the record ends that begins here, or its line, with what is wrong with it.

        -1 stands for an end that is still to come.
        """
        match = self._record.match(content, start)
        line = self.line_end(content, start)
        if match and (match.end() - 1 == line or match.end() - 1 - start <= limit):
            return match.end() - 1, None
        stray = self._stray.match(content, start)
        if stray and stray.end() - 1 - start <= limit:
            is_escaped = content[stray.end() - 3 : stray.end() - 1] == b"\\" + self._quote
            return line, Wrong.ESCAPED if is_escaped else Wrong.STRAY
        if ended or len(content) - start > limit:
            return line, Wrong.OPEN
        return -1, None


def _nothing(match: re.Match[bytes]) -> bytes:
    return b"\0" * len(match.group())


def _columns(places: list[tuple[int, int]]) -> tuple[Positions, Positions]:
    both = np.array(places, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _without_blank(
    content: bytes,
    places: tuple[Positions, Positions],
    wrong: list[tuple[int, int, Wrong]],
    stop: int,
    limit: int,
) -> Cut:
    starts, ends = places
    if not len(starts):
        return Cut(starts, ends, wrong, stop)
    codes = np.frombuffer(content, dtype=np.uint8)
    blank = starts == ends
    # One too long is not passed over: of a line whose end is not in sight, nobody knows.
    may_be = ~blank & (codes[starts] == _RETURN) & (ends - starts <= limit)
    returns = np.flatnonzero(may_be).tolist()
    blank[[row for row in returns if not content[starts[row] : ends[row]].strip(b"\r")]] = True
    return Cut(starts[~blank], ends[~blank], wrong, stop)
