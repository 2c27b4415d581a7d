"""Two words for each row that are the same for rows of the same content, whatever its types.

What is one by `clicksession.quality.content_ids` is one here: a number and its text, a text and the
category of it. But where those take microseconds for each row, as they hash texts, these add up
hashes of whole numbers and of the distinct texts of a column.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS, in_one, is_text
from clicksession.numerals import by_value
from clicksession.quality.content import texts_of

__all__ = ["LONG", "WHOLE", "Words", "fingerprints", "marks", "mixed"]

Words = npt.NDArray[np.uint64]

WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
"""A text that reads like this is the number: an id may be 7 in one file and "7" in the next."""
LONG = 10**18
"""What such a number is below."""


def fingerprints(table: pa.Table, names: Sequence[str]) -> tuple[Words, Words]:
    """Return two words for each row, made of what these columns hold; a null adds nothing."""
    both = np.zeros((2, table.num_rows), dtype=np.uint64)
    for name in names:
        hashes, known = _hashes(table[name], name)
        for number, words in enumerate(both):
            # Addition does not mind the order of the columns.
            mixture = mixed(hashes ^ _salt(name, number))
            words += mixture if known.all() else np.where(known, mixture, np.uint64(0))
    return both[0], both[1]


def marks(table: pa.Table) -> Words:
    """Return a word for each row that says whose it is and when it happened."""
    words = np.zeros(table.num_rows, dtype=np.uint64)
    for name in ("user_id", "timestamp"):
        hashes, known = _hashes(table[name], name, mix=False)
        if not known.all():
            hashes = np.where(known, hashes, np.uint64(1))
        # Odd and at random: few things are so quick, and nothing is looked up by these.
        words += hashes * (_salt(name, 0) | np.uint64(1))
    return words


def mixed(words: Words) -> Words:
    """Return the words with every bit spread over all (the finalizer of MurmurHash 3)."""
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return words ^ (words >> np.uint64(33))


def _salt(name: str, number: int) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(f"{number}{name}".encode(), digest_size=8).digest()))


def _hashes(
    column: pa.ChunkedArray, name: str, *, mix: bool = True
) -> tuple[Words, npt.NDArray[np.bool_]]:
    """Return a word for each value of a column, and which are there.

    Without `mix`, those of numbers are the numbers.
    """
    kind = column.type
    known = np.asarray(column.is_valid()) if column.null_count else np.ones(len(column), bool)
    if pa.types.is_timestamp(kind) and (name == "timestamp" or kind.unit != "ns"):
        # A table tells times apart to the microsecond.
        column, kind = column.cast(pa.timestamp("us", kind.tz), safe=False), pa.int64()
        return _numbers(column.cast(pa.int64()), mix=mix), known
    if pa.types.is_integer(kind) and kind != pa.uint64():
        numbers = np.asarray(column.cast(pa.int64()).fill_null(0))
        if len(numbers) and numbers.min() > -LONG and numbers.max() < LONG:
            words = numbers.view(np.uint64)
            return mixed(words) if mix else words, known
        column = column.cast(pa.string())
    if pa.types.is_floating(kind):
        values = np.asarray(column.cast(pa.float64()).fill_null(float("nan")))
        return _floats(column, values, mix=mix), known & ~np.isnan(values)
    encoded = in_one(column)
    if not pa.types.is_dictionary(kind):
        encoded = in_one(_texts(column)).dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    words = _of_texts(encoded.dictionary, plain=name == "user_id", mix=mix)
    return (words[codes] if len(words) else np.zeros(len(codes), np.uint64)), known


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if is_text(column.type):
        return column
    if pa.types.is_boolean(column.type):
        return column.cast(pa.string())
    texts = texts_of(column.to_pandas())
    return pa.chunked_array([pa.array(texts, pa.large_string(), from_pandas=True)])


def _numbers(column: pa.ChunkedArray, *, mix: bool) -> Words:
    words = np.asarray(column.fill_null(0), dtype=np.int64).view(np.uint64)
    return mixed(words) if mix else words


def _floats(column: pa.ChunkedArray, values: npt.NDArray[np.float64], *, mix: bool) -> Words:
    whole = (values == np.floor(values)) & (np.abs(values) <= FLOAT_HOLDS)
    words = np.where(whole, values, 0).astype(np.int64).view(np.uint64)
    words = mixed(words) if mix else words
    others = ~whole & ~np.isnan(values)
    if others.any():
        encoded = in_one(column.filter(pa.array(others))).dictionary_encode()
        texts = pa.array(texts_of(encoded.dictionary.to_pandas()), from_pandas=True)
        words[others] = _of_texts(texts)[np.asarray(encoded.indices)]
    return words


def _of_texts(texts: pa.Array, *, plain: bool = False, mix: bool = True) -> Words:
    """Return a word for each text; one that is a number has that of the number."""
    texts = texts.cast(pa.large_string()).fill_null("")
    words: Words = pd.util.hash_array(texts.to_pandas().to_numpy(dtype=object), categorize=False)
    like_numbers = np.flatnonzero(_may_be_number(texts))
    if not len(like_numbers):
        return words
    spelled = pa.chunked_array([texts.take(pa.array(like_numbers))])
    if not plain:
        spelled = by_value(spelled)
        words[like_numbers] = pd.util.hash_array(
            spelled.to_pandas().to_numpy(dtype=object), categorize=False
        )
    whole = np.asarray(pc.match_substring_regex(spelled, WHOLE), dtype=bool)
    numbers = spelled.filter(pa.array(whole)).cast(pa.int64())
    words[like_numbers[whole]] = _numbers(numbers, mix=mix)
    return words


def _may_be_number(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Say which texts begin as a number does: with a digit, a sign or a point."""
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    if data is None or not data.size:
        return np.zeros(len(texts), dtype=bool)
    filled = offsets[1:] > offsets[:-1]
    first = np.frombuffer(data, dtype=np.uint8)[np.where(filled, offsets[:-1], 0)]
    digit = (first >= ord("0")) & (first <= ord("9"))
    found: npt.NDArray[np.bool_] = filled & (digit | (first == ord("-")) | (first == ord(".")))
    return found
