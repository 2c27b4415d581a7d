"""Spread lists of pairs of key and value by array operations: a field for each key.

What a pair is, `unpack` says, one at a time; here are those that can be spread without looking at
each, and the two agree in every value. Others are left to it, with an exception that says so.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import FLOAT_HOLDS, as_text, floats_hold, in_one, is_text
from clicksession.readers.rows.flattening import MAX_FIELDS, without_hollow
from clicksession.readers.rows.types import kind_of

__all__ = [
    "FLOAT_VALUES",
    "INT_VALUE",
    "VALUE",
    "Ambiguous",
    "NoPairs",
    "may_lose_digits",
    "spread",
]

VALUE = "_value"
"""How the name of the field ends in which BigQuery writes a value of one type."""
INT_VALUE = f"int{VALUE}"

FLOAT_VALUES = (f"double{VALUE}", f"float{VALUE}")
"""And where that type has fractions, though a value may have none."""

# Text of so many digits is a whole number of 64 bits.
_DIGITS = "^-?[0-9]{1,18}$"

Places = npt.NDArray[np.int64]


class NoPairs(Exception):  # noqa: N818  (no error: somebody must look closer)
    """Some pair is not as the others, or not as Arrow can hold it."""


class Ambiguous(Exception):  # noqa: N818
    """The pairs may all be of a form that Arrow does not keep, or that is spread one by one."""


def spread(
    column: pa.ChunkedArray, path: str, content: bytes
) -> tuple[dict[str, pa.Array], dict[str, frozenset[str]]]:
    """Return a field for each key of the pairs in a column of lists.

    And the kinds of values of those fields that had several.

    Parameters
    ----------
    column
        The lists, as Arrow parsed them.
    path
        Where they stand; the fields stand below.
    content
        What was parsed.

    Raises
    ------
    NoPairs, Ambiguous
        They cannot be spread so; see these.
    """
    if not pc.any(pc.greater(pc.list_value_length(column), 0)).as_py():
        return {}, {}
    lists = _in_one(column)
    pairs = pc.list_flatten(lists)
    if not pa.types.is_struct(pairs.type) or pairs.null_count or _loses_digits(pairs):
        raise NoPairs
    if pairs.type.get_field_index("key") < 0 or not is_text(pairs.type.field("key").type):
        raise Ambiguous
    keys = pc.fill_null(pc.struct_field(pairs, "key"), "None")
    if pc.count_distinct(keys).as_py() > MAX_FIELDS:
        # Each would be a column: one row may have them all, or each row its own.
        raise NoPairs
    values, others = _values(pairs, content)
    last = partial(_last, np.asarray(pc.list_parent_indices(lists)), len(lists))
    # With where each stands first: in that order they come.
    found: list[tuple[int, str, pa.Array]] = []
    mixed: dict[str, frozenset[str]] = {}
    for key, places in _by_key(keys):
        name = f"{path}.{key}"
        column, kinds = _one_column([each.at(last(places)) for each in values], len(lists))
        found.append((int(places[0]), name, column))
        if len(kinds) > 1:
            mixed[name] = kinds
        for other in others:
            filled = places[other.is_there[places]]
            if len(filled):
                column = other.at(last(filled))
                found.append((int(filled[0]), f"{name}.{other.name}", column))
    ordered = sorted(found, key=lambda each: each[0])
    fields = {name: column for _, name, column in ordered}
    if len(fields) < len(found):
        # A key that is spelled as a field below another.
        raise Ambiguous
    return without_hollow(fields), mixed


def _in_one(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_null(column.type.value_type):
        raise NoPairs
    try:
        # Nothing that Arrow made of lists is taken on trust: one may end behind its elements.
        column.validate()
        return in_one(column)
    except pa.ArrowException:
        raise NoPairs from None


def _last(parents: Places, count: int, places: Places) -> pa.Array:
    """Return for each of so many rows the last of these pairs that stands in it, or null."""
    last = np.full(count, -1, dtype=np.int64)
    last[parents[places]] = places
    return pa.array(last, mask=last < 0)


@dataclass(frozen=True)
class _Values:
    """What all pairs have in one place: as their value, or in a field of it."""

    name: str
    column: pa.Array
    content: bytes

    @cached_property
    def is_there(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.column.is_valid())

    def at(self, places: pa.Array) -> pa.Array:
        """Return the values of some pairs."""
        column = self.column.take(places)
        if pa.types.is_floating(column.type) and self.name not in FLOAT_VALUES:
            self._check_fractions(column)
        return column

    def _check_fractions(self, column: pa.Array) -> None:
        """Refuse numbers without a fraction that may have been written without one."""
        if pc.any(pc.not_equal(column, pc.floor(column))).as_py():
            return
        whole = rb'"%s"\s*:\s*-?[0-9]+\s*[,}\]]' % re.escape(json.dumps(self.name)[1:-1].encode())
        if column.null_count < len(column) and re.search(whole, self.content):
            raise Ambiguous


def _values(pairs: pa.Array, content: bytes) -> tuple[list[_Values], list[_Values]]:
    """Return in how many forms the pairs have their value, and what else stands beside it."""
    if pairs.type.get_field_index("value") < 0:
        return [], []
    value = pc.struct_field(pairs, "value")
    if not pa.types.is_struct(value.type):
        return [_Values("value", _scalars(value), content)], []
    names = [field.name for field in value.type]
    columns = {name: _scalars(pc.struct_field(value, name)) for name in names}
    typed = [
        _Values(name, _typed(name, column), content)
        for name, column in columns.items()
        if name.endswith(VALUE)
    ]
    if len(typed) > 1 and sum(each.is_there.astype(np.int8) for each in typed).max() > 1:  # type: ignore[union-attr]
        # Of several, the first as it is written counts: Arrow does not keep their order.
        raise NoPairs
    others = [_Values(n, c, content) for n, c in columns.items() if not n.endswith(VALUE)]
    return typed, others


def _scalars(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type):
        raise Ambiguous
    return column


def _typed(name: str, column: pa.Array) -> pa.Array:
    """Return the values of the type that a field's name says."""
    if name == INT_VALUE and is_text(column.type):
        # BigQuery writes whole numbers as text, so that no reader cuts them to a float.
        if pc.all(pc.match_substring_regex(column, _DIGITS)).as_py() is False:
            raise NoPairs
        return column.cast(pa.int64())
    if name in FLOAT_VALUES and pa.types.is_integer(column.type):
        if not floats_hold(column):
            raise NoPairs
        return column.cast(pa.float64())
    return column


def _by_key(keys: pa.Array) -> Iterator[tuple[str, Places]]:
    """Yield each key with the places of its pairs, in their order."""
    encoded = keys.dictionary_encode()
    codes = np.asarray(encoded.indices)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(encoded.dictionary)))
    yield from zip(encoded.dictionary.to_pylist(), np.split(order, ends[:-1]), strict=True)


def _one_column(parts: list[pa.Array], size: int) -> tuple[pa.Array, frozenset[str]]:
    """Return the parts, of which each row has one, in one type that holds all, and their kinds."""
    parts = [part for part in parts if part.null_count < size]
    if not parts:
        return pa.nulls(size), frozenset()
    types = {part.type for part in parts}
    kinds = frozenset(str(kind_of(kind)) for kind in types)
    if types == {pa.int64(), pa.float64()} and all(map(floats_hold, parts)):
        parts = [part.cast(pa.float64()) for part in parts]
    elif len(types) > 1:
        parts = [as_text(part).cast(pa.string()) for part in parts]
    return (pc.coalesce(*parts) if len(parts) > 1 else parts[0]), kinds


def _loses_digits(column: pa.Array) -> bool:
    """Say whether some float may have been a longer whole number, or a NaN that is no JSON."""
    kind = column.type
    if pa.types.is_struct(kind):
        return any(_loses_digits(pc.struct_field(column, field.name)) for field in kind)
    if pa.types.is_list(kind):
        return _loses_digits(pc.list_flatten(column))
    return pa.types.is_floating(kind) and may_lose_digits(column)


def may_lose_digits(column: pa.Array | pa.ChunkedArray) -> bool:
    """Say whether a float of a column may have been a longer whole number, or a NaN."""
    # NaN compares as false: it counts as too large.
    small = pc.less(pc.abs(column), float(FLOAT_HOLDS))
    return not np.asarray(small.fill_null(True)).all()
