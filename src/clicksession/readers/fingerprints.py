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

__all__ = ["Words", "fingerprints", "marks", "mixed"]

Words = npt.NDArray[np.uint64]

# A text that reads like this is the number.
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
_LONG = 10**18


def fingerprints(table: pa.Table, names: Sequence[str]) -> tuple[Words, Words]:
    """Return two words for each row, made of what these columns hold; a null adds nothing."""
    both = np.zeros((2, table.num_rows), dtype=np.uint64)
    for name in names:
        hashes, known = _hashes(table[name], name)
        for number, words in enumerate(both):
            # Addition does not mind the order of the columns.
            words += np.where(known, mixed(hashes ^ _salt(name, number)), np.uint64(0))
    return both[0], both[1]


def marks(table: pa.Table) -> Words:
    """Return a word for each row that says whose it is and when it happened."""
    return fingerprints(table, ("user_id", "timestamp"))[0]


def mixed(words: Words) -> Words:
    """Return the words with every bit spread over all (the finalizer of MurmurHash 3)."""
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    words = (words ^ (words >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return words ^ (words >> np.uint64(33))


def _salt(name: str, number: int) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(f"{number}{name}".encode(), digest_size=8).digest()))


def _hashes(column: pa.ChunkedArray, name: str) -> tuple[Words, npt.NDArray[np.bool_]]:
    """Return a word for each value of a column, and which are there."""
    kind = column.type
    known = np.asarray(column.is_valid())
    if pa.types.is_timestamp(kind) and (name == "timestamp" or kind.unit != "ns"):
        # A table tells times apart to the microsecond.
        column, kind = column.cast(pa.timestamp("us", kind.tz), safe=False), pa.int64()
        return _numbers(column.cast(pa.int64())), known
    if pa.types.is_integer(kind) and kind != pa.uint64():
        numbers = np.asarray(column.cast(pa.int64()).fill_null(0))
        if len(numbers) and numbers.min() > -_LONG and numbers.max() < _LONG:
            return mixed(numbers.view(np.uint64)), known
        column = column.cast(pa.string())
    if pa.types.is_floating(kind):
        values = np.asarray(column.cast(pa.float64()).fill_null(float("nan")))
        return _floats(column, values), known & ~np.isnan(values)
    encoded = in_one(column)
    if not pa.types.is_dictionary(kind):
        encoded = in_one(_texts(column)).dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    words = _of_texts(encoded.dictionary, plain=name == "user_id")
    return (words[codes] if len(words) else np.zeros(len(codes), np.uint64)), known


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if is_text(column.type):
        return column
    if pa.types.is_boolean(column.type):
        return column.cast(pa.string())
    texts = texts_of(column.to_pandas())
    return pa.chunked_array([pa.array(texts, pa.large_string(), from_pandas=True)])


def _numbers(column: pa.ChunkedArray) -> Words:
    return mixed(np.asarray(column.fill_null(0), dtype=np.int64).view(np.uint64))


def _floats(column: pa.ChunkedArray, values: npt.NDArray[np.float64]) -> Words:
    whole = (values == np.floor(values)) & (np.abs(values) <= FLOAT_HOLDS)
    words = mixed(np.where(whole, values, 0).astype(np.int64).view(np.uint64))
    if not whole.all():
        others = pa.array(~whole)
        texts = pa.array(texts_of(column.filter(others).to_pandas()), from_pandas=True)
        words[~whole] = _of_texts(texts)
    return words


def _of_texts(texts: pa.Array, *, plain: bool = False) -> Words:
    """Return a word for each text; one that is a number has that of the number."""
    spelled = texts.cast(pa.large_string())
    if not plain:
        spelled = by_value(pa.chunked_array([spelled])).combine_chunks()
    spelled = spelled.fill_null("")
    objects = spelled.to_pandas().to_numpy(dtype=object)
    words: Words = pd.util.hash_array(objects, categorize=False)
    whole = np.asarray(pc.match_substring_regex(spelled, _WHOLE), dtype=bool)
    if whole.any():
        words[whole] = _numbers(spelled.filter(pa.array(whole)).cast(pa.int64()))
    return words
