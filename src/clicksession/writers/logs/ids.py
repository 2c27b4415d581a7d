"""Which ids of a log come again: words that stand for them wait, in memory and then on disk.

A word is a whole number itself, its bits mixed, or the hash of a text: two texts may have one. So
words that come twice say which rows to look at, and nothing else.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.arrow import in_one, is_text
from clicksession.readers.rows.duplicates.fingerprints import mixed
from clicksession.writers.logs.hashes import Hashes, Hashing

__all__ = ["Ids"]

Integers = npt.NDArray[np.int64]

# So many words wait in memory. On disk they are in buckets, one of which is looked at at a time.
_WORDS_IN_MEMORY = 4_000_000
_BUCKETS = 32
_BUCKET_SHIFT = np.uint64(59)


class Ids:
    """The ids of all rows of a log.

    Parameters
    ----------
    folder
        Where to put files; who made it removes it.
    room
        The most bytes of words that memory holds.

    Attributes
    ----------
    is_of_one_type
        Whether all are whole numbers, or all are texts: 7 and "7" are one id, and have two words.
    """

    def __init__(self, folder: Path, room: int) -> None:
        self._folder = folder
        self._most = min(_WORDS_IN_MEMORY, room // 8)
        self._waiting: list[Hashes | Integers] = []
        self._waiting_words = 0
        self._is_on_disk = False
        self._types: set[bool] = set()
        self._hashing = Hashing()
        # Of whole numbers that only grow, none comes again: most logs number their events.
        self._last: int | None = None
        self._grow = True

    @property
    def is_of_one_type(self) -> bool:
        """Whether all ids are whole numbers, or all are texts."""
        return len(self._types) <= 1

    def put(self, ids: pa.ChunkedArray) -> None:
        """Take in the ids of some rows, of which none is null."""
        self._types.add(is_text(ids.type))
        self._grow = self._grow and self._grows_by(ids)
        # Numbers wait as they are: where all of them grow, no word is ever looked at.
        self._waiting.append(self.words_of(ids) if is_text(ids.type) else _numbers(ids))
        self._waiting_words += len(ids)
        if self._waiting_words > self._most:
            self._set_aside()

    def words_of(self, ids: pa.ChunkedArray) -> Hashes:
        """Return a word for each id: the same for the same id."""
        if is_text(ids.type):
            return self._hashing.of(in_one(ids))
        return _mixed(_numbers(ids))

    def again(self) -> Hashes:
        """Return the words that came more than once, in order."""
        if self._grow or not self.is_of_one_type:
            return np.empty(0, dtype=np.uint64)
        if self._is_on_disk:
            self._set_aside()
            paths = sorted(self._folder.glob("ids-*"))
            found = [_twice(np.fromfile(path, dtype=np.uint64)) for path in paths]
        else:
            found = [_twice(self._words())] if self._waiting else []
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.uint64)

    def _grows_by(self, ids: pa.ChunkedArray) -> bool:
        if is_text(ids.type) or not len(ids):
            return not len(ids)
        numbers = _numbers(ids)
        is_later = self._last is None or int(numbers[0]) > self._last
        self._last = int(numbers[-1])
        return is_later and bool((numbers[1:] > numbers[:-1]).all())

    def _words(self) -> Hashes:
        """Return the words of what waits."""
        return np.concatenate([_mixed(each) for each in self._waiting])

    def _set_aside(self) -> None:
        """Put the words that wait on disk, each into the file of its bucket."""
        if not self._waiting:
            return
        words = self._words()
        buckets = (words >> _BUCKET_SHIFT).astype(np.uint8)
        words = words[np.argsort(buckets, kind="stable")]
        ends = np.cumsum(np.bincount(buckets, minlength=_BUCKETS))
        for number, bucket in enumerate(np.split(words, ends[:-1])):
            with (self._folder / f"ids-{number}").open("ab") as file:
                file.write(bucket.data)
        self._waiting, self._waiting_words, self._is_on_disk = [], 0, True


def _numbers(ids: pa.ChunkedArray) -> Integers:
    return np.asarray(in_one(ids), dtype=np.int64)


def _mixed(ids: Hashes | Integers) -> Hashes:
    """Return the words of numbers; words of texts are that already."""
    words: Hashes = ids.view(np.uint64)
    return words if ids.dtype == np.uint64 else mixed(words)


def _twice(words: Hashes) -> Hashes:
    """Return each word once that is there more than once."""
    words = np.sort(words)
    again = words[1:][words[1:] == words[:-1]]
    first = np.ones(len(again), dtype=bool)
    first[1:] = again[1:] != again[:-1]
    distinct: Hashes = again[first]
    return distinct
