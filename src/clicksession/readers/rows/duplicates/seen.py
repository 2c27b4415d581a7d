"""Tell rows that repeat one before them, over a whole reading.

Whole numbers that only grow, as the ids of a database do, are remembered in 16
to 32 bytes each, and checked by one comparison. Other numbers and texts go into
a hash table of 50 to 100 bytes each; texts as 128 bits of a keyed hash, whatever
their length: among a billion, the chance that two meet is 1 in 10**20. Beside
each id stands a mark: the number of its row.
"""

import hashlib
import secrets
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.readers.rows.duplicates.fingerprints import LONG, WHOLE, Words, mixed

__all__ = ["Pairs", "Seen"]

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


class Seen:
    """The ids that a reading has come across."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._texts = Pairs()
        self._key = secrets.token_bytes(16)

    def repeats(self, ids: pa.ChunkedArray, marks: Words) -> tuple[Flags, Words]:
        """Return which rows have an id that came before, in this column or an earlier one.

        And of these the mark of the first row with the id. A null is never a repeat.
        """
        repeated, first_marks = np.zeros(len(ids), dtype=bool), np.zeros(len(ids), dtype=np.uint64)
        if pa.types.is_integer(ids.type) and ids.type != pa.uint64():
            known = np.asarray(ids.is_valid())
            numbers = np.asarray(ids.drop_null().cast(pa.int64()))
            if not (numbers >= LONG).any() and not (numbers <= -LONG).any():
                repeated[known], first_marks[known] = self._numbers.repeats(numbers, marks[known])
                return repeated, first_marks
        texts = ids if is_text(ids.type) else ids.cast(pa.string())
        whole = np.asarray(pc.match_substring_regex(texts, WHOLE).fill_null(False))
        if whole.any():
            numbers = np.asarray(texts.filter(pa.array(whole)).cast(pa.int64()))
            found = self._numbers.repeats(numbers, marks[whole])
            repeated[whole], first_marks[whole] = found
        others = np.asarray(texts.is_valid()) & ~whole
        if others.any():
            first, second = self._hashed(texts.filter(pa.array(others)))
            repeated[others] = self._texts.repeats(first, second, marks[others])
            again = np.flatnonzero(others & repeated)
            place = np.flatnonzero(repeated[others])
            kept = self._texts.marks_of(first[place], second[place])
            first_marks[again] = kept
        return repeated, first_marks

    def _hashed(self, texts: pa.ChunkedArray) -> tuple[Words, Words]:
        def digest(text: bytes) -> bytes:
            return hashlib.blake2b(text, digest_size=16, key=self._key).digest()

        whole = b"".join(map(digest, texts.cast(pa.binary()).to_pylist()))
        words = np.frombuffer(whole, dtype=np.uint64).reshape(-1, 2)
        return words[:, 0], words[:, 1]


class _Numbers:
    """A set of whole numbers, best at those that grow."""

    def __init__(self) -> None:
        self._grown = np.empty(0, dtype=np.int64)
        self._marks = np.empty(0, dtype=np.uint64)
        self._size = 0
        self._others = Pairs()

    def repeats(self, numbers: Counts, marks: Words) -> tuple[Flags, Words]:
        """Return which numbers came before, here or in an earlier call, and remember them.

        And of these the mark that they had when they first came.
        """
        nothing = np.zeros(len(numbers), dtype=bool)
        if not len(numbers):
            return nothing, marks
        if self._grows(numbers):
            self._append(numbers, marks)
            return nothing, marks
        repeated = pd.Series(numbers).duplicated().to_numpy() | self._among_grown(numbers)
        fresh = ~repeated
        if fresh.any() and not self._others.size and self._grows(numbers[fresh]):
            self._append(numbers[fresh], marks[fresh])
        else:
            words = numbers[fresh].view(np.uint64)
            repeated[fresh] = self._others.repeats(words, words, marks[fresh])
        first_marks = np.zeros(len(numbers), dtype=np.uint64)
        first_marks[repeated] = self._marks_of(numbers[repeated])
        return repeated, first_marks

    def _marks_of(self, numbers: Counts) -> Words:
        """Return the marks of numbers that came before."""
        grown = self._among_grown(numbers)
        found = np.zeros(len(numbers), dtype=np.uint64)
        found[grown] = self._marks[np.searchsorted(self._grown[: self._size], numbers[grown])]
        words = numbers[~grown].view(np.uint64)
        found[~grown] = self._others.marks_of(words, words)
        return found

    def _grows(self, numbers: Counts) -> bool:
        after = not self._size or numbers[0] > self._grown[self._size - 1]
        return bool(after and (numbers[1:] > numbers[:-1]).all() and not self._others.size)

    def _append(self, numbers: Counts, marks: Words) -> None:
        needed = self._size + len(numbers)
        if needed > len(self._grown):
            length = max(needed, 2 * len(self._grown))
            self._grown = _longer(self._grown[: self._size], length)
            self._marks = _longer(self._marks[: self._size], length)
        self._grown[self._size : needed] = numbers
        self._marks[self._size : needed] = marks
        self._size = needed

    def _among_grown(self, numbers: Counts) -> Flags:
        if not self._size:
            return np.zeros(len(numbers), dtype=bool)
        grown = self._grown[: self._size]
        places = np.minimum(np.searchsorted(grown, numbers), self._size - 1)
        found: Flags = grown[places] == numbers
        return found


def _longer(values: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    larger = np.empty(length, dtype=values.dtype)
    larger[: len(values)] = values
    return larger


class Pairs:
    """A set of pairs of words: a hash table with open addressing, probed for all keys at once.

    With each pair may stand a mark.
    """

    def __init__(self) -> None:
        self.size = 0
        self._reset(2**10, marked=False)

    def repeats(self, first: Words, second: Words, marks: Words | None = None) -> Flags:
        """Return which pairs came before, here or in an earlier call, and remember them."""
        pairs = pd.DataFrame({"first": first, "second": second})
        repeated: Flags = pairs.duplicated().to_numpy(copy=True)
        fresh = np.flatnonzero(~repeated)
        self._make_room(len(fresh), marked=marks is not None)
        theirs = None if marks is None else marks[fresh]
        repeated[fresh] = self._found_or_added(first[fresh], second[fresh], theirs)
        return repeated

    def marks_of(self, first: Words, second: Words) -> Words:
        """Return the marks of pairs that came before."""
        found = np.zeros(len(first), dtype=np.uint64)
        mask = np.uint64(len(self._used) - 1)
        slots = mixed(first) & mask
        open_keys = np.arange(len(first))
        while len(open_keys):
            at = slots[open_keys]
            same = (self._first[at] == first[open_keys]) & (self._second[at] == second[open_keys])
            same &= self._used[at]
            found[open_keys[same]] = self._marks[at[same]]
            open_keys = open_keys[~same & self._used[at]]
            slots[open_keys] = (slots[open_keys] + np.uint64(1)) & mask
        return found

    def _reset(self, length: int, *, marked: bool) -> None:
        self._used = np.zeros(length, dtype=bool)
        self._first = np.zeros(length, dtype=np.uint64)
        self._second = np.zeros(length, dtype=np.uint64)
        self._marks = np.zeros(length if marked else 0, dtype=np.uint64)

    def _make_room(self, more: int, *, marked: bool) -> None:
        if 2 * (self.size + more) <= len(self._used) and (len(self._marks) or not marked):
            return
        used = self._used
        first, second = self._first[used], self._second[used]
        marks = self._marks[used] if len(self._marks) else None
        length = max(2**10, 2 ** int(2 * (self.size + more) - 1).bit_length())
        self.size = 0
        self._reset(length, marked=marked)
        self._found_or_added(first, second, marks)

    def _found_or_added(self, first: Words, second: Words, marks: Words | None) -> Flags:
        """Return which of these pairs, all different, are in the table; add the others."""
        found = np.zeros(len(first), dtype=bool)
        mask = np.uint64(len(self._used) - 1)
        slots = mixed(first) & mask
        open_keys = np.arange(len(first))
        while len(open_keys):
            at = slots[open_keys]
            used = self._used[at]
            same = used & (self._first[at] == first[open_keys])
            same &= self._second[at] == second[open_keys]
            found[open_keys[same]] = True
            # Of several keys that want one free slot, the last to write has it.
            wanting = open_keys[~used]
            self._first[slots[wanting]] = first[wanting]
            self._second[slots[wanting]] = second[wanting]
            if marks is not None:
                self._marks[slots[wanting]] = marks[wanting]
            self._used[slots[wanting]] = True
            has = self._first[slots[wanting]] == first[wanting]
            has &= self._second[slots[wanting]] == second[wanting]
            self.size += int(has.sum())
            open_keys = np.concatenate([open_keys[used & ~same], wanting[~has]])
            slots[open_keys] = (slots[open_keys] + np.uint64(1)) & mask
        return found
