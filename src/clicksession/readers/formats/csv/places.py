"""Where things stand in a source of CSV: the line, and how many bytes are before."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from clicksession.readers.base import Whereabouts
from clicksession.readers.formats.codes import places
from clicksession.readers.formats.csv.cuts import Positions
from clicksession.readers.formats.decoding import Weights

__all__ = ["UNIT", "Chunk", "Origin"]

_NEWLINE = 10

UNIT: Weights = np.ones(256, dtype=np.uint8)
"""The weights of a stream that has the bytes of its source."""


@dataclass(frozen=True)
class Origin:
    """Where a stream comes from, and where its first record begins.

    Attributes
    ----------
    source
        What to call it.
    line, offset
        The line, and how many bytes of the source are before it.
    weights
        How many bytes of the source each byte stands for, None where nobody knows.
    """

    source: str
    line: int
    offset: int
    weights: Weights | None = field(default_factory=lambda: UNIT)

    @cached_property
    def is_itself(self) -> bool:
        """Whether the stream has the very bytes of the source, as far as anybody knows."""
        return self.weights is None or bool((self.weights == 1).all())

    def size(self, content: bytes, stop: int) -> int:
        """Return how many bytes of the source so many of some content are."""
        if self.weights is None or self.is_itself:
            return stop
        codes = np.frombuffer(content, dtype=np.uint8, count=stop)
        return int(self.weights[codes].sum(dtype=np.int64))

    def after(self, content: bytes, stop: int) -> "Origin":
        """Return where the stream goes on after so many bytes of its content."""
        line = self.line + content.count(b"\n", 0, stop)
        return Origin(self.source, line, self.offset + self.size(content, stop), self.weights)


@dataclass(frozen=True)
class Chunk:
    """Some of the stream, which begins where a record does."""

    content: bytes
    line: int
    offset: int
    origin: Origin = field(repr=False)

    @cached_property
    def newlines(self) -> Positions:
        """Where newlines stand, be they ends of records or not."""
        return places(self.content, _NEWLINE)

    @cached_property
    def _before(self) -> Positions | None:
        """How many bytes of the source are before each byte; None where it is one for one."""
        weights = self.origin.weights
        if weights is None or self.origin.is_itself:
            return None
        sizes = weights[np.frombuffer(self.content, dtype=np.uint8)]
        return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    def lines(self, starts: Positions) -> Positions:
        """Return the line in which each of some places is."""
        return self.line + np.searchsorted(self.newlines, starts)

    def find(self, start: int, end: int) -> Whereabouts:
        """Return where the record between two places stands."""
        raw = self.content[start:end].rstrip(b"\r")
        line = self.line + int(np.searchsorted(self.newlines, start))
        if self.origin.weights is None:
            return Whereabouts(line, None, raw)
        before = start if self._before is None else int(self._before[start])
        return Whereabouts(line, self.offset + before, raw)

    def after(self, stop: int) -> "Chunk":
        """Return what comes after a place."""
        line = self.line + int(np.searchsorted(self.newlines, stop))
        offset = self.offset + self.origin.size(self.content, stop)
        return Chunk(self.content[stop:], line, offset, self.origin)
