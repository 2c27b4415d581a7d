"""The fields of a batch, as what they feed needs them: an id, a time, any other value."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.engines.users import joined
from clicksession.numerals import LONG, by_value, kinds_of_cells, narrowed, of_decimals
from clicksession.readers.base import Batch
from clicksession.readers.rows.cells import is_cell
from clicksession.readers.rows.ids import Ids, as_ids, nulled, without
from clicksession.readers.rows.joins import part_of_time, texts
from clicksession.readers.rows.times import summed
from clicksession.readers.rows.types import first_present, kind_of, without_empty
from clicksession.schema.model import Mapped
from clicksession.schema.paths import Join, Local, Path, Sum, sources_of

__all__ = ["Fields", "matches"]

Flags = npt.NDArray[np.bool_]
Kinds = frozenset[str]


class Fields:
    """The fields of a batch by their paths; a path that it lacks gives nothing.

    Parameters
    ----------
    batch
        The rows.
    null_values
        Texts that stand for null.

    Attributes
    ----------
    kinds
        What kinds of values were found at each path that was asked for, other than as a time.
    """

    def __init__(self, batch: Batch, null_values: Sequence[str] = ()) -> None:
        self._batch = batch
        names = batch.rows.column_names
        # By name at once: asked for one name, a table looks through all that it has.
        self._columns = dict(zip(names, batch.rows.columns, strict=True))
        self._cells = {field.name for field in batch.rows.schema if is_cell(field)}
        self._null_values = null_values
        self.kinds: dict[str, Kinds] = {}

    def ids(self, paths: Sequence[Path]) -> Ids | None:
        """Return the first id of each row, and which rows have none for what stands there."""
        found = [self._joined_ids(path) for path in paths if self._has_some(path)]
        if not found:
            return None
        column = first_present([each.column for each in found])
        gone = _gone(found)
        if gone:
            lacking = np.asarray(column.is_null())
            gone = {what: rows & lacking for what, rows in gone.items()}
        return Ids(column, {what: rows for what, rows in gone.items() if rows.any()})

    def value(self, path: str) -> pa.ChunkedArray:
        """Return the values at a path: cells as numbers where they are, decimals too, no NaN."""
        column = nulled(self._columns[path], self._null_values).column
        kinds = self._batch.mixed.get(path)
        if path in self._cells:
            column, kinds = narrowed(column)
        elif pa.types.is_decimal(column.type):
            column = of_decimals(column)
            kinds = frozenset([LONG]) if is_text(column.type) else None
        else:
            column = _without_nan(column)
        self.kinds[path] = kinds or _kinds(column.type)
        return column

    def values(self, paths: Sequence[Path]) -> pa.ChunkedArray | None:
        """Return the first value of each row."""
        found = [
            self.value(path)
            if isinstance(path, str)
            else joined([by_value(texts(self.value(p))) for p in path.paths], path.separator)
            for path in paths
            if self._has(path) and not isinstance(path, Sum | Local)
        ]
        return _first(found, paths)

    def times(self, paths: Sequence[Path]) -> pa.ChunkedArray | None:
        """Return the first time of each row, as the source holds it."""
        found = [self._time(path) for path in paths if self._has(path)]
        return _first(found, paths)

    def _has(self, path: Path) -> bool:
        return self._columns.keys() >= set(sources_of(path))

    def _has_some(self, path: Path) -> bool:
        return not self._columns.keys().isdisjoint(sources_of(path))

    def _joined_ids(self, path: Path) -> Ids:
        if isinstance(path, str):
            return self._ids(path)
        assert isinstance(path, Join)
        nothing = Ids(pa.chunked_array([pa.nulls(self._batch.rows.num_rows)]))
        # Who is nobody in one part is counted, whether or not the batch has the others.
        parts = [self._ids(each) if each in self._columns else nothing for each in path.paths]
        column = joined([texts(part.column) for part in parts], path.separator)
        return Ids(column, _gone(parts))

    def _ids(self, path: str) -> Ids:
        is_cells = path in self._cells
        known = nulled(self._columns[path], self._null_values)
        ids = as_ids(known.column, self._batch.truths.get(path, ()), cells=is_cells)
        kinds = self._batch.mixed.get(path) or _kinds(known.column.type)
        if is_cells:
            kinds = kinds_of_cells(known.column) if is_text(ids.column.type) else kinds
            kinds = kinds if is_text(ids.column.type) else _kinds(ids.column.type)
        self.kinds[path] = kinds
        return Ids(ids.column, _gone([ids, known]))

    def _time(self, path: Path) -> pa.ChunkedArray:
        if isinstance(path, str):
            return _without_nan(nulled(self._columns[path], self._null_values).column)
        parts = [nulled(self._columns[each], self._null_values).column for each in path.paths]
        if isinstance(path, Local):
            # By which clock it goes, is a matter of what it means.
            return parts[0]
        if isinstance(path, Join):
            return pc.binary_join_element_wise(*map(part_of_time, parts), path.separator)
        units = [unit for _, unit in path.units]
        moments, bad = summed(list(zip(parts, units, strict=True)))
        if not bad.any():
            return moments
        # As text, with what was to be added up where it is no count.
        counts = pc.binary_join_element_wise(*map(texts, parts), " + ")
        return pc.if_else(pa.array(bad), counts, texts(moments))


def matches(batch: Batch, conditions: Mapped) -> Flags:
    """Return which rows have one of the values that are given for a path, at one of the paths."""
    found = np.zeros(batch.rows.num_rows, dtype=bool)
    for path, values in dict(conditions).items():
        if path in batch.rows.column_names:
            wanted = by_value(texts(as_ids(pa.chunked_array([list(values)])).column)).drop_null()
            column = batch.rows[path]
            is_flags = pa.types.is_boolean(column.type)
            column = texts(column if is_flags else as_ids(column).column)
            found |= np.asarray(pc.is_in(by_value(column), wanted.combine_chunks()))
    return found


def _gone(found: Sequence[Ids]) -> dict[str, Flags]:
    """Return which rows lack an id in one of some columns, each once: for the first that lacks."""
    gone: dict[str, Flags] = {}
    counted: Flags | None = None
    for what, rows in (pair for each in found for pair in each.gone.items()):
        counted = np.zeros_like(rows) if counted is None else counted
        gone[what] = gone.get(what, np.zeros_like(rows)) | (rows & ~counted)
        counted = counted | rows
    return gone


def _first(found: Sequence[pa.ChunkedArray], paths: Sequence[Path]) -> pa.ChunkedArray | None:
    """Return the first value of each row; of several paths, an empty text is none of them.

    Also where a batch has one of the paths only: what a row comes to is a matter of the row.
    """
    if not found:
        return None
    return first_present(found if len(paths) == 1 else list(map(without_empty, found)))


def _without_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(column.type):
        return column
    return without(column, np.asarray(pc.is_nan(column).fill_null(False)))


def _kinds(kind: pa.DataType) -> Kinds:
    name = kind_of(kind)
    return frozenset([name] if name else [])
