"""What rows are grouped by: a number for each user, and what tells users of one number apart."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Codes", "Keys", "Texts"]

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_BYTES = 8
# Longer texts cost more by their words than by a dictionary of them.
_MOST_BYTES = 64

# Odd numbers with no pattern in their bits: the golden ratio's, and the square root's of two.
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0x6A09E667F3BCC909))
_HALF, _SIGN = np.uint64(32), np.uint64(1)

# What a word lacks that has so many bytes of a text: such as no text has, so that "a" is not "a\0".
_LACKING = np.array([2**64 - 2 ** (8 * size) for size in range(_BYTES + 1)], dtype=np.uint64)


class Keys(Protocol):
    """What says of each row whose it is."""

    @property
    def bits(self) -> int:
        """How many bits the numbers have."""
        ...

    def part(self, rows: slice) -> tuple[Integers, list[Words]]:
        """Return the numbers of some rows, which are not negative, and columns beside them.

        Two rows are of one user where they agree in all of the columns; then they agree in their
        numbers too. Without columns the numbers alone decide.
        """
        ...


@dataclass(frozen=True)
class Codes:
    """One number for each user."""

    codes: Integers

    @cached_property
    def bits(self) -> int:
        """The bits of the largest one."""
        return int(self.codes.max(initial=0)).bit_length()

    def part(self, rows: slice) -> tuple[Integers, list[Words]]:
        """Return the codes of some rows."""
        return self.codes[rows], []


@dataclass(frozen=True)
class Texts:
    """Short texts, by a hash of each, and by all of its bytes as words of eight.

    The hash only brings rows together. What is one user the bytes decide, so that a clash of two
    hashes, by chance or on purpose, costs time and never an answer.
    """

    texts: pa.Array

    bits = 63

    @classmethod
    def of(cls, ids: pa.Array) -> "Texts | None":
        """Return ids as keys, or None where their dictionary does better."""
        found = cls(ids.cast(pa.large_string()))
        return found if found._longest <= _MOST_BYTES else None

    def part(self, rows: slice) -> tuple[Integers, list[Words]]:
        """Return the hashes of some rows, and their words."""
        offsets = self._offsets[rows.start : rows.stop + 1]
        at_each_byte = self._words_from(int(offsets[0]), int(offsets[-1]))
        starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
        words = []
        for before in range(0, max(self._longest, 1), _BYTES):
            places = np.minimum(starts + before, len(at_each_byte) - 1)
            words.append(at_each_byte[places] | _LACKING[np.clip(lengths - before, 0, _BYTES)])
        return _hashed(words), words

    @cached_property
    def _offsets(self) -> Integers:
        if not len(self.texts):
            return np.zeros(1, dtype=np.int64)
        offsets = np.frombuffer(self.texts.buffers()[1], dtype=np.int64)
        return offsets[self.texts.offset : self.texts.offset + len(self.texts) + 1]

    @cached_property
    def _longest(self) -> int:
        return int(np.diff(self._offsets).max(initial=0))

    def _words_from(self, start: int, stop: int) -> Words:
        """Return the eight bytes from each byte on; what lies behind the last one is 0."""
        copy = np.zeros(stop - start + _BYTES, dtype=np.uint8)
        if stop > start:
            copy[:-_BYTES] = np.frombuffer(self.texts.buffers()[2], dtype=np.uint8)[start:stop]
        return np.ndarray(stop - start + 1, dtype="<u8", buffer=copy, strides=(1,))


def _hashed(words: list[Words]) -> Integers:
    """Return a number of 63 bits for each row."""
    found = np.zeros(len(words[0]), dtype=np.uint64)
    for word in words:
        found ^= word
        found *= _FACTORS[0]
        found ^= found >> _HALF
    found *= _FACTORS[1]
    return (found >> _SIGN).view(np.int64)
