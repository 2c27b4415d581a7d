"""Tell rows that repeat one before them, over a whole reading.

Whole numbers that only grow, as the ids of a database do, are remembered in 8
to 16 bytes each, and checked by one comparison. Other numbers and texts go into
a hash table of 34 to 68 bytes each; texts as 128 bits of a keyed hash, whatever
their length: among a billion, the chance that two meet is 1 in 10**20.
"""

import hashlib
import secrets

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text

__all__ = ["Seen"]

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]

# A text that reads like this is the number: an id that is 7 in one file and "7" in the next is one.
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
_LONG = 10**18


class Seen:
    """The ids that a reading has come across."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._texts = _Table()
        self._key = secrets.token_bytes(16)

    def repeats(self, ids: pa.ChunkedArray) -> Flags:
        """Return which rows have an id that came before, in this column or an earlier one.

        A null is never a repeat.
        """
        repeated = np.zeros(len(ids), dtype=bool)
        if pa.types.is_integer(ids.type) and ids.type != pa.uint64():
            known = np.asarray(ids.is_valid())
            numbers = np.asarray(ids.drop_null().cast(pa.int64()))
            if not (numbers >= _LONG).any() and not (numbers <= -_LONG).any():
                repeated[known] = self._numbers.repeats(numbers)
                return repeated
        texts = ids if is_text(ids.type) else ids.cast(pa.string())
        whole = np.asarray(pc.match_substring_regex(texts, _WHOLE).fill_null(False))
        if whole.any():
            numbers = np.asarray(texts.filter(pa.array(whole)).cast(pa.int64()))
            repeated[whole] = self._numbers.repeats(numbers)
        others = np.asarray(texts.is_valid()) & ~whole
        if others.any():
            first, second = self._hashed(texts.filter(pa.array(others)))
            repeated[others] = self._texts.repeats(first, second)
        return repeated

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
        self._size = 0
        self._others = _Table()

    def repeats(self, numbers: Counts) -> Flags:
        """Return which numbers came before, here or in an earlier call, and remember them."""
        if not len(numbers):
            return np.zeros(0, dtype=bool)
        if self._grows(numbers):
            self._append(numbers)
            return np.zeros(len(numbers), dtype=bool)
        repeated = pd.Series(numbers).duplicated().to_numpy() | self._among_grown(numbers)
        fresh = numbers[~repeated]
        if len(fresh) and not self._others.size and self._grows(fresh):
            self._append(fresh)
        else:
            words = fresh.view(np.uint64)
            repeated[~repeated] = self._others.repeats(words, words)
        return repeated

    def _grows(self, numbers: Counts) -> bool:
        after = not self._size or numbers[0] > self._grown[self._size - 1]
        return bool(after and (numbers[1:] > numbers[:-1]).all() and not self._others.size)

    def _append(self, numbers: Counts) -> None:
        needed = self._size + len(numbers)
        if needed > len(self._grown):
            larger = np.empty(max(needed, 2 * len(self._grown)), dtype=np.int64)
            larger[: self._size] = self._grown[: self._size]
            self._grown = larger
        self._grown[self._size : needed] = numbers
        self._size = needed

    def _among_grown(self, numbers: Counts) -> Flags:
        if not self._size:
            return np.zeros(len(numbers), dtype=bool)
        grown = self._grown[: self._size]
        places = np.minimum(np.searchsorted(grown, numbers), self._size - 1)
        found: Flags = grown[places] == numbers
        return found


class _Table:
    """A set of pairs of words: a hash table with open addressing, probed for all keys at once."""

    def __init__(self) -> None:
        self.size = 0
        self._used = np.zeros(2**10, dtype=bool)
        self._first = np.zeros(2**10, dtype=np.uint64)
        self._second = np.zeros(2**10, dtype=np.uint64)

    def repeats(self, first: Words, second: Words) -> Flags:
        """Return which pairs came before, here or in an earlier call, and remember them."""
        pairs = pd.DataFrame({"first": first, "second": second})
        repeated: Flags = pairs.duplicated().to_numpy(copy=True)
        fresh = np.flatnonzero(~repeated)
        self._make_room(len(fresh))
        repeated[fresh] = self._found_or_added(first[fresh], second[fresh])
        return repeated

    def _make_room(self, more: int) -> None:
        if 2 * (self.size + more) <= len(self._used):
            return
        first, second = self._first[self._used], self._second[self._used]
        length = 2 ** int(2 * (self.size + more) - 1).bit_length()
        self.size = 0
        self._used = np.zeros(length, dtype=bool)
        self._first = np.zeros(length, dtype=np.uint64)
        self._second = np.zeros(length, dtype=np.uint64)
        self._found_or_added(first, second)

    def _found_or_added(self, first: Words, second: Words) -> Flags:
        """Return which of these pairs, all different, are in the table; add the others."""
        found = np.zeros(len(first), dtype=bool)
        mask = np.uint64(len(self._used) - 1)
        slots = _mixed(first) & mask
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
            self._used[slots[wanting]] = True
            has = self._first[slots[wanting]] == first[wanting]
            has &= self._second[slots[wanting]] == second[wanting]
            self.size += int(has.sum())
            open_keys = np.concatenate([open_keys[used & ~same], wanting[~has]])
            slots[open_keys] = (slots[open_keys] + np.uint64(1)) & mask
        return found


def _mixed(words: Words) -> Words:
    """Return the words with every bit spread over all (the finalizer of MurmurHash 3)."""
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return words ^ (words >> np.uint64(33))
