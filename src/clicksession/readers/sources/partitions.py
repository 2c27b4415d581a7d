"""Columns that stand in the names of folders: ``dt=2024-05-01/country=NL/part-0.json``.

Every such folder of a file's full path counts, whatever part of the path was given: a file says the
same alone, by a pattern, and in its folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text
from clicksession.errors import ReadError
from clicksession.numerals import narrowed
from clicksession.readers.base import Batch
from clicksession.readers.rows.cells import cell_field

__all__ = ["Constants", "partition_values", "typed_values", "with_constants"]

Constants = Mapping[str, pa.Scalar]
"""What all rows of a source have, by path."""

_NULL = "__HIVE_DEFAULT_PARTITION__"
_PREFIX = "partition."
# Of texts that are all numbers, and come out as such.
_CELL = pa.large_string()


def partition_values(path: str, name: str = "") -> dict[str, str | None]:
    """Return what the folders of a path say: each name with its text, or with a null.

    Parameters
    ----------
    path
        The path of a file, with slashes.
    name
        What messages call it.

    Raises
    ------
    ReadError
        Two folders give one name different values.

    Examples
    --------
    >>> partition_values("events/dt=2024-05-01/city=S%C3%A3o%20Paulo/part-0.json")
    {'dt': '2024-05-01', 'city': 'São Paulo'}
    """
    if path.startswith(("http://", "https://")):
        path = path.partition("?")[0]
    values: dict[str, str | None] = {}
    for folder in path.replace("\\", "/").split("/")[:-1]:
        key, equals, text = folder.partition("=")
        if not equals or not key:
            continue
        column = unquote(key)
        value = None if text in ("", _NULL) else unquote(text)
        if values.setdefault(column, value) != value:
            reason = f"its folders say twice what {column!r} is: {values[column]!r} and {value!r}"
            raise ReadError(name or path, reason, "Rename one of them.")
    return values


def typed_values(sources: Sequence[Mapping[str, str | None]]) -> list[dict[str, pa.Scalar]]:
    """Return the values of some sources as those of one column each: of one type everywhere.

    They are numbers by the rule of CSV: where all are, and none would change.
    """
    names = dict.fromkeys(name for values in sources for name in values)
    columns: dict[str, pa.ChunkedArray] = {}
    for name in names:
        texts = pa.array([values.get(name) for values in sources], pa.string())
        found = narrowed(pa.chunked_array([texts]))[0]
        if pa.types.is_floating(found.type):
            # What feeds an id is spelled as in the folder, whatever other folders there are: 1.50.
            found = pa.chunked_array([texts.cast(_CELL)])
        columns[name] = found
    return [
        {name: columns[name][number] for name in values} for number, values in enumerate(sources)
    ]


def with_constants(batch: Batch, constants: Constants) -> Batch:
    """Return a batch with what all rows of its source have.

    A field that the rows have too stays, and only its nulls are filled. Where it says something
    else than the folder, what the folder says is at ``partition.`` and its name.
    """
    rows = batch.rows
    if not constants or not rows.num_rows:
        return batch
    for name, value in constants.items():
        is_cell = value.type == _CELL
        value = value.cast(pa.string()) if is_cell else value
        column = pa.chunked_array([pa.repeat(value, rows.num_rows)])
        field = cell_field(name) if is_cell else pa.field(name, column.type)
        if name not in rows.column_names or rows[name].null_count == rows.num_rows:
            rows = _with(rows, field, column)
            continue
        own = rows[name]
        differs = pc.invert(_same(own, value))
        filled = _filled(own, column)
        # Cells of CSV are still such.
        rows = _with(rows, rows.schema.field(name).with_type(filled.type), filled)
        if pc.any(differs).as_py():
            nothing = pa.scalar(None, column.type)
            other = pc.if_else(differs, column, nothing)
            rows = _with(rows, field.with_name(_PREFIX + name), other)
    return replace(batch, rows=rows, has_nuls=True)


def _with(rows: pa.Table, field: pa.Field, column: pa.ChunkedArray) -> pa.Table:
    if field.name in rows.column_names:
        return rows.set_column(rows.column_names.index(field.name), field, column)
    return rows.append_column(field, column)


def _same(own: pa.ChunkedArray, value: pa.Scalar) -> pa.ChunkedArray:
    """Return in which rows a field says what the folder says, or nothing."""
    if not value.is_valid:
        return own.is_null()
    folder = as_text(pa.chunked_array([[value.as_py()]], value.type))[0]
    same = pc.equal(as_text(own), folder)
    if pa.types.is_integer(own.type) or pa.types.is_floating(own.type):
        # 07 is 7, where the field is a number.
        number = _number(folder.as_py())
        alike = pc.equal(own.cast(pa.float64(), safe=False), pa.scalar(number, pa.float64()))
        same = pc.or_(same, alike.fill_null(False))
    return same.fill_null(True)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _filled(own: pa.ChunkedArray, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not own.null_count:
        return own
    try:
        return pc.coalesce(own, column.cast(own.type))
    except pa.ArrowException:
        return pc.coalesce(as_text(own), as_text(column)).cast(pa.string())
