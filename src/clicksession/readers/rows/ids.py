"""Users and events' ids: one spelling for one value, and what is nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS, as_text, in_one, is_text
from clicksession.numerals import are_digits, by_value, number_of, of_decimals, whole

__all__ = ["Ids", "as_ids", "nulled"]

Flags = npt.NDArray[np.bool_]

_ZEROS = r"^(-?(?:0|[1-9][0-9]*))\.0+$"


@dataclass(frozen=True)
class Ids:
    """Ids, and which rows have none though something stood there: by what it was."""

    column: pa.ChunkedArray
    gone: dict[str, Flags] = field(default_factory=dict)


def as_ids(column: pa.ChunkedArray, truths: Sequence[int] = (), *, cells: bool = False) -> Ids:
    """Return a column of ids as whole numbers or text, the same for the same id.

    A text is taken as it is, but for a whole number that is spelled with zeros after its point:
    ``7.0`` is 7, as a number and as a text. A number that is no whole one, or of more digits than a
    double holds, is its shortest text. An empty text, one of white space alone, true, false and NaN
    are nobody.

    Parameters
    ----------
    column
        What the source holds.
    truths
        Rows in which a true or false stood that became text.
    cells
        Whether the texts are cells: if all are whole numbers, they become such.

    Examples
    --------
    >>> as_ids(pa.chunked_array([["7", "7.0", " ", "", "ann"]])).column.to_pylist()
    ['7', '7', None, None, 'ann']
    >>> as_ids(pa.chunked_array([[7.0, None, 1.5]])).column.to_pylist()
    ['7', None, '1.5']
    """
    kind = column.type
    if pa.types.is_boolean(kind):
        return _of_truths(column)
    if pa.types.is_floating(kind):
        return _of_floats(column)
    if pa.types.is_decimal(kind):
        return as_ids(of_decimals(column))
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        return Ids(column)
    if not is_text(kind):
        return Ids(column.cast(pa.string()))
    return _of_texts(column, truths, cells)


def nulled(column: pa.ChunkedArray, texts: Sequence[str]) -> Ids:
    """Return a column with a null for each value whose text is one of these.

    Examples
    --------
    >>> nulled(pa.chunked_array([["NULL", "ann"]]), ["NULL"]).column.to_pylist()
    [None, 'ann']
    >>> nulled(pa.chunked_array([[-1, 7]]), ["-1"]).column.to_pylist()
    [None, 7]
    >>> nulled(pa.chunked_array([["-1.0", "7"]]), ["-1"]).column.to_pylist()
    [None, '7']
    """
    gone: dict[str, Flags] = {}
    if not texts or pa.types.is_null(column.type):
        return Ids(column)
    spelled = [_by_value(text) for text in texts]
    compared = column
    if is_text(column.type) and any(map(_is_number, spelled)):
        compared = by_value(column)
    for text, value in _values(column.type, texts, spelled):
        flags = np.asarray(pc.fill_null(pc.equal(compared, value), False))
        if flags.any():
            gone[text] = flags
    for flags in gone.values():
        column = without(column, flags)
    return Ids(column, gone)


def without(column: pa.ChunkedArray, rows: Flags) -> pa.ChunkedArray:
    """Return a column with nulls in these rows."""
    if not rows.any():
        return column
    return pc.if_else(pa.array(rows), pa.scalar(None, column.type), column)


def _values(
    kind: pa.DataType, texts: Sequence[str], spelled: Sequence[str]
) -> Iterator[tuple[str, pa.Scalar]]:
    """Yield the value of a type that has each text, by its value where it is a number."""
    for text, own in zip(texts, spelled, strict=True):
        try:
            value = pa.scalar(own, pa.string()).cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
        if is_text(kind) or _by_value(as_text(pa.chunked_array([[value.as_py()]], kind))[0]) == own:
            yield text, value


def _by_value(text: str | pa.Scalar) -> str:
    return str(by_value(pa.chunked_array([[str(text)]], pa.string()))[0])


def _is_number(text: str) -> bool:
    return not isinstance(number_of(text), str)


def _of_truths(column: pa.ChunkedArray) -> Ids:
    values = column.fill_null(False)
    known, flags = np.asarray(column.is_valid()), np.asarray(values)
    gone = {"false": known & ~flags, "true": known & flags}
    return Ids(
        pa.chunked_array([pa.nulls(len(column))]),
        {name: rows for name, rows in gone.items() if rows.any()},
    )


def _of_floats(column: pa.ChunkedArray) -> Ids:
    nan = np.asarray(pc.is_nan(column).fill_null(False))
    gone = {"NaN": nan} if nan.any() else {}
    column = without(column, nan) if gone else column
    is_whole = pc.and_(
        pc.equal(column, pc.floor(column)), pc.less_equal(pc.abs(column), FLOAT_HOLDS)
    )
    if pc.all(is_whole).as_py() is not False:
        return Ids(column.cast(pa.int64()), gone)
    return Ids(as_text(column).cast(pa.string()), gone)


def _of_texts(column: pa.ChunkedArray, truths: Sequence[int], cells: bool) -> Ids:
    numbers = _plain_numbers(column) if cells else None
    if numbers is not None:
        return Ids(numbers)
    gone: dict[str, Flags] = {}
    if truths:
        values = column.take(pa.array(truths, pa.int64()))
        for name in ("false", "true"):
            flags = np.zeros(len(column), dtype=bool)
            flags[np.asarray(truths)[np.asarray(pc.equal(values, name))]] = True
            gone |= {name: flags} if flags.any() else {}
    empty = pc.or_(pc.equal(column, ""), pc.utf8_is_space(column))
    empty = np.asarray(pc.fill_null(empty, False))
    gone |= {"": empty} if empty.any() else {}
    for flags in gone.values():
        column = without(column, flags)
    # Few ids end so: only these are searched.
    if pc.any(pc.match_substring(column.filter(pc.ends_with(column, "0")), ".0")).as_py():
        column = pc.replace_substring_regex(column, _ZEROS, r"\1")
    if pc.any(pc.equal(column, "-0")).as_py():
        column = pc.if_else(pc.equal(column, "-0"), "0", column)
    if cells and column.null_count < len(column) and whole(column):
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:
            # Beyond 64 bits: they stay text.
            return Ids(column, gone)
    return Ids(column, gone)


def _plain_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return cells that are digits alone as whole numbers: as most ids are."""
    if column.null_count == len(column):
        return None
    known = in_one(column.drop_null() if column.null_count else column)
    if not are_digits(known):
        return None
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        # Beyond 64 bits.
        return None
