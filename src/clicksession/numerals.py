"""Texts that are numbers: which, and what they come to.

A number is what a double tells apart from its neighbours at the digits written, or a whole number
of 64 bits. What has leading zeros, a plus sign or more digits is a text.
"""

from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS, as_text

__all__ = [
    "LONG",
    "NUMBER",
    "TEXT",
    "are_digits",
    "by_value",
    "kinds_of_cells",
    "narrowed",
    "number_of",
    "of_decimal",
    "of_decimals",
    "whole",
]

NUMBER, TEXT, LONG = "number", "text", "number of more than 15 digits"

_ZERO, _NINE = b"09"

# As JSON writes numbers, but for the point that begins one (".5", which Oracle writes). What has
# leading zeros or a plus sign is a code or a telephone number.
_WHOLE = r"^-?(0|[1-9][0-9]{0,18})$"
_NUMBER = r"^-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_BEGINS = np.isin(np.arange(256), list(b"-.0123456789"))
_BEFORE_DIGITS, _EXPONENT = r"^-?[0.]*", r"[eE].*$"

# A double tells any two numbers of so many digits apart: https://en.cppreference.com/w/cpp/types/
# numeric_limits/digits10. Nearer to zero than the least normal number, it has fewer.
_DIGITS = 15
_LEAST = np.finfo(np.float64).tiny

# Of a whole number, more digits are a text by themselves.
_LONGEST = 40


def narrowed(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, frozenset[str]]:
    """Return cells as numbers where each is one, else as they are; and what kinds they are of.

    As 64-bit whole numbers where all are such, else as doubles where a double holds them all: at
    most 15 significant digits, and whole numbers up to 2**53.

    Examples
    --------
    >>> narrowed(pa.chunked_array([["1.5", "2.50", None, "1E-05"]]))[0].to_pylist()
    [1.5, 2.5, None, 1e-05]
    >>> cells, kinds = narrowed(pa.chunked_array([["007", "8"]]))
    >>> cells.to_pylist(), sorted(kinds)
    (['007', '8'], ['number', 'text'])
    """
    known = len(cells) - cells.null_count
    if not known:
        return cells, frozenset()
    if whole(cells):
        try:
            return cells.cast(pa.int64()), frozenset([NUMBER])
        except pa.ArrowInvalid:
            return cells, frozenset([LONG])
    kinds = kinds_of_cells(cells)
    if TEXT in kinds:
        return cells, kinds
    doubles = _doubles(cells)
    return (cells, frozenset([LONG])) if doubles is None else (doubles, frozenset([NUMBER]))


def kinds_of_cells(cells: pa.ChunkedArray) -> frozenset[str]:
    """Return whether numbers, or texts that are none, are among cells."""
    known = len(cells) - cells.null_count
    if known and not any(map(_may_hold_number, cells.chunks)):
        return frozenset([TEXT])
    if known and (_first(cells) or "").count(".") > 1:
        # As addresses are: to count takes a fraction of the time of a pattern.
        cells = cells.filter(pc.less(pc.count_substring(cells, "."), 2))
    numbers = pc.sum(pc.match_substring_regex(cells, _NUMBER)).as_py() or 0
    return frozenset([NUMBER] * (numbers > 0) + [TEXT] * (numbers < known))


def _may_hold_number(cells: pa.Array) -> bool:
    """Say whether some cell begins as numbers do; of most words, none does."""
    bounds, codes = _bytes_of(cells)
    first = codes[bounds[:-1][bounds[1:] > bounds[:-1]]]
    return bool(_BEGINS[first].any())


def _first(texts: pa.ChunkedArray) -> str | None:
    """Return the first text that is there."""
    at = int(np.argmax(np.asarray(texts.is_valid()))) if texts.null_count else 0
    found: str | None = texts[at].as_py() if len(texts) else None
    return found


def number_of(text: str | None) -> int | float | str | None:
    """Return a cell by itself: as the number that it is, or as it is.

    Examples
    --------
    >>> [number_of(text) for text in ("7", "2.50", "007", "ann", "12345678901234567890")]
    [7, 2.5, '007', 'ann', '12345678901234567890']
    """
    if text is None or not (text[:1].isdecimal() or text[:1] in "-."):
        return text
    value = narrowed(pa.chunked_array([[text]]))[0][0].as_py()
    assert isinstance(value, int | float | str)
    return value


def are_digits(texts: pa.Array) -> bool:
    """Say whether all texts are digits, without a zero before others; none is null.

    Examples
    --------
    >>> [are_digits(pa.array(texts)) for texts in (["7", "0"], ["07"], ["-7"], [""])]
    [True, False, False, False]
    """
    bounds, codes = _bytes_of(texts)
    if len(bounds) < 2:
        return True
    digits = codes[bounds[0] : bounds[-1]]
    sizes = np.diff(bounds)
    if not sizes.all() or digits.min() < _ZERO or digits.max() > _NINE:
        return False
    zeros = digits[bounds[:-1] - bounds[0]] == _ZERO
    return not (zeros.any() and (zeros & (sizes > 1)).any())


def _bytes_of(texts: pa.Array) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """Return where each text begins among some bytes, with the end of the last; and the bytes."""
    size = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    bounds = np.frombuffer(texts.buffers()[1] or b"", dtype=size)
    bounds = bounds[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)


def whole(texts: pa.ChunkedArray) -> bool:
    """Say whether all texts that are there are whole numbers of up to 19 digits."""
    # One look at the first spares most columns of words a look at all.
    if not (_first(texts) or "").removeprefix("-").isdecimal():
        return False
    return bool(pc.all(pc.match_substring_regex(texts, _WHOLE)).as_py())


def by_value(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts with each that is a number spelled as the number is: ``2.50`` as ``2.5``.

    Examples
    --------
    >>> by_value(pa.chunked_array([["2.50", "1E-05", "007", "ann", None]])).to_pylist()
    ['2.5', '0.00001', '007', 'ann', None]
    """
    numbers = pc.match_substring_regex(texts, _NUMBER)
    fractions = pc.and_(numbers, pc.invert(pc.match_substring_regex(texts, _WHOLE)))
    fractions = pc.and_(fractions.fill_null(False), pc.less_equal(_digits(texts), _DIGITS))
    fractions = fractions.fill_null(False)
    if not pc.any(fractions).as_py():
        return texts
    values = texts.filter(fractions).cast(pa.float64())
    sizes = np.abs(np.asarray(values))
    held = np.isfinite(sizes) & ((sizes >= _LEAST) | (sizes == 0))
    spelled = pc.if_else(pa.array(held), as_text(values).cast(texts.type), texts.filter(fractions))
    replaced = pc.replace_with_mask(
        texts.combine_chunks(), fractions.combine_chunks(), spelled.combine_chunks()
    )
    return pa.chunked_array([replaced])


def of_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimals as whole numbers or doubles where these hold them all, else as text.

    Without the zeros at their end, which come from the type and not from the value. A type without
    a fraction has whole numbers.
    """
    if column.type.scale < 0:
        # Its text would be 1E+2.
        column = column.cast(pa.decimal256(76, 0))
    texts = column.cast(pa.string())
    if column.type.scale > 0:
        is_plain = pc.invert(pc.match_substring(texts, "E"))
        short = pc.replace_substring_regex(texts, r"\.?0+$", "")
        has_point = pc.match_substring(texts, ".")
        texts = pc.if_else(pc.and_(is_plain, has_point), short, texts)
        doubles = _doubles(texts)
        return texts if doubles is None else doubles
    return narrowed(texts)[0]


def of_decimal(value: Decimal) -> int | float | str:
    """Return one decimal as `of_decimals` does; a whole one as a whole number.

    Examples
    --------
    >>> of_decimal(Decimal("2.50")), of_decimal(Decimal("7.00")), of_decimal(Decimal("Infinity"))
    (2.5, 7, 'Infinity')
    """
    if not value.is_finite() or value.adjusted() > _LONGEST:
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    short = value.normalize()
    is_held = len(short.as_tuple().digits) <= _DIGITS and abs(float(short)) >= _LEAST
    return float(short) if is_held else str(short)


def _doubles(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return texts of numbers as doubles; nothing, where a double does not hold one of them."""
    values = texts.cast(pa.float64())
    sizes = np.abs(np.asarray(values.drop_null()))
    if not np.isfinite(sizes).all() or not _hold(texts):
        return None
    if (sizes < _LEAST).any():
        tiny = texts.filter(pc.less(pc.abs(values), _LEAST))
        if pc.any(pc.greater(_digits(tiny), 0)).as_py():
            return None
    return values


def _hold(texts: pa.ChunkedArray) -> bool:
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest <= _DIGITS:
        return True
    long = texts.filter(pc.greater(pc.binary_length(texts), _DIGITS))
    is_whole = pc.match_substring_regex(long, _WHOLE)
    try:
        counts = np.asarray(long.filter(is_whole).cast(pa.int64()))
    except pa.ArrowInvalid:
        return False
    others: Any = pc.max(_digits(long.filter(pc.invert(is_whole)))).as_py() or 0
    return bool((np.abs(counts) <= FLOAT_HOLDS).all()) and others <= _DIGITS


def _digits(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return how many significant digits each number is written with."""
    digits = pc.replace_substring_regex(texts, _EXPONENT, "")
    digits = pc.replace_substring_regex(digits, _BEFORE_DIGITS, "")
    return pc.binary_length(pc.replace_substring(digits, ".", ""))
